import { beforeEach, describe, expect, it } from 'vitest';
import type { AppendOperation, Helpdesk, Json, OpenOperation, Operation, Records, TicketQuery } from '../../src/kit/index.ts';
import { describeHelpdesk, type HelpdeskUnderTest } from '../../test/contract/helpdesk.ts';
import { memoryBlobs, memoryJournal, memoryRecords, testClock, testContext, testStep } from '../../test/support/context.ts';
import desk from './index.ts';
import { rows, type StoredEntry, type StoredTicket } from './tickets.ts';

const clock = testClock();
const settings = desk.settings.parse({
  groups: ['Hardware'],
  fields: [{ name: 'produto', label: 'Produto', type: 'choice', choices: ['Catraca', 'Totem'], required: 'to-resolve' }],
});

let records: Records;
let helpdesk: Helpdesk;
beforeEach(() => {
  records = memoryRecords();
  helpdesk = desk.create(testContext(settings, { name: 'balcao', records, now: clock.now }));
});

const paragraph = (text: string) => [{ type: 'paragraph', text }] as const;
const internal = (text: string) => ({ kind: 'internal', blocks: paragraph(text) }) as const;
const file = { sha256: 'a'.repeat(64), name: 'foto.jpg', mime: 'image/jpeg', size: 12 };

const openOf = (id: string, more: Partial<OpenOperation> = {}): OpenOperation => ({
  kind: 'open',
  id,
  revision: 1,
  subject: 'Catraca não libera',
  description: { kind: 'public', blocks: paragraph('Bom dia, a catraca não libera <ninguém>') },
  note: internal('Problema: placa'),
  requester: {
    contact: 'maria',
    name: 'Maria Souza',
    identities: [{ kind: 'phone', value: '+5511999990001', verified: true }],
    company: { name: 'Academia Corpo Vivo' },
  },
  values: { status: 'open', priority: 'high', group: 'Hardware', tags: ['chat'] },
  files: [],
  ...more,
});

const run = (operation: Operation, journal = memoryJournal()) => helpdesk.run(operation, testStep(journal, clock.now));
const opened = async (id: string, more: Partial<OpenOperation> = {}) => (await run(openOf(id, more))).ticket;
const appendTo = async (id: string, ticketId: string, more: Partial<AppendOperation> = {}): Promise<AppendOperation> => {
  const { ref } = await helpdesk.ticket(ticketId);
  const { id: _id, revision: _revision, ...ifClosed } = openOf('unused');
  return { kind: 'append', id, revision: 1, ticket: ref, note: internal('voltou a funcionar'), files: [], ifClosed, ...more };
};
async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
const subjects = async (query: TicketQuery) => (await collect(helpdesk.tickets(query))).map(({ subject }) => subject);

/** The desk without a wire: its state is the records. Subject, description and replies are what a requester may be shown. */
async function bench(): Promise<HelpdeskUnderTest> {
  const own = testClock();
  const parts = { name: 'balcao', now: own.now, records: memoryRecords(), blobs: memoryBlobs() };
  const connect = () => desk.create(testContext(settings, parts));
  const seed = (id: string) => connect().run(openOf(id, { values: { status: 'open', fields: { produto: 'Totem' } } }), testStep());
  const first = (await seed('seed-1')).ticket;
  const second = (await seed('seed-2')).ticket;
  const places = async (text: string): Promise<string[]> => {
    const [tickets, entries] = [await collect(rows<Json>(parts.records, 'tickets')), await collect(rows<Json>(parts.records, 'entries'))];
    return [...tickets, ...entries].map((row) => JSON.stringify(row)).filter((row) => row.includes(text));
  };
  return {
    ...parts,
    clock: own,
    connect,
    places,
    async requesterSees() {
      const [tickets, entries] = [await collect(rows<StoredTicket>(parts.records, 'tickets')), await collect(rows<StoredEntry>(parts.records, 'entries'))];
      return [
        ...tickets.map(({ subject, description, fields }) => JSON.stringify([subject, description, fields])),
        ...entries.filter(({ kind }) => kind === 'reply').map(({ html }) => html),
      ].join('\n');
    },
    tickets: [first, second],
    missing: { ...first, id: 'gone', number: '4711' },
    values: { open: { status: 'open' }, resolve: { status: 'resolved', fields: { produto: 'Totem' } } },
    close: async () => {},
  };
}

describeHelpdesk({ name: 'The built-in desk', capabilities: desk.capabilities, network: false, refuses: ['reply'], make: bench });

