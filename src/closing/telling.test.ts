import { v7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPlace, type Place } from '../../test/support/deliveries.ts';
import { gymMapping } from '../../test/support/facts.ts';
import { createInProcessDispatch } from '../delivery/dispatch/in-process.ts';
import type { Channel } from '../kit/index.ts';
import { newId } from '../store/ids.ts';
import type { ClosingsTable, DeliveriesTable } from '../store/schema.ts';
import { type TellingParts, tellFiled } from './telling.ts';

let place: Place;
beforeEach(async () => {
  place = await openPlace();
});
afterEach(() => place.close());

const both: Pick<Channel, 'filed' | 'note'> = { filed: async () => undefined, note: async () => undefined };
const parts = (channel: Pick<Channel, 'filed' | 'note'> | undefined = both): TellingParts => ({
  read: place.store.read,
  group: place.group,
  dispatch: createInProcessDispatch({ now: place.clock.now, pollMs: 60_000 }),
  now: place.clock.now,
  id: newId,
  channel: () => channel,
  mappingFor: gymMapping,
});

const ticket = (number: string) => ({ helpdesk: 'desk-a', id: `id-${number}`, number, url: `https://desk-a.example/${number}` });
const done = (number: string): Partial<DeliveriesTable> => ({ state: 'done', result: JSON.stringify({ ticket: ticket(number) }) });

async function closing(deliveries: readonly Partial<DeliveriesTable>[], more: Partial<ClosingsTable> = {}): Promise<{ id: string; conversation: string }> {
  const conversation = await place.conversation();
  const id = v7();
  await place.store.write((tx) =>
    tx
      .insertInto('closings')
      .values({
        id,
        conversation_id: conversation.id,
        source: 'console',
        idempotency_key: id,
        decision: '{}',
        plan: '{}',
        digest: '',
        state: 'released',
        created_at: place.clock.now(),
        not_before: 0,
        ends: 1,
        ...more,
      })
      .execute(),
  );
  await place.deliver(
    ...deliveries.map((delivery, seq) => ({ id: v7(), operation: '{}', closing_id: id, conversation_id: conversation.id, seq, ...delivery })),
  );
  return { id, conversation: conversation.id };
}
const told = () => place.store.read.selectFrom('deliveries').selectAll().where('target_kind', '=', 'channel').where('kind', 'in', ['filed', 'note']).execute();
const operationOf = (row: DeliveriesTable | undefined) =>
  JSON.parse(row?.operation ?? '{}') as { tickets?: unknown; note: { kind: string; blocks: unknown[] } };

describe('a closing whose tickets exist', () => {
  it('is told to its channel once, with each ticket once, by whoever looks first', async () => {
    const { conversation } = await closing([done('4711'), { kind: 'summarize', ...done('4711') }, done('4712')]);
    await Promise.all([tellFiled(parts()), tellFiled(parts())]);
    await tellFiled(parts());
    const rows = await told();
    expect(rows).toMatchObject([{ kind: 'filed', conversation_id: conversation, closing_id: null, lane: `conversation:${conversation}`, state: 'waiting' }]);
    expect(operationOf(rows[0])).toMatchObject({
      tickets: [ticket('4711'), ticket('4712')],
      note: { kind: 'internal', blocks: [{ type: 'tickets', label: 'Ticket', tickets: [ticket('4711'), ticket('4712')] }] },
    });
  });

  it('waits for the last of its operations, and for what a person must decide', async () => {
    const { id } = await closing([done('4711'), { state: 'parked' }]);
    expect(await tellFiled(parts())).toEqual([]);
    await place.store.write((tx) => tx.updateTable('deliveries').set(done('4711')).where('closing_id', '=', id).execute());
    expect(await tellFiled(parts())).toHaveLength(1);
  });

  it('is told by a note where the channel has only notes, and by nothing where it has neither', async () => {
    await closing([done('1')]);
    await tellFiled(parts({ note: async () => undefined }));
    expect(await told()).toMatchObject([{ kind: 'note' }]);
    await closing([done('2')]);
    await tellFiled(parts({}));
    await tellFiled(parts(undefined));
    await tellFiled(parts());
    expect(await told()).toHaveLength(1);
  });

  it.each([
    ['undone', { state: 'undone' as const }],
    ['filed by a rule, after its channel was told already', { source: 'rule' as const }],
  ])('is not told when it was %s', async (_what, more) => {
    await closing([done('1')], more);
    await tellFiled(parts());
    expect(await told()).toEqual([]);
    expect(await place.store.read.selectFrom('closings').select('id').where('told_at', 'is', null).execute()).toEqual([]);
  });

  it('without a ticket has nothing to tell', async () => {
    await closing([], { none_reason: 'spam' });
    await tellFiled(parts());
    expect(await told()).toEqual([]);
  });
});
