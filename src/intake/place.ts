/** Which conversation does a message belong to? The one it answers, else the open one of its thread, else a new one. */
import { randomBytes } from 'node:crypto';
import type { Joined } from '../conversations/joined.ts';
import type { MessageEvent } from '../kit/index.ts';
import { onlyCompany } from '../people/companies.ts';
import { type Desk, recognise } from '../people/recognise.ts';
import { weighClues } from './joining.ts';

export interface Place {
  readonly id: string;
  readonly state: 'open' | 'ended';
  readonly contact_id: string;
  readonly company_id: string | null;
  readonly ended_by: 'vendor' | 'closing' | 'idle' | null;
  readonly ended_at: number | null;
  readonly filed_at: number | null;
  readonly started_at: number;
  readonly last_at: number;
  /** The vendor's last word on whether it has ended. */
  readonly turned_at: number | null;
}

const columns = 'id, state, contact_id, company_id, ended_by, ended_at, filed_at, started_at, last_at, turned_at';

/** A mail's References can be long; the nearest ancestors are enough. */
const looksBack = 50;
/** A chain of conversations that continue each other is followed this far. */
const chain = 20;

const one = async (desk: Desk, where: string, ...values: readonly (string | number)[]): Promise<Place | undefined> =>
  (await desk.db.all<Place>(`SELECT ${columns} FROM conversations WHERE ${where}${desk.db.lock}`, ...values))[0];

export const openPlace = (desk: Desk, channel: string, thread: string): Promise<Place | undefined> =>
  one(desk, `channel = ? AND thread = ? AND state = 'open'`, channel, thread);

/** A place that exists and takes the message. `named` is what it answers, to be continued if it has ended. */
export async function findPlace(desk: Desk, channel: string, event: MessageEvent): Promise<{ place?: Place; named?: Place; joined?: Joined }> {
  const found = (await answeredPlace(desk, channel, event)) ?? (await openThread(desk, channel, event)) ?? (await weighedPlace(desk, channel, event));
  const named = found?.place;
  const joined = found?.joined && event.clues ? { joined: found.joined } : {};
  if (named?.state === 'open') return { place: named, ...joined };
  const place = (named && (await openSuccessor(desk, named))) ?? (await threadPlace(desk, channel, event));
  return { ...(place ? { place } : {}), ...(named ? { named } : {}), ...joined };
}

/** A thread that is going on says more than any clue. */
async function openThread(desk: Desk, channel: string, event: MessageEvent): Promise<Found | undefined> {
  const place = event.clues && (await threadPlace(desk, channel, event));
  return place?.state === 'open' ? answered(place, event, 'thread', {}) : undefined;
}

async function weighedPlace(desk: Desk, channel: string, event: MessageEvent): Promise<Found | undefined> {
  const weighed = event.clues && (await weighClues(desk, channel, event, event.clues));
  const place = weighed?.conversation === undefined ? undefined : await one(desk, 'id = ?', weighed.conversation);
  return weighed && { ...(place ? { place } : {}), ...(weighed.joined ? { joined: weighed.joined } : {}) };
}

/** The open conversation of the thread; or the one before it, where the message was written before that one ended and came only now. */
async function threadPlace(desk: Desk, channel: string, event: MessageEvent): Promise<Place | undefined> {
  const open = await openPlace(desk, channel, event.thread);
  if (!open || event.at >= open.started_at) return open;
  const before = await one(
    desk,
    `channel = ? AND thread = ? AND state = 'ended' AND started_at <= ? ORDER BY started_at DESC, id DESC LIMIT 1`,
    channel,
    event.thread,
    event.at,
  );
  return overtaken(before, event.at) ? before : open;
}

/** Silent for so long that this message begins another one. A late message, and what a machine answers, never say so. */
export const fellSilent = (place: Place, event: MessageEvent): boolean =>
  place.state === 'open' && event.idleMs !== undefined && !event.automatic && event.at - place.last_at > event.idleMs;

/** It ended by itself, and waits among those that ended without a ticket. */
export async function endIdle(desk: Desk, place: Place, idleMs: number): Promise<Place> {
  const at = place.last_at + idleMs;
  await desk.db.run(`UPDATE conversations SET state = 'ended', ended_by = 'idle', ended_at = ?, version = version + 1 WHERE id = ?`, at, place.id);
  desk.db.tell('conversation', place.id);
  return { ...place, state: 'ended', ended_by: 'idle', ended_at: at };
}

interface Found {
  readonly place?: Place;
  readonly joined?: Joined;
}

