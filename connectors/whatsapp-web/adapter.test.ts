/** The library's events, in its order and in any other, against a client that is nothing but an emitter. */
import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createAdapter } from './adapter.ts';
import { fillGaps } from './gaps.ts';
import { type Heard, heard, keyOf } from './heard.ts';
import type { LibraryClient, LibraryMessage } from './library.ts';
import { followLife } from './life.ts';
import { normalize } from './normalize.ts';
import type { FromChild } from './protocol.ts';

const account = { id: '5511900000001@c.us', name: 'Suporte' };
const maria = '5511988887777@c.us';
const now = Date.parse('2026-11-19T12:10:00Z');

const message = (id: string, more: Partial<LibraryMessage> & { chat?: string } = {}): LibraryMessage => {
  const { chat = maria, fromMe = false, ...rest } = more;
  return {
    id: { _serialized: `${fromMe}_${chat}_${id}`, id, remote: chat, fromMe },
    from: fromMe ? account.id : chat,
    to: fromMe ? chat : account.id,
    fromMe,
    body: 'oi',
    type: 'chat',
    timestamp: now / 1000,
    hasMedia: false,
    hasQuotedMsg: false,
    getQuotedMessage: async () => undefined,
    getReactions: async () => undefined,
    downloadMedia: async () => undefined,
    ...rest,
  };
};

/** Answers nothing by itself; each test says what the page knows. */
function fakeClient(more: Partial<LibraryClient> = {}): LibraryClient {
  const unasked = (name: string) => async () => Promise.reject(new Error(`${name} was not expected`));
  const methods = ['initialize', 'destroy', 'getState', 'getChats', 'getChatById', 'getMessageById', 'getNumberId', 'sendMessage'];
  return Object.assign(new EventEmitter(), Object.fromEntries(methods.map((name) => [name, unasked(name)])), {
    info: { wid: { _serialized: account.id }, pushname: account.name },
    getContactById: async () => ({ name: 'Maria Souza' }),
    getContactLidAndPhone: async () => [],
    ...more,
  }) as unknown as LibraryClient;
}

async function hear(emit: (client: LibraryClient) => void, client = fakeClient()): Promise<readonly Heard[]> {
  const told: Heard[] = [];
  const adapter = createAdapter(
    client,
    async (event) => void told.push(heard.parse(JSON.parse(JSON.stringify(event)))),
    () => now,
  );
  adapter.ready(account);
  emit(client);
  // Everything before it has had its turn when this one is told.
  await adapter.takeOlder(message('the last'));
  return told.filter((event) => !('id' in event) || !event.id.endsWith('the last'));
}

afterEach(() => void vi.useRealTimers());

describe('what concerns a support desk', () => {
  it.each<[string, Partial<LibraryMessage> & { chat?: string }]>([
    ['a status', { isStatus: true }],
    ['a status by its sender', { from: 'status@broadcast' }],
    ['a group', { chat: '12036304@g.us', author: maria }],
    ['a newsletter', { chat: '12036304@newsletter' }],
    ['a broadcast list', { chat: '1700000000@broadcast' }],
    ['a note to oneself', { chat: account.id, fromMe: true }],
    ['the notice of encryption', { type: 'e2e_notification' }],
    ['a notice', { type: 'notification_template' }],
    ['what is not decrypted yet', { type: 'ciphertext' }],
    ['an album, whose pictures come by themselves', { type: 'album' }],
  ])('leaves out %s', async (_what, more) => {
    expect(await hear((client) => client.emit('message_create', message('A', more)))).toEqual([]);
  });

  it('takes each new message once, whichever of the two events the library has for it', async () => {
    const one = message('A');
    const told = await hear((client) => [client.emit('message_create', one), client.emit('message', one)]);
    expect(told).toHaveLength(1);
  });

  it('takes our own, from the phone and from here, as ours', async () => {
    const [told] = await hear((client) => client.emit('message_create', message('A', { fromMe: true, deviceType: 'android' })));
    expect(told).toMatchObject({ fromMe: true, chat: maria, from: { id: account.id, name: 'Suporte' }, device: 'android' });
  });

  it('keeps what cannot be read, and goes on', async () => {
    const broken = { ...message('A'), timestamp: undefined, id: undefined } as unknown as LibraryMessage;
    const told = await hear((client) => [client.emit('message_create', broken), client.emit('message_create', message('B'))]);
    expect(told.map(({ kind }) => kind)).toEqual(['unreadable', 'message']);
    expect(() => normalize(told[0] as never, { idleHours: 24, language: 'en' })).toThrow('message_create');
  });
});

