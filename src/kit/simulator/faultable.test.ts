import express from 'express';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDials, type DialsInside, type Fault } from './dials.ts';
import { faultable } from './faultable.ts';
import { type Listening, listen } from './listen.ts';

/** A vendor whose only state is a list of what was posted. */
let effects: string[];
let dials: DialsInside;
let server: Listening;

beforeEach(async () => {
  effects = [];
  dials = createDials({ seed: 3 });
  const app = express();
  app.use(faultable(dials, { broken: { message: 'broken' }, tooMany: { message: 'slow down' } }));
  app.post('/things', (request, response) => {
    effects.push(String(request.body));
    response.status(201).json({ effects: effects.length });
  });
  server = await listen(app);
});
afterEach(() => server.close());

const post = (body = 'a'): Promise<Response> => fetch(`${server.url}/things`, { method: 'POST', body, signal: AbortSignal.timeout(150) });

test('without a fault the body arrives and the answer leaves as they are', async () => {
  const answer = await post('olá');
  expect([answer.status, await answer.json(), effects]).toEqual([201, { effects: 1 }, ['olá']]);
});

describe.each([
  ['before', 0],
  ['after', 1],
] as const)('%s the effect', (when, count) => {
  test.each([
    ['a reset', { kind: 'reset', when }],
    ['a silence', { kind: 'silence', when }],
  ] satisfies [string, Fault][])('%s gives no answer', async (_name, fault) => {
    dials.set(fault);
    await expect(post()).rejects.toThrow();
    expect(effects).toHaveLength(count);
  });

  test('an error answers in the vendor’s words', async () => {
    dials.set({ kind: 'error', when, status: 502 });
    const answer = await post();
    expect([answer.status, await answer.json(), effects.length]).toEqual([502, { message: 'broken' }, count]);
  });
});

test.each([
  ['before', 0],
  ['after', 1],
] as const)('another’s answer stands in place of the vendor’s, %s the effect', async (when, count) => {
  dials.set({ kind: 'answer', when, status: 200, type: 'text/html', body: '<p>' });
  const answer = await post();
  expect([answer.status, answer.headers.get('content-type'), await answer.text(), effects.length]).toEqual([200, 'text/html', '<p>', count]);
});

test('a 429 has no effect and says how long to wait', async () => {
  dials.set({ kind: 'rate-limited', retryAfterSeconds: 9 });
  const answer = await post();
  expect([answer.status, answer.headers.get('retry-after'), effects]).toEqual([429, '9', []]);
});

test('a late request has its effect when it is told to land, and not before', async () => {
  dials.set({ kind: 'late' });
  await expect(post('late')).rejects.toThrow();
  await post('second');
  expect(effects).toEqual(['second']);
  expect(await dials.land()).toBe(1);
  expect(effects).toEqual(['second', 'late']);
});

test('a duplicate has its effect twice and one answer', async () => {
  dials.set({ kind: 'duplicate' });
  expect(await (await post()).json()).toEqual({ effects: 1 });
  expect(effects).toEqual(['a', 'a']);
});

test('a rule waits for its place, matches method and path, and is spent', async () => {
  dials.set({ kind: 'error', when: 'before' }, { method: 'writes', path: /^\/things$/, skip: 1 });
  dials.set({ kind: 'error', when: 'before' }, { path: /elsewhere/ });
  dials.set({ kind: 'error', when: 'before' }, { method: 'GET' });
  const statuses = [await post(), await post(), await post()].map(({ status }) => status);
  expect(statuses).toEqual([201, 503, 201]);
  expect(dials.calls.map(({ fault }) => fault)).toEqual([undefined, 'error', undefined]);
});

test('chance is the same for the same seed', () => {
  const draw = (seed: number): string => {
    const drawn = createDials({ seed });
    drawn.chance({ kind: 'reset', when: 'before' }, 0.5);
    return Array.from({ length: 40 }, () => (drawn.arrive('GET', '/', '').fault ? 'x' : '.')).join('');
  };
  expect(draw(5)).toBe(draw(5));
  expect(draw(5)).not.toBe(draw(6));
});

test('a watcher stands between effect and answer', async () => {
  const seen: string[] = [];
  dials.watch(async (moment) => void seen.push(`${moment} ${effects.length}`));
  await post();
  expect(seen).toEqual(['arrived 0', 'handled 1']);
});
