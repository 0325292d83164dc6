/** What PostgreSQL would do otherwise than SQLite: two writers at once, capitals in searches, values that it refuses. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Postgres, postgresMissing, postgresTitle, startPostgres } from '../../test/support/postgres.ts';
import { startTestServer, type TestServer } from '../../test/support/server.ts';
import { encodeCursor } from './paging.ts';

describe.skipIf(postgresMissing())(`the API ${postgresTitle}`, () => {
  let postgres: Postgres;
  let server: TestServer;
  beforeAll(async () => {
    postgres = await startPostgres();
    server = await startTestServer({ environment: { DATABASE_URL: await postgres.database() } });
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    await postgres?.stop();
  });

  it('makes one message of a reply that is sent many times at once', async () => {
    const conversation = await server.say('Ana', 'Hello?');
    const body = { id: randomUUID(), kind: 'public', text: 'Hello Ana' };
    const send = () => server.call(server.admin, `/api/conversations/${conversation}/messages`, { method: 'POST', body });
    const answers = await Promise.all([send(), send(), send(), send(), send()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201]);
    expect((await server.detail(conversation)).messages).toBe(2);
    const { body: deliveries } = await server.call<{ items: object[] }>(server.admin, '/api/deliveries');
    expect(deliveries.items).toHaveLength(1);
  });

  it('makes one closing of a decision that is sent many times at once, and one company of a name', async () => {
    const conversation = await server.say('Bia', 'The turnstile stands still');
    const { decision, preview } = await server.plan(conversation);
    const send = () =>
      server.call<{ id: string }>(server.admin, `/api/conversations/${conversation}/closings`, {
        method: 'POST',
        body: { decision, digest: preview.digest },
        headers: { 'idempotency-key': 'once' },
      });
    const answers = await Promise.all([send(), send(), send(), send(), send()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    const name = () => server.call<{ id: string }>(server.admin, '/api/companies', { method: 'POST', body: { name: 'Academia Nova' } });
    expect(new Set((await Promise.all([name(), name(), name()])).map(({ body }) => body.id)).size).toBe(1);
    await server.call(server.admin, `/api/closings/${answers[0]?.body.id}/now`, { method: 'POST' });
    const find = async (words: string) => (await server.call<{ items: object[] }>(server.admin, `/api/tickets?words=${words}`)).body.items;
    await vi.waitFor(async () => expect(await find('TURNSTILE')).toHaveLength(1), { timeout: 10_000 });
    expect(await find('customer%20BIA')).toHaveLength(1);
  });

  it('keeps the last administrator when two take each other’s rights away', async () => {
    const [lia, leo] = [await server.agent('Lia', 'admin'), await server.agent('Leo', 'admin')];
    const root = (await server.call<{ id: string }>(server.admin, '/api/me')).body.id;
    await server.call(lia, `/api/agents/${root}`, { method: 'PUT', body: { role: 'agent' } });
    const demote = (who: { cookie?: string }, id: string) => server.call(who, `/api/agents/${id}`, { method: 'PUT', body: { role: 'agent' } });
    await Promise.all([demote(lia, leo.id), demote(leo, lia.id)]);
    const left = [await server.call(lia, '/api/tokens'), await server.call(leo, '/api/tokens')].filter(({ status }) => status === 200);
    expect(left).toHaveLength(1);
    const survivor = (await server.call(lia, '/api/tokens')).status === 200 ? lia : leo;
    await server.call(survivor, `/api/agents/${root}`, { method: 'PUT', body: { role: 'admin' } });
  });

  it.each(['/api/conversations?', '/api/closings?', '/api/deliveries?', '/api/tickets?', '/api/quarantine?'])(
    'takes no harm from cursors and words that %s cannot read',
    async (list) => {
      for (const cursor of ['nonsense', '%00', encodeCursor([1, 'x']), encodeCursor(['\0']), encodeCursor([Number.MAX_VALUE, randomUUID()])])
        expect((await server.call(server.admin, `${list}cursor=${cursor}`)).status).toBe(200);
      expect((await server.call(server.admin, `${list}words=%00a`)).status).toBe(200);
      expect((await server.call(server.admin, '/api/conversations/a%00b')).status).toBe(404);
    },
  );
});
