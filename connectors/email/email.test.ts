import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { chmod, readdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ImapFlow } from 'imapflow';
import { SMTPServer } from 'smtp-server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { arrival, type Blobs, fetchedByUs, type Json, type MessageEvent, type Records, type Session, type SessionState } from '../../src/kit/index.ts';
import { memoryBlobs, memoryRecords, testContext } from '../../test/support/context.ts';
import { type Dovecot, skipWithoutDovecot, startDovecot } from '../../test/support/dovecot.ts';
import { sample, testSettings } from './fixtures.ts';
import channel from './index.ts';
import type { Fetched } from './mail.ts';
import { readCursor } from './mailbox.ts';
import { backoff } from './session.ts';

/** What a core that survives crashes would hold: arrivals by key, the cursor, and every emit in order. */
interface Store {
  readonly blobs: Blobs;
  readonly records: Records;
  readonly arrivals: Map<string, Fetched>;
  readonly emitted: Fetched[];
  cursor: string | undefined;
}
const emptyStore = (): Store => ({ blobs: memoryBlobs(), records: memoryRecords(), arrivals: new Map(), emitted: [], cursor: undefined });

interface Watching {
  readonly states: SessionState[];
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

const running: Watching[] = [];
afterEach(async () => {
  for (const watching of running.splice(0)) await watching.stop();
});

/** Runs the channel's session against a store, as intake does. `onEmit` can hold an emit, or throw like a crash. */
function watch(
  dovecot: Dovecot,
  store: Store,
  options: { imap?: object; settings?: object; onEmit?: (payload: Fetched, commit: () => void) => Promise<void> } = {},
): Watching {
  const imap = { host: dovecot.host, port: dovecot.imapPort, tls: 'none', user: dovecot.user, password: dovecot.password, ...options.imap };
  const { blobs, records } = store;
  const [intake] = channel.create(testContext(testSettings({ imap, ...options.settings }), { blobs, records })).intake;
  if (intake?.via !== 'session') throw new Error('e-mail is a session');
  const controller = new AbortController();
  const states: SessionState[] = [];
  const session: Session = {
    cursor: store.cursor,
    signal: controller.signal,
    state: (state) => void states.push(state),
    async emit(payload, { key = '', cursor } = {}) {
      const fetched = payload as unknown as Fetched;
      const known = store.arrivals.has(key);
      const commit = (): void => {
        store.arrivals.set(key, fetched);
        store.emitted.push(fetched);
        store.cursor = cursor;
      };
      await (options.onEmit ? options.onEmit(fetched, commit) : commit());
      return { arrival: key, state: known ? 'repeated' : 'stored' };
    },
  };
  const ended = intake.run(session);
  const watching: Watching = {
    states,
    ended,
    async stop() {
      controller.abort();
      await ended;
    },
  };
  running.push(watching);
  return watching;
}

const simple = (n: number | string): string => `From: Ana <ana@studio.example>\r\nSubject: Mail ${n}\r\nMessage-ID: <${n}@studio.example>\r\n\r\nText ${n}\r\n`;
const eventually = (check: () => unknown, timeout = 15_000): Promise<void> => vi.waitFor(async () => void (await check()), { timeout, interval: 20 });

async function messages(store: Store, settings: object = {}): Promise<MessageEvent[]> {
  const instance = channel.create(testContext(testSettings(settings), { blobs: store.blobs }));
  const all: MessageEvent[] = [];
  for (const payload of store.arrivals.values()) {
    const unpacked = await instance.unpack?.(arrival(fetchedByUs(), payload as Json, Date.now()));
    for (const event of unpacked ? instance.normalize(unpacked) : []) if (event.type === 'message') all.push(event);
  }
  return all;
}
const subjects = async (store: Store): Promise<(string | undefined)[]> => (await messages(store)).map(({ subject }) => subject);

describe.skipIf(skipWithoutDovecot())('a mailbox on a real Dovecot', () => {
  let dovecot: Dovecot;
  let store: Store;
  beforeEach(async () => {
    dovecot = await startDovecot();
    store = emptyStore();
  });
  afterEach(() => dovecot.stop());

  /** A second client that looks at the mailbox from outside. */
  async function look<T>(inspect: (client: ImapFlow) => Promise<T>, mailbox = 'INBOX'): Promise<T> {
    const client = new ImapFlow({
      host: dovecot.host,
      port: dovecot.imapPort,
      secure: false,
      auth: { user: dovecot.user, pass: dovecot.password },
      logger: false,
    });
    await client.connect();
    await client.mailboxOpen(mailbox);
    try {
      return await inspect(client);
    } finally {
      await client.logout();
    }
  }
  const uids = (query: object, mailbox?: string): Promise<number[]> => look(async (client) => (await client.search(query, { uid: true })) || [], mailbox);

  it('hears of a new mail by IDLE, and marks it as read', async () => {
    const { states } = watch(dovecot, store);
    await eventually(() => expect(states.at(-1)?.state).toBe('ready'));
    await dovecot.deliver(simple(1));
    await eventually(() => expect(store.emitted).toHaveLength(1), 5000);
    await dovecot.deliver(simple(2));
    await eventually(() => expect(store.emitted).toHaveLength(2), 5000);
    expect(await subjects(store)).toEqual(['Mail 1', 'Mail 2']);
    await eventually(async () => expect(await uids({ seen: true })).toEqual([1, 2]));
    expect(states.map(({ state }) => state)).not.toContain('reconnecting');
  });

  it('brings the mail with two attachments and a Portuguese quoted reply', async () => {
    await dovecot.deliver(sample('quoted-reply-pt').toString().replace(/\n/g, '\r\n'), { to: 'suporte+t0k3n@academia.example' });
    watch(dovecot, store);
    await eventually(() => expect(store.emitted).toHaveLength(1));
    const [message] = await messages(store);
    expect(message).toMatchObject({ text: 'Bom dia! Reiniciei e voltou a funcionar. Segue a foto e o laudo.', replyToken: 't0k3n' });
    expect(message?.media.map(({ name }) => name)).toEqual(['laudo técnico.pdf', 'catraca.png']);
    expect(message?.quoted).toContain('pode reiniciar a catraca?');
  });

  it('marks a mail only after its commit', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let asked = false;
    watch(dovecot, store, {
      async onEmit(_payload, commit) {
        asked = true;
        await held;
        commit();
      },
    });
    await dovecot.deliver(simple(1));
    await eventually(() => expect(asked).toBe(true));
    expect(await uids({ seen: true })).toEqual([]);
    release();
    await eventually(async () => expect(await uids({ seen: true })).toEqual([1]));
  });

  it('catches up after an outage, in order, and takes nothing twice', async () => {
    const first = watch(dovecot, store);
    await dovecot.deliver(simple('before'));
    await eventually(() => expect(store.emitted).toHaveLength(1));
    await first.stop();
    for (let n = 1; n <= 8; n += 1) await dovecot.deliver(simple(n));
    watch(dovecot, store);
    await eventually(() => expect(store.emitted).toHaveLength(9));
    expect(await subjects(store)).toEqual(['Mail before', ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `Mail ${n}`)]);
  });

