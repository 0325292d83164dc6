/** A message that is known came again: nothing of it is written twice, and what was missing is filled in. */
import type { MediaRef, MessageEvent } from '../kit/index.ts';
import { onlyCompany } from '../people/companies.ts';
import { type Desk, recogniseAgain } from '../people/recognise.ts';
import type { Written } from './message.ts';
import { preview } from './preview.ts';

export interface KnownMessage {
  readonly id: string;
  readonly conversation_id: string;
  readonly kind: 'public' | 'internal';
  readonly at: number;
  readonly author_role: string;
  readonly author_name: string;
  readonly contact_id: string | null;
  readonly text: string;
  readonly html: string | null;
  readonly quoted: string | null;
  readonly subject: string | null;
  readonly edited_at: number | null;
  readonly deleted_at: number | null;
}

const columns = 'id, conversation_id, kind, at, author_role, author_name, contact_id, text, html, quoted, subject, edited_at, deleted_at';

export const knownMessage = async (desk: Desk, channel: string, externalId: string): Promise<KnownMessage | undefined> =>
  (await desk.db.all<KnownMessage>(`SELECT ${columns} FROM messages WHERE channel = ? AND external_id = ?`, channel, externalId))[0];

/** What was deleted stays deleted, whatever comes again. */
export async function repeat(desk: Desk, channel: string, known: KnownMessage, event: MessageEvent): Promise<Written> {
  if (known.deleted_at !== null) return 'repeated';
  const words = await fillWords(desk, known, event);
  const people = await fillPeople(desk, channel, known, event);
  let files = 0;
  for (const media of event.media) files += await fillFile(desk, known.id, media);
  if (!words && !people && files === 0) return 'repeated';
  await desk.db.run('UPDATE conversations SET version = version + 1 WHERE id = ?', known.conversation_id);
  desk.db.tell('conversation', known.conversation_id);
  return 'stored';
}

/**
 * Not an edit, so no revision. Words that were edited since stay: what comes again is older. An event that says itself that it is not complete
 * (`enrich`) fills what is empty and replaces nothing.
 */
async function fillWords(desk: Desk, known: KnownMessage, event: MessageEvent): Promise<boolean> {
  const untouched = known.edited_at === null;
  const better = untouched && event.text !== '' && event.text !== known.text && (known.text === '' || event.enrich === undefined);
  const next = {
    author_name: known.author_name || (event.from.name ?? ''),
    text: better ? event.text : known.text,
    html: known.html ?? (untouched ? (event.html ?? null) : null),
    quoted: known.quoted ?? (untouched ? (event.quoted ?? null) : null),
    subject: known.subject ?? event.subject ?? null,
  };
  const columnsOf = ['author_name', 'text', 'html', 'quoted', 'subject'] as const;
  if (columnsOf.every((column) => next[column] === known[column])) return false;
  await desk.db.run(
    'UPDATE messages SET author_name = ?, text = ?, html = ?, quoted = ?, subject = ? WHERE id = ?',
    ...columnsOf.map((column) => next[column]),
    known.id,
  );
  await desk.db.run('UPDATE conversations SET subject = COALESCE(subject, ?) WHERE id = ?', next.subject, known.conversation_id);
  if (better && known.kind === 'public')
    await desk.db.run('UPDATE conversations SET last_text = ? WHERE id = ? AND last_at <= ?', preview(event), known.conversation_id, known.at);
  return true;
}

/** Identities that came later lead to the contact, and may show that it is one we know. */
async function fillPeople(desk: Desk, channel: string, known: KnownMessage, event: MessageEvent): Promise<boolean> {
  if (event.from.role !== 'contact' || event.automatic === 'bounce' || known.author_role !== 'contact') return false;
  const { contact, news } = await recogniseAgain(desk, channel, event.thread, event.from, known.contact_id);
  if (!news) return false;
  if (contact !== known.contact_id) {
    await desk.db.run('UPDATE messages SET contact_id = ? WHERE id = ?', contact, known.id);
    await desk.db.run('UPDATE conversations SET contact_id = ? WHERE id = ? AND contact_id = ?', contact, known.conversation_id, known.contact_id);
  }
  const company = event.from.company ? await onlyCompany(desk, contact) : null;
  if (company)
    await desk.db.run(
      'UPDATE conversations SET company_id = ? WHERE id = ? AND contact_id = ? AND company_id IS NULL',
      company,
      known.conversation_id,
      contact,
    );
  return true;
}

export const insertFile = (desk: Desk, message: string, media: MediaRef): number | Promise<number> =>
  desk.db.run(
    `INSERT INTO attachments (id, message_id, media_id, name, mime, size, sha256, state, ref, inline_id, decoration, seconds, attempts, next_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)
     ON CONFLICT (message_id, media_id) DO NOTHING`,
    desk.id(),
    message,
    media.id,
    media.name,
    media.mime ?? unknownMime,
    media.size ?? null,
    media.blob ?? null,
    media.blob ? 'stored' : 'waiting',
    JSON.stringify(media),
    media.inline ?? null,
    media.decoration ? 1 : 0,
    media.seconds === undefined ? null : Math.round(media.seconds),
    desk.now,
  );

const unknownMime = 'application/octet-stream';

/** A file that was missing, its bytes, or a place where bytes that could not be had can be fetched now. */
async function fillFile(desk: Desk, message: string, media: MediaRef): Promise<number> {
  const added = await insertFile(desk, message, media);
  if (added > 0) return added;
  if (media.blob !== undefined)
    return desk.db.run(
      `UPDATE attachments SET sha256 = ?, state = 'stored', size = COALESCE(?, size), error = NULL WHERE message_id = ? AND media_id = ? AND state <> 'stored'`,
      media.blob,
      media.size ?? null,
      message,
      media.id,
    );
  if (media.ref === undefined) return 0;
  const ref = JSON.stringify(media);
  // A signed address lives for minutes, so the newest one is the one to try; only a file that was given up makes it news.
  await desk.db.run(`UPDATE attachments SET ref = ? WHERE message_id = ? AND media_id = ? AND state = 'waiting'`, ref, message, media.id);
  return desk.db.run(
    `UPDATE attachments SET ref = ?, state = 'waiting', attempts = 0, next_at = ?, error = NULL
     WHERE message_id = ? AND media_id = ? AND state = 'failed' AND ref <> ?`,
    ref,
    desk.now,
    message,
    media.id,
    ref,
  );
}