describe('who wrote', () => {
  const lid = '123456789012345@lid';

  it('is known by a private id alone where WhatsApp keeps the number', async () => {
    const client = fakeClient({ getContactLidAndPhone: async () => Promise.reject(new Error('Evaluation failed')) });
    const [told] = await hear(() => client.emit('message_create', message('A', { chat: lid })), client);
    expect(told).toMatchObject({ chat: lid, from: { id: lid, name: 'Maria Souza' } });
    expect(told).not.toHaveProperty('from.phone');
  });

  it('has a number where WhatsApp tells it; asked for one at a time, and no more once it is known', async () => {
    const asked: (readonly string[])[] = [];
    const client = fakeClient({
      getContactLidAndPhone: async (ids) => {
        asked.push(ids);
        return [{ lid, pn: '5511977776666@c.us' }];
      },
    });
    const told = await hear(
      () => [client.emit('message_create', message('A', { chat: lid })), client.emit('message_create', message('B', { chat: lid }))],
      client,
    );
    expect(told).toMatchObject([{ from: { phone: '+5511977776666' } }, { from: { phone: '+5511977776666' } }]);
    expect(asked).toEqual([[lid]]);
  });

  it('does not hold up the words for ever: a page that hangs costs some seconds and the name', async () => {
    vi.useFakeTimers();
    const client = fakeClient({ getContactById: () => new Promise(() => {}) });
    const told = hear(() => client.emit('message_create', message('A', { rawData: { notifyName: 'Mari' } })), client);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await told).toMatchObject([{ body: 'oi', from: { name: 'Mari' } }]);
  });
});

describe('what becomes of messages', () => {
  it('tells an edit, but not that a picture got its preview', async () => {
    const edited = message('A', { body: 'catraca 2', latestEditMsgKey: {}, latestEditSenderTimestampMs: now + 5 });
    const told = await hear((client) => [
      client.emit('message_edit', edited, 'catraca 2', 'catraca'),
      client.emit('message_edit', message('B', { hasMedia: true, body: '' }), '/9j/4AAQ', undefined),
    ]);
    expect(told).toEqual([{ kind: 'edit', account: account.id, chat: maria, at: now + 5, id: edited.id._serialized, text: 'catraca 2' }]);
  });

  it('finds the message that was deleted: by the key in the deletion, else by what was there before, else by its own id', async () => {
    const after = message('DEL', { type: 'revoked', body: '' });
    const told = await hear((client) => [
      client.emit('message_revoke_everyone', { ...after, protocolMessageKey: { _serialized: `false_${maria}_A` } }),
      client.emit('message_revoke_everyone', { ...after, protocolMessageKey: { id: 'B', remote: { _serialized: maria }, fromMe: true } }),
      client.emit('message_revoke_everyone', after, message('C')),
      client.emit('message_revoke_everyone', after, undefined),
    ]);
    expect(told.map((event) => 'id' in event && event.id)).toEqual([`false_${maria}_A`, `true_${maria}_B`, `false_${maria}_C`, `false_${maria}_DEL`]);
  });

  it('tells reactions, and that one was taken back', async () => {
    const { id } = message('A', { fromMe: true });
    const told = await hear((client) => [
      client.emit('message_reaction', { msgId: id, reaction: '👍', senderId: maria, timestamp: now / 1000 }),
      client.emit('message_reaction', { msgId: id, reaction: '', senderId: maria, timestamp: now / 1000 + 1.5 }),
    ]);
    expect(told).toMatchObject([
      { emoji: '👍', at: now, from: { id: maria }, fromMe: false },
      { emoji: null, at: now + 1500 },
    ]);
  });

  it('tells receipts of our messages alone', async () => {
    const own = message('A', { fromMe: true });
    const told = await hear((client) => {
      for (const ack of [-1, 0, 1, 2, 3, 4]) client.emit('message_ack', own, ack);
      client.emit('message_ack', message('B'), 3);
    });
    expect(told.map((event) => event.kind === 'ack' && event.ack)).toEqual([-1, 2, 3, 4]);
  });

  it('tells what could not be decrypted under an id of its own, so that the words may still come', async () => {
    const told = await hear((client) => [
      client.emit('message_ciphertext', message('A', { type: 'ciphertext', body: '' })),
      client.emit('message_ciphertext_failed', message('A', { type: 'ciphertext', body: '' })),
      client.emit('message_create', message('A')),
    ]);
    expect(told.map((event) => [keyOf(event), event.kind === 'message' && event.type])).toEqual([
      [`message:false_${maria}_A#ciphertext`, 'ciphertext'],
      [`message:false_${maria}_A`, 'chat'],
    ]);
  });

  it('tells a new number of a person, and a vote as an answer', async () => {
    const told = await hear((client) => [
      client.emit('contact_changed', message('A'), maria, '5511966665555@c.us', true),
      client.emit('contact_changed', message('A'), maria, '5511966665555@c.us', false),
      client.emit('vote_update', { voter: maria, selectedOptions: [{ name: 'Quinta' }], interractedAtTs: now, parentMessage: message('P', { fromMe: true }) }),
    ]);
    expect(told).toMatchObject([
      { kind: 'renamed', chat: maria, now: '5511966665555@c.us' },
      { kind: 'message', type: 'vote', body: 'Quinta', fromMe: false, quoted: { id: `true_${maria}_P` } },
    ]);
  });
});