  it('survives kill -9 of the server: nothing lost, nothing twice', async () => {
    const { states } = watch(dovecot, store);
    for (let n = 1; n <= 3; n += 1) await dovecot.deliver(simple(n));
    await dovecot.kill();
    await eventually(() => expect(states.at(-1)?.state).toBe('reconnecting'));
    await dovecot.restart();
    for (let n = 4; n <= 6; n += 1) await dovecot.deliver(simple(n));
    await eventually(() => expect(store.arrivals.size).toBe(6));
    await dovecot.restart();
    await dovecot.deliver(simple(7));
    await eventually(() => expect(store.arrivals.size).toBe(7));
    expect((await subjects(store)).sort()).toEqual([1, 2, 3, 4, 5, 6, 7].map((n) => `Mail ${n}`));
    expect(store.emitted).toHaveLength(7);
    await eventually(() => expect(states.at(-1)?.state).toBe('ready'));
  });

  it('a crash before the commit: the mail comes again with the same key', async () => {
    await dovecot.deliver(simple(1));
    const keys: string[] = [];
    const crashing = watch(dovecot, store, {
      async onEmit({ blob }) {
        keys.push(blob);
        throw new Error('killed before the commit');
      },
    });
    await eventually(() => expect(keys.length).toBeGreaterThan(1));
    await crashing.stop();
    expect(await uids({ seen: true })).toEqual([]);
    watch(dovecot, store);
    await eventually(() => expect(store.emitted).toHaveLength(1));
    expect(new Set([...keys, ...store.arrivals.keys()]).size).toBe(1);
    await eventually(async () => expect(await uids({ seen: true })).toEqual([1]));
  });

