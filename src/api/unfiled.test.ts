import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startTestServer, type TestServer } from '../../test/support/server.ts';
import { type ToyChannel, toyChannel, written } from '../../test/support/toy-channel.ts';
import type { ConversationRow, Proposal } from './contract.ts';

let server: TestServer;
let toy: ToyChannel;
let mappings: string;

beforeAll(async () => {
  mappings = await mkdtemp(join(tmpdir(), 'mappings-'));
  const own = await readFile(join(import.meta.dirname, '../../mappings/default.yaml'), 'utf8');
  await writeFile(join(mappings, 'default.yaml'), `${own}\nended_elsewhere: { chat: propose-pending, remind_agent: 0m, tell_lead_at: "00:00" }\n`);
  toy = toyChannel();
  server = await startTestServer({
    config: { channels: { chat: { connector: 'toy', title: 'Chat' } } },
    registry: toy.registry,
    environment: { MAPPINGS_DIR: mappings },
  });
});
afterAll(async () => {
  await server.stop();
  await rm(mappings, { recursive: true, force: true });
});

const get = async <T>(path: string): Promise<T> => (await server.call<T>(server.admin, path)).body;

describe('a chat that ended at its vendor without a ticket', () => {
  it('is noted there with the way to the dialog, recalled and counted, and its outcome is proposed until it is filed', async () => {
    const thread = '5511987600001';
    const at = Date.now() - 48 * 3_600_000;
    await toy.hear(written(`+${thread}`, 'The turnstile stands still', { id: 'm-1', at }), { type: 'ended', thread, at: at + 60_000 });
    const id = (await toy.context().closings.find(thread))?.conversation ?? '';
    await vi.waitFor(
      () => expect(toy.effects).toMatchObject([{ did: 'note', note: expect.stringContaining(`/conversations/${id}?end=true`), to: { thread } }]),
      {
        timeout: 10_000,
      },
    );
    await vi.waitFor(async () => expect(await get('/api/unfiled')).toEqual({ all: 1, mine: 0, told: 1 }), { timeout: 10_000 });
    expect((await get<{ items: ConversationRow[] }>('/api/conversations?view=unfiled')).items).toMatchObject([{ id, reminded: true, filed: false }]);
    expect((await get<Proposal>(`/api/conversations/${id}/proposal`)).outcome).toBe('pending');

    const { decision, preview } = await server.plan(id);
    const headers = { 'idempotency-key': 'filed' };
    await server.call(server.admin, `/api/conversations/${id}/closings`, { method: 'POST', body: { decision, digest: preview.digest }, headers });
    expect(await get('/api/unfiled')).toEqual({ all: 0, mine: 0, told: 0 });
    expect((await get<{ items: ConversationRow[] }>('/api/conversations?view=ended')).items).toMatchObject([{ id, reminded: false, filed: true }]);
  });

  it('is noted once, though the server starts again', async () => {
    const end = async (thread: string): Promise<void> => {
      await toy.hear(written(`+${thread}`, 'The door is stuck', { id: `said-${thread}` }), { type: 'ended', thread, at: Date.now() });
    };
    const noted = () => toy.effects.flatMap((effect) => (effect.did === 'note' ? [effect.to.thread] : [])).filter((thread) => thread.startsWith('55119877'));
    await end('5511987700001');
    await vi.waitFor(() => expect(noted()).toEqual(['5511987700001']), { timeout: 10_000 });
    await server.restart();
    await end('5511987700002');
    await vi.waitFor(() => expect(noted()).toEqual(['5511987700001', '5511987700002']), { timeout: 10_000 });
  });

  it('that is still open proposes no outcome', async () => {
    await toy.hear(written('+5511987600002', 'The printer is stuck', { id: 'm-2' }));
    const id = (await toy.context().closings.find('5511987600002'))?.conversation ?? '';
    expect((await get<Proposal>(`/api/conversations/${id}/proposal`)).outcome).toBeNull();
  });
});