describe('any order of events', () => {
  const chats = fc.constantFrom(maria, '5511911112222@c.us', '123456789012345@lid', '12036304@g.us', 'status@broadcast', '7@newsletter');
  const event = fc.record({
    name: fc.constantFrom('message_create', 'message_edit', 'message_revoke_everyone', 'message_ack', 'message_ciphertext_failed'),
    chat: chats,
    fromMe: fc.boolean(),
    type: fc.constantFrom('chat', 'image', 'location', 'revoked', 'e2e_notification', 'hologram'),
    body: fc.string(),
  });

  it('is told in that order and only of customers, and nothing of it breaks the normalizer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 20 }), fc.nat(20), async (events, readyAt) => {
        const client = fakeClient({
          getContactById: (id) => new Promise((resolve, reject) => setImmediate(() => (id.endsWith('@lid') ? reject('gone') : resolve(undefined)))),
        });
        const told: Heard[] = [];
        const adapter = createAdapter(
          client,
          async (one) => void told.push(heard.parse(JSON.parse(JSON.stringify(one)))),
          () => now,
        );
        for (const [index, { name, chat, fromMe, type, body }] of events.entries()) {
          if (index === readyAt) adapter.ready(account);
          if (index < readyAt) expect(told).toEqual([]);
          const subject = message(`M${index}`, { chat, fromMe, type, body, latestEditMsgKey: {}, latestEditSenderTimestampMs: now });
          client.emit(name, subject, name === 'message_ack' ? 3 : name === 'message_edit' ? body : undefined);
        }
        adapter.ready(account);
        await adapter.takeOlder(message('last'));
        const numbers = told.map((one) => ('id' in one ? Number(/_M(\d+)/.exec(one.id)?.[1] ?? events.length) : -1));
        expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
        for (const one of told) {
          if (one.kind !== 'unreadable') expect(one.chat).toMatch(/@(c\.us|lid)$/);
          for (const made of normalize(one as never, { idleHours: 24, language: 'de' })) expect(made.thread).toContain(account.id);
        }
        const customers = events.filter(({ name, chat, type }) => name === 'message_create' && /@(c\.us|lid)$/.test(chat) && type !== 'e2e_notification');
        expect(told.filter((one) => one.kind === 'message' && one.type !== 'ciphertext' && !one.id.endsWith('last'))).toHaveLength(customers.length);
      }),
    );
  });
});