  it('a crash between commit and mark: the mark is made up for, and the mail does not come again', async () => {
    await dovecot.deliver(simple(1));
    const crashing = watch(dovecot, store, {
      onEmit(_payload, commit) {
        commit();
        // A process that was killed never sees its commit return.
        return new Promise(() => {});
      },
    });
    await eventually(() => expect(store.emitted).toHaveLength(1));
    running.splice(0);
    expect(await uids({ seen: true })).toEqual([]);
    watch(dovecot, store);
    await eventually(async () => expect(await uids({ seen: true })).toEqual([1]));
    expect(store.emitted).toHaveLength(1);
    void crashing;
  });

  it('reads all again when the server renumbers the mailbox; what is known keeps its key and its id', async () => {
    const before = watch(dovecot, store);
    for (let n = 1; n <= 3; n += 1) await dovecot.deliver(simple(n));
    await eventually(() => expect(store.emitted).toHaveLength(3));
    await before.stop();
    await dovecot.kill();
    // Dovecot takes the current second as the new number.
    await eventually(() => expect(Math.floor(Date.now() / 1000)).toBeGreaterThan(Number(store.emitted[0]?.uidValidity)));
    for (const file of readdirSync(dovecot.maildir).filter((name) => name.startsWith('dovecot'))) rmSync(join(dovecot.maildir, file), { recursive: true });
    await dovecot.restart();
    await dovecot.deliver(simple(4));
    watch(dovecot, store);
    await eventually(() => expect(store.emitted).toHaveLength(7));
    expect(store.arrivals.size).toBe(4);
    const [old] = store.emitted;
    expect(store.emitted.at(-1)?.uidValidity).not.toBe(old?.uidValidity);
    expect(new Set((await messages(store)).map(({ id }) => id)).size).toBe(4);
  });

  it('moves stored mails where ops want them', async () => {
    watch(dovecot, store, { imap: { moveTo: 'Atendidos' } });
    await dovecot.deliver(simple(1));
    await eventually(() => expect(store.emitted).toHaveLength(1));
    await eventually(async () => expect(await uids({ all: true })).toEqual([]));
    expect(await uids({ all: true }, 'Atendidos')).toHaveLength(1);
  });

  it('passes by a mail that somebody removed in the meantime', async () => {
    for (let n = 1; n <= 3; n += 1) await dovecot.deliver(simple(n));
    watch(dovecot, store, {
      async onEmit({ uid }, commit) {
        if (uid === 1) await look((client) => client.messageDelete('2', { uid: true }));
        commit();
      },
    });
    await eventually(() => expect(store.emitted.map(({ uid }) => uid)).toEqual([1, 3]));
  });

