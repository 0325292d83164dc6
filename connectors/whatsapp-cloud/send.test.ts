import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PublicMessage } from '../../src/kit/index.ts';
import type { SimulatedPerson } from '../../src/kit/simulator.ts';
import { graphError, Refusal } from './simulator/refusal.ts';
import { type Account, eventsOf, maria, openAccount, replyTo, words } from './test-account.ts';

let account: Account;
beforeEach(async () => {
  account = await openAccount();
});
afterEach(() => account.server.close());

const hour = 3_600_000;
const sentPath = { method: 'POST', path: /\/messages$/ } as const;
const messageCalls = () => account.simulator.dials.calls.filter(({ method, path }) => method === 'POST' && path.endsWith('/messages')).length;
const shown = (person: SimulatedPerson = maria) => account.simulator.shown('', person).filter(({ from }) => from === 'business');

/** Somebody writes, and the channel hears of it; resolves with the thread. */
async function written(person: { id: string; name?: string; phone?: string } = maria): Promise<string> {
  const { id } = await account.simulator.write({ conversation: 'c', person, text: 'a catraca não libera', at: account.clock.now() });
  const customer = account.simulator.state.customer(person);
  const ids = { ...(customer.waId && { from: customer.waId }), from_user_id: customer.userId };
  const seconds = String(Math.floor(account.clock.now() / 1000));
  const metadata = { phone_number_id: account.simulator.state.phoneNumberId };
  const value = { metadata, messages: [{ ...ids, id, timestamp: seconds, type: 'text', text: { body: 'a catraca não libera' } }] };
  const events = await eventsOf(account.channel, { object: 'whatsapp_business_account', entry: [{ changes: [{ field: 'messages', value }] }] } as never);
  return events[0]?.thread ?? '';
}

/** A status as Meta would post it for the newest message. */
async function heardStatus(status: string): Promise<void> {
  const message = account.simulator.state.messages.at(-1);
  const metadata = { phone_number_id: account.simulator.state.phoneNumberId };
  const one = { id: message?.id, status, timestamp: '1763553600', recipient_id: message?.customer.waId, biz_opaque_callback_data: message?.callbackData };
  await eventsOf(account.channel, {
    object: 'whatsapp_business_account',
    entry: [{ changes: [{ field: 'messages', value: { metadata, statuses: [one] } }] }],
  } as never);
}

async function file(name: string, mime: string, size: number): Promise<PublicMessage['files'][number]> {
  return { name, mime, ...(await account.context.blobs.put(Buffer.alloc(size, 7))) };
}

const send = (reply: PublicMessage, thread: string, message = 'm-1') => account.channel.send(reply, replyTo(thread, message), account.step);

