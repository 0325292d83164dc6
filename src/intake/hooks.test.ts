import { createHmac, randomBytes } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { quiet, testClock } from '../../test/support/context.ts';
import { channelOf, said } from '../../test/support/intake.ts';
import { sqliteTestStore, type TestStore } from '../../test/support/store.ts';
import { type Channel, ConnectorError, fetchedByUs, hmac, type Json, type Route, Secret } from '../kit/index.ts';
import { newId } from '../store/ids.ts';
import { createHooks } from './hooks.ts';
import { createIntake } from './intake.ts';

const secret = new Secret('a shared secret');
const sign = (body: string | Buffer): string => createHmac('sha256', secret.reveal()).update(body).digest('hex');

let test: TestStore;
let server: http.Server;
let base: string;
const clock = testClock();
const routes: Route[] = [];
const webhook: Extract<Channel['intake'][number], { via: 'webhook' }> = {
  via: 'webhook',
  verify: hmac({ secret, header: 'X-Signature', encoding: 'hex' }),
  key: (request) => request.headers['x-id'],
  split: (payload) => (Array.isArray(payload) ? payload : []),
  handshake: (request) =>
    request.method === 'GET' && request.query.has('challenge') ? { status: 200, body: request.query.get('challenge') ?? '' } : undefined,
};

