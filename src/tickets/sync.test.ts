import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryRecords, quiet, testClock } from '../../test/support/context.ts';
import { sqliteTestStore, type TestStore } from '../../test/support/store.ts';
import { ConnectorError, type DeskSchema, type Helpdesk, type Ticket, type TicketQuery } from '../kit/index.ts';
import { newId } from '../store/ids.ts';
import { createDesks } from './desks.ts';
import { syncTickets } from './sync.ts';

const schema: DeskSchema = {
  fields: [],
  statuses: [
    { id: '2', label: 'Aberto', meaning: 'open' },
    { id: '4', label: 'Resolvido', meaning: 'resolved' },
  ],
  priorities: [],
  groups: [],
  agents: [],
};

let test: TestStore;
beforeEach(async () => {
  test = await sqliteTestStore();
});
afterEach(() => test.drop());

function place() {
  const clock = testClock();
  const there: Ticket[] = [];
  const asked: number[] = [];
  const state = { down: false };
  let meanwhile = async (): Promise<void> => {};
  const helpdesk = {
    schema: async () => schema,
    async *tickets(query: TicketQuery) {
      if (!('changedSince' in query)) throw new Error('only what changed is read');
      asked.push(query.changedSince);
      if (state.down) throw new ConnectorError('unavailable', 'no answer', { retry: 'backoff' });
      const found = there.filter(({ updatedAt }) => updatedAt >= query.changedSince);
      await meanwhile();
      yield* found;
    },
  } as unknown as Helpdesk;
  const capabilities = { privateFirstComment: true, maxFileBytes: 1, maxTicketBytes: 1, companies: true, closedIsFinal: true };
  const desks = createDesks([{ name: 'd', title: 'D', connector: 'd', mails: null, capabilities, helpdesk, records: memoryRecords() }], {
    now: clock.now,
    log: quiet,
  });
  const desk = desks.get('d');
  if (!desk) throw new Error('no desk');
  return {
    clock,
    there,
    asked,
    state,
    during: (work: () => Promise<void>) => {
      meanwhile = work;
    },
    sync: () => syncTickets({ store: test.store, desks, now: clock.now, log: quiet }, desk),
    ticket: (id: string, more: Partial<Ticket> = {}): Ticket => ({
      ref: { helpdesk: 'd', id, number: id, url: `http://d/${id}` },
      subject: 'Catraca não libera',
      status: '2',
      priority: null,
      requester: null,
      company: null,
      assignee: null,
      group: null,
      due: null,
      createdAt: clock.now(),
      updatedAt: clock.now(),
      tags: [],
      ...more,
    }),
    async mirror(id: string, more: object = {}) {
      await test.store.write(async (tx) => {
        await tx
          .insertInto('tickets')
          .values({
            id: newId(),
            helpdesk: 'd',
            external_id: id,
            number: id,
            url: `http://d/${id}`,
            subject: 'Catraca não libera',
            status: '2',
            meaning: 'open',
            priority: null,
            requester_name: 'Maria',
            contact_id: null,
            company_id: null,
            company_name: null,
            assignee: null,
            due_at: 5000,
            outcome: 'pendente',
            updated_at: clock.now(),
            read_at: 0,
            ...more,
          })
          .execute();
      });
    },
    row: (id: string) =>
      test.store.read
        .selectFrom('tickets')
        .select(['subject', 'status', 'meaning', 'assignee', 'requester_name', 'due_at', 'read_at'])
        .where('external_id', '=', id)
        .executeTakeFirst(),
  };
}

describe('the mirror of tickets', () => {
  it('takes in what was changed at the helpdesk, and tells it once; the due date stays ours', async () => {
    const { clock, there, mirror, ticket, sync, row } = place();
    await mirror('1');
    clock.advance(60_000);
    there.push(ticket('1', { status: '4', subject: 'Catraca trocada', assignee: '7' }));
    clock.advance(60_000);
    const told: string[] = [];
    test.store.onCommit((events) => void told.push(...events.map(({ kind }) => kind)));
    expect(await sync()).toBe(1);
    expect(await row('1')).toEqual({
      subject: 'Catraca trocada',
      status: '4',
      meaning: 'resolved',
      assignee: '7',
      requester_name: 'Maria',
      due_at: 5000,
      read_at: clock.now(),
    });
    expect(await sync()).toBe(0);
    expect(told).toEqual(['ticket']);
  });

  it('leaves alone what we wrote while it was being read, and reads that again', async () => {
    const { clock, there, mirror, ticket, sync, row, during } = place();
    await mirror('1');
    clock.advance(60_000);
    there.push(ticket('1', { status: '2', subject: 'as it was' }));
    during(async () => {
      clock.advance(1);
      await test.store.write(async (tx) => void (await tx.updateTable('tickets').set({ status: '4', meaning: 'resolved', updated_at: clock.now() }).execute()));
    });
    expect(await sync()).toBe(0);
    expect(await row('1')).toMatchObject({ status: '4', subject: 'Catraca não libera' });
    during(async () => {});
    there.splice(0, 1, ticket('1', { status: '4', subject: 'as it is' }));
    clock.advance(60_000);
    expect(await sync()).toBe(1);
    expect(await row('1')).toMatchObject({ status: '4', subject: 'as it is' });
  });

  it('goes on where it was after an outage, and overlaps a little', async () => {
    const { clock, there, mirror, ticket, sync, row, state, asked } = place();
    await mirror('1');
    await sync();
    const readTo = clock.now();
    state.down = true;
    clock.advance(3_600_000);
    there.push(ticket('1', { status: '4' }));
    await expect(sync()).rejects.toMatchObject({ code: 'unavailable' });
    clock.advance(3_600_000);
    state.down = false;
    expect(await sync()).toBe(1);
    expect(await row('1')).toMatchObject({ status: '4' });
    expect(asked.slice(1)).toEqual([readTo - 120_000, readTo - 120_000]);
  });

  it('asks nothing while no ticket is known, and makes no rows of tickets that we never touched', async () => {
    const { there, ticket, sync, row, asked, mirror } = place();
    there.push(ticket('9'));
    expect(await sync()).toBe(0);
    expect(asked).toEqual([]);
    await mirror('1');
    await sync();
    expect(await row('9')).toBeUndefined();
  });

  it('keeps the meaning of a status that nobody lists', async () => {
    const { clock, there, mirror, ticket, sync, row } = place();
    await mirror('1');
    clock.advance(1);
    there.push(ticket('1', { status: '99' }));
    await sync();
    expect(await row('1')).toMatchObject({ status: '99', meaning: 'open' });
  });
});