describe('a reply', () => {
  it('reaches the customer, and Meta’s id of it is its id', async () => {
    const { externalId } = await send(words('O técnico chega às 15h.'), await written());
    expect(shown()).toMatchObject([{ id: externalId, text: 'O técnico chega às 15h.' }]);
    expect(account.simulator.state.messages.at(-1)?.callbackData).toBe('deskbridge:m-1:1/1');
  });

  it('reaches somebody who shows a username and no number', async () => {
    const pati = { id: 'pati', name: 'Pati' };
    await send(words('oi'), await written(pati));
    expect(shown(pati)).toMatchObject([{ text: 'oi' }]);
  });

  it('goes to the number that the customer has now', async () => {
    const thread = await written();
    const metadata = { phone_number_id: account.simulator.state.phoneNumberId };
    const system = { type: 'user_changed_user_id', wa_id: '5511950005005', user_id: 'BR.7', previous_user_id: account.simulator.state.customer(maria).userId };
    const change = { from: '5511930001001', id: 'wamid.S', timestamp: '1763553600', type: 'system', system };
    account.simulator.customers.changeNumber(maria, '+5511950005005', 'BR.7');
    await eventsOf(account.channel, {
      object: 'whatsapp_business_account',
      entry: [{ changes: [{ field: 'messages', value: { metadata, messages: [change] } }] }],
    } as never);
    await send(words('oi'), thread);
    expect(account.simulator.state.messages.at(-1)?.customer.waId).toBe('5511950005005');
    expect(shown()).toHaveLength(1);
  });

  it('that is longer than 4,096 goes in pieces, a step each, and all of them lead to the first one’s id', async () => {
    const thread = await written();
    const text = Array.from({ length: 3 }, (_, index) => `parte ${index} ${'x'.repeat(3_000)}`).join('\n\n');
    const { externalId } = await send(words(text), thread);
    expect(shown().map((one) => one.text.slice(0, 7))).toEqual(['parte 0', 'parte 1', 'parte 2']);
    expect([...account.journal.records.keys()]).toEqual(['message-0', 'message-1', 'message-2']);
    expect(externalId).toBe(shown()[0]?.id);
    const last = account.simulator.state.messages.at(-1);
    const metadata = { phone_number_id: account.simulator.state.phoneNumberId };
    const reaction = { from: '5511930001001', id: 'wamid.R', timestamp: '1763553600', type: 'reaction', reaction: { message_id: last?.id, emoji: '👍' } };
    const body = { object: 'whatsapp_business_account', entry: [{ changes: [{ field: 'messages', value: { metadata, messages: [reaction] } }] }] };
    expect(await eventsOf(account.channel, body as never)).toMatchObject([{ type: 'reaction', id: externalId }]);
  });

  it('takes up where it stopped: no piece that is there goes again', async () => {
    const thread = await written();
    account.simulator.dials.set({ kind: 'rate-limited', retryAfterSeconds: 2 }, { ...sentPath, skip: 1 });
    const text = `um ${'x'.repeat(4_000)}\n\ndois ${'y'.repeat(4_000)}`;
    await expect(send(words(text), thread)).rejects.toMatchObject({ code: 'rate-limited', effect: 'none' });
    await send(words(text), thread);
    expect(shown().map((one) => one.text.split(' ')[0])).toEqual(['um', 'dois']);
  });

  it('without words and files is refused before anything is sent', async () => {
    await expect(send(words('  '), await written())).rejects.toMatchObject({ code: 'refused' });
    expect(messageCalls()).toBe(0);
  });

  it('quotes what the customer wrote last, where ops want it so', async () => {
    const thread = await written();
    const { id } = account.simulator.state.messages[0] ?? { id: '' };
    const messages = async () => [{ id: 'x', externalId: id, at: 1, from: 'contact' as const, author: 'Maria', text: 'a', deleted: false, files: [] }];
    const { default: whatsapp } = await import('./index.ts');
    const channel = whatsapp.create({
      ...account.context,
      settings: { ...account.context.settings, quoteLast: true, markRead: 'on-reply' },
      history: { messages, watch: () => () => {} },
    });
    await channel.send(words('chegamos às 15h'), replyTo(thread), account.step);
    expect(account.simulator.state.messages.at(-1)?.answers).toBe(id);
    expect(account.simulator.state.messages[0]?.readByBusiness, 'blue ticks').toBe(true);
  });
});

