/** What was sent is what is read, whatever crashes in between. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Json, OpenOperation, Operation, Records, TicketQuery } from '../../src/kit/index.ts';
import { summarize } from '../../test/contract/helpdesk/samples.ts';
import { drive, samples } from '../../test/contract/helpdesk.ts';
import { memoryJournal, memoryRecords, testStep } from '../../test/support/context.ts';
import { type TestReceiver, testReceiver } from './test-account.ts';

let under: TestReceiver;
beforeEach(async () => {
  under = await testReceiver();
});
afterEach(() => under.close());

const openOf = (id: string, more: Partial<OpenOperation> = {}): OpenOperation => ({
  ...(samples(under).open.operation as OpenOperation),
  id,
  requester: { contact: 'maria', name: 'Maria Souza', identities: [], company: { name: 'Academia Corpo Vivo' } },
  ...more,
});

const subjects = async (query: TicketQuery): Promise<string[]> => {
  const found: string[] = [];
  for await (const { subject } of under.connect().tickets(query)) found.push(subject);
  return found;
};

test('tickets are found by requester, company, number, words and last change', async () => {
  const { ticket } = await drive(under, openOf('one', { subject: 'Esteira não liga' }), memoryJournal());
  under.clock.advance(1000);
  await drive(under, openOf('two', { subject: 'Impressora do totem', requester: { contact: 'rui', name: 'Rui', identities: [] } }), memoryJournal());
  under.clock.advance(1000);
  const since = under.clock.now();
  await drive(under, { kind: 'update', id: 'three', revision: 1, ticket, values: { status: 'resolved' } }, memoryJournal());
  expect(await subjects({ requester: 'maria' })).toEqual(['Esteira não liga']);
  expect(await subjects({ requester: 'maria', company: 'other' })).toEqual([]);
  expect(await subjects({ company: 'academia-corpo-vivo' })).toEqual(['Esteira não liga']);
  expect(await subjects({ company: 'academia-corpo-vivo', since: since + 1 })).toEqual([]);
  expect(await subjects({ number: ` #${ticket.number}` })).toEqual(['Esteira não liga']);
  expect(await subjects({ words: 'ESTEIRA nao' })).toEqual(['Esteira não liga']);
  expect(await subjects({ words: 'esteira totem' })).toEqual([]);
  expect(await subjects({ changedSince: since })).toEqual(['Esteira não liga']);
  expect(await under.connect().findCompanies('corpo')).toEqual([{ id: 'academia-corpo-vivo', name: 'Academia Corpo Vivo' }]);
  expect(await under.connect().findRequester([], 'maria')).toMatchObject({ id: 'maria', company: { id: 'academia-corpo-vivo' } });
  expect(await under.connect().findRequester([], 'nobody')).toBeUndefined();
});

test('a follow-up names the ticket that it continues', async () => {
  const { ticket } = await drive(under, openOf('one', { followUpOf: under.tickets[0] }), memoryJournal());
  expect(under.receiver.tickets.at(-1)?.open.followUpOf).toMatchObject({ id: under.tickets[0].id });
  expect((await under.connect().ticket(ticket.id)).fields).toMatchObject({ follow_up_of: under.tickets[0].number });
});

test('what the receiver refused is not shown as sent', async () => {
  const { operation } = samples(under)['append-and-resolve'];
  under.dials?.set({ kind: 'answer', status: 422, type: 'application/json', body: '{"error":"no"}' });
  await expect(drive(under, operation, memoryJournal())).rejects.toMatchObject({ code: 'refused' });
  expect(await under.connect().ticket(under.tickets[0].id)).toMatchObject({ status: 'open', entries: [] });
});

/** Stops the world at the nth write: before it is made, or after it was made and before anybody heard of it. */
function crashing(inner: Records, at: number, when: 'before' | 'after'): Records {
  let writes = 0;
  const guard = async <T>(write: () => Promise<T>): Promise<T> => {
    writes += 1;
    const fatal = writes === at;
    if (fatal && when === 'before') throw new Error('crash');
    const result = await write();
    if (fatal) throw new Error('crash');
    return result;
  };
  return {
    ...inner,
    insert: (...call) => guard(() => inner.insert(...call)),
    update: <T extends Json>(...call: Parameters<typeof inner.update<T>>) => guard(() => inner.update<T>(...call)),
  };
}

describe('a crash at any write of the records', () => {
  /** One day at a fresh receiver; crashes at the nth write and goes on. */
  async function day(at: number, when: 'before' | 'after'): Promise<{ crashed: boolean; state: unknown }> {
    const own = await testReceiver();
    const records = crashing(own.records, at, when);
    const [first, second] = own.tickets;
    const base = { revision: 1 } as const;
    const internal = { kind: 'internal', blocks: [{ type: 'paragraph', text: 'nota' }] } as const;
    const operations: Operation[] = [
      openOf('open', { subject: 'Catraca' }),
      { ...base, kind: 'append', id: 'append', ticket: first, note: internal, files: [], values: { status: 'resolved', tags: ['chat'] } },
      { ...base, kind: 'link', id: 'link', tickets: [first, second], notes: [internal, internal] },
      { ...summarize(first), id: 'summary' },
    ];
    let crashed = false;
    for (const operation of operations) {
      const journal = memoryJournal();
      const attempt = () => own.connect({}, records).run(operation, testStep(journal, own.clock.now));
      await attempt().catch(async (error: Error) => {
        expect(error.message).toBe('crash');
        crashed = true;
        await attempt();
      });
    }
    const ids: string[] = [];
    for await (const { ref } of own.connect().tickets({ words: 'corpo catraca' })) ids.push(ref.id);
    const details = await Promise.all([...ids, first.id, second.id].map(async (id) => ({ ...(await own.connect().ticket(id)), ref: null })));
    const state = {
      received: own.receiver.entries.length,
      tickets: own.receiver.tickets.length,
      ids,
      // Each day has words of its own in it.
      details: JSON.parse(JSON.stringify(details.map(({ subject: _, requester: __, ...rest }) => rest)).replace(/internal[0-9a-f]{12}/g, 'internal')),
    };
    await own.close();
    return { crashed, state };
  }

  test.each(['before', 'after'] as const)('leaves every effect there once (%s it)', async (when) => {
    const { state } = await day(Number.POSITIVE_INFINITY, when);
    expect(state).toMatchObject({ received: 3, tickets: 3, ids: ['T-3'] });
    let at = 1;
    for (; at < 100; at += 1) {
      const played = await day(at, when);
      expect(played.state, `crash ${when} write ${at}`).toEqual(state);
      if (!played.crashed) break;
    }
    expect(at).toBeGreaterThan(10);
  });
});

test('a journal that was lost in between is no second effect either: the receiver knows the id, and the records know the operation', async () => {
  const { operation, mark } = samples(under).append;
  await drive(under, operation, memoryJournal());
  await drive(under, operation, memoryJournal());
  expect(under.places(mark)).toHaveLength(1);
  expect((await under.connect({}, under.records).ticket(under.tickets[0].id)).entries).toHaveLength(1);
  await expect(under.connect({}, memoryRecords()).ticket(under.tickets[0].id)).rejects.toMatchObject({ code: 'not-found' });
});