beforeAll(async () => {
  test = await sqliteTestStore();
  const intake = createIntake({ store: test.store, now: clock.now, id: newId, log: quiet });
  const channels = new Map(
    [
      channelOf('talk', { intake: [webhook, { via: 'routes', routes }] }),
      channelOf('keyed', { intake: [{ ...webhook, partKey: (part) => (part as { id?: string }).id }] }),
      channelOf('polite', { intake: [{ ...webhook, reply: () => ({ status: 200, body: 'EVENT_RECEIVED' }) }] }),
    ].map((channel) => [channel.name, channel]),
  );
  const hooks = createHooks({ channels, intake, now: clock.now, log: quiet, trustedHops: 1 });
  server = http.createServer((request, response) => {
    if (!hooks(request, response)) response.writeHead(418).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await test.drop();
});
afterEach(() => {
  routes.length = 0;
});

const post = (body: string, headers: Record<string, string> = { 'x-signature': sign(body) }, path = '/hooks/talk') =>
  fetch(base + path, { method: 'POST', body, headers });
const count = async () =>
  (
    await test.store.read
      .selectFrom('arrivals')
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow()
  ).n;
const arrivals = (like: string) =>
  test.store.read.selectFrom('arrivals').select(['state', 'error', 'payload']).where('payload', 'like', `%${like}%`).orderBy('id').execute();

describe('webhooks', () => {
  it('are acknowledged once they are stored', async () => {
    const answer = await post(JSON.stringify(said('hook', 'hook-1', 'oi')));
    expect(answer.status).toBe(202);
    const { arrival, state } = (await answer.json()) as { arrival: string; state: string };
    expect(state).toBe('stored');
    const row = await test.store.read.selectFrom('messages').select('arrival_id').where('external_id', '=', 'hook-1').executeTakeFirst();
    expect(row?.arrival_id).toBe(arrival);
  });

  it('are kept as they came, spaces and all', async () => {
    const body = JSON.stringify(said('hook', 'hook-raw', 'oi'), null, 3);
    await post(body);
    expect((await arrivals('hook-raw'))[0]?.payload).toBe(body);
  });

  it.each([
    ['without a signature', {}],
    ['with a wrong signature', { 'x-signature': sign('other bytes') }],
    ['with an empty signature', { 'x-signature': '' }],
  ])('%s are refused with 401, and nothing is stored', async (_, headers) => {
    const before = await count();
    expect((await post(JSON.stringify(said('hook', 'hook-unsigned', 'oi')), headers)).status).toBe(401);
    expect(await count()).toBe(before);
  });

  it('that repeat a delivery are acknowledged and stored once', async () => {
    const body = JSON.stringify(said('hook', 'hook-2', 'oi'));
    const send = () => post(body, { 'x-signature': sign(body), 'x-id': 'delivery 2' });
    expect(await (await send()).json()).toMatchObject({ state: 'stored' });
    const again = await send();
    expect(again.status).toBe(202);
    expect(await again.json()).toMatchObject({ state: 'repeated' });
    expect(await arrivals('hook-2')).toHaveLength(1);
  });

  it('with broken JSON or unknown kinds are quarantined with what they said, and acknowledged', async () => {
    const broken = await post('{"type": "message", "broken-json');
    expect([broken.status, ((await broken.json()) as { state: string }).state]).toEqual([202, 'quarantined']);
    expect(await arrivals('broken-json')).toEqual([
      { state: 'quarantined', error: 'this is not JSON', payload: JSON.stringify('{"type": "message", "broken-json') },
    ]);
    expect(await (await post('{"kind": "unknown-kind"}')).json()).toMatchObject({ state: 'quarantined' });
  });

  it('of a batch go on when one of it is not understood', async () => {
    const body = JSON.stringify([said('batch', 'batch-1', 'one'), { odd: 'batch-odd' }, said('batch', 'batch-2', 'two')]);
    const answer = await post(body, { 'x-signature': sign(body), 'x-id': 'batch 1' });
    expect(await answer.json()).toMatchObject({ state: 'quarantined' });
    expect((await arrivals('batch-')).map(({ state }) => state)).toEqual(['understood', 'quarantined', 'understood']);
    const keys = await test.store.read.selectFrom('arrivals').select('delivery_key').where('payload', 'like', '%batch-%').orderBy('id').execute();
    expect(keys.map((row) => row.delivery_key)).toEqual(['batch 1#0', 'batch 1#1', 'batch 1#2']);
  });

  it('of a batch are known by their own ids again, in whatever batch they come', async () => {
    const [one, two] = [said('regrouped', 'regrouped-1', 'one'), said('regrouped', 'regrouped-2', 'two')];
    for (const body of [JSON.stringify([one, two]), JSON.stringify([two])]) await post(body, { 'x-signature': sign(body), 'x-id': body }, '/hooks/keyed');
    const keys = await test.store.read.selectFrom('arrivals').select('delivery_key').where('channel', '=', 'keyed').orderBy('id').execute();
    expect(keys.map((row) => row.delivery_key)).toEqual([one, two].map((part) => (part as { id: string }).id));
  });

  it('get the answer that their vendor wants to hear', async () => {
    const body = JSON.stringify(said('hook', 'hook-3', 'oi'));
    const answer = await post(body, undefined, '/hooks/polite');
    expect([answer.status, await answer.text()]).toEqual([200, 'EVENT_RECEIVED']);
  });

  it('answer a challenge without a signature, and store nothing', async () => {
    const before = await count();
    expect(await (await fetch(`${base}/hooks/talk?challenge=abc`)).text()).toBe('abc');
    expect((await fetch(`${base}/hooks/talk`)).status).toBe(405);
    expect(await count()).toBe(before);
  });

  it('of 11 MB are refused with 413, and the connection goes on', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const send = (body: Buffer, chunked: boolean) =>
      new Promise<{ status: number; reused: boolean }>((resolve, reject) => {
        const headers = { 'x-signature': sign(body), ...(chunked ? {} : { 'content-length': body.length }) };
        const request = http.request(`${base}/hooks/talk`, { method: 'POST', agent, headers }, (response) => {
          response.resume().on('end', () => resolve({ status: response.statusCode ?? 0, reused: request.reusedSocket }));
        });
        request.on('error', reject);
        request.end(body);
      });
    const before = await count();
    expect(await send(randomBytes(11 * 2 ** 20), false)).toMatchObject({ status: 413 });
    expect(await send(randomBytes(11 * 2 ** 20), true)).toMatchObject({ status: 413 });
    expect(await count()).toBe(before);
    const small = Buffer.from(JSON.stringify(said('hook', 'hook-after-413', 'oi')));
    expect(await send(small, false)).toEqual({ status: 202, reused: true });
    agent.destroy();
  });

  it('are told to come again when they could not be stored', async () => {
    const batch = vi.spyOn(test.store, 'batch').mockRejectedValueOnce(Object.assign(new Error('disk full'), { code: 'SQLITE_FULL' }));
    const answer = await post(JSON.stringify(said('hook', 'hook-full', 'oi')));
    batch.mockRestore();
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await answer.text()).not.toContain('disk full');
  });

  it('of unknown channels, or with an address that cannot be read, find nothing; other paths are not ours', async () => {
    expect((await post('{}', {}, '/hooks/nobody')).status).toBe(404);
    expect((await post('{}', {}, '/hooks/%E0%A4%A')).status).toBe(404);
    expect((await fetch(`${base}/other`)).status).toBe(418);
  });
});