const answered = (place: Place, event: MessageEvent, key: 'reply-token' | 'answers' | 'thread', values: Joined['reasons'][number]['values']): Found => ({
  place,
  joined: { points: 100, threshold: event.clues?.threshold ?? 100, reasons: [{ key, values, points: 100 }], stranger: null },
});

async function answeredPlace(desk: Desk, channel: string, event: MessageEvent): Promise<Found | undefined> {
  if (event.replyToken) {
    const place = await one(desk, 'reply_token = ? AND channel = ?', event.replyToken, channel);
    if (place) return answered(place, event, 'reply-token', {});
  }
  for (const id of event.follows?.slice(0, looksBack) ?? []) {
    const conversation = await conversationOf(desk, channel, event, id);
    const place = conversation === undefined ? undefined : await one(desk, 'id = ?', conversation);
    if (place) return answered(place, event, 'answers', { id });
  }
  return undefined;
}

/** Of an earlier message: of this channel; or, where ids are known across channels, of whichever has it. */
async function conversationOf(desk: Desk, channel: string, event: MessageEvent, id: string): Promise<string | undefined> {
  type Row = { conversation_id: string };
  const [own] = await desk.db.all<Row>('SELECT conversation_id FROM messages WHERE channel = ? AND external_id = ?', channel, id);
  if (own || event.shared === undefined) return own?.conversation_id;
  const [shared] = await desk.db.all<Row>(
    'SELECT m.conversation_id FROM shared_messages s JOIN messages m ON m.id = s.message_id WHERE s.external_id = ? ORDER BY m.id LIMIT 1',
    id,
  );
  if (shared) return shared.conversation_id;
  const [sent] = await desk.db.all<Row>(`SELECT conversation_id FROM messages WHERE external_id = ? AND direction = 'out' ORDER BY id LIMIT 1`, id);
  return sent?.conversation_id;
}

async function openSuccessor(desk: Desk, ended: Place): Promise<Place | undefined> {
  let from = ended.id;
  for (let step = 0; step < chain; step++) {
    const next = await one(desk, 'continues_id = ? ORDER BY started_at DESC LIMIT 1', from);
    if (!next || next.state === 'open') return next;
    from = next.id;
  }
  return undefined;
}

/** The last conversation of the thread. */
export async function lastPlace(desk: Desk, channel: string, thread: string): Promise<Place | undefined> {
  return one(desk, 'channel = ? AND thread = ? ORDER BY started_at DESC, id DESC LIMIT 1', channel, thread);
}

/**
 * One that ended outside or by silence, that is not filed yet and whose end came after this message was written takes it: the two only overtook each
 * other on the way.
 */
export const overtaken = (last: Place | undefined, at: number): last is Place =>
  last?.state === 'ended' && last.ended_by !== 'closing' && last.filed_at === null && last.ended_at !== null && at < last.ended_at;

const opened = { state: 'open', ended_by: null, ended_at: null, filed_at: null, turned_at: null } as const;

/** Opens a conversation. Another host may have been faster: then that one is the place. */
export async function openNew(desk: Desk, channel: string, event: MessageEvent, continues: Place | undefined): Promise<Place> {
  const contact = await firstContact(desk, channel, event, continues);
  const company = await onlyCompany(desk, contact);
  const id = desk.id();
  const made = await desk.db.run(
    `INSERT INTO conversations (id, channel, thread, state, contact_id, company_id, subject, reply_token, continues_id, started_at, last_at, last_text,
       message_count, unread, version)
     VALUES (?, ?, ?, 'open', ?, ?, ?, ?, ?, ?, ?, '', 0, 0, 0)
     ON CONFLICT (channel, thread) WHERE state = 'open' DO NOTHING`,
    id,
    channel,
    event.thread,
    contact,
    company,
    event.subject ?? null,
    // Case may be lost in an address, so the token has none: 100 bits of hex.
    randomBytes(13).toString('hex'),
    continues?.id ?? null,
    event.at,
    event.at,
  );
  if (made === 1) return { ...opened, id, contact_id: contact, company_id: company, started_at: event.at, last_at: event.at };
  const other = await openPlace(desk, channel, event.thread);
  if (!other) throw new Error('a conversation is open and cannot be found');
  return other;
}

/** An agent's message may come first: until the customer writes, the thread itself stands for them. */
async function firstContact(desk: Desk, channel: string, event: MessageEvent, continues: Place | undefined): Promise<string> {
  if (event.from.role === 'contact') return recognise(desk, channel, event.thread, event.from);
  return continues?.contact_id ?? recognise(desk, channel, event.thread, { role: 'contact', id: '', identities: [] });
}
