/** Takes mails out of an open mailbox, one after the other: raw mail to a blob, payload and cursor committed, and only then the flag. */
import type { Readable } from 'node:stream';
import type { ImapFlow } from 'imapflow';
import { ConnectorError, type Context, type Session } from '../../src/kit/index.ts';
import type { Fetched } from './mail.ts';
import type { EmailSettings } from './settings.ts';

/** Committed with each payload. `left`: that mail stays unmarked, because we hold a placeholder of it only. */
export interface Cursor {
  readonly uidValidity: string;
  readonly lastUid: number;
  readonly left?: boolean;
}

/** A cursor that cannot be read counts as none: all is read again, and what is known is recognised. */
export function readCursor(text: string | undefined): Cursor | undefined {
  try {
    const { uidValidity, lastUid, left } = JSON.parse(text ?? '{}') as Partial<Cursor>;
    return typeof uidValidity === 'string' && typeof lastUid === 'number' ? { uidValidity, lastUid, ...(left ? { left } : {}) } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Trouble with one mail, by mail. A refusal counts four, a connection that broke meanwhile one, because that may have had any reason.
 * At twelve the server is believed to be unable to hand the mail over, and at sixteen not even its headers: the mails behind it get their turn.
 */
export type Failures = Map<string, number>;
const bodyGivenUp = 12;
const headersGivenUp = 16;

const troubleWith = ({ failures, uidValidity }: Intake, uid: number): number => failures.get(`${uidValidity}/${uid}`) ?? 0;

function countTrouble(intake: Intake, uid: number, error: unknown): void {
  // Some servers hang up with a word about the FETCH instead of refusing it.
  const refused = intake.client.usable || /fetch/i.test((error as { reason?: string }).reason ?? '');
  intake.failures.set(`${intake.uidValidity}/${uid}`, troubleWith(intake, uid) + (refused ? 4 : 1));
}

export interface Intake {
  readonly client: ImapFlow;
  readonly context: Context<EmailSettings>;
  readonly session: Session;
  readonly uidValidity: string;
  readonly failures: Failures;
}

/** Ascending UIDs above `lastUid`. `since` (epoch ms) leaves out what was in the mailbox before this channel existed. */
export async function newUids(client: ImapFlow, lastUid: number, since: number | undefined): Promise<number[]> {
  const found = await client.search({ uid: `${lastUid + 1}:*`, ...(since === undefined ? {} : { since: new Date(since) }) }, { uid: true });
  if (!Array.isArray(found)) throw new Error('the server did not answer a search');
  // "n:*" always includes the last mail, even when its UID is below n.
  return found.filter((uid) => uid > lastUid).sort((a, b) => a - b);
}

/** Stores one mail. Resolves with the committed cursor, or undefined for a mail that somebody removed in the meantime. */
export async function takeMail(intake: Intake, uid: number): Promise<Cursor | undefined> {
  const { client, context, session, uidValidity } = intake;
  const meta = await client.fetchOne(String(uid), { uid: true, size: true, internalDate: true }, { uid: true });
  const { size = 0, internalDate } = meta || {};
  const stored = await storeRaw(intake, uid, size);
  if (!stored) return undefined;
  const date = internalDate === undefined ? Number.NaN : new Date(internalDate).getTime();
  const payload: Fetched = {
    ...stored,
    uid,
    uidValidity,
    mailbox: context.settings.imap.mailbox,
    internalDate: Number.isNaN(date) ? null : date,
    size,
  };
  const cursor: Cursor = { uidValidity, lastUid: uid, ...(payload.problem ? { left: true } : {}) };
  await session.emit(payload, { key: stored.blob, cursor: JSON.stringify(cursor) });
  return cursor;
}

type Stored = Pick<Fetched, 'blob' | 'problem'>;

async function storeRaw(intake: Intake, uid: number, size: number): Promise<Stored | undefined> {
  const { context } = intake;
  const { maxMailBytes } = context.settings;
  if (size > maxMailBytes) return storeHeaders(intake, uid, 'too-large');
  if (troubleWith(intake, uid) >= bodyGivenUp) return storeHeaders(intake, uid, 'unreadable');
  const raw = await download(intake, uid);
  if (!raw) return undefined;
  try {
    const { sha256 } = await context.blobs.put(raw, { maxBytes: maxMailBytes });
    return { blob: sha256 };
  } catch (error) {
    // Some servers understate the size, so the limit is met only while reading.
    if (error instanceof ConnectorError && error.code === 'too-large') return storeHeaders(intake, uid, 'too-large');
    throw error;
  }
}

/** The raw mail as it streams in; undefined if it is gone. Failures of the server are counted, those of our own disk are not. */
async function download(intake: Intake, uid: number): Promise<Readable | undefined> {
  const { client } = intake;
  try {
    const { content } = await client.download(String(uid), undefined, { uid: true, chunkSize: 1 << 20 });
    if (content) return (content as Readable).once('error', (error) => countTrouble(intake, uid, error));
    if (await isGone(client, uid)) return undefined;
    throw new Error(`the server did not hand over mail ${uid}`);
  } catch (error) {
    countTrouble(intake, uid, error);
    throw error;
  }
}

/** An empty answer to FETCH means "removed" or "cannot": only a search tells, and a mail is skipped only when it is not there. */
async function isGone(client: ImapFlow, uid: number): Promise<boolean> {
  const found = await client.search({ uid: String(uid) }, { uid: true });
  if (!Array.isArray(found)) throw new Error('the server did not answer a search');
  return found.length === 0;
}

/** Sender, subject and ids are enough for a placeholder that an agent can act on; without even those, its place in the mailbox. */
async function storeHeaders(intake: Intake, uid: number, problem: 'too-large' | 'unreadable'): Promise<Stored> {
  const { context, uidValidity } = intake;
  const headers = troubleWith(intake, uid) >= headersGivenUp ? undefined : await fetchHeaders(intake, uid);
  context.log.warn({ uid, problem }, 'a mail is represented by a placeholder');
  const { sha256 } = await context.blobs.put(headers ?? Buffer.from(`X-Mailbox-Place: ${uidValidity}/${uid}\r\n\r\n`));
  return { blob: sha256, problem };
}

async function fetchHeaders(intake: Intake, uid: number): Promise<Buffer | undefined> {
  try {
    const found = await intake.client.fetchOne(String(uid), { uid: true, headers: true }, { uid: true });
    return (found || undefined)?.headers;
  } catch (error) {
    countTrouble(intake, uid, error);
    throw error;
  }
}

/** Marks or moves a stored mail. Repeating it does no harm; a refusal is logged, because the mail itself is safe. */
export async function markDone({ client, context }: Intake, cursor: Cursor): Promise<void> {
  if (cursor.left || cursor.lastUid === 0) return;
  const uid = String(cursor.lastUid);
  const { moveTo } = context.settings.imap;
  const done = moveTo === undefined ? await client.messageFlagsAdd(uid, ['\\Seen'], { uid: true }) : await client.messageMove(uid, moveTo, { uid: true });
  if (!done && client.usable) context.log.warn({ uid, moveTo }, 'the mail server did not mark a stored mail as done');
}