describe('routes', () => {
  const route = (parts: Partial<Route> & Pick<Route, 'handle'>): void => void routes.push({ method: 'POST', path: '/things/:id', cors: true, ...parts });
  const call = (path: string, init: RequestInit = {}) => fetch(`${base}/hooks/talk${path}`, init);

  it('get parameters, query and body, and answer JSON', async () => {
    route({
      handle: async ({ request, params, json }) => json(201, { id: params.id ?? '', query: request.query.get('q'), body: request.body.toString() }),
    });
    const answer = await call('/things/a%2Fb%20c?q=1', { method: 'POST', body: 'hello' });
    expect([answer.status, await answer.json()]).toEqual([201, { id: 'a/b c', query: '1', body: 'hello' }]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('commit what they accept before they answer', async () => {
    route({
      handle: async ({ request, accept, json }) => {
        const outcome = await accept(fetchedByUs(), JSON.parse(request.body.toString()) as Json, 'route key');
        json(200, { state: outcome.state });
      },
    });
    const send = async () => (await call('/things/1', { method: 'POST', body: JSON.stringify(said('route', 'route-1', 'oi')) })).json();
    expect([await send(), await send()]).toEqual([{ state: 'stored' }, { state: 'repeated' }]);
  });

  it('may be called from any page where they say so, errors included, and from none else', async () => {
    route({ handle: async () => Promise.reject(new ConnectorError('not-found', 'no such thing')) });
    route({ path: '/closed', cors: false, handle: async ({ json }) => json(200, null) });
    const asked = { 'access-control-request-headers': 'authorization, content-type', 'access-control-request-method': 'POST', origin: 'https://shop.example' };
    const preflight = await call('/things/1', { method: 'OPTIONS', headers: asked });
    expect(preflight.status).toBe(204);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-allow-methods': 'POST',
    });
    expect(preflight.headers.get('access-control-allow-credentials')).toBeNull();
    const missing = await call('/things/1', { method: 'POST' });
    expect([missing.status, missing.headers.get('access-control-allow-origin')]).toEqual([404, '*']);
    const closed = await call('/closed', { method: 'OPTIONS', headers: asked });
    expect([closed.status, closed.headers.get('access-control-allow-origin')]).toEqual([405, null]);
    expect((await call('/closed', { method: 'POST' })).headers.get('access-control-allow-origin')).toBeNull();
  });

  it('are limited by address, counted behind the proxy that ops trust', async () => {
    route({ perMinute: 2, handle: async ({ json }) => json(200, null) });
    const from = (address: string) => call('/things/1', { method: 'POST', headers: { 'x-forwarded-for': `6.6.6.6, ${address}` } });
    expect([(await from('1.1.1.1')).status, (await from('1.1.1.1')).status]).toEqual([200, 200]);
    const third = await from('1.1.1.1');
    expect([third.status, third.headers.get('retry-after'), third.headers.get('access-control-allow-origin')]).toEqual([429, '30', '*']);
    expect((await from('2.2.2.2')).status).toBe(200);
    expect([(await from('2001:db8:1:2::a')).status, (await from('2001:db8:1:2::b')).status, (await from('2001:db8:1:2:3::')).status]).toEqual([200, 200, 429]);
    clock.advance(30_000);
    expect((await from('1.1.1.1')).status).toBe(200);
  });

  it('stream uploads, and refuse those that are too large', async () => {
    route({
      streams: true,
      handle: async ({ upload, json }) => {
        if (!upload) throw new Error('no upload');
        json(200, await test.store.blobs.put(upload));
      },
    });
    const ok = await call('/things/1', { method: 'POST', body: Buffer.alloc(12 * 2 ** 20) });
    expect([ok.status, ((await ok.json()) as { size: number }).size]).toEqual([200, 12 * 2 ** 20]);
    const large = Buffer.alloc(51 * 2 ** 20);
    expect((await call('/things/1', { method: 'POST', body: large })).status).toBe(413);
    const chunked = Readable.toWeb(Readable.from([large])) as unknown as BodyInit;
    expect((await call('/things/1', { method: 'POST', body: chunked, duplex: 'half' } as RequestInit)).status).toBe(413);
  });

  it('stream answers line by line until the client goes', async () => {
    const closed = Promise.withResolvers<void>();
    route({
      method: 'GET',
      handle: async ({ stream }) => {
        const { write, closed: gone } = stream();
        gone.addEventListener('abort', () => closed.resolve());
        write('{"n":1}');
        write('{"n":2}');
      },
    });
    const leaving = new AbortController();
    const answer = await call('/things/1', { signal: leaving.signal });
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (text.length < 16) text += (await reader?.read())?.value ?? '';
    expect(text).toBe('{"n":1}\n{"n":2}\n');
    leaving.abort();
    await closed.promise;
  });

  it('hand out files so that nothing in them runs on our address', async () => {
    route({
      method: 'GET',
      handle: async ({ file }) => file({ stream: Readable.from([Buffer.from('<svg onload=alert(1)>')]), mime: 'image/svg+xml', name: 'é "x".svg', size: 21 }),
    });
    const answer = await call('/things/1');
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/svg+xml',
      'content-disposition': "attachment; filename*=UTF-8''%C3%A9%20%22x%22.svg",
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'content-length': '21',
    });
    expect(await answer.text()).toBe('<svg onload=alert(1)>');
  });

  it('that fail say nothing of why, and are not found under other methods or paths', async () => {
    route({ handle: async () => Promise.reject(new Error('secret detail')) });
    const answer = await call('/things/1', { method: 'POST' });
    expect([answer.status, (await answer.text()).includes('secret')]).toEqual([503, false]);
    const wrong = await call('/things/1', { method: 'PUT' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await call('/things/1/2', { method: 'POST' })).status).toBe(404);
  });
});
