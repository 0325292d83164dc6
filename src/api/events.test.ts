import http from 'node:http';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startTestServer, type TestServer } from '../../test/support/server.ts';
import { sqliteTestStore, type TestStore } from '../../test/support/store.ts';
import { listen } from '../kit/simulator.ts';
import { tell } from '../store/live.ts';
import type { Store } from '../store/store.ts';
import { streamEvents } from './events.ts';

interface Reader {
  readonly headers: http.IncomingHttpHeaders;
  text(): string;
  ids(): number[];
  subjects(): string[];
  readonly ended: Promise<void>;
  close(): void;
}

function open(url: string, headers: Record<string, string> = {}): Promise<Reader> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { headers: { 'accept-encoding': 'gzip, br', ...headers } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      const matches = (pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1] ?? '');
      resolve({
        headers: response.headers,
        text: () => text,
        ids: () => matches(/^id: (\d+)$/gm).map(Number),
        subjects: () => matches(/^data: \{"subject":"([^"]*)"\}$/gm),
        ended: new Promise((end) => response.once('close', end)),
        close: () => request.destroy(),
      });
    });
    request.on('error', reject);
  });
}

describe('a stream of events', () => {
  let test: TestStore;
  let server: { url: string; close(): Promise<void> };
  let signedIn = true;
  /** Runs when the stream has asked where the past ends. */
  let seam: (() => Promise<void>) | undefined;
  let listeners = 0;
  const say = (...subjects: string[]): Promise<void> => test.store.write(async (tx) => subjects.forEach((subject) => void tell(tx, 'conversation', subject)));

  beforeAll(async () => {
    test = await sqliteTestStore();
    const store: Pick<Store, 'read' | 'onCommit'> = {
      get read() {
        return test.store.read;
      },
      onCommit(listener) {
        listeners += 1;
        const stop = test.store.onCommit(listener);
        return () => {
          listeners -= 1;
          stop();
        };
      },
    };
    const app = express();
    app.get('/', async (request, response) => {
      await seam?.();
      await streamEvents({ store, mayGoOn: async () => signedIn, heartbeatMs: 20 }, request, response);
    });
    server = await listen(app);
    await say('before');
  });
  afterAll(async () => {
    await server.close();
    await test.drop();
  });

  it('has the headers that keep proxies from holding it back', async () => {
    const reader = await open(server.url);
    expect(reader.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    expect(reader.headers['content-encoding']).toBeUndefined();
    reader.close();
  });

  it('tells what commits from now on, each with its id', async () => {
    const reader = await open(server.url);
    await vi.waitFor(() => expect(reader.text()).toContain('retry:'));
    await say('one', 'two');
    await vi.waitFor(() => expect(reader.subjects()).toEqual(['one', 'two']));
    const [first = 0, second = 0] = reader.ids();
    expect(second).toBe(first + 1);
    expect(reader.text()).toContain(`id: ${first}\nevent: conversation\ndata: {"subject":"one"}\n\n`);
    reader.close();
  });

  it('goes on after the last id, without a gap or a repetition, however much is told meanwhile', async () => {
    const early = await open(server.url);
    await vi.waitFor(() => expect(early.text()).toContain('retry:'));
    await say('mark');
    await vi.waitFor(() => expect(early.ids()).toHaveLength(1));
    const [mark = 0] = early.ids();
    early.close();
    const told = Array.from({ length: 1_234 }, (_, index) => `s${index}`);
    await say(...told.slice(0, 1_100));
    const reader = await open(server.url, { 'last-event-id': String(mark) });
    // Told one by one while the stream reads the past in batches.
    for (const subject of told.slice(1_100)) await say(subject);
    await vi.waitFor(() => expect(reader.subjects().at(-1)).toBe('s1233'), { timeout: 10_000 });
    expect(reader.subjects()).toEqual(told);
    expect(reader.ids()).toEqual(told.map((_, index) => mark + 1 + index));
    reader.close();
  });

  it('tells once what commits while the past is being read, whether the past holds it already or not', async () => {
    const event = (id: number) => ({ id, kind: 'conversation', subject: `s${id}` });
    let hear: (events: readonly ReturnType<typeof event>[]) => void = () => undefined;
    const query = {
      select: () => query,
      where: () => query,
      orderBy: () => query,
      limit: () => query,
      executeTakeFirst: async () => ({ id: 2 }),
      execute: async () => {
        hear([event(2), event(3)]);
        return [event(1), event(2)];
      },
    };
    const read = { selectFrom: () => query } as unknown as Store['read'];
    const store: Pick<Store, 'read' | 'onCommit'> = {
      read,
      onCommit(listener) {
        hear = listener;
        return () => undefined;
      },
    };
    const app = express().get('/', (request, response) => streamEvents({ store, mayGoOn: async () => true }, request, response));
    const scripted = await listen(app);
    const reader = await open(scripted.url, { 'last-event-id': '0' });
    await vi.waitFor(() => expect(reader.ids().at(-1)).toBe(3));
    expect(reader.ids()).toEqual([1, 2, 3]);
    reader.close();
    await scripted.close();
  });

  it.each(['', 'nonsense', '-5', '1e9', '99999999999'])('takes the last id %j for what it is: none of ours', async (id) => {
    const reader = await open(server.url, { 'last-event-id': id });
    await vi.waitFor(() => expect(reader.text()).toContain('retry:'));
    await say(`after ${id}`);
    await vi.waitFor(() => expect(reader.subjects()).toEqual([`after ${id}`]));
    reader.close();
  });

  it('says a word of comment now and then, so that nobody cuts a quiet line', async () => {
    const reader = await open(server.url);
    await vi.waitFor(() => expect(reader.text().match(/^:$/gm)?.length).toBeGreaterThan(2));
    expect(reader.ids()).toEqual([]);
    reader.close();
  });

  it('ends when who listens may hear no more', async () => {
    const reader = await open(server.url);
    signedIn = false;
    await reader.ended;
    signedIn = true;
    await vi.waitFor(() => expect(listeners).toBe(0));
  });

  it('leaves nothing behind when its reader goes, even before it began', async () => {
    const reader = await open(server.url);
    await vi.waitFor(() => expect(listeners).toBe(1));
    reader.close();
    await vi.waitFor(() => expect(listeners).toBe(0));
    const { promise: gone, resolve: go } = Promise.withResolvers<void>();
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    seam = async () => {
      ask();
      await gone;
    };
    const request = http.get(server.url).on('error', () => undefined);
    await asked;
    request.destroy();
    await new Promise<void>((resolve) => request.once('close', resolve));
    seam = undefined;
    // The server hears of it one turn later.
    await open(server.url).then((next) => next.close());
    go();
    await vi.waitFor(() => expect(listeners).toBe(0));
  });
});

describe('the server’s events', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.stop());

  it('are for those who signed in, and tell of a message', async () => {
    expect((await server.call({}, '/api/events')).status).toBe(401);
    const reader = await open(`${server.url}/api/events`, { cookie: server.admin.cookie ?? '' });
    await vi.waitFor(() => expect(reader.text()).toContain('retry:'));
    expect(reader.headers['cache-control']).toBe('no-cache, no-transform');
    const conversation = await server.say('Maria', 'Hello');
    await vi.waitFor(() => expect(reader.subjects()).toContain(conversation));
    reader.close();
  });

  it('keep nobody from stopping the server', async () => {
    const other = await startTestServer();
    const reader = await open(`${other.url}/api/events`, { cookie: other.admin.cookie ?? '' });
    await other.stop();
    await reader.ended;
    await expect(fetch(`${other.url}/healthz`)).rejects.toThrow();
  });
});
