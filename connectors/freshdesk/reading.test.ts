/** Schema, people and lists of Freshdesk, and what its answers tell of limits. */
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { DeskField, TicketQuery } from '../../src/kit/index.ts';
import { drive, samples } from '../../test/contract/helpdesk.ts';
import { memoryJournal } from '../../test/support/context.ts';
import freshdesk from './index.ts';
import { schemaOf } from './schema.ts';
import { gymFields } from './simulator/fields.ts';
import { type TestAccount, testAccount } from './test-account.ts';
import * as wire from './wire.ts';

let account: TestAccount;
beforeEach(async () => {
  account = await testAccount();
});
afterEach(() => account.close());

const fixture = async (name: string): Promise<unknown> => JSON.parse(await readFile(new URL(`./fixtures/${name}`, import.meta.url), 'utf8'));
const settings = (more: object = {}) => freshdesk.settings.parse({ address: 'https://gym.freshdesk.com/', apiKey: 'k', ...more });
const schema = (fields: unknown, more: object = {}) => schemaOf(z.array(wire.field).parse(structuredClone(fields)), settings(more));
const numbers = async (query: TicketQuery): Promise<string[]> => {
  const found: string[] = [];
  for await (const { ref } of account.connect().tickets(query)) found.push(ref.number);
  return found;
};

describe('the schema', () => {
  test('names fields as values do, and says when each is required', () => {
    const fields = schema(gymFields).fields.map(({ name, type, required }) => [name, type, required]);
    expect(fields).toEqual([
      ['type', 'choice', 'never'],
      ['cf_produto', 'choice', 'to-resolve'],
      ['cf_data_retorno', 'date', 'never'],
      ['cf_operacao', 'text', 'never'],
      ['cf_serie', 'number', 'never'],
      ['cf_garantia', 'checkbox', 'never'],
      ['cf_local', 'choice', 'never'],
      ['cf_equipamento', 'choice', 'never'],
      ['cf_peca', 'choice', 'never'],
    ]);
  });

  test('leaves the field of the mark to itself', () => {
    expect(schema(gymFields, { markerField: 'cf_operacao' }).fields.map(({ name }) => name)).not.toContain('cf_operacao');
  });

  const nested = (fields: readonly DeskField[]) =>
    fields.filter(({ name }) => /local|equip|peca/.test(name)).map(({ name, when, choices }) => [name, when, choices?.map(({ value }) => value)]);

  test('makes a field of each level of a nested one, which counts only below a choice that has more, in either shape of its choices', async () => {
    const expected = [
      ['cf_local', undefined, ['Entrada', 'Balcão']],
      ['cf_equipamento', { field: 'cf_local', values: ['Entrada'] }, ['Catraca', 'Portão']],
      ['cf_peca', { field: 'cf_equipamento', values: ['Catraca'] }, ['Braço', 'Leitor']],
    ];
    expect(nested(schema(gymFields).fields)).toEqual(expected);
    expect(nested(schema(await fixture('nested-as-object.json')).fields)).toEqual(expected);
  });

  test('demands a group or an agent where the account does', () => {
    const strict = gymFields.map((field) => (field.name === 'group' || field.name === 'agent' ? { ...field, required_for_agents: true } : field));
    const required = schema(strict).fields.filter(({ required }) => required === 'always');
    expect(required.map(({ name, choices }) => [name, choices?.length])).toEqual([
      ['group', 4],
      ['assignee', 2],
    ]);
  });

  test('guesses what statuses mean, and ops may know better', () => {
    const meanings = (more: object = {}) => Object.fromEntries(schema(gymFields, more).statuses.map(({ label, meaning }) => [label, meaning]));
    expect(meanings()).toEqual({
      Aberto: 'open',
      Pendente: 'pending',
      Resolvido: 'resolved',
      Fechado: 'closed',
      'Esperando o cliente': 'waiting',
      'Aguardando terceiros': 'hold',
      'Visita presencial': 'hold',
    });
    expect(meanings({ statusMeanings: { 'visita presencial': 'waiting', '7': 'pending' } })).toMatchObject({
      'Visita presencial': 'waiting',
      'Aguardando terceiros': 'pending',
    });
  });

  test('knows of timers only what ops said', () => {
    const timers = (more: object = {}) => schema(gymFields, more).statuses.map(({ id, timer }) => [id, timer]);
    expect(timers().every(([, timer]) => timer === undefined)).toBe(true);
    expect(timers({ timerStatuses: ['Aberto', '7'] })).toEqual([
      ['2', true],
      ['3', false],
      ['4', false],
      ['5', false],
      ['6', false],
      ['7', true],
      ['8', false],
    ]);
  });

  test('lists priorities from the lowest, groups and agents by id', () => {
    const { priorities, groups, agents } = schema(gymFields);
    expect(priorities.map(({ value, label }) => `${value} ${label}`)).toEqual(['1 Baixa', '2 Média', '3 Alta', '4 Urgente']);
    expect([groups[0], agents[0]]).toEqual([
      { value: '901', label: 'Hardware' },
      { id: '80001', name: 'Ana Lima', email: null },
    ]);
  });
});

