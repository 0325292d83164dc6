/** Writes a message event: once, whatever how often it comes, in its conversation, with its attachments. */
import type { MediaRef, MessageEvent } from '../kit/index.ts';
import { onlyCompany } from '../people/companies.ts';
import { type Desk, recognise } from '../people/recognise.ts';
import { findPlace, lastPlace, openNew, overtaken, type Place } from './place.ts';

/** What became of one event. A `problem` keeps the arrival in quarantine, to be replayed; the other events of it stand. */
export type Written = 'stored' | 'repeated' | 'nothing' | { readonly problem: string };

const previewLength = 140;

export async function writeMessage(desk: Desk, channel: string, arrival: string, event: MessageEvent): Promise<Written> {
  const found = await findPlace(desk, channel, event);
  let place = found.place;
  if (!place) {
    // A repeat must not open anything: its conversation may have ended since.
    const known = await knownMessage(desk, channel, event.id);
    if (known) return repeat(desk, known, event.media);
    const last = found.named ?? (await lastPlace(desk, channel, event.thread));
    if (overtaken(last, event.at)) place = last;
    else if (event.automatic) return 'nothing';
    place ??= await openNew(desk, channel, event, last);
  }
  // A bounce comes from a machine, which is nobody's contact.
  const contact = event.from.role === 'contact' && event.automatic !== 'bounce' ? await recognise(desk, channel, event.thread, event.from) : null;
  const id = desk.id();
  if ((await insertMessage(desk, { id, channel, arrival, place: place.id, contact }, event)) === 0) {
    const known = await knownMessage(desk, channel, event.id);
    return known ? repeat(desk, known, event.media) : 'nothing';
  }
  for (const media of event.media) await insertMedia(desk, id, media);
  await count(desk, place, event);
  if (contact && !event.automatic) await settleContact(desk, place, contact, event, id);
  desk.db.tell('conversation', place.id);
  return 'stored';
}

interface KnownMessage {
  readonly id: string;
  readonly conversation_id: string;
}

const knownMessage = async (desk: Desk, channel: string, externalId: string): Promise<KnownMessage | undefined> =>
  (await desk.db.all<KnownMessage>('SELECT id, conversation_id FROM messages WHERE channel = ? AND external_id = ?', channel, externalId))[0];

function insertMessage(
  desk: Desk,
  at: { id: string; channel: string; arrival: string; place: string; contact: string | null },
  event: MessageEvent,
): number | Promise<number> {
  const incoming = event.from.role === 'contact' || event.from.role === 'system';
  return desk.db.run(
    `INSERT INTO messages (id, conversation_id, channel, external_id, direction, kind, author_role, author_id, author_name, contact_id, at, vendor_order,
       arrived_at, text, html, quoted, subject, automatic, sending, arrival_id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (channel, external_id) DO NOTHING`,
    at.id,
    at.place,
    at.channel,
    event.id,
    incoming ? 'in' : 'out',
    event.kind,
    event.from.role,
    event.from.id,
    event.from.name ?? '',
    at.contact,
    event.at,
    event.order ?? '',
    desk.now,
    event.text,
    event.html ?? null,
    event.quoted ?? null,
    event.subject ?? null,
    event.automatic ?? null,
    incoming ? 'received' : 'sent',
    at.arrival,
  );
}

const insertMedia = (desk: Desk, message: string, media: MediaRef): number | Promise<number> =>
  desk.db.run(
    `INSERT INTO attachments (id, message_id, media_id, name, mime, size, sha256, state, ref, inline_id, decoration, seconds, attempts, next_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)
     ON CONFLICT (message_id, media_id) DO NOTHING`,
    desk.id(),
    message,
    media.id,
    media.name,
    media.mime ?? 'application/octet-stream',
    media.size ?? null,
    media.blob ?? null,
    media.blob ? 'stored' : 'waiting',
    JSON.stringify(media),
    media.inline ?? null,
    media.decoration ? 1 : 0,
    media.seconds === undefined ? null : Math.round(media.seconds),
    desk.now,
  );

/** A repeat changes nothing, except that a file which was missing may have come with it. */
async function repeat(desk: Desk, known: KnownMessage, media: readonly MediaRef[]): Promise<Written> {
  let added = 0;
  for (const item of media) {
    added += await insertMedia(desk, known.id, item);
    if (item.blob === undefined) continue;
    added += await desk.db.run(
      `UPDATE attachments SET sha256 = ?, state = 'stored', size = COALESCE(?, size), error = NULL WHERE message_id = ? AND media_id = ? AND state <> 'stored'`,
      item.blob,
      item.size ?? null,
      known.id,
      item.id,
    );
  }
  if (added === 0) return 'repeated';
  await desk.db.run('UPDATE conversations SET version = version + 1 WHERE id = ?', known.conversation_id);
  desk.db.tell('conversation', known.conversation_id);
  return 'stored';
}

function preview(event: MessageEvent): string {
  // Folding all of a long mail for its first line would cost more than storing it.
  const text = event.text
    .trimStart()
    .slice(0, previewLength * 3)
    .trim()
    .replace(/\s+/g, ' ')
    .slice(0, previewLength);
  return (
    text ||
    event.media
      .map(({ name }) => `📎 ${name}`)
      .join(' ')
      .slice(0, previewLength)
  );
}

/** Only what the customer sees is previewed; a late message never takes the place of a later one. */
async function count(desk: Desk, place: Place, event: MessageEvent): Promise<void> {
  const shown = event.kind === 'public' ? event.at : -1;
  const fromCustomer = event.kind === 'public' && event.from.role === 'contact' && !event.automatic;
  const answered = event.kind === 'public' && event.from.role === 'agent';
  await desk.db.run(
    `UPDATE conversations SET version = version + 1, message_count = message_count + 1, unread = unread * ? + ?,
       last_text = CASE WHEN last_at <= ? OR last_text = '' THEN ? ELSE last_text END, last_at = CASE WHEN last_at < ? THEN ? ELSE last_at END,
       subject = COALESCE(subject, ?)
     WHERE id = ?`,
    answered ? 0 : 1,
    fromCustomer ? 1 : 0,
    shown,
    event.kind === 'public' ? preview(event) : '',
    event.at,
    event.at,
    event.subject ?? null,
    place.id,
  );
}

/** The first customer to write is the requester; their only company is the conversation's. */
async function settleContact(desk: Desk, place: Place, contact: string, event: MessageEvent, message: string): Promise<void> {
  if (contact !== place.contact_id) {
    const [earlier] = await desk.db.all<{ id: string }>(
      `SELECT id FROM messages WHERE conversation_id = ? AND author_role = 'contact' AND id <> ? LIMIT 1`,
      place.id,
      message,
    );
    if (earlier) return;
    await desk.db.run('UPDATE conversations SET contact_id = ? WHERE id = ?', contact, place.id);
  } else if (!event.from.company) return;
  if (place.company_id !== null) return;
  const company = await onlyCompany(desk, contact);
  if (company) await desk.db.run('UPDATE conversations SET company_id = ? WHERE id = ?', company, place.id);
}
