/** The simulator is as strict as Freshdesk's pages, because a lenient one would let the connector pass with what the vendor refuses. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Listening, listen } from '../../src/kit/simulator.ts';
import { testClock } from '../../test/support/context.ts';
import { type FreshdeskSimulator, freshdeskSimulator } from './simulator.ts';

let simulator: FreshdeskSimulator;
let server: Listening;
const clock = testClock();

beforeEach(async () => {
  simulator = freshdeskSimulator({ now: clock.now });
  server = await listen(simulator.app);
});
afterEach(() => server.close());

interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into answers of every shape.
  body: any;
}

const key = `Basic ${Buffer.from('simulator-key:X').toString('base64')}`;

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const isForm = body instanceof FormData;
  const answer = await fetch(`${server.url}/api/v2${path}`, {
    method,
    headers: { authorization: key, ...(body && !isForm ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(body ? { body: isForm ? body : typeof body === 'string' ? body : JSON.stringify(body) } : {}),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text };
}

const ticket = (more: object = {}) => ({
  email: 'ann@example.com',
  name: 'Ann',
  subject: 'Catraca',
  description: '<p>x</p>',
  status: 2,
  priority: 2,
  source: 7,
  ...more,
});
const make = async (more: object = {}): Promise<number> => (await call('POST', '/tickets', ticket(more))).body.id;

describe('transport', () => {
  test.each([
    ['no key', {}, { authorization: '' }, 401, 'invalid_credentials'],
    ['a wrong key', {}, { authorization: `Basic ${Buffer.from('other:X').toString('base64')}` }, 401, 'invalid_credentials'],
    ['XML wanted', {}, { accept: 'application/xml' }, 406, undefined],
    ['a form', 'a=1', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'invalid_content_type'],
    ['broken JSON', '{"a":', {}, 400, 'invalid_json'],
    ['a list', '[1]', {}, 400, 'invalid_json'],
  ])('%s is refused', async (_name, body, headers, status, code) => {
    const answer = await call('POST', '/tickets', body, headers as Record<string, string>);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(simulator.state.tickets).toEqual([]);
  });

  test('a path outside the API is a page', async () => {
    const answer = await fetch(`${server.url}/tickets`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
  });

  test('what it does not know it refuses with a sentence', async () => {
    const answers = [
      await call('GET', '/search/tickets?query="tag:1"'),
      await call('POST', '/tickets', ticket({ parent_id: 1 })),
      await call('GET', '/tickets?filter=spam'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([501, 501, 501]);
    expect(answers[0]?.body.message).toBe('This simulator does not know GET /search/tickets');
  });

  test('limits count by plan and kind of call, and start anew each minute', async () => {
    simulator.account.plan = 'growth';
    clock.set(Date.parse('2026-11-19T12:00:15Z'));
    for (let count = 0; count < 80; count += 1) expect((await call('POST', '/tickets', {})).status).toBe(400);
    const over = await call('POST', '/tickets', ticket());
    expect([over.status, over.headers.get('retry-after'), over.headers.get('x-ratelimit-total'), over.headers.get('x-ratelimit-remaining')]).toEqual([
      429,
      '45',
      '200',
      '120',
    ]);
    expect((await call('GET', '/agents/me')).status).toBe(200);
    clock.advance(45_000);
    expect((await call('POST', '/tickets', ticket())).status).toBe(201);
  });

  test('includes cost more', async () => {
    const id = await make();
    const used = async (path: string) => (await call('GET', path)).headers.get('x-ratelimit-used-currentrequest');
    expect([await used(`/tickets/${id}?include=requester,company`), await used('/tickets?include=requester'), await used('/tickets')]).toEqual(['3', '3', '1']);
  });
});

describe('a ticket', () => {
  test.each([
    ['an unknown attribute', { colour: 'red' }, 'colour', 'invalid_field'],
    ['an unknown custom field', { custom_fields: { cf_x: 1 } }, 'custom_fields.cf_x', 'invalid_field'],
    ['a number as text', { status: '2' }, 'status', 'datatype_mismatch'],
    ['a status that is none', { status: 99 }, 'status', 'invalid_value'],
    ['a priority that is none', { priority: 5 }, 'priority', 'invalid_value'],
    ['a group that is none', { group_id: 1 }, 'group_id', 'invalid_value'],
    ['a type that is none', { type: 'Praise' }, 'type', 'invalid_value'],
    ['a choice that is none', { custom_fields: { cf_produto: 'Porta' } }, 'cf_produto', 'invalid_value'],
    ['a nested choice of another branch', { custom_fields: { cf_local: 'Balcão', cf_equipamento: 'Catraca' } }, 'cf_equipamento', 'invalid_value'],
    ['a date with a time', { custom_fields: { cf_data_retorno: '2026-11-23T10:00:00Z' } }, 'cf_data_retorno', 'datatype_mismatch'],
    ['a long tag', { tags: ['x'.repeat(33)] }, 'tags', 'invalid_value'],
    ['no subject', { subject: undefined }, 'subject', 'missing_field'],
    ['no description', { description: '' }, 'description', 'missing_field'],
    ['no requester', { email: undefined }, 'requester_id', 'missing_field'],
    ['a requester that is none', { requester_id: 1 }, 'requester_id', 'invalid_value'],
    ['a phone without a name', { email: undefined, name: undefined, phone: '+5511' }, 'name', 'missing_field'],
    ['an address that is none', { email: 'ann' }, 'email', 'invalid_value'],
    ['resolved without what that needs', { status: 4 }, 'cf_produto', 'missing_field'],
    ['a company without Multiple Companies', { company_id: 1 }, 'company_id', 'inaccessible_field'],
    ['a due date alone', { due_by: '2027-01-01T00:00:00Z' }, 'fr_due_by', 'missing_field'],
    ['a due date in the past', { due_by: '2020-01-01T00:00:00Z', fr_due_by: '2020-01-01T00:00:00Z' }, 'due_by', 'invalid_value'],
    ['a due date before the first response', { due_by: '2027-01-01T00:00:00Z', fr_due_by: '2027-01-02T00:00:00Z' }, 'due_by', 'invalid_value'],
    ['a due date while the timer stands', { status: 3, due_by: '2027-01-01T00:00:00Z', fr_due_by: '2027-01-01T00:00:00Z' }, 'due_by', 'inaccessible_field'],
  ])('with %s is refused, and nobody is made', async (_name, more, field, code) => {
    const answer = await call('POST', '/tickets', ticket(more));
    expect([answer.status, answer.body.errors[0]]).toEqual([400, expect.objectContaining({ field, code })]);
    expect([simulator.state.tickets, simulator.state.contacts]).toEqual([[], []]);
  });

  test('keeps no comments, hidden elements or attributes of its HTML', async () => {
    const description = '<p class="x" data-ref="1">a<!-- ref 1 --><span style="display:none">ref 2</span><i hidden>ref 3</i></p><script>x</script>';
    const { body } = await call('POST', '/tickets', ticket({ description }));
    expect(body.description).toBe('<p>a</p>');
  });

  test('finds its requester by external id, e-mail or phone before it makes one', async () => {
    const first = await make({ unique_external_id: 'u1', phone: '+5511' });
    for (const who of [{ email: undefined, unique_external_id: 'u1' }, { email: 'ANN@example.com' }, { email: undefined, phone: '+5511' }]) await make(who);
    expect(simulator.state.contacts).toHaveLength(1);
    expect(new Set(simulator.state.tickets.map(({ requester_id }) => requester_id)).size).toBe(1);
    expect(first).toBe(1);
  });

  test('that is deleted or spam takes no change', async () => {
    const id = await make();
    expect((await call('DELETE', `/tickets/${id}`)).status).toBe(204);
    const answers = [
      await call('PUT', `/tickets/${id}`, { priority: 1 }),
      await call('POST', `/tickets/${id}/notes`, { body: 'x' }),
      await call('DELETE', `/tickets/${id}`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([405, 405, 405]);
    expect((await call('PUT', `/tickets/${id}/restore`)).status).toBe(204);
    expect((await call('PUT', `/tickets/${id}`, { priority: 1 })).status).toBe(200);
  });

  test('of another number is not found, without a body', async () => {
    const answer = await call('GET', '/tickets/99');
    expect([answer.status, answer.body]).toEqual([404, '']);
  });

  test('replaces its tags on update', async () => {
    const id = await make({ tags: ['a', 'b'] });
    expect((await call('PUT', `/tickets/${id}`, { tags: ['c'] })).body.tags).toEqual(['c']);
  });

  test('takes files in a form, where numbers are text, and 20 MB in all its life', async () => {
    const form = new FormData();
    for (const [name, value] of Object.entries(ticket({ 'tags[]': 'a', 'custom_fields[cf_serie]': 7 }))) form.append(name, String(value));
    form.append('tags[]', 'b');
    form.append('attachments[]', new Blob([new Uint8Array(15 * 2 ** 20)]), 'fóto.bin');
    const { status, body } = await call('POST', '/tickets', form);
    expect([status, body.tags, body.custom_fields.cf_serie, body.attachments[0]]).toEqual([
      201,
      ['a', 'b'],
      7,
      expect.objectContaining({ name: 'fóto.bin', size: 15 * 2 ** 20 }),
    ]);
    const note = new FormData();
    note.append('body', 'x');
    note.append('attachments[]', new Blob([new Uint8Array(6 * 2 ** 20)]), 'b.bin');
    const refused = await call('POST', `/tickets/${body.id}/notes`, note);
    expect([refused.status, refused.body.errors[0].field, simulator.state.conversations]).toEqual([400, 'attachments', []]);
  });
});

describe('lists', () => {
  test('of tickets show 30 days unless asked for more, in pages of at most 100', async () => {
    await make();
    clock.advance(31 * 86_400_000);
    for (let count = 0; count < 31; count += 1) await make();
    const plain = await call('GET', '/tickets');
    expect([plain.body.length, plain.headers.get('link')]).toEqual([30, `<${server.url}/api/v2/tickets?page=2>; rel="next"`]);
    expect((await call('GET', '/tickets?page=2')).body).toHaveLength(1);
    const all = await call('GET', '/tickets?updated_since=2020-01-01T00:00:00Z&per_page=100');
    expect([all.body.length, all.headers.get('link')]).toEqual([32, null]);
    expect((await call('GET', '/tickets?per_page=101')).status).toBe(400);
    expect((await call('GET', '/tickets?sort=x')).body.errors[0]).toMatchObject({ field: 'sort', code: 'invalid_field' });
  });

  test('of conversations come 30 a page, oldest first, and ten with the ticket', async () => {
    const id = await make();
    for (let count = 0; count < 31; count += 1) await call('POST', `/tickets/${id}/notes`, { body: `n${count}` });
    const first = await call('GET', `/tickets/${id}/conversations`);
    expect([first.body.length, first.body[0].body, first.headers.get('link')?.includes('page=2')]).toEqual([30, 'n0', true]);
    expect((await call('GET', `/tickets/${id}?include=conversations`)).body.conversations).toHaveLength(10);
  });
});

describe('people', () => {
  test('a contact is unique by e-mail', async () => {
    const contact = { name: 'Ann', email: 'ann@example.com' };
    const first = await call('POST', '/contacts', contact);
    const second = await call('POST', '/contacts', { ...contact, name: 'Other' });
    expect([first.status, second.status, second.body.errors[0].additional_info.user_id]).toEqual([201, 409, first.body.id]);
  });

  test('belongs to the company whose domain the e-mail has', async () => {
    const { id } = simulator.state.addCompany({ name: 'Iron Gym', domains: ['iron.example'] });
    await make({ email: 'carlos@iron.example' });
    expect([simulator.state.contacts[0]?.company_id, simulator.state.tickets[0]?.company_id]).toEqual([id, id]);
  });
});

test('a note is private unless it says otherwise, and a reply is a mail to the requester', async () => {
  const id = await make();
  await call('POST', `/tickets/${id}/notes`, { body: 'inside' });
  await call('POST', `/tickets/${id}/notes`, { body: 'outside', private: false });
  await call('POST', `/tickets/${id}/reply`, { body: 'mailed' });
  expect(simulator.requesterSees()).not.toContain('inside');
  expect(simulator.requesterSees()).toContain('outside');
  expect(simulator.state.mails).toEqual([{ to: 'ann@example.com', ticket: id, body: 'mailed' }]);
});

test('a summary can be overwritten, and needs a plan that has it', async () => {
  const id = await make();
  expect((await call('GET', `/tickets/${id}/summary`)).status).toBe(404);
  await call('PUT', `/tickets/${id}/summary`, { body: 'one' });
  expect((await call('PUT', `/tickets/${id}/summary`, { body: 'two' })).body.body).toBe('two');
  simulator.account.summaries = false;
  expect((await call('PUT', `/tickets/${id}/summary`, { body: 'three' })).body.code).toBe('require_feature');
});