  it('shows a placeholder for a mail that is too large, leaves it unread, and goes on', async () => {
    watch(dovecot, store, { settings: { maxMailBytes: 4000 } });
    await dovecot.deliver(
      `From: Ana <ana@studio.example>\r\nSubject: Filme\r\nMessage-ID: <big@studio.example>\r\n\r\n${'x'.repeat(70).concat('\r\n').repeat(100)}`,
    );
    await dovecot.deliver(simple(2));
    await eventually(() => expect(store.emitted).toHaveLength(2));
    const [placeholder, next] = await messages(store);
    expect(placeholder).toMatchObject({ id: '<big@studio.example>', subject: 'Filme', from: { id: 'ana@studio.example' } });
    expect(placeholder?.text).toContain('too large');
    expect(next?.subject).toBe('Mail 2');
    await eventually(async () => expect(await uids({ seen: true })).toEqual([2]));
  });

  it('does not stop at a mail that the server cannot read', async () => {
    await dovecot.deliver(simple(1));
    const [name = ''] = await readdir(join(dovecot.maildir, 'new'));
    await chmod(join(dovecot.maildir, 'new', name), 0o000);
    await dovecot.deliver(simple(2));
    watch(dovecot, store);
    await eventually(() =>
      expect(store.emitted.map(({ uid, problem }) => [uid, problem])).toEqual([
        [1, 'unreadable'],
        [2, undefined],
      ]),
    );
    expect((await messages(store))[0]?.text).toContain('could not hand over');
  });

  it('leaves out what is older than ops asked for, now and after every restart', async () => {
    const day = 86_400_000;
    await look((client) => client.append('INBOX', simple('old'), [], new Date(Date.now() - 30 * day)));
    await look((client) => client.append('INBOX', simple('recent'), [], new Date(Date.now() - 2 * day)));
    const options = { settings: { catchUpDays: 7 } };
    const first = watch(dovecot, store, options);
    await eventually(() => expect(store.emitted).toHaveLength(1));
    await first.stop();
    await dovecot.deliver(simple('new'));
    store.cursor = undefined;
    watch(dovecot, store, options);
    await eventually(() => expect(store.arrivals.size).toBe(2));
    expect(await subjects(store)).toEqual(['Mail recent', 'Mail new']);
  });

  it('says that it failed when the password is refused, and does not hammer', async () => {
    const { states, ended, stop } = watch(dovecot, store, { imap: { password: 'wrong' } });
    await eventually(() => expect(states.at(-1)).toMatchObject({ state: 'failed' }));
    expect(JSON.stringify(states)).not.toContain('wrong');
    await stop();
    await expect(ended).resolves.toBeUndefined();
  });

  it('reports its health, and what is wrong', async () => {
    const smtp = new SMTPServer({ authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'] });
    const listening = smtp.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    const { port } = listening.address() as AddressInfo;
    const health = (password: string) =>
      channel
        .create(
          testContext(
            testSettings({
              imap: { host: dovecot.host, port: dovecot.imapPort, tls: 'none', user: dovecot.user, password },
              smtp: { host: '127.0.0.1', port, tls: 'none' },
            }),
          ),
        )
        .health();
    await dovecot.deliver(simple(1));
    await expect(health(dovecot.password)).resolves.toEqual({ detail: 'INBOX: 1 mails; SMTP accepts us' });
    await expect(health('wrong')).rejects.toMatchObject({ code: 'unauthorized' });
    await new Promise<void>((resolve) => smtp.close(resolve));
    await expect(health(dovecot.password)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringMatching(/^SMTP/) });
    expect(await uids({ seen: true })).toEqual([]);
  });
});

it('reads a cursor back, and takes a damaged one for none', () => {
  expect(readCursor('{"uidValidity":"17","lastUid":4}')).toEqual({ uidValidity: '17', lastUid: 4 });
  for (const damaged of [undefined, '', '{', '{}', '{"uidValidity":17,"lastUid":"4"}']) expect(readCursor(damaged)).toBeUndefined();
});

describe('waiting to reconnect', () => {
  it('grows to five minutes and never drops below a quarter of a second', () => {
    expect(backoff(0, 0)).toBe(250);
    expect(backoff(0, 1)).toBe(500);
    expect(backoff(5, 0.5)).toBe(12_000);
    for (const attempt of [10, 20, 1000]) expect(backoff(attempt, 1)).toBe(300_000);
  });
});
