import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ChannelHost, hostChannel } from '../../test/support/channel-host.ts';
import whatsapp from './index.ts';
import { whatsappSimulator } from './simulator.ts';
import { type Account, maria, openAccount } from './test-account.ts';

let account: Account;
beforeEach(async () => {
  account = await openAccount();
});
afterEach(() => account.server.close());

const token = () => account.context.settings.accessToken.reveal();

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = { authorization: `Bearer ${token()}` }) {
  const response = await fetch(`${account.server.url}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: response.status, body: (await response.json()) as { error?: { code?: number; message?: string }; messages?: { id: string }[] } };
}

const number = '106540352242922';
const to = { messaging_product: 'whatsapp', to: '5511930001001' };

describe('the made-up account', () => {
  it.each([
    ['a wrong token', 401, 190, () => call('POST', `/v25.0/${number}/messages`, {}, { authorization: 'Bearer x' })],
    ['a version that has ended', 400, 2635, () => call('GET', `/v20.0/${number}`)],
    ['an id that nobody has', 400, 100, () => call('GET', '/v25.0/42')],
    [
      'a message for nobody',
      400,
      131_008,
      () => call('POST', `/v25.0/${number}/messages`, { messaging_product: 'whatsapp', type: 'text', text: { body: 'oi' } }),
    ],
    ['a message of another product', 400, 131_009, () => call('POST', `/v25.0/${number}/messages`, { ...to, messaging_product: 'sms' })],
    ['a text that is too long', 400, 131_009, () => call('POST', `/v25.0/${number}/messages`, { ...to, type: 'text', text: { body: 'x'.repeat(4_097) } })],
    [
      'a caption that is too long',
      400,
      131_009,
      () => call('POST', `/v25.0/${number}/messages`, { ...to, type: 'image', image: { id: '1', caption: 'x'.repeat(1_025) } }),
    ],
    ['a type without its object', 400, 131_008, () => call('POST', `/v25.0/${number}/messages`, { ...to, type: 'text' })],
    ['media that was never uploaded', 400, 131_009, () => call('POST', `/v25.0/${number}/messages`, { ...to, type: 'image', image: { id: '1' } })],
    ['free text to somebody who never wrote', 400, 131_047, () => call('POST', `/v25.0/${number}/messages`, { ...to, type: 'text', text: { body: 'oi' } })],
    [
      'blue ticks for a message that nobody sent',
      400,
      131_009,
      () => call('POST', `/v25.0/${number}/messages`, { messaging_product: 'whatsapp', status: 'read', message_id: 'wamid.1' }),
    ],
  ] as const)('refuses %s in Meta’s form', async (_what, status, code, ask) => {
    const answer = await ask();
    expect([answer.status, answer.body.error?.code]).toEqual([status, code]);
    expect(answer.body.error).toMatchObject({ type: 'OAuthException', fbtrace_id: expect.any(String) });
  });

  it.each([
    ['an unknown call', () => call('DELETE', '/v25.0/42')],
    ['a call outside of Graph', () => call('GET', '/oauth/access_token')],
    ['an unknown field of a message', () => call('POST', `/v25.0/${number}/messages`, { ...to, type: 'text', text: { body: 'oi', colour: 'red' } })],
    [
      'a message to a user id that nobody has',
      () => call('POST', `/v25.0/${number}/messages`, { messaging_product: 'whatsapp', recipient: 'BR.0', type: 'text', text: { body: 'oi' } }),
    ],
  ])('says that it does not know %s', async (_what, ask) => {
    expect(await ask()).toMatchObject({ status: 501, body: { error: { message: expect.stringMatching(/^simulator: /) } } });
  });

  it('keeps the throughput of a number', async () => {
    await account.simulator.write({ conversation: 'c', person: maria, text: 'oi' });
    account.simulator.state.customer(maria).wroteAt = account.clock.now();
    account.simulator.state.limits.perSecond = 1;
    const text = { ...to, type: 'text', text: { body: 'oi' } };
    expect((await call('POST', `/v25.0/${number}/messages`, text)).status).toBe(200);
    expect(await call('POST', `/v25.0/${number}/messages`, text)).toMatchObject({ status: 429, body: { error: { code: 130_429 } } });
    account.clock.advance(1_000);
    expect((await call('POST', `/v25.0/${number}/messages`, text)).status).toBe(200);
  });
});

describe('with a channel of ours', () => {
  let host: ChannelHost;
  let simulator: ReturnType<typeof whatsappSimulator>;
  beforeEach(async () => {
    host = await hostChannel({
      definition: whatsapp,
      timeoutMs: 5_000,
      account: (now) => {
        simulator = whatsappSimulator({ now });
        return simulator;
      },
    });
  });
  afterEach(() => host.close());

  const write = (text: string, more: object = {}) => host.account.write({ conversation: 'c', person: maria, text, at: host.clock.now(), ...more });
  const stored = <T>(look: () => Promise<T>) => vi.waitFor(look, { timeout: 10_000, interval: 20 });
  const quarantined = () => host.place.store.read.selectFrom('arrivals').select('error').where('state', '=', 'quarantined').execute();

  it('a number that gets a user id and then hides behind a username stays in one conversation', async () => {
    const customer = simulator.state.customer(maria);
    const { userId } = customer;
    customer.userId = undefined;
    await write('só o número');
    const first = await host.conversationWith('só o número');
    customer.userId = userId;
    await write('número e usuário');
    expect(await host.conversationWith('número e usuário')).toBe(first);
    customer.waId = undefined;
    await write('só o usuário');
    expect(await host.conversationWith('só o usuário')).toBe(first);
    expect(await host.settle(await host.reply(first, 'recebido'))).toBe('sent');
    expect(simulator.state.messages.at(-1)?.customer).toBe(customer);
  });

  it.each([
    ['in batches of four', { batch: 4 }],
    ['in UTF-8', { wire: 'utf8' }],
    ['in UTF-8, signed over the escaped form', { wire: 'signed-escaped' }],
  ] as const)('webhooks %s come in whole', async (_what, dials) => {
    Object.assign(simulator.hooks, dials);
    for (const text of ['olá', 'não libera', '🙏', 'até']) {
      host.clock.advance(1_000);
      await write(text);
    }
    await host.account.settled();
    expect((await host.messages()).map(({ text }) => text)).toEqual(['olá', 'não libera', '🙏', 'até']);
    expect(await quarantined()).toEqual([]);
  });

  it('what the customer edits, takes back and what we write on the phone stands as they see it', async () => {
    const { id } = await write('a catraca 1');
    const chat = await host.conversationWith('a catraca 1');
    await host.account.edit?.(id, 'a catraca 2');
    await stored(async () => expect((await host.messages())[0]?.text).toBe('a catraca 2'));
    await write('pelo celular', { agent: 'Bia' });
    expect(await host.conversationWith('pelo celular')).toBe(chat);
    expect((await host.messages()).at(-1)).toMatchObject({ direction: 'out', author_role: 'agent' });
    await host.account.remove?.(id);
    await stored(async () => expect((await host.messages())[0]?.deleted_at).not.toBeNull());
    expect(await quarantined()).toEqual([]);
  });

  it('statuses, reactions and reading reach the reply that they are about', async () => {
    await write('oi');
    const message = await host.reply(await host.conversationWith('oi'), 'olá!');
    expect(await host.settle(message)).toBe('sent');
    const row = () => host.place.store.read.selectFrom('messages').selectAll().where('id', '=', message).executeTakeFirstOrThrow();
    await stored(async () => expect((await row()).receipt).toBe('delivered'));
    host.clock.advance(5_000);
    simulator.customers.readAll(maria);
    await stored(async () => expect((await row()).receipt).toBe('read'));
    await host.account.react?.((await row()).external_id ?? '', '👍');
    await stored(async () => expect(await host.place.store.read.selectFrom('reactions').select('emoji').execute()).toEqual([{ emoji: '👍' }]));
    expect(await quarantined()).toEqual([]);
  });

  it('a reply that WhatsApp takes and then cannot deliver is shown as failed, with the reason', async () => {
    await write('oi');
    const chat = await host.conversationWith('oi');
    simulator.state.unreachable.add('5511930001001');
    const message = await host.reply(chat, 'olá!');
    await host.settle(message);
    await stored(async () => {
      const row = await host.place.store.read.selectFrom('messages').selectAll().where('id', '=', message).executeTakeFirstOrThrow();
      expect([row.receipt, row.sending].includes('failed')).toBe(true);
      expect(JSON.stringify(row)).toContain('131026');
    });
  });

  it('a file comes whole by the address in the webhook, and by its id once that has expired', async () => {
    const bytes = Buffer.from('E-07');
    await write('erro na tela', { files: [{ name: 'erro.jpg', mime: 'image/jpeg', bytes }] });
    await host.conversationWith('erro na tela');
    const media = await host.place.store.read.selectFrom('attachments').selectAll().executeTakeFirstOrThrow();
    for (const later of [0, 10 * 60_000]) {
      host.clock.advance(later);
      const chunks: Buffer[] = [];
      for await (const chunk of (await host.channel.download?.(JSON.parse(media.ref ?? '{}'))) ?? []) chunks.push(chunk as Buffer);
      expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    }
  });
});