describe('files', () => {
  it('go as what WhatsApp shows best, with the words under the first', async () => {
    const thread = await written();
    const files = [
      await file('foto.jpg', 'image/jpeg', 100),
      await file('nota.pdf', 'application/pdf', 100),
      await file('voz.ogg', 'audio/ogg; codecs=opus', 100),
    ];
    await send({ kind: 'public', text: 'veja', files }, thread);
    expect(account.simulator.state.messages.slice(1).map(({ type, text }) => [type, text])).toEqual([
      ['image', 'veja'],
      ['document', ''],
      ['audio', ''],
    ]);
    expect(shown()[1]?.files[0]?.name).toBe('nota.pdf');
    expect(shown()[0]?.files[0]?.bytes.equals(Buffer.alloc(100, 7))).toBe(true);
  });

  it('have the words before them, where they would not fit under the first', async () => {
    await send({ kind: 'public', text: 'x'.repeat(1_025), files: [await file('foto.jpg', 'image/jpeg', 9)] }, await written());
    expect(account.simulator.state.messages.slice(1).map(({ type }) => type)).toEqual(['text', 'image']);
  });

  it('that cannot have words have them before', async () => {
    await send({ kind: 'public', text: 'ouça', files: [await file('voz.mp3', 'audio/mpeg', 9)] }, await written());
    expect(account.simulator.state.messages.slice(1).map(({ type, text }) => [type, text])).toEqual([
      ['text', 'ouça'],
      ['audio', ''],
    ]);
  });

  it('too large for a video go as a document', async () => {
    const { fitOf } = await import('./files.ts');
    const megabyte = 2 ** 20;
    expect(fitOf({ name: 'v.mp4', mime: 'video/mp4', size: 16 * megabyte }).kind).toBe('video');
    expect(fitOf({ name: 'v.mp4', mime: 'video/mp4', size: 16 * megabyte + 1 }).kind).toBe('document');
    expect(fitOf({ name: 'f.png', mime: 'image/png', size: 5 * megabyte + 1 }).kind).toBe('document');
    expect(fitOf({ name: 'a.webp', mime: 'image/webp', size: 9 }).kind).toBe('document');
    expect(fitOf({ name: 't.csv', mime: 'text/csv', size: 9 })).toEqual({ kind: 'document', mime: 'text/plain' });
  });

  it('too large for WhatsApp are refused with words before anything is sent', async () => {
    const files = [{ sha256: 'x', name: 'backup.zip', mime: 'application/zip', size: 101 * 2 ** 20 }];
    await expect(send({ kind: 'public', text: 'segue', files }, await written())).rejects.toMatchObject({
      code: 'too-large',
      retry: 'never',
      message: expect.stringMatching(/backup\.zip has 101 MB/),
    });
    expect(account.simulator.dials.calls).toEqual([]);
  });

  it('that Meta does not take are refused in Meta’s words', async () => {
    const files = [await file('tudo.zip', 'application/zip', 9)];
    await expect(send({ kind: 'public', text: '', files }, await written())).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/application\/zip/),
    });
  });

  it('are uploaded again when the answer to an upload was lost: nobody sees it', async () => {
    const thread = await written();
    account.simulator.dials.set({ kind: 'reset', when: 'after' }, { method: 'POST', path: /\/media$/ });
    const reply: PublicMessage = { kind: 'public', text: '', files: [await file('foto.jpg', 'image/jpeg', 9)] };
    await expect(send(reply, thread)).rejects.toMatchObject({ code: 'unavailable' });
    await send(reply, thread);
    expect(shown()).toHaveLength(1);
  });
});

describe('a send whose answer was lost', () => {
  it('is asked about when no status came: it is never sent again by itself', async () => {
    const thread = await written();
    account.simulator.dials.set({ kind: 'reset', when: 'after' }, sentPath);
    await expect(send(words('oi'), thread)).rejects.toMatchObject({ code: 'unavailable', effect: 'unclear' });
    await expect(send(words('oi'), thread), 'a status may still be on its way').rejects.toMatchObject({
      code: 'unavailable',
      retry: { afterMs: expect.any(Number) },
    });
    account.clock.advance(61_000);
    await expect(send(words('oi'), thread)).rejects.toMatchObject({ code: 'unclear', retry: 'never' });
    expect(messageCalls()).toBe(1);
  });

  it('is proven by the status that repeats our mark', async () => {
    const thread = await written();
    account.simulator.dials.set({ kind: 'reset', when: 'after' }, sentPath);
    await expect(send(words('oi'), thread)).rejects.toMatchObject({ effect: 'unclear' });
    await heardStatus('sent');
    account.clock.advance(61_000);
    expect(await send(words('oi'), thread)).toEqual({ externalId: account.simulator.state.messages.at(-1)?.id });
    expect(messageCalls()).toBe(1);
  });

  it('is not proven by the status of another message', async () => {
    const thread = await written();
    await send(words('antes'), thread, 'm-0');
    account.journal.records.clear();
    account.simulator.dials.set({ kind: 'reset', when: 'before' }, sentPath);
    await expect(send(words('oi'), thread)).rejects.toMatchObject({ effect: 'unclear' });
    await heardStatus('delivered');
    account.clock.advance(61_000);
    await expect(send(words('oi'), thread)).rejects.toMatchObject({ code: 'unclear' });
  });

  it('leaves nothing behind once it is settled', async () => {
    await send(words('oi'), await written());
    await heardStatus('delivered');
    expect(await account.context.records.list('sends')).toEqual([]);
  });
});

describe('24 hours after the customer’s last message', () => {
  it('free text is refused with a sentence for agents, a template goes', async () => {
    const thread = await written();
    account.clock.advance(24 * hour + 1);
    await expect(send(words('ainda aí?'), thread)).rejects.toMatchObject({
      code: 'refused',
      retry: 'never',
      message: expect.stringMatching(/24 hours.*template.*131047/),
    });
    await send({ ...words('Olá'), template: { id: 'contato_suporte/pt_BR', values: ['Maria', '#42'] } }, thread, 'm-2');
    expect(shown()).toMatchObject([{ text: 'Olá, Maria! Aqui é do suporte, sobre o chamado #42. Podemos falar agora?' }]);
  });
});

