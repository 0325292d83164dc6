/** The simulator is as strict as the documents, seen as any client would see it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Listening, listen } from '../../src/kit/simulator.ts';
import { testClock } from '../../test/support/context.ts';
import { type ZendeskSimulator, type ZendeskSimulatorOptions, zendeskSimulator } from './simulator.ts';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the vendor's JSON, read by one test each.
  readonly json: any;
}

const clock = testClock();
let simulator: ZendeskSimulator;
let server: Listening;
let token: string;

async function fetchText(path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(`${server.url}${path}`, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: text.startsWith('{') ? JSON.parse(text) : undefined };
}

const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  fetchText(`/api/v2${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const grant = (more: object = {}): Promise<Answer> =>
  fetchText('/oauth/tokens', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ grant_type: 'client_credentials', client_id: 'deskbridge', client_secret: 'simulated-client-secret', scope: 'read write', ...more }),
  });

async function start(options: ZendeskSimulatorOptions = {}): Promise<void> {
  await server?.close();
  simulator = zendeskSimulator({ now: clock.now, ...options });
  server = await listen(simulator.app);
  token = (await grant()).json.access_token;
}

beforeEach(() => start());
afterEach(() => server.close());

const create = (ticket: object = {}, headers: Record<string, string> = {}): Promise<Answer> =>
  call('POST', '/tickets', { ticket: { subject: 'Catraca', comment: { body: 'parada', public: false }, ...ticket } }, headers);
const update = (id: number, ticket: object): Promise<Answer> => call('PUT', `/tickets/${id}`, { ticket });
const maria = { requester: { name: 'Maria', email: 'maria@example.com' } };

describe('keys', () => {
  it('give one ticket for one body within two hours, refuse another body, and then are forgotten', async () => {
    const key = { 'idempotency-key': 'op-1.1' };
    const first = await create({}, key);
    const again = await create({}, key);
    expect([first.status, first.headers.get('x-idempotency-lookup')]).toEqual([201, 'miss']);
    expect([again.json.ticket.id, again.headers.get('x-idempotency-lookup')]).toEqual([first.json.ticket.id, 'hit']);
    expect(await create({ subject: 'other' }, key)).toMatchObject({ status: 400, json: { error: 'IdempotentRequestError' } });
    clock.advance(2 * 3600_000);
    expect((await create({}, key)).json.ticket.id).not.toBe(first.json.ticket.id);
    expect((await create()).headers.get('x-idempotency-lookup')).toBeNull();
  });

  it('are no external ids: those may repeat, and the list shows all', async () => {
    const ids = [await create({ external_id: 'op-1' }), await create({ external_id: 'op-1' })].map(({ json }) => json.ticket.id);
    const { json } = await call('GET', '/tickets?external_id=op-1');
    expect(json.tickets.map(({ id }: { id: number }) => id)).toEqual(ids);
  });
});

describe('updates', () => {
  it('with an outdated stamp are refused, also with safe_update false; without one they pass', async () => {
    const { ticket } = (await create()).json;
    clock.advance(1000);
    const stamp = { updated_stamp: ticket.updated_at, priority: 'low' };
    expect((await update(ticket.id, { ...stamp, safe_update: true })).status).toBe(200);
    for (const safe_update of [true, false])
      expect(await update(ticket.id, { ...stamp, safe_update })).toMatchObject({ status: 409, json: { error: 'UpdateConflict' } });
    expect((await update(ticket.id, { priority: 'high' })).json.ticket.priority).toBe('high');
  });

  it('of a closed ticket are refused, and only from there follows a follow-up', async () => {
    const { ticket } = (await create({ tags: ['chat'], status: 'solved' })).json;
    expect((await create({ via_followup_source_id: ticket.id })).json.ticket).toMatchObject({ via: { channel: 'api' }, tags: [] });
    await update(ticket.id, { status: 'closed' });
    expect(await update(ticket.id, { comment: { body: 'late' } })).toMatchObject({
      status: 422,
      json: { details: { status: [{ description: 'Status: closed prevents ticket update' }] } },
    });
    const followUp = (await create({ via_followup_source_id: ticket.id })).json.ticket;
    expect(followUp).toMatchObject({ via: { channel: 'follow_up' }, tags: ['chat'] });
    expect((await call('GET', `/tickets/${ticket.id}`)).json.ticket.followup_ids).toEqual([followUp.id]);
  });

  it('that solve without a required field name it by id, and say why in the user’s language', async () => {
    await start({ requiredOnSolve: true, language: 'pt' });
    const { ticket } = (await create()).json;
    const { status, json } = await update(ticket.id, { status: 'solved' });
    expect([status, json.details.base[0].ticket_field_id]).toEqual([422, 27_642]);
    expect(json.details.base[0].description).not.toContain('required');
    expect((await create({ status: 'solved' })).status).toBe(422);
    expect((await update(ticket.id, { status: 'solved', custom_fields: [{ id: 27_642, value: 'produto_totem' }] })).status).toBe(200);
  });

  it('replace tags, but their own endpoint adds', async () => {
    const { ticket } = (await create({ tags: ['a', 'b'] })).json;
    expect((await update(ticket.id, { tags: ['c'] })).json.ticket.tags).toEqual(['c']);
    expect((await call('PUT', `/tickets/${ticket.id}/tags`, { tags: ['d'] })).json.tags).toEqual(['c', 'd']);
  });

  it('of one ticket are limited to thirty in ten minutes, in plain text', async () => {
    const { ticket } = (await create()).json;
    for (let i = 0; i < 30; i++) expect((await update(ticket.id, { priority: 'low' })).status).toBe(200);
    const refused = await update(ticket.id, { priority: 'low' });
    expect([refused.status, refused.headers.get('retry-after'), refused.headers.get('content-type')]).toEqual([429, '600', 'text/plain; charset=utf-8']);
    expect(refused.text).toContain('please wait before updating this ticket again');
    clock.advance(600_000);
    expect((await update(ticket.id, { priority: 'low' })).status).toBe(200);
  });
});

describe('bodies', () => {
  it('lose what is not permitted, with a word in a header; unknown fields without one', async () => {
    const { headers, json, status } = await create({
      id: 7,
      Priority: 'high',
      custom_fields: [
        { id: 99_999, value: 'x' },
        { id: 27_645, value: 'x' },
      ],
    });
    expect(status).toBe(201);
    expect(headers.get('x-zendesk-api-warn')).toContain('"ticket.id", "ticket.Priority"');
    expect(json.ticket.custom_fields.map(({ value }: { value: unknown }) => value)).toEqual([null, null, null]);
  });

  it('lose what could hide something in a comment', async () => {
    const html = '<p data-op="1">a<!-- op --><span hidden>b</span><span style="display: none">c</span><script>d</script></p>';
    const { ticket } = (await create({ comment: { html_body: html, public: false } })).json;
    const { comments } = (await call('GET', `/tickets/${ticket.id}/comments`)).json;
    expect(comments[0]).toMatchObject({ html_body: '<div class="zd-comment" dir="auto"><p>a</p></div>', plain_body: 'a', public: false });
  });

  it('are refused when a comment is too long, an enum unknown, or nothing is said', async () => {
    expect((await create({ comment: { html_body: 'x'.repeat(65_536) } })).status).toBe(422);
    expect(await create({ priority: 'P1' })).toMatchObject({ status: 422, json: { details: { base: [{ description: 'Priority: is invalid' }] } } });
    expect((await create({ comment: undefined })).status).toBe(422);
  });

  it('that the documents do not explain are refused loudly', async () => {
    for (const ticket of [
      { custom_status_id: 9005, status: 'open' },
      { group_id: 1 },
      { comment: { body: 'x', uploads: ['never'] } },
      { requester: { name: 'Ana' } },
    ])
      expect(await create(ticket)).toMatchObject({ status: 501, json: { error: 'SimulatorDoesNotKnow' } });
    expect((await call('POST', '/tickets/1/merge', {})).status).toBe(501);
    expect((await call('GET', '/search?query=type:ticket+brand:x')).status).toBe(200);
    const { id: requester_id } = simulator.addUser({ name: 'Téo', suspended: true });
    expect((await create({ requester_id })).status).toBe(501);
    await create();
    expect((await call('GET', '/search?query=type:ticket+brand:x')).status).toBe(501);
  });
});

describe('mails to requesters', () => {
  it('follow public comments alone, and a comment is public unless it says otherwise', async () => {
    const { ticket } = (await create(maria)).json;
    await update(ticket.id, { comment: { body: 'nota', public: false } });
    expect(simulator.state.mails).toEqual([]);
    expect(simulator.requesterSees()).not.toContain('nota');
    await update(ticket.id, { comment: { body: 'resposta' } });
    expect(simulator.state.mails).toMatchObject([{ to: 'maria@example.com', ticket: ticket.id }]);
    expect(simulator.requesterSees()).toContain('resposta');
  });
});

describe('batches', () => {
  it('run as jobs whose results come out of order, each a safe update', async () => {
    const [a, b] = [(await create()).json.ticket, (await create()).json.ticket];
    clock.advance(1000);
    await update(a.id, { priority: 'low' });
    const change = { comment: { body: 'linked', public: false }, safe_update: true };
    const tickets = [a, b].map(({ id, updated_at }) => ({ id, ...change, updated_stamp: updated_at }));
    const queued = (await call('PUT', '/tickets/update_many', { tickets })).json.job_status;
    expect(queued).toMatchObject({ status: 'queued', total: 2, results: null });
    const { job_status: job } = (await call('GET', `/job_statuses/${queued.id}`)).json;
    expect(job).toMatchObject({
      status: 'completed',
      results: [
        { id: b.id, success: true },
        { id: a.id, success: false, error: 'UpdateConflict' },
      ],
    });
    expect(simulator.places('linked')).toHaveLength(1);
  });

  it('take a hundred tickets', async () => {
    const tickets = Array.from({ length: 101 }, (_, id) => ({ id }));
    expect(await call('PUT', '/tickets/update_many', { tickets })).toMatchObject({ status: 400, json: { error: 'TooManyValues', max_count: 100 } });
  });
});

describe('lists', () => {
  it('name a next page even on the last', async () => {
    const { ticket } = (await create()).json;
    await update(ticket.id, { comment: { body: 'zwei', public: false } });
    const first = (await call('GET', `/tickets/${ticket.id}/comments?page[size]=1&sort=-created_at`)).json;
    expect([first.comments[0].body, first.meta.has_more]).toEqual(['zwei', true]);
    const last = (await call('GET', `/tickets/${ticket.id}/comments?page[size]=1&sort=-created_at&page[after]=${first.meta.after_cursor}`)).json;
    expect([last.comments[0].body, last.meta.has_more, typeof last.links.next]).toEqual(['parada', false, 'string']);
  });

  it('by search lag behind, those by external id do not', async () => {
    await start({ searchLagMs: 30_000 });
    await create({ external_id: 'op-1' });
    const found = async () => (await call('GET', '/search?query=external_id:"op-1"')).json.count;
    expect([await found(), (await call('GET', '/tickets?external_id=op-1')).json.tickets.length]).toEqual([0, 1]);
    clock.advance(30_000);
    expect(await found()).toBe(1);
  });
});

describe('moving', () => {
  const merge = (id: number, body: object) => call('POST', `/tickets/${id}/merge`, body);
  const words = { target_comment: 'and more', source_comment: 'went elsewhere' };

  it('by a merge copies files, closes the sources, and is public only where every ticket is', async () => {
    await start({ mergeCloses: true });
    const loud = { ...words, target_comment_is_public: true, source_comment_is_public: true };
    const [a, b, hidden] = [simulator.addTicket({ comment: { body: 'a' } }), simulator.addTicket({ comment: { body: 'b' } }), simulator.addTicket({})];
    await merge(b.id, { ...loud, ids: [a.id] });
    await call('GET', '/tickets/count');
    expect([a.status, a.comments.at(-1)?.public, b.status, b.comments.at(-1)?.public]).toEqual(['closed', true, 'new', true]);
    await merge(b.id, { ...loud, ids: [hidden.id] });
    await call('GET', '/tickets/count');
    expect([hidden.comments.at(-1)?.public, b.comments.at(-1)?.public]).toEqual([false, false]);
    expect((await update(a.id, { priority: 'high' })).status).toBe(422);
    expect((await merge(b.id, { ...words, ids: [a.id] })).status).toBe(501);
  });

  it('by a merge is refused where the documents do not say what follows', async () => {
    const [a, b] = [simulator.addTicket({}), simulator.addTicket({})];
    expect((await merge(b.id, { ...words, ids: [a.id] })).status).toBe(501);
    await start({ mergeCloses: true });
    const [c, d] = [simulator.addTicket({}), simulator.addTicket({})];
    for (const body of [{ ids: [c.id] }, { ...words }, { ...words, ids: [d.id] }]) expect((await merge(d.id, body)).status).toBe(501);
    expect((await merge(d.id, { ...words, ids: [4711] })).status).toBe(404);
    expect(c.status).toBe('new');
  });

  it('by deletion leaves nothing to find', async () => {
    const { id } = simulator.addTicket({ external_id: 'op-1' });
    expect((await call('DELETE', `/tickets/${id}`)).status).toBe(204);
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/comments'],
      ['DELETE', ''],
    ] as const)
      expect((await call(method, `/tickets/${id}${path}`)).status).toBe(404);
    expect((await update(id, { priority: 'high' })).status).toBe(404);
    expect((await call('GET', '/tickets?external_id=op-1')).json.tickets).toEqual([]);
  });
});

describe('users', () => {
  const upsert = (user: object) => call('POST', '/users/create_or_update', { user });

  it('are matched by external id or address, never by phone, once a second', async () => {
    const first = await upsert({ name: 'Ana', external_id: 'c-1', phone: '+5511999990001' });
    expect(first.status).toBe(201);
    expect(await upsert({ name: 'Ana' })).toMatchObject({ status: 429 });
    clock.advance(1000);
    expect(await upsert({ name: 'Ana Lima', external_id: 'C-1' })).toMatchObject({ status: 200, json: { user: { id: first.json.user.id, name: 'Ana Lima' } } });
    clock.advance(1000);
    expect((await upsert({ name: 'Outra', phone: '+5511999990001' })).json.user.id).not.toBe(first.json.user.id);
    clock.advance(1000);
    await upsert({ name: 'Bia', email: 'bia@example.com' });
    clock.advance(1000);
    const clash = await upsert({ name: 'Ana', external_id: 'c-1', email: 'bia@example.com' });
    expect(clash).toMatchObject({ status: 422, json: { details: { email: [{ error: 'DuplicateValue' }] } } });
    clock.advance(1000);
    expect((await upsert({ name: 'Ana', phone: '123' })).json.details.phone).toMatchObject({ error: 'InvalidFormat' });
  });
});

describe('access', () => {
  it('answers an unknown caller 200 as Anonymous on users/me, and 401 elsewhere', async () => {
    token = 'nonsense';
    expect(await call('GET', '/users/me.json')).toMatchObject({ status: 200, json: { user: { id: null, name: 'Anonymous user' } } });
    expect(await call('GET', '/tickets/count')).toMatchObject({ status: 401, json: { error: "Couldn't authenticate you" } });
  });

  it('takes scopes as one string, grants those that do not exist, and refuses calls by them', async () => {
    token = (await grant({ scope: 'tickets:read nonsense' })).json.access_token;
    expect((await call('GET', '/tickets/count')).status).toBe(200);
    expect((await create()).status).toBe(403);
    expect((await grant({ scope: ['read'] })).status).toBe(501);
    expect((await grant({ expires_in: 1 })).status).toBe(400);
    expect((await grant({ client_secret: 'wrong' })).status).toBe(401);
    await start({ credentials: { clientId: 'deskbridge', clientSecret: 'simulated-client-secret', allowedScopes: ['read', 'write'] } });
    expect(await grant({ scope: 'impersonate' })).toMatchObject({ status: 400, json: { error: 'invalid_scope' } });
  });

  it('ends with the token', async () => {
    token = (await grant({ expires_in: 300 })).json.access_token;
    expect((await call('GET', '/tickets/count')).status).toBe(200);
    clock.advance(300_000);
    expect((await call('GET', '/tickets/count')).status).toBe(401);
  });

  it('is limited for the whole account, and says so in every answer', async () => {
    await start({ limits: { account: 2 } });
    const { headers } = await call('GET', '/tickets/count');
    expect([headers.get('x-rate-limit'), headers.get('x-rate-limit-remaining'), headers.get('ratelimit-reset')]).toEqual(['2', '1', '60']);
    await call('GET', '/tickets/count');
    expect((await call('GET', '/tickets/count')).status).toBe(429);
  });
});

describe('uploads', () => {
  it('come back as JSON that is labelled text, live three days, and are used once', async () => {
    const upload = await fetchText('/api/v2/uploads?filename=a.txt', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'text/plain' },
      body: 'hello',
    });
    expect([upload.status, upload.headers.get('content-type')]).toEqual([201, 'text/plain; charset=utf-8']);
    expect(Date.parse(upload.json.upload.expires_at) - clock.now()).toBeGreaterThan(2.9 * 86_400_000);
    const uploads = [upload.json.upload.token];
    const { ticket } = (await create({ comment: { body: 'file', uploads } })).json;
    expect((await call('GET', `/tickets/${ticket.id}/comments`)).json.comments[0].attachments).toMatchObject([{ file_name: 'a.txt', size: 5 }]);
    expect((await create({ comment: { body: 'file', uploads } })).status).toBe(501);
  });
});

describe('the page of a ticket', () => {
  it('shows comments, and which of them are internal', async () => {
    const { ticket } = (await create({ subject: '<b>Catraca</b>' })).json;
    const { text } = await fetchText(`/agent/tickets/${ticket.id}`, {});
    expect(text).toContain('class="private"');
    expect(text).not.toContain('<b>Catraca');
  });
});
