import { v7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryRecords, quiet } from '../../test/support/context.ts';
import { openPlace, type Place } from '../../test/support/deliveries.ts';
import { desk as factDesk, gymMapping, gymSchema, ticket } from '../../test/support/facts.ts';
import { scriptedHelpdesk } from '../../test/support/helpdesk.ts';
import { createInProcessDispatch } from '../delivery/dispatch/in-process.ts';
import { insert } from '../delivery/insert.ts';
import type { Desk } from '../tickets/desks.ts';
import { decision } from './decision.ts';
import { createLate } from './late-worker.ts';

const name = gymMapping().helpdesk;
const ref = { helpdesk: name, id: '4711', number: '4711', url: 'https://desk.example/4711' };
let place: Place;
beforeEach(async () => {
  place = await openPlace();
});
afterEach(() => place.close());

const desk = (): Desk => ({
  ...factDesk(),
  name,
  connector: 'scripted',
  helpdesk: scriptedHelpdesk(name),
  records: memoryRecords(),
  schema: async () => ({ schema: gymSchema, reachable: true }),
  known: () => gymSchema,
  requester: async () => null,
  lookUp: async () => null,
  companyId: async () => null,
  ticket: async () => ({ ...ticket('4711', '6'), description: '', summary: null, entries: [], fields: {} }),
  search: async () => [],
});

const late = () =>
  createLate({
    read: place.store.read,
    group: place.group,
    dispatch: createInProcessDispatch({ now: place.clock.now, pollMs: 60_000 }),
    desks: new Map([[name, desk()]]),
    mappingFor: gymMapping,
    now: place.clock.now,
    id: () => v7(),
    log: quiet,
  });

/** A conversation that was filed in ticket 4711 and is done. */
async function filed(): Promise<string> {
  const { id, message } = await place.conversation({ channel: 'chat' });
  const closing = v7();
  const made = decision.parse({ covers: message, parts: [{ key: 'p1', topic: 'catraca', messages: [message], target: { kind: 'new' } }] });
  const now = place.clock.now();
  await place.group.write((s) =>
    insert(s, 'closings', [
      {
        id: closing,
        conversation_id: id,
        agent_id: null,
        source: 'console',
        idempotency_key: closing,
        decision: JSON.stringify(made),
        plan: JSON.stringify({ operations: [{ part: 'p1' }] }),
        digest: '',
        state: 'released',
        created_at: now,
        not_before: now,
        ends: 1,
        none_reason: null,
        restore: null,
      },
    ]),
  );
  await place.deliver({
    id: v7(),
    closing_id: closing,
    conversation_id: id,
    target: name,
    operation: '{}',
    state: 'done',
    result: JSON.stringify({ ticket: ref }),
  });
  await place.store.write(async (tx) => void (await tx.updateTable('conversations').set({ state: 'ended' }).where('id', '=', id).execute()));
  return id;
}

/** What the same customer wrote after that, a while ago. */
async function wrote(text: string, continues: string, more: { assignee_id?: string } = {}): Promise<string> {
  const { id } = await place.conversation({ channel: 'chat' });
  await place.store.write(async (tx) => {
    await tx
      .updateTable('conversations')
      .set({ continues_id: continues, draft: null, ...more })
      .where('id', '=', id)
      .execute();
    await tx.updateTable('messages').set({ text }).where('conversation_id', '=', id).execute();
  });
  place.clock.advance(10 * 60_000);
  return id;
}

const closingsOf = (conversation: string) => place.store.read.selectFrom('closings').selectAll().where('conversation_id', '=', conversation).execute();
const conversationOf = (id: string) => place.store.read.selectFrom('conversations').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

describe('filing late messages', () => {
  it('happens once, however many look at the same time and again after a restart', async () => {
    const id = await wrote('obrigada, mas travou de novo', await filed());
    const made = await Promise.all([late().look(), late().look(), late().look()]);
    expect(new Set(made.flat()).size).toBe(1);
    expect(await late().look()).toEqual([]);
    const [closing, ...more] = await closingsOf(id);
    expect(more).toEqual([]);
    expect(closing).toMatchObject({ source: 'rule', agent_id: null, state: 'released', ends: 1, idempotency_key: `late:${id}` });
    const deliveries = await place.store.read
      .selectFrom('deliveries')
      .selectAll()
      .where('closing_id', '=', closing?.id ?? '')
      .execute();
    expect(deliveries).toMatchObject([{ kind: 'append', state: 'waiting', lane: `${name}:4711`, due_at: place.clock.now() }]);
    expect(JSON.parse(deliveries[0]?.operation ?? '')).toMatchObject({ values: { status: '3' } });
    expect(await conversationOf(id)).toMatchObject({ state: 'ended', filed_at: place.clock.now() });
  });

  it('files what comes after what the rule itself filed in the same ticket', async () => {
    const courtesy = await wrote('obrigada!', await filed());
    expect(await late().look()).toHaveLength(1);
    const again = await wrote('travou de novo', courtesy);
    expect(await late().look()).toHaveLength(1);
    expect(await closingsOf(again)).toMatchObject([{ source: 'rule' }]);
  });

  it('keeps its hands off a conversation that an agent has taken', async () => {
    const id = await wrote('travou de novo', await filed(), { assignee_id: 'ana' });
    expect(await late().look()).toEqual([]);
    expect(await conversationOf(id)).toMatchObject({ state: 'open' });
  });

  it('leaves to the agents what was never filed, and asks nobody again until it changes', async () => {
    const { id: never } = await place.conversation({ channel: 'chat' });
    await wrote('travou de novo', never);
    const one = late();
    expect([await one.look(), await one.look()]).toEqual([[], []]);
  });
});