describe('templates', () => {
  const templates = async () => (await account.channel.templates?.()) ?? [];

  it('are the approved ones that values alone can fill, over all pages; those of the settings first', async () => {
    await account.server.close();
    account = await openAccount({ templates: [{ name: 'cobranca', language: 'pt_BR', body: 'Oi {{1}}' }] });
    expect((await templates()).map(({ id, body, values }) => [id, body, values])).toEqual([
      ['cobranca/pt_BR', 'Oi {{1}}', 1],
      ['contato_suporte/pt_BR', 'Olá, {{1}}! Aqui é do suporte, sobre o chamado {{2}}. Podemos falar agora?', 2],
      ['visita_marcada/pt_BR/academia,data', 'A visita técnica na {{1}} ficou para {{2}}.', 2],
    ]);
  });

  it('of the settings alone need no account id and no call', async () => {
    await account.server.close();
    account = await openAccount({ wabaId: undefined, templates: [{ name: 'contato_suporte', language: 'pt_BR', body: 'Olá, {{1}} {{2}}' }] });
    expect(await templates()).toHaveLength(1);
    expect(account.simulator.dials.calls).toEqual([]);
  });

  it('with named values are filled by name, on one line each', async () => {
    const thread = await written();
    await send({ ...words('x'), template: { id: 'visita_marcada/pt_BR/academia,data', values: ['Iron\nGym', 'quinta,\t19'] } }, thread);
    expect(shown()).toMatchObject([{ text: 'A visita técnica na Iron Gym ficou para quinta, 19.' }]);
  });

  it.each([
    ['that nobody approved', { id: 'promo/pt_BR', values: [] }],
    ['with a value missing', { id: 'contato_suporte/pt_BR', values: ['Maria'] }],
    ['with an empty value', { id: 'contato_suporte/pt_BR', values: ['Maria', ' \n'] }],
    ['that is none', { id: 'contato_suporte', values: [] }],
  ])('%s are refused, and the field is named', async (_what, template) => {
    await expect(send({ ...words('x'), template }, await written())).rejects.toMatchObject({ code: 'refused', field: 'template' });
  });
});

describe('a first message', () => {
  const first = { ...words('Olá'), template: { id: 'contato_suporte/pt_BR', values: ['Ana', '#7'] } };
  const to = { message: 'm-9', phone: '+5511987654321', name: 'Ana', agent: 'Bia' };
  const start = () => account.channel.start?.(first, to, account.step);

  it('begins the thread in which the answer comes, although WhatsApp spells the number without its ninth digit', async () => {
    account.simulator.state.spelling.set('5511987654321', '551187654321');
    const started = await start();
    const thread = await written({ id: 'phone-551187654321', phone: '+551187654321' });
    expect(started?.thread).toBe(thread);
  });

  it('is a template: anything else is refused before a call', async () => {
    await expect(account.channel.start?.(words('oi'), to, account.step)).rejects.toMatchObject({ code: 'refused', field: 'template' });
    expect(account.simulator.dials.calls).toEqual([]);
  });

  it('that was lost and proven begins the same thread', async () => {
    account.simulator.dials.set({ kind: 'reset', when: 'after' }, sentPath);
    await expect(start()).rejects.toMatchObject({ effect: 'unclear' });
    await heardStatus('delivered');
    account.clock.advance(61_000);
    const started = await start();
    expect(started?.thread).toBe(await written({ id: 'phone-5511987654321', phone: '+5511987654321' }));
    expect(messageCalls()).toBe(1);
  });
});

