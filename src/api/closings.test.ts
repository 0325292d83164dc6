import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startTestServer, type TestServer, type Who } from '../../test/support/server.ts';
import type { ClosingView, Preview } from './contract.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

interface Refusal {
  readonly key: string;
  readonly preview?: Preview;
  readonly errors?: readonly { field: string; message: string }[];
}
type Closed = ClosingView & Refusal;

let keys = 0;
const commit = (conversation: string, body: object, key: string | null = `key-${++keys}`, who: Who = server.admin) =>
  server.call<Closed>(who, `/api/conversations/${conversation}/closings`, { method: 'POST', body, headers: key === null ? {} : { 'idempotency-key': key } });
const view = async (id: string): Promise<ClosingView> => (await server.call<ClosingView>(server.admin, `/api/closings/${id}`)).body;
const token = async (): Promise<Who> => (await server.call<{ token: string }>(server.admin, '/api/tokens', { method: 'POST', body: { name: 'program' } })).body;
const done = (id: string): Promise<ClosingView> =>
  vi.waitFor(
    async () => {
      const closing = await view(id);
      expect(closing.progress).toBe('done');
      return closing;
    },
    { timeout: 10_000 },
  );

describe('a closing', () => {
  it('is previewed, committed, held, and sent when the hold ends', async () => {
    const conversation = await server.say('Ana', 'The turnstile stands still');
    const { decision, preview } = await server.plan(conversation);
    expect(preview).toMatchObject({ ends: true, missing: [], operations: [{ kind: 'open', helpdesk: 'desk' }] });
    const made = await commit(conversation, { decision, digest: preview.digest });
    expect(made).toMatchObject({ status: 201, body: { state: 'held', progress: 'held', agent: { name: 'Root' }, deliveries: [{ state: 'waiting' }] } });
    expect(made.body.notBefore - made.body.createdAt).toBe(30_000);
    expect(await server.detail(conversation)).toMatchObject({ state: 'ended', endedBy: 'closing', filed: true });
    expect((await server.call(server.admin, `/api/closings/${made.body.id}/now`, { method: 'POST' })).status).toBe(200);
    const closing = await done(made.body.id);
    expect(closing.tickets).toMatchObject([{ helpdesk: 'desk', number: '1' }]);
    const ticket = await server.call(server.admin, `/api/tickets/desk/${closing.tickets[0]?.id}`);
    expect(ticket.body).toMatchObject({ subject: 'The turnstile stands still', status: { meaning: 'resolved' }, conversations: [conversation] });
  });

  it('of a program is not held', async () => {
    const conversation = await server.say('Bot', 'The printer is stuck');
    const { decision, preview } = await server.plan(conversation);
    const made = await commit(conversation, { decision, digest: preview.digest }, 'program-1', await token());
    expect(made).toMatchObject({ status: 201, body: { state: 'released', agent: null } });
    expect(made.body.notBefore).toBe(made.body.createdAt);
    await done(made.body.id);
  });

  it('needs a key, and with the same key is made once', async () => {
    const conversation = await server.say('Cia', 'The totem is dark');
    const { decision, preview } = await server.plan(conversation);
    const body = { decision, digest: preview.digest };
    expect(await commit(conversation, body, null)).toMatchObject({ status: 400, body: { key: 'idempotency-key' } });
    expect((await commit(conversation, body, 'k'.repeat(256))).status).toBe(400);
    const [one, two] = await Promise.all([commit(conversation, body, 'once'), commit(conversation, body, 'once')]);
    expect([one.status, two.status].sort()).toEqual([200, 201]);
    expect(two.body.id).toBe(one.body.id);
    expect(await commit(conversation, body, 'once')).toMatchObject({ status: 200, body: { id: one.body.id } });
    const other = { ...decision, parts: decision.parts?.map((part) => ({ ...part, title: 'Something else' })) };
    expect(await commit(conversation, { decision: other, digest: preview.digest }, 'once')).toMatchObject({ status: 422, body: { key: 'key-reused' } });
    expect((await commit(conversation, body, 'once', await token())).body.id).not.toBe(one.body.id);
  });

  it('whose conversation went on is given back with the new plan', async () => {
    const conversation = await server.say('Dia', 'The finger reader is dark');
    const { decision, preview } = await server.plan(conversation);
    await server.say('Dia', 'And now the door does not open either');
    const changed = await commit(conversation, { decision, digest: preview.digest });
    expect(changed).toMatchObject({ status: 409, body: { key: 'plan-changed', preview: { missing: [{ field: 'covers' }, { field: 'messages' }] } } });
    expect(changed.body.preview?.digest).not.toBe(preview.digest);
    const renewed = await server.plan(conversation);
    const stale = await commit(conversation, { decision: renewed.decision, digest: preview.digest });
    expect(stale).toMatchObject({ status: 409, body: { key: 'plan-changed', preview: { digest: renewed.preview.digest } } });
    expect((await commit(conversation, { decision: renewed.decision, digest: renewed.preview.digest })).status).toBe(201);
  });

  it('by the second of two agents is refused, and the first one’s is named', async () => {
    const conversation = await server.say('Eda', 'The screen is blue');
    const bia = await server.agent('Bia');
    const { decision, preview } = await server.plan(conversation);
    const answers = await Promise.all([
      commit(conversation, { decision, digest: preview.digest }, 'first'),
      commit(conversation, { decision, digest: preview.digest }, 'second', bia),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    const [made, refused] = answers[0].status === 201 ? answers : [answers[1], answers[0]];
    expect(refused.body).toMatchObject({ key: 'plan-changed', closings: [made.body.id] });
    const { body } = await server.call<{ items: { conversation: string }[] }>(server.admin, '/api/closings');
    expect(body.items.filter((one) => one.conversation === conversation)).toHaveLength(1);
  });

  it('that lacks something names the fields and sends nothing', async () => {
    const conversation = await server.say('Fia', 'It is broken');
    const { decision, preview } = await server.plan(conversation, { title: '', outcome: null });
    expect(preview.missing.length).toBeGreaterThan(0);
    const refused = await commit(conversation, { decision, digest: preview.digest });
    expect(refused).toMatchObject({ status: 422, body: { key: 'missing', preview: { digest: preview.digest } } });
    expect(refused.body.errors).toContainEqual({ field: 'p1.title', message: expect.stringMatching(/^[a-z-]+$/) });
    expect(await server.detail(conversation)).toMatchObject({ state: 'open', filed: false });
  });

  it('that is no decision at all is refused with the place', async () => {
    const conversation = await server.say('Gia', 'Hm');
    const answer = await commit(conversation, { decision: { covers: 'x', parts: [], none: null }, digest: '' });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'decision.parts' }] } });
    const none = await server.call(server.admin, '/api/conversations/nothing/closings/preview', {
      method: 'POST',
      body: { decision: { covers: 'x', none: { reason: 'spam' } } },
    });
    expect(none.status).toBe(404);
  });
});

