/** What every answer has in common: headers, problems, pages of lists, probes. */

import express from 'express';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { quiet } from '../../test/support/context.ts';
import { startTestServer, type TestServer } from '../../test/support/server.ts';
import { listen } from '../kit/simulator.ts';
import { encodeCursor } from './paging.ts';
import { answerProblems } from './problem.ts';
import { mount, route } from './route.ts';

let server: TestServer;
let conversation: string;
beforeAll(async () => {
  server = await startTestServer();
  conversation = await server.say('Maria', 'The turnstile stands still.', { html: '<p>The <script>alert(1)</script>turnstile</p>' });
});
afterAll(() => server.stop());

describe('headers', () => {
  const policy = async (path: string, who = server.admin): Promise<string> => (await server.call(who, path)).headers.get('content-security-policy') ?? '';

  it('let pages run our own scripts alone, and be framed by nobody', async () => {
    for (const path of ['/', '/inbox', '/api/me', '/api/docs', '/api/nothing']) {
      const csp = await policy(path);
      expect(csp).toContain("default-src 'none'");
      expect(csp).toMatch(/script-src 'self'(;|$)/);
      expect(csp).toContain("frame-ancestors 'none'");
      expect(csp).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline/);
    }
    const page = await server.call({}, '/');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('x-powered-by')).toBeNull();
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('let a stranger’s mail do nothing at all', async () => {
    const { messageList } = await server.detail(conversation);
    const mail = await server.call<string>(server.admin, messageList[0]?.html ?? '');
    const csp = mail.headers.get('content-security-policy') ?? '';
    expect(csp).toContain("default-src 'none'");
    expect(csp).toMatch(/sandbox/);
    expect(csp).not.toMatch(/allow-scripts|allow-same-origin|script-src/);
    expect(mail.headers.get('content-type')).toContain('text/html');
    expect(mail.body).toContain('turnstile');
    expect(mail.body).not.toContain('<script');
    expect((await server.call({}, messageList[0]?.html ?? '')).status).toBe(401);
  });

  it('keep answers about people out of caches', async () => {
    expect((await server.call(server.admin, '/api/me')).headers.get('cache-control')).toBe('no-store');
    expect((await server.call({}, '/api/me')).headers.get('cache-control')).toBe('no-store');
  });

  it('let any site load the widget', async () => {
    const script = await server.call({}, '/widget.js');
    expect(script.headers.get('access-control-allow-origin')).toBe('*');
    expect(script.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
  });
});

describe('problems', () => {
  const shape = (status: number, key: string) => ({
    status,
    body: { type: 'about:blank', title: key, status, key, detail: expect.stringMatching(/\w.*\.$/) },
  });

  it.each([
    ['a field that is wrong', 'POST', '/api/tokens', { name: '' }, 400, 'invalid'],
    ['a field that nobody knows', 'POST', '/api/tokens', { name: 'x', rôle: 'admin' }, 400, 'invalid'],
    ['a query that is wrong', 'GET', '/api/deliveries?state=gone', undefined, 400, 'invalid'],
    ['a body that is no JSON', 'POST', '/api/tokens', '{"name":', 400, 'invalid'],
    ['a row that is not there', 'GET', '/api/conversations/nothing', undefined, 404, 'not-found'],
    ['a path that cannot be decoded', 'GET', '/api/conversations/%E0%A4%A', undefined, 400, 'invalid'],
    ['a call that is not there', 'GET', '/api/nothing', undefined, 404, 'not-found'],
    ['the bare API', 'GET', '/api', undefined, 404, 'not-found'],
    ['a body of 11 MB', 'POST', '/api/tokens', { name: 'x'.repeat(11 * 2 ** 20) }, 413, 'too-large'],
  ])('tell of %s', async (_what, method, path, body, status, key) => {
    const answer = await server.call(server.admin, path, {
      method,
      ...(body === undefined ? {} : { body, ...(typeof body === 'string' ? { headers: { 'content-type': 'application/json' } } : {}) }),
    });
    expect(answer).toMatchObject(shape(status, key));
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  it('name each wrong field', async () => {
    const { body } = await server.call(server.admin, '/api/agents', { method: 'POST', body: { name: 'x', email: 'nowhere', role: 'king' } });
    expect(body.errors).toEqual([
      { field: 'email', message: expect.any(String) },
      { field: 'role', message: expect.any(String) },
    ]);
  });

  it('come before the body of a stranger is read', async () => {
    expect(await server.call({}, '/api/tokens', { method: 'POST', body: '{"name":', headers: { 'content-type': 'application/json' } })).toMatchObject({
      status: 401,
    });
  });

  it('tell nothing of what went wrong inside, and log it', async () => {
    const error = vi.fn();
    const app = express();
    const failing = (cause: unknown) => async () => Promise.reject(cause);
    const inside = [new Error('SELECT secret FROM account'), z.string().safeParse(1).error, 'a text'];
    mount(
      app,
      inside.map((cause, index) => route({ method: 'get', path: `/x/${index}`, summary: '', role: 'anyone', answer: null, handle: failing(cause) })),
      { authenticate: async () => undefined },
    );
    app.use(answerProblems({ ...quiet, error }));
    const { url, close } = await listen(app);
    for (const index of inside.keys()) {
      const response = await fetch(`${url}/x/${index}`);
      expect(response.status).toBe(500);
      const text = await response.text();
      expect(JSON.parse(text)).toMatchObject({ status: 500, key: 'internal' });
      expect(text).not.toMatch(/SELECT|expected string|a text/);
    }
    expect(error).toHaveBeenCalledTimes(inside.length);
    expect(error.mock.calls[0]?.[0]).toMatchObject({ err: inside[0], path: '/x/0' });
    await close();
  });

  it('clean what no database can keep', async () => {
    const { body } = await server.call(server.admin, '/api/companies', { method: 'POST', body: { name: 'Gym\0nasium' } });
    expect(body).toMatchObject({ name: 'Gymnasium' });
    expect((await server.call(server.admin, '/api/conversations/a%00b')).status).toBe(404);
  });
});

describe('pages', () => {
  it('are the console’s at every address that is not the API’s', async () => {
    const [home, deep] = [await server.call<string>({}, '/'), await server.call<string>({}, '/conversations/some/where')];
    expect(home.body).toContain('<!doctype html>');
    expect(deep).toMatchObject({ status: 200, body: home.body });
    expect(deep.headers.get('cache-control')).toBe('no-cache');
    expect(await server.call({}, '/assets/gone.js')).toMatchObject({ status: 404, body: { key: 'not-found' } });
  });
});

describe('lists', () => {
  interface Page {
    readonly items: readonly { readonly id: string }[];
    readonly next: string | null;
  }
  const names = ['Lia', 'Leo', 'Luz', 'Lara', 'Lino'];
  beforeAll(async () => {
    for (const name of names) {
      const id = await server.say(name, `Hello from ${name}`);
      await server.call(server.admin, `/api/conversations/${id}/messages`, {
        method: 'POST',
        body: { id: crypto.randomUUID(), kind: 'public', text: 'Hello' },
      });
      const { decision, preview } = await server.plan(id);
      const made = await server.call<{ id: string }>(server.admin, `/api/conversations/${id}/closings`, {
        method: 'POST',
        body: { decision, digest: preview.digest },
        headers: { 'idempotency-key': name },
      });
      expect(made.status).toBe(201);
      await server.call(server.admin, `/api/closings/${made.body.id}/now`, { method: 'POST' });
      await server.post({ type: 'puzzle', from: name });
    }
    await vi.waitFor(async () => expect((await server.call<Page>(server.admin, '/api/tickets')).body.items).toHaveLength(names.length), { timeout: 10_000 });
  });

  const lists = ['/api/conversations?view=any', '/api/closings?', '/api/deliveries?', '/api/tickets?', '/api/quarantine?'];

  it.each(lists)('of %s give each row once, page by page', async (list) => {
    const all = (await server.call<Page>(server.admin, `${list}&limit=100`)).body;
    expect(all.next).toBeNull();
    expect(all.items.length).toBeGreaterThanOrEqual(names.length);
    const seen: string[] = [];
    let cursor = '';
    for (let page = 0; page < 50; page += 1) {
      const { body } = await server.call<Page>(server.admin, `${list}&limit=2${cursor}`);
      expect(body.items.length).toBeLessThanOrEqual(2);
      seen.push(...body.items.map(({ id }) => id));
      if (body.next === null) break;
      cursor = `&cursor=${encodeURIComponent(body.next)}`;
    }
    expect(seen).toEqual(all.items.map(({ id }) => id));
    expect(new Set(seen).size).toBe(seen.length);
  });

  it.each(lists)('of %s start at the beginning with a cursor of something else', async (list) => {
    const first = (await server.call<Page>(server.admin, `${list}&limit=2`)).body;
    for (const cursor of ['nonsense', '%00', encodeCursor(['x']), encodeCursor([1, 'x']), encodeCursor([]), encodeCursor(["'; DROP TABLE audit"])])
      expect((await server.call<Page>(server.admin, `${list}&limit=2&cursor=${cursor}`)).body).toEqual(first);
  });

  it('show a row that came meanwhile on the first page alone', async () => {
    const first = (await server.call<Page>(server.admin, '/api/conversations?view=any&limit=2')).body;
    await server.say('Lúcia', 'I came between the pages');
    const second = (await server.call<Page>(server.admin, `/api/conversations?view=any&limit=2&cursor=${first.next}`)).body;
    const ids = [...first.items, ...second.items].map(({ id }) => id);
    expect(new Set(ids).size).toBe(4);
  });

  it('refuse a page that is too large or no number', async () => {
    for (const limit of ['0', '101', 'all']) expect((await server.call(server.admin, `/api/deliveries?limit=${limit}`)).status).toBe(400);
  });

  it('find tickets by words in any case, and tell the helpdesk’s own words for a status', async () => {
    const found = async (words: string) =>
      (await server.call<{ items: { requester: string; status: object; priority: string }[] }>(server.admin, `/api/tickets?words=${encodeURIComponent(words)}`))
        .body.items;
    expect(await found('customer LIA')).toHaveLength(1);
    expect((await found('TURNSTILE lia'))[0]).toMatchObject({ requester: 'Customer Lia', status: { label: 'Resolved', meaning: 'resolved' }, priority: 'Low' });
    expect(await found('l_n%')).toEqual([]);
    const { body } = await server.call<Page>(server.admin, '/api/conversations?view=ended&words=lia');
    const { tickets } = await server.detail(body.items[0]?.id ?? '');
    expect(tickets).toMatchObject([{ status: { id: 'resolved', label: 'Resolved' }, priority: 'Low' }]);
  });
});

describe('probes', () => {
  it('say that the server lives and is ready, without a word of vendors', async () => {
    expect((await server.call({}, '/healthz')).body).toEqual({ status: 'ok' });
    const ready = await server.call({}, '/readyz');
    expect(ready).toMatchObject({ status: 200, body: { status: 'ready', reasons: [] } });
    expect(ready.body.connectors).toEqual([
      { name: 'shop', kind: 'channel', state: 'ready', sending: expect.stringMatching(/ready|paused|trouble/) },
      { name: 'desk', kind: 'helpdesk', state: 'ready', sending: 'ready' },
    ]);
  });

  it('count what came in, what waits and how long calls take', async () => {
    const figures = async () => (await server.call<string>({}, '/metrics')).body;
    await server.post({ type: 'ended', conversation: 'nobody', at: Date.now() }, 'same');
    await server.post({ type: 'ended', conversation: 'nobody', at: Date.now() }, 'same');
    const text = await figures();
    expect(text).toMatch(/deskbridge_arrivals_total\{channel="shop",state="stored"\} [1-9]/);
    expect(text).toMatch(/deskbridge_arrivals_total\{channel="shop",state="repeated"\} 1$/m);
    expect(text).toMatch(/deskbridge_arrivals_total\{channel="shop",state="quarantined"\} 5$/m);
    expect(text).toMatch(/deskbridge_quarantined\{channel="shop"\} 5$/m);
    expect(text).toMatch(/deskbridge_api_seconds_count\{route="GET \/api\/conversations\/\{id\}",status="404"\} 2$/m);
    expect(text).toMatch(/deskbridge_rate_limited_total\{kind="helpdesk",target="desk"\} 0$/m);
    expect(text).toMatch(/deskbridge_target_held\{kind="helpdesk",target="desk",state="paused"\} 0$/m);
    expect(text).toMatch(/deskbridge_deliveries\{target="shop",state="(dead|parked)"\} 5$/m);
    expect(text).toContain('deskbridge_process_cpu_seconds_total');
  });
});