describe('the life of a client', () => {
  const live = (client = fakeClient({ initialize: async () => {} })) => {
    const said: FromChild[] = [];
    const ended: string[] = [];
    const life = followLife(client, { say: (one) => void said.push(one), ended: (reason) => void ended.push(reason), ready: () => {} });
    return { client, said, ended, life };
  };

  it('runs from the QR code by the scan to being ready', () => {
    const { client, said, life } = live();
    for (const [name, ...given] of [['qr', 'one'], ['qr', 'two'], ['loading_screen', 50], ['authenticated'], ['ready']] as const) client.emit(name, ...given);
    expect(said).toEqual([
      { type: 'qr', qr: 'one' },
      { type: 'qr', qr: 'two' },
      { type: 'authenticated' },
      { type: 'ready', account: { id: account.id, name: 'Suporte' } },
    ]);
    expect(life.isReady).toBe(true);
  });

  it('ends once, whatever comes first, and nothing is said afterwards', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(['qr', 'authenticated', 'ready', 'disconnected', 'auth_failure', 'change_state', 'loading_screen'], { minLength: 1 }),
        (order) => {
          const { client, said, ended, life } = live();
          let before = 0;
          for (const name of order) {
            client.emit(name, name === 'disconnected' ? 'LOGOUT' : 'x');
            if (ended.length === 0) before = said.length;
          }
          const ends = order.filter((name) => name === 'disconnected' || name === 'auth_failure');
          expect(ended).toHaveLength(Math.min(1, ends.length));
          if (ends[0] === 'disconnected') expect(ended).toEqual(['LOGOUT']);
          expect(said).toHaveLength(before);
          if (ends.length > 0) expect(life.isReady).toBe(false);
        },
      ),
    );
  });

  it('ends with what the start throws, strings included', async () => {
    const { life, ended } = live(fakeClient({ initialize: () => Promise.reject('auth timeout') }));
    await life.begin();
    expect(ended).toEqual(['auth timeout']);
  });

  it('ends when the browser goes', async () => {
    const pupBrowser = new EventEmitter();
    const { life, ended } = live(fakeClient({ initialize: async () => {}, pupBrowser }));
    await life.begin();
    pupBrowser.emit('disconnected');
    expect(ended).toEqual(['the browser has ended']);
  });

  it('beats, with what the page says of its connection once it is ready', async () => {
    const { client, life, said } = live(fakeClient({ getState: async () => 'TIMEOUT' }));
    await life.beat();
    client.emit('ready');
    await life.beat();
    expect(said).toEqual([{ type: 'alive' }, expect.objectContaining({ type: 'ready' }), { type: 'alive', connection: 'TIMEOUT' }]);
  });
});

describe('gaps', () => {
  const many = (chat: string, count: number) =>
    Array.from({ length: count }, (_, index) => message(`${index}`, { chat, timestamp: now / 1000 - (count - index) * 60 }));
  const chat = (id: string, messages: readonly LibraryMessage[], asked: string[] = []) => ({
    id: { _serialized: id },
    timestamp: messages.at(-1)?.timestamp,
    fetchMessages: async ({ limit }: { limit: number }) => {
      asked.push(`${id} ${limit}`);
      return messages.slice(-limit);
    },
  });

  it('are read from every chat of a customer that moved, as far back as needed, oldest first', async () => {
    const asked: string[] = [];
    const other = '5511911112222@c.us';
    const client = fakeClient({
      getChats: async () => [
        chat(maria, many(maria, 300), asked),
        chat('1@g.us', many('1@g.us', 5), asked),
        chat(other, many(other, 30), asked),
        chat('5511933334444@c.us', [message('old', { timestamp: 1 })], asked),
      ],
    });
    const found: LibraryMessage[] = [];
    expect(await fillGaps(client, account.id, now - 120 * 60_000, async (one) => void found.push(one))).toBeUndefined();
    expect(asked).toEqual([`${maria} 50`, `${maria} 100`, `${maria} 200`, `${other} 50`]);
    // Two hours, the ten minutes before them, and the thirty of the other chat.
    expect(found).toHaveLength(130 + 30);
    expect(found.map(({ timestamp }) => timestamp)).toEqual(found.map(({ timestamp }) => timestamp).sort((a, b) => a - b));
  });

  it('of one chat that cannot be read leave the others to be read, and are told', async () => {
    const client = fakeClient({
      getChats: async () => [
        { ...chat(maria, many(maria, 3)), fetchMessages: () => Promise.reject(new Error('Evaluation failed')) },
        chat('5511911112222@c.us', many('5511911112222@c.us', 2)),
      ],
    });
    const found: LibraryMessage[] = [];
    expect(await fillGaps(client, account.id, now - 3_600_000, async (one) => void found.push(one))).toBe('Evaluation failed');
    expect(found).toHaveLength(2);
  });

  it('hold edits, deletions and receipts too', async () => {
    const told: Heard[] = [];
    const adapter = createAdapter(
      fakeClient(),
      async (event) => void told.push(event),
      () => now,
    );
    adapter.ready(account);
    await adapter.takeOlder(message('A', { body: 'novo', latestEditMsgKey: {}, latestEditSenderTimestampMs: now }));
    await adapter.takeOlder(message('B', { type: 'revoked' }));
    await adapter.takeOlder(message('C', { fromMe: true, ack: 3 }));
    expect(told.map(({ kind }) => kind)).toEqual(['message', 'edit', 'message', 'revoke', 'message', 'ack']);
  });
});
