import { v7 } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startTestServer, type TestServer } from '../../test/support/server.ts';
import { type ToyChannel, toyChannel, written } from '../../test/support/toy-channel.ts';
import { ConnectorError } from '../kit/index.ts';
import type { ChannelView, ClosingView, ConversationDetail, Proposal } from './contract.ts';

let server: TestServer;
let toy: ToyChannel;
let strict: ToyChannel;
const visit = { id: 'visit', name: 'Visit', language: 'pt-BR', body: 'Olá {{1}}, o técnico vai {{2}}.', values: 2 };

beforeAll(async () => {
  toy = toyChannel();
  strict = toyChannel({ needsTemplate: true, templates: [visit], capabilities: { replyWindowHours: 24 } });
  server = await startTestServer({
    config: {
      channels: {
        phone: { connector: 'toy', title: 'Phone' },
        strict: { connector: 'strict', title: 'Strict' },
        shop: { connector: 'webhook', secret: { env: 'HOOK_SECRET' }, identitiesVerified: true },
      },
    },
    registry: {
      ...toy.registry,
      // The connector's id is its folder's name in the product; here one definition serves under two.
      strict: async () => {
        const found = await strict.registry.toy?.();
        if (!found) throw new Error('no connector');
        return { default: { ...found.default, id: 'strict' } };
      },
    },
  });
});
afterEach(() => {
  toy.before = () => {};
});
afterAll(() => server.stop());

type Answer = ConversationDetail & { key?: string; conversation?: string };
let numbers = 0;
const nextPhone = (): string => `+55119876600${String(++numbers).padStart(2, '0')}`.slice(0, 14);
const start = (body: object, who = server.admin) =>
  server.call<Answer>(who, '/api/conversations', { method: 'POST', body: { id: v7(), channel: 'phone', text: 'Bom dia! O técnico pode ir quinta?', ...body } });
const sentOut = (id: string): Promise<ConversationDetail> =>
  vi.waitFor(async () => {
    const detail = await server.detail(id);
    expect(detail.messageList[0]).toMatchObject({ sending: 'sent' });
    return detail;
  });
const started = () => toy.effects.filter((effect) => effect.did === 'start');

