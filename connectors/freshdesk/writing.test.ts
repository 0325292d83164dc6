/** What Freshdesk alone demands of new tickets, notes and changes. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AppendOperation, BlobRef, LogTimeOperation, OperationResult, TicketValues, UpdateOperation } from '../../src/kit/index.ts';
import type { Fault } from '../../src/kit/simulator.ts';
import { open, summarize, who } from '../../test/contract/helpdesk/samples.ts';
import { drive, samples } from '../../test/contract/helpdesk.ts';
import { memoryJournal } from '../../test/support/context.ts';
import type { Ticket } from './simulator/state.ts';
import { type TestAccount, testAccount } from './test-account.ts';

let account: TestAccount;
const start = async (...options: Parameters<typeof testAccount>): Promise<void> => {
  await account?.close();
  account = await testAccount(...options);
};
beforeEach(() => start());
afterEach(() => account.close());

const run = (operation: Parameters<typeof drive>[1]): Promise<OperationResult> => drive(account, operation, memoryJournal());
const stored = ({ ticket }: OperationResult): Ticket => {
  const found = account.simulator.state.tickets.find(({ id }) => String(id) === ticket.id);
  if (!found) throw new Error(`no ticket ${ticket.id}`);
  return found;
};
const update = (values: TicketValues): UpdateOperation => ({ ...samples(account).update.operation, values }) as UpdateOperation;
const file = async (name: string, bytes: number): Promise<BlobRef> => ({
  ...(await account.blobs.put(Buffer.alloc(bytes, name))),
  name,
  mime: 'application/octet-stream',
});
const requesterOf = (ticket: Ticket) => account.simulator.state.contacts.find(({ id }) => id === ticket.requester_id);

describe('the requester of a new ticket', () => {
  test('is created by the ticket itself, under our contact’s id and with what is known of them', async () => {
    const { operation } = open(account, who.phone);
    const ticket = stored(await run(operation));
    expect(requesterOf(ticket)).toMatchObject({
      name: 'Maria Souza',
      email: null,
      phone: operation.requester.identities[0]?.value,
      unique_external_id: operation.requester.contact,
    });
  });

  test('is the known one, untouched, when the look-up found one', async () => {
    const maria = account.simulator.state.contacts[0];
    const { operation } = open(account);
    const ticket = stored(await run({ ...operation, requester: { ...operation.requester, known: String(maria?.id) } }));
    expect([ticket.requester_id, account.simulator.state.contacts.length]).toEqual([maria?.id, 1]);
  });

  test('keeps a verified address rather than a claimed one', async () => {
    const { operation } = open(account);
    const identities = [{ kind: 'email', value: 'claimed@example.com', verified: false } as const, ...operation.requester.identities];
    const ticket = stored(await run({ ...operation, requester: { ...operation.requester, identities } }));
    expect(requesterOf(ticket)?.email).toBe(operation.requester.identities[0]?.value);
  });

  test('may turn out to be a person whom Freshdesk knows by phone: the ticket is found there too after an unclear answer', async () => {
    const { operation, mark } = open(account, () => [{ kind: 'phone', value: '551130001000', verified: true }]);
    account.dials?.set({ kind: 'reset', when: 'after' }, { method: 'POST' });
    expect(requesterOf(stored(await run(operation)))?.name).toBe('Maria');
    expect(account.places(mark)).toHaveLength(1);
  });

  test.each([
    [true, 1],
    [false, 0],
  ])('names the served company only with Multiple Companies (%s)', async (multipleCompanies, index) => {
    await start({ multipleCompanies }, { multipleCompanies });
    const served = account.simulator.state.addCompany({ name: 'Fit Prime' });
    const { operation } = open(account, () => [{ kind: 'email', value: 'maria@corpovivo.example', verified: true }]);
    const ticket = stored(await run({ ...operation, requester: { ...operation.requester, company: { name: 'Fit Prime', known: String(served.id) } } }));
    expect(ticket.company_id).toBe(account.simulator.state.companies[index]?.id);
  });
});

describe('the mark', () => {
  test('stands in the configured field, and then not among the tags', async () => {
    await start({ markerField: 'cf_operacao' });
    const { operation } = open(account);
    const ticket = stored(await run({ ...operation, values: { ...operation.values, tags: ['chat'] } }));
    expect([ticket.custom_fields.cf_operacao, ticket.tags]).toEqual([operation.id, ['chat']]);
  });

  test('is a tag of 32 characters besides the others, where no field is configured', async () => {
    const { operation } = open(account);
    const ticket = stored(await run({ ...operation, values: { ...operation.values, tags: ['chat'] } }));
    expect(ticket.tags).toEqual(['chat', operation.id.replaceAll('-', '')]);
  });

  test('is found in a conversation of more than one page', async () => {
    const { operation, mark } = samples(account).note;
    for (let count = 0; count < 35; count += 1) await run(samples(account).note.operation);
    account.dials?.set({ kind: 'reset', when: 'after' }, { method: 'POST' });
    await run(operation);
    expect(account.places(mark)).toHaveLength(1);
  });

  test('cannot be missed in a list that does not show it: the operation goes to a person instead of being sent again', async () => {
    const { operation } = open(account);
    account.dials?.set({ kind: 'reset', when: 'after' }, { method: 'POST' });
    const row = { id: 9, status: 2, created_at: '2026-11-19T12:00:00Z', updated_at: '2026-11-19T12:00:00Z' };
    account.dials?.set({ kind: 'answer', status: 200, type: 'application/json', body: JSON.stringify([row]) }, { method: 'GET', times: 9 });
    await expect(run(operation)).rejects.toMatchObject({ code: 'unclear', retry: 'never' });
  });
});

describe('a due date', () => {
  const at = Date.parse('2026-11-24T01:30:00Z');
  const zone = 'America/Sao_Paulo';

  test('goes into both due fields of a status whose timer runs', async () => {
    await start({ timerStatuses: ['aberto'] });
    const { operation } = open(account);
    const ticket = stored(await run({ ...operation, values: { ...operation.values, due: { at, zone, field: 'due' } } }));
    expect([ticket.due_by, ticket.fr_due_by]).toEqual(['2026-11-24T01:30:00Z', '2026-11-24T01:30:00Z']);
  });

  test.each([['Aberto'], ['2']])('is refused before it is sent in a status whose timer stands still (timer on: %s)', async (timer) => {
    await start({ timerStatuses: [timer] });
    const refused = run(update({ status: '3', due: { at, zone, field: 'due' } }));
    await expect(refused).rejects.toMatchObject({ code: 'refused', field: 'due_by', retry: 'never' });
    expect(account.dials?.calls.some(({ method }) => method === 'PUT')).toBe(false);
  });

  test('is left to Freshdesk where ops did not say which timers run, and its refusal names the field', async () => {
    await expect(run(update({ status: '3', due: { at, zone, field: 'due' } }))).rejects.toMatchObject({ code: 'refused', field: 'due_by', status: 400 });
  });

  test('goes into a date field as the day it is in the customer’s zone, beside other fields', async () => {
    await run(update({ status: '8', due: { at, zone, field: { custom: 'cf_data_retorno' } }, fields: { cf_serie: 12 } }));
    expect(account.simulator.state.tickets[0]).toMatchObject({ status: 8, due_by: null, custom_fields: { cf_data_retorno: '2026-11-23', cf_serie: 12 } });
  });
});

describe('a change', () => {
  test('adds tags to those that are there', async () => {
    Object.assign(account.simulator.state.tickets[0] ?? {}, { tags: ['vip'] });
    await run(
      update({ tags: ['vip', 'chat'], group: '901', assignee: '80001', type: 'Incidente', fields: { cf_local: 'Entrada', cf_equipamento: 'Catraca' } }),
    );
    expect(account.simulator.state.tickets[0]).toMatchObject({ tags: ['vip', 'chat'], group_id: 901, responder_id: 80_001, type: 'Incidente' });
  });

  test('that lacks what Freshdesk requires to resolve is refused with the field named', async () => {
    Object.assign(account.simulator.state.tickets[0] ?? {}, { custom_fields: {} });
    await expect(run(update({ status: '4' }))).rejects.toMatchObject({ code: 'refused', field: 'cf_produto', retry: 'never' });
  });

  test('of a ticket in the trash goes to a person, and the ticket is not shown', async () => {
    Object.assign(account.simulator.state.tickets[0] ?? {}, { deleted: true });
    const { operation, mark } = samples(account).append;
    await expect(run(operation)).rejects.toMatchObject({ code: 'not-found', retry: 'never', status: 405 });
    await expect(account.connect().ticket(account.tickets[0].id)).rejects.toMatchObject({ code: 'not-found' });
    expect(account.places(mark)).toEqual([]);
  });

  test('answered by a web page is unclear: whoever retries it looks before it is sent again', async () => {
    const journal = memoryJournal();
    const { operation, mark } = samples(account).note;
    account.dials?.set({ kind: 'answer', when: 'after', status: 200, type: 'text/html', body: '<html></html>' }, { method: 'POST' });
    await expect(drive(account, operation, journal)).rejects.toMatchObject({ code: 'not-understood', retry: 'never' });
    account.clock.advance(60_000);
    await drive(account, operation, journal);
    expect(account.places(mark)).toHaveLength(1);
  });
});

describe('files', () => {
  test('come with the new ticket in the same call, and everything else of it arrives as without', async () => {
    const { operation } = open(account);
    const values = { ...operation.values, tags: ['chat', 'foto'], fields: { cf_produto: 'Catraca', cf_serie: 7, cf_garantia: true } };
    const ticket = stored(await run({ ...operation, values, files: [await file('catraca é.jpg', 1000), await file('b.mp4', 2000)] }));
    expect(ticket.attachments.map(({ name, bytes }) => [name, bytes.length])).toEqual([
      ['catraca é.jpg', 1000],
      ['b.mp4', 2000],
    ]);
    expect(ticket).toMatchObject({ status: 2, priority: 2, source: 7, custom_fields: { cf_serie: 7, cf_garantia: true } });
    expect(ticket.tags).toEqual(['chat', 'foto', operation.id.replaceAll('-', '')]);
    expect(account.dials?.calls.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  test('beyond 20 MB stay out and are named in the customer’s language', async () => {
    const { operation } = open(account);
    const transcript = { type: 'transcript', zone: 'America/Sao_Paulo', locale: 'pt-BR', entries: [] } as const;
    const files = [await file('a.mp4', 12 * 2 ** 20), await file('b.mp4', 12 * 2 ** 20), await file('c.jpg', 1000)];
    const ticket = stored(await run({ ...operation, description: { kind: 'public', blocks: [...operation.description.blocks, transcript] }, files }));
    expect(ticket.attachments.map(({ name }) => name)).toEqual(['a.mp4', 'c.jpg']);
    expect(ticket.description).toContain('Não anexado, porque um ticket do Freshdesk comporta 20 MB: b.mp4 (12.0 MB)');
  });

  test.each([
    ['no fault', undefined],
    ['a lost answer', { kind: 'reset', when: 'after' }],
    ['an error', { kind: 'error', when: 'before' }],
  ] satisfies [string, Fault | undefined][])('that an old ticket has no room for are named in the note, once, with %s', async (_name, fault) => {
    account.simulator.state.tickets[0]?.attachments.push({ id: 1, name: 'old', content_type: 'x', bytes: Buffer.alloc(15 * 2 ** 20) });
    const { operation, mark } = samples(account).append;
    if (fault) account.dials?.set(fault, { method: 'POST', skip: 1 });
    await run({ ...operation, files: [await file('video.mp4', 6 * 2 ** 20)] } as AppendOperation);
    expect(account.places(mark)).toHaveLength(1);
    expect(account.simulator.state.conversations[0]).toMatchObject({ private: true, attachments: [] });
    expect(account.simulator.state.conversations[0]?.body).toContain('video.mp4 (6.0 MB)');
  });
});

describe('time', () => {
  test('is an entry of the named agent, and is read back with the ticket', async () => {
    const { operation, secret } = samples(account).logTime;
    await run({ ...operation, minutes: 135, billable: false } as LogTimeOperation);
    const [entry] = account.simulator.state.timeEntries;
    expect(entry).toMatchObject({ agent_id: 80_002, time_spent: '02:15', billable: false });
    const { time } = await account.connect().ticket(account.tickets[0].id);
    expect(time).toMatchObject([{ id: String(entry?.id), agent: 'Bruno Reis', minutes: 135, billable: false, at: entry?.executed_at }]);
    expect(time?.[0]?.note).toContain(secret);
  });

  test.each([
    ['ana@suporte.example', true],
    ['bruno@suporte.example', false],
  ])('of %s with a key that is no admin’s: written is %s', async (agent, own) => {
    account.simulator.account.admin = false;
    const outcome = run({ ...samples(account).logTime.operation, agent } as LogTimeOperation);
    if (own) await outcome;
    else await expect(outcome).rejects.toMatchObject({ code: 'refused', field: 'agent', retry: 'never' });
    expect(account.simulator.state.timeEntries.map(({ agent_id }) => agent_id)).toEqual(own ? [80_001] : []);
  });

  test('of an agent that Freshdesk does not know is refused before anything is written', async () => {
    const operation = { ...samples(account).logTime.operation, agent: 'nobody@suporte.example' } as LogTimeOperation;
    await expect(run(operation)).rejects.toMatchObject({ code: 'refused', field: 'agent', message: expect.stringContaining('nobody@suporte.example') });
    expect(account.dials?.calls.filter(({ method }) => method === 'POST')).toEqual([]);
  });
});

describe('a summary', () => {
  test('overwrites itself and nothing else', async () => {
    const [ticket] = account.tickets;
    await run(summarize(ticket, 'first'));
    await run(summarize(ticket, 'second'));
    expect(account.simulator.state.tickets[0]?.summary).toContain('second');
    expect(account.simulator.state.conversations).toEqual([]);
  });

  test.each([
    ['no fault', undefined],
    ['a lost answer', { kind: 'reset', when: 'after' }],
    ['a time-out', { kind: 'silence', when: 'after' }],
    ['an error', { kind: 'error', when: 'before' }],
  ] satisfies [string, Fault | undefined][])('is one private note where the plan has no summaries, also with %s', async (_name, fault) => {
    await start({}, { summaries: false }, 150);
    const operation = summarize(account.tickets[0], 'sem resumo');
    if (fault) account.dials?.set(fault, { method: 'POST' });
    const result = await run(operation);
    expect(account.places('sem resumo')).toHaveLength(1);
    expect(account.simulator.state.conversations[0]?.private).toBe(true);
    expect(await account.connect().traces(operation, result)).toHaveLength(1);
  });

  test('stays where it was written when the plan loses or gains summaries before the operation runs again', async () => {
    await start({}, { summaries: false });
    const journal = memoryJournal();
    const operation = summarize(account.tickets[0], 'sem resumo');
    account.dials?.set({ kind: 'error', when: 'before' }, { method: 'POST', times: 1 });
    await account
      .connect()
      .run(operation, async (name, effect) => {
        if (name === 'summary-note') throw new Error('killed here');
        const result = await effect.send(await effect.body());
        await journal.save(name, { state: 'done', body: null, result, firstSentAt: 0, lastSentAt: 0 });
        return result;
      })
      .catch(() => undefined);
    account.simulator.account.summaries = true;
    await drive(account, operation, journal);
    expect(account.places('sem resumo')).toHaveLength(1);
  });
});