describe('people', () => {
  test.each([
    ['+551130001000', 'phone'],
    ['551130001000', 'phone'],
    ['+5511999990000', 'mobile'],
  ])('are found by the number %s however it was stored', async (value, field) => {
    Object.assign(account.simulator.state.contacts[0] ?? {}, { [field]: value.replace('+', '') });
    const found = await account.connect().findRequester([{ kind: 'phone', value, verified: true }], 'ours');
    expect(found).toMatchObject({ name: 'Maria', company: { name: 'Academia Corpo Vivo' } });
  });

  test('are found by e-mail before phone, and by a number with a plus', async () => {
    const rogerio = account.simulator.state.addContact({ name: 'Rogério', email: 'rogerio+chat@example.com', phone: '+5511' });
    const identities = [
      { kind: 'phone', value: '551130001000', verified: true } as const,
      { kind: 'email', value: 'rogerio+chat@example.com', verified: false } as const,
    ];
    expect(await account.connect().findRequester(identities, 'ours')).toMatchObject({ id: String(rogerio.id), company: null });
  });

  test('on a shared number: the one who is our contact', async () => {
    const teo = account.simulator.state.addContact({ name: 'Téo', phone: '551130001000', unique_external_id: 'ours' });
    expect((await account.connect().findRequester([{ kind: 'phone', value: '551130001000', verified: true }], 'ours'))?.id).toBe(String(teo.id));
  });

  test('that nobody knows are not made by looking', async () => {
    expect(await account.connect().findRequester([{ kind: 'email', value: 'x@example.com', verified: true }], 'ours')).toBeUndefined();
    expect(account.simulator.state.contacts).toHaveLength(1);
  });

  test('companies are found by the beginning of a word', async () => {
    const names = async (text: string) => (await account.connect().findCompanies(text)).map(({ name }) => name);
    expect([await names('corpo'), await names('orpo'), await names(' ')]).toEqual([['Academia Corpo Vivo'], [], []]);
  });
});

describe('tickets', () => {
  test('of a company include those that Freshdesk hides after 30 days', async () => {
    account.clock.advance(40 * 86_400_000);
    const company = String(account.simulator.state.companies[0]?.id);
    expect((await numbers({ company })).sort()).toEqual(['1', '2']);
    expect(await numbers({ company, since: account.clock.now() })).toEqual([]);
  });

  test('changed since a time come oldest first and all of them, also when many changed in the same second', async () => {
    const since = account.clock.now() + 1000;
    const requester_id = account.simulator.state.contacts[0]?.id ?? 0;
    for (let count = 0; count < 330; count += 1) {
      if (count < 100 || count > 260) account.clock.advance(1000);
      if (count === 0) account.clock.advance(1000);
      account.simulator.state.addTicket({ subject: `t${count}`, requester_id });
    }
    expect(await numbers({ changedSince: since })).toEqual(Array.from({ length: 330 }, (_, index) => String(index + 3)));
  });

  test('are found by words without accents, in subject or requester', async () => {
    expect([await numbers({ words: 'CATRACÁ' }), (await numbers({ words: 'maria' })).sort(), await numbers({ words: 'nada' })]).toEqual([
      ['1'],
      ['1', '2'],
      [],
    ]);
  });

  test('born in Freshdesk’s own web chat are read: no e-mail, entries out of order, an unknown kind of source', async () => {
    const body = JSON.stringify(await fixture('web-chat-ticket.json'));
    account.dials?.set({ kind: 'answer', status: 200, type: 'application/json', body }, { path: /tickets\/77$/ });
    const detail = await account.connect().ticket('77');
    expect(detail.requester?.name).toBe('Visitante 4711');
    expect(detail.entries.map(({ at, kind, author, html }) => [new Date(at).toISOString(), kind, author, html])).toEqual([
      ['2026-11-19T11:00:05.000Z', 'reply', 'Visitante 4711', 'Bom dia &#60;b&#62;'],
      ['2026-11-19T11:01:00.000Z', 'reply', 'Ana Lima', '<div>Bom dia! Como ajudo?</div>'],
      ['2026-11-19T11:02:00.000Z', 'note', 'Ana Lima', '<div>troca de placa?</div>'],
    ]);
    expect(detail.entries[1]?.files).toEqual([{ name: 'foto.jpg', size: 10 }]);
  });
});

describe('limits', () => {
  test('are reported by kind of call, from the answer’s own headers', async () => {
    await drive(account, samples(account).open.operation, memoryJournal());
    await numbers({ words: 'x' });
    expect(account.budget.map(({ lane, limit, remaining }) => [lane, limit, remaining])).toEqual([
      ['create', 700, 699],
      ['list', 700, 696],
    ]);
  });

  test('a 429 empties its kind until the time it names', async () => {
    account.dials?.set({ kind: 'rate-limited', retryAfterSeconds: 30 });
    const at = account.clock.now();
    await expect(account.connect().health()).rejects.toMatchObject({ code: 'rate-limited', retry: { afterMs: 30_000 } });
    expect(account.budget).toEqual([{ lane: 'other', limit: 0, remaining: 0, resetAt: at + 30_000 }]);
  });
});

test('health names the agent whose key it is and what that key sees', async () => {
  expect((await account.connect().health()).detail).toBe('Ana Lima, all tickets');
});

test('a wrong key is told as such', async () => {
  const other = await testAccount({ apiKey: 'wrong' });
  await expect(other.connect().health()).rejects.toMatchObject({ code: 'unauthorized', retry: 'never' });
  await other.close();
});

test('settings: no address of its own invention, no empty key, no unknown name', () => {
  expect(settings().address).toBe('https://gym.freshdesk.com');
  expect(String(settings().apiKey)).toBe('[secret]');
  for (const wrong of [{ address: 'gym' }, { apiKey: '' }, { markerField: 'produto' }, { setle: 1 }, { statusMeanings: { x: 'done' } }])
    expect(() => settings(wrong)).toThrow();
});