describe('what Meta answers', () => {
  const answer = (status: number, code: number, message: string, details?: string) => ({
    kind: 'answer' as const,
    status,
    type: 'application/json',
    body: JSON.stringify(graphError(new Refusal(status, code, message, details === undefined ? {} : { details }))),
  });

  it.each([
    [401, 190, 'Error validating access token: Session has expired', { code: 'unauthorized', retry: 'never', effect: 'none' }],
    [401, 0, 'We were unable to authenticate the app user', { code: 'unauthorized', retry: 'never', effect: 'none' }],
    [403, 10, 'Application does not have permission for this action', { code: 'forbidden', retry: 'never', effect: 'none' }],
    [403, 200, 'Permissions error', { code: 'forbidden', retry: 'never', effect: 'none' }],
    [400, 131_042, 'Business eligibility payment issue', { code: 'forbidden', retry: 'never', effect: 'none' }],
    [400, 131_047, 'Re-engagement message', { code: 'refused', retry: 'never', effect: 'none' }],
    [400, 131_026, 'Message undeliverable', { code: 'not-found', retry: 'never', effect: 'none' }],
    [400, 131_056, 'pair rate limit hit', { code: 'rate-limited', retry: { afterMs: 6_000 }, effect: 'none' }],
    [400, 130_429, 'Rate limit hit', { code: 'rate-limited', retry: 'backoff', effect: 'none' }],
    [400, 80_007, 'The WhatsApp Business account has reached its rate limit', { code: 'rate-limited', retry: 'backoff', effect: 'none' }],
    [400, 132_000, 'Number of parameters does not match', { code: 'refused', retry: 'never', effect: 'none', field: 'template' }],
    [400, 100, 'Invalid parameter', { code: 'refused', retry: 'never', effect: 'none' }],
    [400, 131_000, 'Something went wrong', { code: 'unavailable', retry: 'backoff', effect: 'unclear' }],
    [500, 131_000, 'Something went wrong', { code: 'unavailable', retry: 'backoff', effect: 'unclear' }],
    [503, 131_016, 'Service unavailable', { code: 'unavailable', retry: 'backoff', effect: 'unclear' }],
    [500, 100, 'Invalid parameter', { code: 'unavailable', retry: 'backoff', effect: 'unclear' }],
  ])('%i with code %i (%s) is understood', async (status, code, message, meaning) => {
    const thread = await written();
    account.simulator.dials.set(answer(status, code, message, 'the details'), sentPath);
    const error = await send(words('oi'), thread).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(meaning);
    expect(String(error)).toContain(String(code));
    expect(String(error) + JSON.stringify(error)).not.toContain(account.context.settings.accessToken.reveal());
  });

  it('and is none of Meta’s is told as such: it may have been sent', async () => {
    const thread = await written();
    account.simulator.dials.set({ kind: 'answer', status: 200, type: 'text/html', body: '<html>proxy</html>' }, sentPath);
    await expect(send(words('oi'), thread)).rejects.toMatchObject({ code: 'not-understood', effect: 'unclear' });
  });

  it('to a wrong token is the same for health as for sending', async () => {
    expect(await account.channel.health()).toEqual({ detail: 'Suporte Academias, +15550783881, quality GREEN' });
    await account.server.close();
    account = await openAccount({ accessToken: 'another' });
    await expect(account.channel.health()).rejects.toMatchObject({ code: 'unauthorized', retry: 'never' });
    await expect(send(words('oi'), await written())).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('about limits comes from its own counters too', async () => {
    const thread = await written();
    account.simulator.state.limits.pairMs = 6_000;
    await send(words('um'), thread, 'm-1');
    account.journal.records.clear();
    await expect(send(words('dois'), thread, 'm-2')).rejects.toMatchObject({ code: 'rate-limited', retry: { afterMs: 6_000 } });
    account.clock.advance(6_000);
    await send(words('dois'), thread, 'm-2');
    expect(shown()).toHaveLength(2);
  });
});

describe('blue ticks on arrival', () => {
  const event = (id: string) => ({
    type: 'message' as const,
    thread: 't',
    at: 1,
    id,
    from: { role: 'contact' as const, id: 'x', identities: [] },
    kind: 'public' as const,
    text: '',
    media: [],
    enrich: { markRead: id },
  });

  it('are set once the message is stored', async () => {
    await written();
    const [message] = account.simulator.state.messages;
    expect(await account.channel.enrich?.(event(message?.id ?? ''))).toEqual([]);
    expect(message?.readByBusiness).toBe(true);
  });

  it('are given up where Meta refuses them, and tried again where it does not answer', async () => {
    expect(await account.channel.enrich?.(event('wamid.unknown'))).toEqual([]);
    account.simulator.dials.set({ kind: 'error', when: 'before' }, sentPath);
    await expect(account.channel.enrich?.(event('wamid.unknown'))).rejects.toMatchObject({ code: 'unavailable' });
  });
});