describe('the built-in desk', () => {
  it('opens a numbered ticket whose note stands in the summary and never in the description', async () => {
    const ref = await opened('op-1', { files: [file] });
    expect(ref).toEqual({ helpdesk: 'balcao', id: 'op-1', number: '1', url: 'http://localhost:3000/tickets/balcao/op-1' });
    const ticket = await helpdesk.ticket('op-1');
    expect(ticket).toMatchObject({
      subject: 'Catraca não libera',
      status: 'open',
      priority: 'high',
      group: 'Hardware',
      company: { name: 'Academia Corpo Vivo' },
    });
    expect(ticket.description).toContain('&#60;ninguém&#62;');
    expect(ticket.description).not.toContain('placa');
    expect(ticket.summary).toContain('Problema: placa');
    expect(ticket.entries).toEqual([{ id: 'op-1', kind: 'note', author: 'Deskbridge', at: clock.now(), html: '', files: [{ name: 'foto.jpg', size: 12 }] }]);
    expect((await opened('op-2')).number).toBe('2');
  });

  it('appends a note and keeps every value that the decision did not name', async () => {
    await opened('op-1', { values: { status: 'hold', priority: 'urgent', tags: ['chat'], fields: { produto: 'Catraca' } } });
    await run(await appendTo('op-2', 'op-1'));
    expect(await helpdesk.ticket('op-1')).toMatchObject({ status: 'hold', priority: 'urgent', entries: [{ kind: 'note', html: '<p>voltou a funcionar</p>' }] });
    await run(await appendTo('op-3', 'op-1', { values: { status: 'resolved', tags: ['retorno'] } }));
    expect(await helpdesk.ticket('op-1')).toMatchObject({ status: 'resolved', priority: 'urgent', tags: ['chat', 'retorno'], fields: { produto: 'Catraca' } });
  });

  it('opens a linked follow-up for a ticket that is closed, once', async () => {
    await opened('op-1', { values: { status: 'closed', fields: { produto: 'Totem' } } });
    const append = await appendTo('op-2', 'op-1');
    const journal = memoryJournal();
    const result = await run(append, journal);
    expect(result).toMatchObject({ via: 'follow-up', ticket: { id: 'op-2', number: '2' } });
    expect(await run(append, journal)).toEqual(result);
    expect((await helpdesk.ticket('op-2')).fields).toMatchObject({ follow_up_of: '1' });
    expect((await helpdesk.ticket('op-1')).entries).toEqual([]);
    await expect(run({ kind: 'note', id: 'op-3', revision: 1, ticket: append.ticket, note: internal('x'), files: [] })).rejects.toMatchObject({
      code: 'closed',
    });
  });

  it('makes the tickets of a split point at each other', async () => {
    const tickets = [await opened('op-1'), await opened('op-2'), await opened('op-3')];
    const link: Operation = { kind: 'link', id: 'op-4', revision: 1, tickets, notes: ['um', 'dois', 'três'].map(internal) };
    expect(await helpdesk.traces(link, await run(link))).toEqual(tickets.map(({ url }) => url));
    const notes = await Promise.all(tickets.map(async ({ id }) => (await helpdesk.ticket(id)).entries.map(({ html }) => html)));
    expect(notes).toEqual([['<p>um</p>'], ['<p>dois</p>'], ['<p>três</p>']]);
  });

  it('takes a due date in every status, in its own field or in a date field', async () => {
    const at = Date.parse('2026-11-24T01:00:00Z');
    for (const { id } of (await helpdesk.schema()).statuses) {
      await opened(id, { values: { status: id, fields: { produto: 'Totem' }, due: { at, zone: 'America/Sao_Paulo', field: 'due' } } });
      expect((await helpdesk.ticket(id)).due).toBe(at);
    }
    await opened('custom', { values: { due: { at, zone: 'America/Sao_Paulo', field: { custom: 'retorno' } } } });
    expect(await helpdesk.ticket('custom')).toMatchObject({ due: null, fields: { retorno: '2026-11-23' } });
  });

  it.each([
    ['status', { status: 'elsewhere' }],
    ['priority', { priority: 'P1' }],
    ['group', { group: 'Software' }],
    ['produto', { fields: { produto: 'Bicicleta' } }],
    ['produto', { status: 'resolved' }],
  ])('refuses values that it has no meaning for, or lacks, and names %s', async (field, values) => {
    await expect(opened('op-1', { values })).rejects.toMatchObject({ code: 'refused', field });
    await expect(helpdesk.ticket('op-1')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('refuses a reply rather than pretending that the customer got it', async () => {
    const ticket = await opened('op-1');
    const reply: Operation = { kind: 'reply', id: 'op-2', revision: 1, ticket, reply: { kind: 'public', blocks: paragraph('pronto') }, files: [] };
    await expect(run(reply)).rejects.toMatchObject({ code: 'refused', effect: 'none' });
    expect((await helpdesk.ticket('op-1')).entries).toEqual([]);
  });

  it('finds tickets by requester, company, number, words and last change', async () => {
    await opened('op-1');
    clock.advance(1000);
    await opened('op-2', { subject: 'Impressora do totem', requester: { contact: 'rui', name: 'Rui', identities: [] } });
    clock.advance(1000);
    const since = clock.now();
    await run(await appendTo('op-3', 'op-1'));
    expect(await subjects({ requester: 'maria' })).toEqual(['Catraca não libera']);
    expect(await subjects({ requester: 'maria', company: 'other' })).toEqual([]);
    expect(await subjects({ company: 'academia-corpo-vivo' })).toEqual(['Catraca não libera']);
    expect(await subjects({ company: 'academia-corpo-vivo', since: since + 1 })).toEqual([]);
    expect(await subjects({ number: '#2' })).toEqual(['Impressora do totem']);
    expect(await subjects({ words: 'CATRACA nao' })).toEqual(['Catraca não libera']);
    expect(await subjects({ words: 'catraca totem' })).toEqual([]);
    expect(await subjects({ changedSince: since })).toEqual(['Catraca não libera']);
    expect(await subjects({ changedSince: 0 })).toEqual(['Catraca não libera', 'Impressora do totem']);
    expect(await helpdesk.findCompanies('corpo')).toEqual([{ id: 'academia-corpo-vivo', name: 'Academia Corpo Vivo' }]);
    expect(await helpdesk.findRequester([], 'maria')).toMatchObject({ id: 'maria', phone: '+5511999990001', company: { id: 'academia-corpo-vivo' } });
    expect(await helpdesk.findRequester([], 'nobody')).toBeUndefined();
  });

  it('pages through more tickets than one list holds', async () => {
    for (let i = 0; i < 205; i++) await opened(`op-${i}`);
    expect(new Set((await collect(helpdesk.tickets({ requester: 'maria' }))).map(({ ref }) => ref.id)).size).toBe(205);
  });
});

/** Stops the world at the nth write: before it is made, or after it was made and before anybody heard of it. */
function crashing(inner: Records, at: number, when: 'before' | 'after'): Records {
  let writes = 0;
  const guard = async <T>(write: () => Promise<T>): Promise<T> => {
    const fatal = ++writes === at;
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

describe('a crash in between', () => {
  const day = async (id: string): Promise<Operation[]> => [
    openOf('open', { files: [file] }),
    await appendTo('append', id, { values: { status: 'resolved', fields: { produto: 'Totem' } }, files: [file] }),
    { kind: 'summarize', id: 'summarize', revision: 1, ticket: (await helpdesk.ticket(id)).ref, note: internal('resumo') },
    { kind: 'update', id: 'update', revision: 1, ticket: (await helpdesk.ticket(id)).ref, values: { status: 'closed' } },
    await appendTo('late', id),
  ];

  const state = async (ids: readonly string[]) => ({
    tickets: (await collect(helpdesk.tickets({ company: 'academia-corpo-vivo' }))).map(({ ref }) => ref.id),
    details: await Promise.all(ids.map(async (id) => ({ ...(await helpdesk.ticket(id)), ref: null }))),
    words: await subjects({ words: 'vivo' }),
  });

  it('leaves every effect there once, wherever it happens', async () => {
    await opened('open');
    const operations = await day('open');
    const play = async (at: number, when: 'before' | 'after') => {
      records = memoryRecords();
      helpdesk = desk.create(testContext(settings, { records: crashing(records, at, when), now: clock.now }));
      const journals = new Map(operations.map(({ id }) => [id, memoryJournal()] as const));
      let crashes = 0;
      for (const operation of operations) {
        const attempt = () => run(operation, journals.get(operation.id));
        const result = await attempt().catch((error: Error) => {
          if (error.message !== 'crash') throw error;
          crashes++;
          return attempt();
        });
        expect(await helpdesk.traces(operation.kind === 'append' && result.via ? openOf(operation.id) : operation, result)).toHaveLength(1);
      }
      return { crashes, state: await state(['open', 'late']) };
    };
    const calm = await play(Number.POSITIVE_INFINITY, 'before');
    expect(calm).toMatchObject({ crashes: 0, state: { tickets: ['open', 'late'] } });
    let places = 0;
    for (const when of ['before', 'after'] as const)
      for (let at = 1; ; at++) {
        const crashed = await play(at, when);
        if (crashed.crashes === 0) break;
        places++;
        expect(crashed.state).toEqual(calm.state);
      }
    expect(places).toBeGreaterThan(40);
  });
});