describe('taking it back', () => {
  it('within the hold restores everything, the draft too', async () => {
    const conversation = await server.say('Hia', 'The card is not read');
    const { decision, preview } = await server.plan(conversation);
    await server.call(server.admin, `/api/conversations/${conversation}/draft`, { method: 'PUT', body: { draft: { title: 'half written' } } });
    const made = await commit(conversation, { decision, digest: preview.digest });
    expect((await server.detail(conversation)).draft).toBeNull();
    const undone = await server.call<ClosingView>(server.admin, `/api/closings/${made.body.id}`, { method: 'DELETE' });
    expect(undone).toMatchObject({ status: 200, body: { state: 'undone', progress: 'undone', deliveries: [{ state: 'undone' }] } });
    expect(await server.detail(conversation)).toMatchObject({ state: 'open', filed: false, draft: { title: 'half written' } });
    expect((await server.call(server.admin, `/api/closings/${made.body.id}/now`, { method: 'POST' })).status).toBe(409);
  });

  it('is too late once it was sent', async () => {
    const conversation = await server.say('Ina', 'The door is open');
    const { decision, preview } = await server.plan(conversation);
    const made = await commit(conversation, { decision, digest: preview.digest });
    await server.call(server.admin, `/api/closings/${made.body.id}/now`, { method: 'POST' });
    await done(made.body.id);
    expect(await server.call(server.admin, `/api/closings/${made.body.id}`, { method: 'DELETE' })).toMatchObject({ status: 409, body: { key: 'too-late' } });
    expect((await view(made.body.id)).progress).toBe('done');
    for (const [method, path] of [
      ['DELETE', '/api/closings/nothing'],
      ['POST', '/api/closings/nothing/now'],
      ['GET', '/api/closings/nothing'],
    ] as const)
      expect((await server.call(server.admin, path, { method })).status).toBe(404);
  });

  it('and the hold survive a restart', async () => {
    const conversation = await server.say('Jia', 'Nobody gets in');
    const { decision, preview } = await server.plan(conversation);
    const made = await commit(conversation, { decision, digest: preview.digest });
    await server.restart();
    expect(await view(made.body.id)).toMatchObject({ state: 'held', notBefore: made.body.notBefore });
    expect((await server.call(server.admin, `/api/closings/${made.body.id}`, { method: 'DELETE' })).status).toBe(200);
  });
});

describe('a list of closings', () => {
  it('can be one’s own alone', async () => {
    const kai = await server.agent('Kai');
    const conversation = await server.say('Kia', 'The light is off');
    const { decision, preview } = await server.plan(conversation);
    const { body } = await commit(conversation, { decision, digest: preview.digest }, 'kai', kai);
    const mine = await server.call<{ items: { id: string }[] }>(kai, '/api/closings?mine=true');
    expect(mine.body.items.map(({ id }) => id)).toEqual([body.id]);
    expect((await server.call<{ items: object[] }>(kai, '/api/closings')).body.items.length).toBeGreaterThan(1);
  });
});