describe('writing first', () => {
  it('tells which channels can, with their templates', async () => {
    const { body } = await server.call<{ items: ChannelView[] }>(server.admin, '/api/channels');
    expect(body.items).toMatchObject([
      { name: 'phone', title: 'Phone', starts: true, needsTemplate: false, templates: [], replyWindowHours: null },
      { name: 'strict', starts: true, needsTemplate: true, templates: [visit], replyWindowHours: 24 },
      { name: 'shop', starts: false },
    ]);
  });

  it('sends the message to the number, and the answer lands in the same conversation', async () => {
    const phone = nextPhone();
    const made = await start({ phone: ` ${phone.slice(0, 5)} ${phone.slice(5)}`, name: 'Ana do Studio' });
    expect(made).toMatchObject({
      status: 201,
      body: {
        state: 'open',
        contact: { name: 'Ana do Studio' },
        assignee: { name: 'Root' },
        contactDetail: { identities: [{ kind: 'phone', value: phone, verified: false }] },
        messageList: [{ direction: 'out', kind: 'public', text: 'Bom dia! O técnico pode ir quinta?' }],
      },
    });
    await sentOut(made.body.id);
    expect(started().at(-1)).toMatchObject({ first: { text: 'Bom dia! O técnico pode ir quinta?' }, to: { phone, name: 'Ana do Studio', agent: 'Root' } });
    await toy.hear(written(phone, 'eletricista só quinta', { id: `answer-${phone}`, name: 'Ana' }));
    const answered = await server.detail(made.body.id);
    expect(answered.messageList.map(({ text }) => text)).toEqual(['Bom dia! O técnico pode ir quinta?', 'eletricista só quinta']);
    expect(answered.contactDetail.identities).toContainEqual({ kind: 'phone', value: phone, verified: true });
  });

  it('is done once however often it is asked', async () => {
    const id = v7();
    const phone = nextPhone();
    const answers = await Promise.all([start({ id, phone }), start({ id, phone }), start({ id, phone })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
    await sentOut(id);
    expect(started().filter(({ to }) => 'phone' in to && to.phone === phone)).toHaveLength(1);
    expect(await start({ id, phone: nextPhone() })).toMatchObject({ status: 409, body: { key: 'id-taken' } });
  });

  it('leads to the conversation that is open with this person already', async () => {
    const phone = nextPhone();
    await toy.hear(written(phone, 'a catraca travou', { id: `open-${phone}` }));
    const open = (await toy.context().closings.find(phone.slice(1)))?.conversation;
    expect(await start({ phone })).toMatchObject({ status: 409, body: { key: 'conversation-open', conversation: open } });
    const other = nextPhone();
    const [one, two] = await Promise.all([start({ phone: other }), start({ phone: other })]);
    expect([one.status, two.status].sort()).toEqual([201, 409]);
    const [made, refused] = one.status === 201 ? [one, two] : [two, one];
    expect(refused.body).toMatchObject({ key: 'conversation-open', conversation: made.body.id });
    await sentOut(made.body.id);
  });

  it('asks a person where the first message may have gone out, and sends again only on their word', async () => {
    let times = 0;
    toy.before = (did) => {
      if (did === 'start' && ++times === 1) throw new ConnectorError('unavailable', 'no answer', { retry: 'backoff', effect: 'unclear' });
    };
    const made = await start({ phone: nextPhone() });
    const message = made.body.messageList[0]?.id ?? '';
    await vi.waitFor(async () => expect((await server.detail(made.body.id)).messageList[0]).toMatchObject({ sending: 'unclear' }), { timeout: 15_000 });
    expect(times).toBe(1);
    expect((await server.call(server.admin, `/api/messages/${message}/resend`, { method: 'POST' })).status).toBe(204);
  }, 20_000);

  it('names what is wrong with what was asked', async () => {
    const phone = nextPhone();
    expect(await start({ phone: '12' })).toMatchObject({ status: 422, body: { key: 'phone', errors: [{ field: 'phone' }] } });
    expect(await start({ phone, text: '  ' })).toMatchObject({ status: 400, body: { key: 'empty-message' } });
    expect(await start({ phone, text: 'x'.repeat(1001) })).toMatchObject({ status: 422, body: { key: 'too-long' } });
    expect(await start({ phone, channel: 'shop' })).toMatchObject({ status: 409, body: { key: 'cannot-start' } });
    expect(await start({ phone, channel: 'none' })).toMatchObject({ status: 404 });
    expect(await start({ phone, ticket: { helpdesk: 'desk', id: 'no-such-ticket' } })).toMatchObject({ status: 404 });
    expect(await start({ phone, template: { id: 'x', values: [] } })).toMatchObject({ status: 400, body: { key: 'invalid' } });
    expect(await start({ phone, channel: 'strict' })).toMatchObject({ status: 422, body: { key: 'template-needed' } });
    const templated = (template: object) => start({ phone, channel: 'strict', text: undefined, template });
    expect(await templated({ id: 'gone', values: [] })).toMatchObject({ status: 422, body: { key: 'no-template' } });
    expect(await templated({ id: 'visit', values: ['Ana'] })).toMatchObject({ status: 422, body: { key: 'template-values' } });
  });
});

describe('a channel that takes templates after a while', () => {
  const reply = (id: string, more: object) =>
    server.call<{ key?: string; text?: string }>(server.admin, `/api/conversations/${id}/messages`, {
      method: 'POST',
      body: { id: v7(), kind: 'public', text: '', ...more },
    });

  it('begins with one, whose words the conversation keeps', async () => {
    const phone = nextPhone();
    const made = await start({ phone, channel: 'strict', text: undefined, template: { id: 'visit', values: ['Ana', 'quinta'] } });
    expect(made).toMatchObject({ status: 201, body: { replyUntil: null, messageList: [{ text: 'Olá Ana, o técnico vai quinta.' }] } });
    await sentOut(made.body.id);
    expect(strict.effects.at(-1)).toMatchObject({ did: 'start', first: { template: { id: 'visit', values: ['Ana', 'quinta'] } } });
    expect(await reply(made.body.id, { text: 'Tudo certo?' })).toMatchObject({ status: 409, body: { key: 'reply-window-closed' } });
    expect(await reply(made.body.id, { template: { id: 'visit', values: ['Ana', 'sexta'] } })).toMatchObject({
      status: 201,
      body: { text: 'Olá Ana, o técnico vai sexta.' },
    });
    await vi.waitFor(() => expect(strict.effects.at(-1)).toMatchObject({ did: 'send', reply: { template: { values: ['Ana', 'sexta'] } } }));
  });

  it('takes free text for as long as it says, from the customer’s last message on', async () => {
    const [fresh, old] = [nextPhone(), nextPhone()];
    const at = Date.now() - 3_600_000;
    await strict.hear(written(fresh, 'oi', { id: 'w-1', at }), written(old, 'oi', { id: 'w-2', at: at - 24 * 3_600_000 }));
    const idOf = async (phone: string) => (await strict.context().closings.find(phone.slice(1)))?.conversation ?? '';
    expect((await server.detail(await idOf(fresh))).replyUntil).toBe(at + 24 * 3_600_000);
    expect((await reply(await idOf(fresh), { text: 'Bom dia!' })).status).toBe(201);
    expect(await reply(await idOf(old), { text: 'Bom dia!' })).toMatchObject({ status: 409, body: { key: 'reply-window-closed' } });
    expect((await reply(await idOf(old), { kind: 'internal', text: 'too late to write' })).status).toBe(201);
  });
});

describe('a contact that was made from a ticket', () => {
  it('is noted there, and the answer’s closing proposes that ticket', async () => {
    const conversation = await server.say('Studio', 'The turnstile stands still');
    const { decision, preview } = await server.plan(conversation, { outcome: { status: 'pending' } });
    const closing = await server.call<ClosingView>(server.admin, `/api/conversations/${conversation}/closings`, {
      method: 'POST',
      body: { decision, digest: preview.digest },
      headers: { 'idempotency-key': 'studio' },
    });
    await server.call(server.admin, `/api/closings/${closing.body.id}/now`, { method: 'POST' });
    const ticket = await vi.waitFor(async () => {
      const { body } = await server.call<ClosingView>(server.admin, `/api/closings/${closing.body.id}`);
      expect(body.progress).toBe('done');
      return body.tickets[0];
    });
    const phone = nextPhone();
    const made = await start({ phone, name: 'Ana', ticket: { helpdesk: 'desk', id: ticket?.id } });
    expect(made.status).toBe(201);
    await sentOut(made.body.id);
    await vi.waitFor(async () => {
      const { body } = await server.call<{ entries: { kind: string; html: string }[] }>(server.admin, `/api/tickets/desk/${ticket?.id}`);
      const note = body.entries.find(({ html }) => html.includes('Customer contacted'));
      expect(note).toMatchObject({ kind: 'note' });
      expect(note?.html).toContain(`Root · Phone · Ana ${phone}`);
      expect(note?.html).toContain('O técnico pode ir quinta?');
    });
    await toy.hear(written(phone, 'eletricista só quinta', { id: `studio-${phone}` }));
    const { body } = await server.call<Proposal>(server.admin, `/api/conversations/${made.body.id}/proposal`);
    expect(body.way).toBe('append');
    expect(body.candidates).toMatchObject([{ id: ticket?.id, preselect: true, reasons: [{ key: 'written-from' }, { key: 'open-days' }] }]);
    expect((await server.detail(made.body.id)).tickets).toMatchObject([{ number: ticket?.number }]);
  });
});
