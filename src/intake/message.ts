/** Writes a message event: once, whatever how often it comes, in its conversation, with its attachments. */
import type { MessageEvent } from '../kit/index.ts';
import { onlyCompany } from '../people/companies.ts';
import { type Desk, recognise } from '../people/recognise.ts';
import { isEcho, isSentElsewhere } from './echo.ts';
import { takeEnd } from './ends.ts';
import { claimShared, isAnother, keepJoined } from './joining.ts';
import { countRecovered } from './outages.ts';
import { endIdle, fellSilent, findPlace, lastPlace, openNew, overtaken, type Place } from './place.ts';
import { preview } from './preview.ts';
import { insertFile, type KnownMessage, knownMessage, repeat } from './repeat.ts';

/** What became of one event. A `problem` keeps the arrival in quarantine, to be replayed; the other events of it stand. */
export type Written = 'stored' | 'repeated' | 'nothing' | { readonly problem: string };

export async function writeMessage(desk: Desk, channel: string, arrival: string, came: MessageEvent): Promise<Written> {
  // First of all: a repeat must not open, end or name anything. Its conversation may have ended since, and its author be known by more.
  const { event, same } = await identify(desk, channel, came);
  if (same) return repeat(desk, channel, same, event);
  if (await isEcho(desk, channel, event)) return 'nothing';
  if (event.shared !== undefined && (await isSentElsewhere(desk, channel, event.id))) return 'repeated';
  const id = desk.id();
  const found = await findPlace(desk, channel, event);
  const last = found.place ?? found.named ?? (await lastPlace(desk, channel, event.thread));
  const standing = found.place ? (fellSilent(found.place, event) ? undefined : found.place) : overtaken(last, event.at) ? last : undefined;
  if (!standing && event.automatic) return 'nothing';
  // Before anything is opened or ended: where another channel has brought it, it stands there.
  if (event.shared !== undefined && !(await claimShared(desk, channel, id, event.shared, event.id))) return 'repeated';
  const before = found.place && !standing ? await endIdle(desk, found.place, event.idleMs ?? 0) : last;
  const place = standing ?? (await openNew(desk, channel, event, before));
  if (!before) await takeEnd(desk, channel, event.thread, place);
  // A bounce comes from a machine, which is nobody's contact.
  const contact = event.from.role === 'contact' && event.automatic !== 'bounce' ? await recognise(desk, channel, event.thread, event.from) : null;
  if ((await insertMessage(desk, { id, channel, arrival, place: place.id, contact }, event)) === 0) {
    // Another host was faster.
    const known = await knownMessage(desk, channel, event.id);
    return known ? repeat(desk, channel, known, event) : 'nothing';
  }
  if (found.joined) await keepJoined(desk, id, found.joined);
  for (const media of event.media) await insertFile(desk, id, media);
  await count(desk, place, event);
  await countRecovered(desk, channel, event.at);
  if (event.from.role === 'contact' && event.kind === 'public' && !event.automatic) desk.heard?.(channel, event.at);
  if (contact && !event.automatic) await settleContact(desk, place, contact, event, id);
  desk.db.tell('conversation', place.id);
  return 'stored';
}

/** The message that it repeats. One that only has the id of another takes an id of its own, so that neither's words are lost. */
async function identify(desk: Desk, channel: string, event: MessageEvent): Promise<{ event: MessageEvent; same: KnownMessage | undefined }> {
  const same = await knownMessage(desk, channel, event.id);
  if (!same || !(await isAnother(desk, same.id, event))) return { event, same };
  const own = { ...event, id: `${event.id}#${event.shared}` };
  return { event: own, same: await knownMessage(desk, channel, own.id) };
}

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
