/** kill -9 of the real server while it takes mails from a real Dovecot: every mail is there once, marked once it is ours. */
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import { ImapFlow } from 'imapflow';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ConversationDetail, ConversationRow } from '../../src/api/contract.ts';
import { type Dovecot, skipWithoutDovecot, startDovecot } from '../support/dovecot.ts';
import { type Killable, startKillable, startWire, type Wire } from '../support/killable.ts';
import { compose, mailChannel, mailChannelName, sha256 } from '../support/mail-desk.ts';

const patience = { timeout: 20_000, interval: 50 };
const body = /UID FETCH \S+ .*BODY/i;
const mark = /UID STORE/i;

describe.skipIf(skipWithoutDovecot())('a server that is killed', () => {
  let dovecot: Dovecot;
  let wire: Wire;
  let server: Killable;
  beforeAll(async () => {
    dovecot = await startDovecot();
    wire = await startWire(dovecot.imapPort);
    server = await startKillable({ channels: { [mailChannelName]: mailChannel(wire.port, dovecot, 1) } });
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    await wire?.stop();
    await dovecot?.stop();
  });

  /** UIDs of the mails that are marked as read, as another client sees them. */
  async function marked(): Promise<number[]> {
    const auth = { user: dovecot.user, pass: dovecot.password };
    const client = new ImapFlow({ host: dovecot.host, port: dovecot.imapPort, secure: false, auth, logger: false });
    await client.connect();
    await client.mailboxOpen('INBOX', { readOnly: true });
    const found = await client.search({ seen: true }, { uid: true });
    await client.logout();
    return found || [];
  }
  const rows = async (): Promise<ConversationRow[]> =>
    (await server.get<{ items: ConversationRow[] }>(`/api/conversations?view=any&limit=100&channel=${mailChannelName}`)).items;
  const subjects = async (): Promise<(string | null)[]> => (await rows()).map(({ subject }) => subject).sort();
  const mail = (subject: string, file: Buffer) =>
    compose({ from: 'ana@studio.example', subject, text: `Texto de ${subject}.`, attachments: [{ filename: 'foto.bin', content: file }] });

  /** The server dies at the `nth` such command, and comes up again. */
  async function dieAt(command: RegExp, nth: number, deliver: () => Promise<unknown> = async () => {}): Promise<void> {
    const dead = new Promise<void>((done) => wire.cutAt(command, nth, () => void server.kill().then(done)));
    await deliver();
    await dead;
    expect(server.running()).toBe(false);
  }

  it('between commit and mark has the mail once, and makes up for the mark', async () => {
    await dieAt(mark, 1, async () => dovecot.deliver(await mail('Entre as duas', randomBytes(1000))));
    expect(await marked()).toEqual([]);
    await server.start();
    // It was committed before the mark: it is there before the mailbox is even asked.
    expect(await subjects()).toEqual(['Entre as duas']);
    await vi.waitFor(async () => expect(await marked()).toEqual([1]), patience);
    expect((await rows())[0]?.messages).toBe(1);
  });

  it('again and again within a batch of 20 mails has each of them once, every file whole', async () => {
    await server.kill();
    const files = new Map(Array.from({ length: 20 }, (_, n) => [`Lote ${String(n + 1).padStart(2, '0')}`, randomBytes(20_000 + n)] as [string, Buffer]));
    for (const [subject, file] of files) await dovecot.deliver(await mail(subject, file));
    for (const [command, nth] of [
      [mark, 2],
      [body, 3],
      [mark, 1],
      [body, 5],
      [mark, 4],
    ] as const) {
      const dead = dieAt(command, nth);
      await server.start();
      await dead;
    }
    await server.start();
    await vi.waitFor(async () => expect(await marked()).toHaveLength(21), patience);
    expect(await subjects()).toEqual(['Entre as duas', ...files.keys()]);
    for (const { id, subject } of (await rows()).filter((row) => files.has(row.subject ?? ''))) {
      const { messageList } = await server.get<ConversationDetail>(`/api/conversations/${id}`);
      expect(messageList).toHaveLength(1);
      const held = await server.file(`/api/messages/${messageList[0]?.id}/files/${messageList[0]?.files[0]?.id}`);
      expect(sha256(Buffer.from(await new Response(held).arrayBuffer()))).toBe(sha256(files.get(subject ?? '') ?? Buffer.alloc(0)));
    }
  }, 120_000);

  it('and lives on takes a mail with 30 MB in one file: every byte is there, and memory does not follow its size', async () => {
    const film = randomBytes(30 * 2 ** 20);
    const raw = await mail('Filme', film);
    const before = server.peakMemory();
    await dovecot.deliver(raw);
    const found = await vi.waitFor(
      async () => {
        const row = (await rows()).find(({ subject }) => subject === 'Filme');
        expect(row).toBeDefined();
        return row?.id ?? '';
      },
      { ...patience, timeout: 30_000 },
    );
    const [message] = (await server.get<ConversationDetail>(`/api/conversations/${found}`)).messageList;
    expect(message?.files).toMatchObject([{ size: film.length, state: 'stored' }]);
    const hash = createHash('sha256');
    const stream = await server.file(`/api/messages/${message?.id}/files/${message?.files[0]?.id}`);
    for await (const chunk of Readable.fromWeb(stream as NodeStream)) hash.update(chunk as Buffer);
    expect(hash.digest('hex')).toBe(sha256(film));
    // Buffers wait for their collection; a mail of any size costs about 100 MB more than nothing at all.
    expect(server.peakMemory() - before).toBeLessThan(160 * 2 ** 20);
  }, 60_000);
});
