import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startTestServer, type TestServer } from '../../test/support/server.ts';
import { listen } from '../kit/simulator.ts';

let server: TestServer;
let program: { url: string; close(): Promise<void> };
/** What the program behind the channel answers. */
let answer = 500;

beforeAll(async () => {
  program = await listen((_request, response) => void response.writeHead(answer, { 'retry-after': '3600' }).end('{}'));
  server = await startTestServer({ config: { channels: { shop: { connector: 'webhook', secret: { env: 'HOOK_SECRET' }, reply: program.url } } } });
});
afterAll(async () => {
  await server.stop();
  await program.close();
});

interface Shown {
  readonly id: string;
  readonly state: string;
  readonly message: string | null;
  readonly error: { code: string; message: string } | null;
}
const post = (path: string, body: object = {}) => server.call(server.admin, path, { method: 'POST', body });
const reply = async (thread: string): Promise<string> => {
  const conversation = await server.say(thread, 'Hello?');
  const id = randomUUID();
  await post(`/api/conversations/${conversation}/messages`, { id, kind: 'public', text: `Hello ${thread}` });
  return id;
};
const deliveryOf = async (message: string, condition: (shown: Shown) => void): Promise<Shown> =>
  vi.waitFor(
    async () => {
      const { body } = await server.call<{ items: Shown[] }>(server.admin, '/api/deliveries');
      const found = body.items.find((one) => one.message === message);
      if (!found) throw new Error('no delivery');
      condition(found);
      return found;
    },
    { timeout: 10_000 },
  );

describe('deliveries', () => {
  it('that were refused are listed with the reason, can be tried again, and are done when it works', async () => {
    answer = 400;
    const message = await reply('Ana');
    const stopped = await deliveryOf(message, ({ state }) => expect(['parked', 'dead']).toContain(state));
    expect(stopped.error?.code).toBe('refused');
    const listed = await server.call<{ items: Shown[] }>(server.admin, `/api/deliveries?state=${stopped.state}`);
    expect(listed.body.items.map(({ id }) => id)).toContain(stopped.id);
    answer = 200;
    expect((await post(`/api/deliveries/${stopped.id}/retry`)).status).toBe(204);
    await deliveryOf(message, ({ state }) => expect(state).toBe('done'));
    expect(await post(`/api/deliveries/${stopped.id}/retry`)).toMatchObject({ status: 409, body: { key: 'not-now' } });
    expect((await post(`/api/deliveries/${stopped.id}/arrived`)).status).toBe(409);
    expect(await server.call(server.admin, `/api/deliveries/${stopped.id}`, { method: 'PUT', body: { operation: {} } })).toMatchObject({ status: 409 });
  });

  it('can be sent again by their message', async () => {
    answer = 400;
    const message = await reply('Bia');
    await deliveryOf(message, ({ state }) => expect(['parked', 'dead']).toContain(state));
    answer = 200;
    expect((await post(`/api/messages/${message}/resend`)).status).toBe(204);
    await deliveryOf(message, ({ state }) => expect(state).toBe('done'));
    expect((await post(`/api/messages/${message}/resend`)).status).toBe(409);
    expect((await post('/api/messages/nothing/resend')).status).toBe(404);
  });

  it('that are not there say so', async () => {
    expect((await post('/api/deliveries/nothing/retry')).status).toBe(404);
    expect((await post('/api/deliveries/nothing/arrived')).status).toBe(404);
    expect((await server.call(server.admin, '/api/deliveries/nothing', { method: 'PUT', body: { operation: {} } })).status).toBe(404);
  });

  it('to a vendor that asks us to wait are held back, which figures, probes and people can see', async () => {
    answer = 429;
    const message = await reply('Cid');
    await deliveryOf(message, ({ error }) => expect(error?.code).toBe('rate-limited'));
    const figures = (await server.call<string>({}, '/metrics')).body;
    expect(figures).toMatch(/deskbridge_rate_limited_total\{kind="channel",target="shop"\} 1$/m);
    expect(figures).toMatch(/deskbridge_target_held\{kind="channel",target="shop",state="paused"\} 1$/m);
    expect(figures).toMatch(/deskbridge_oldest_unsent_seconds\{target="shop"\} \d/);
    const { body } = await server.call<{ items: object[]; mappings: object }>(server.admin, '/api/connectors');
    expect(body.items).toContainEqual(
      expect.objectContaining({
        name: 'shop',
        kind: 'channel',
        connector: 'webhook',
        state: 'ready',
        sending: { state: 'paused', detail: expect.stringMatching(/^\d{4}-/) },
      }),
    );
    expect(body.mappings).toEqual({ problems: [], drift: [] });
    const probe = await server.call({}, '/readyz');
    expect(probe.body.connectors).toContainEqual({ name: 'shop', kind: 'channel', state: 'ready', sending: 'paused' });
  });
});

describe('quarantine', () => {
  it('lists what was not understood, and reads it again when asked', async () => {
    await server.post({ type: 'puzzle', word: 'riddle' });
    const { body } = await server.call<{ items: { id: string; error: string; payload: string; channel: string }[] }>(server.admin, '/api/quarantine');
    expect(body.items[0]).toMatchObject({ channel: 'shop', payload: expect.stringContaining('riddle'), error: expect.stringMatching(/\w/) });
    const id = body.items[0]?.id ?? '';
    expect((await post('/api/quarantine/replay', { ids: [id] })).body).toEqual({ replayed: 0, kept: [id] });
    expect((await post('/api/quarantine/replay')).body).toEqual({ replayed: 0, kept: [id] });
    expect((await post('/api/quarantine/replay', { ids: [] })).status).toBe(400);
  });
});

describe('the document of this API', () => {
  it('names every call of the README, and no secret', async () => {
    const { body } = await server.call<{ paths: Record<string, object> }>({}, '/api/openapi.json');
    for (const path of ['/api/conversations/{id}/closings', '/api/closings/{id}/now', '/api/tokens', '/api/events', '/api/quarantine/replay'])
      expect(Object.keys(body.paths)).toContain(path);
    const page = await server.call<string>({}, '/api/docs');
    expect(page.body).toContain('swagger-ui-bundle.js');
    expect((await server.call({}, '/api/docs/swagger-ui-bundle.js')).status).toBe(200);
  });
});
