/** Why a message was taken into a conversation, in points and reasons; and the one message that came by two channels. */
import type { Joined } from '../conversations/joined.ts';
import type { Clues, Identity, MessageEvent } from '../kit/index.ts';
import { type Desk, scoped } from '../people/recognise.ts';

type Reason = Joined['reasons'][number];

/**
 * Subject, "Re:" and time reach 55 of 100 together, so that without the sender nothing is joined by the default threshold of 70; a sender that nobody
 * vouches for adds too little.
 */
const points = { number: 80, subject: 25, 'says-answer': 15, sender: 25, 'claimed-sender': 5, recent: 15 } as const;

/** Conversations that are weighed, the latest first. */
const weighed = 5;

interface Candidate {
  readonly id: string;
  readonly last_at: number;
}

/** The conversation that the clues speak for, if they say enough; and what they said. */
export async function weighClues(desk: Desk, channel: string, event: MessageEvent, clues: Clues): Promise<{ conversation?: string; joined?: Joined }> {
  const { threshold, number } = clues;
  const numbered = number === undefined ? undefined : await byNumber(desk, channel, event, number);
  const stranger = numbered === 'stranger' ? (number ?? null) : null;
  const found = stranger !== null ? [] : typeof numbered === 'object' ? [numbered] : await bySubject(desk, channel, event, clues);
  const best = found.map((one) => ({ ...one, points: sum(one.reasons) })).sort((a, b) => b.points - a.points)[0];
  if (best && best.points >= threshold) return { conversation: best.conversation, joined: { points: best.points, threshold, reasons: best.reasons, stranger } };
  return stranger === null ? {} : { joined: { points: 0, threshold, reasons: [], stranger } };
}

interface Weighed {
  readonly conversation: string;
  readonly reasons: readonly Reason[];
}

const sum = (reasons: readonly Reason[]): number =>
  Math.min(
    100,
    reasons.reduce((points, reason) => points + reason.points, 0),
  );

/**
 * Anybody can write a number into a subject, so it opens a conversation only to those who take part in it. Whoever takes part in one of another channel is
 * no stranger, but a message does not change its channel.
 */
async function byNumber(desk: Desk, channel: string, event: MessageEvent, number: string): Promise<Weighed | 'stranger' | undefined> {
  const [known] = await desk.db.all<{ id: string }>('SELECT id FROM tickets WHERE number = ? LIMIT 1', number);
  if (!known) return undefined;
  const rows = await desk.db.all<Candidate & { channel: string }>(
    `SELECT DISTINCT c.id, c.channel, c.last_at FROM tickets t JOIN conversation_tickets ct ON ct.ticket_id = t.id
       JOIN conversations c ON c.id = ct.conversation_id WHERE t.number = ? ORDER BY c.last_at DESC LIMIT ${weighed * 4}`,
    number,
  );
  let takesPartElsewhere = false;
  for (const row of rows) {
    if (!(await takesPart(desk, channel, row.id, event, true))) continue;
    if (row.channel === channel) return { conversation: row.id, reasons: [{ key: 'number', values: { number }, points: points.number }] };
    takesPartElsewhere = true;
  }
  return takesPartElsewhere || (await isRequester(desk, channel, event, number)) ? undefined : 'stranger';
}

async function bySubject(desk: Desk, channel: string, event: MessageEvent, clues: Clues): Promise<readonly Weighed[]> {
  const { subject } = event;
  if (!subject || event.automatic) return [];
  const rows = await desk.db.all<Candidate>(
    `SELECT id, last_at FROM conversations WHERE state = 'open' AND last_at >= ? AND channel = ? AND subject = ? ORDER BY last_at DESC LIMIT ${weighed}`,
    event.at - clues.withinMs,
    channel,
    subject,
  );
  const found: Weighed[] = [];
  for (const row of rows) found.push({ conversation: row.id, reasons: await reasonsFor(desk, channel, row, event, clues) });
  return found;
}

async function reasonsFor(desk: Desk, channel: string, row: Candidate, event: MessageEvent, clues: Clues): Promise<readonly Reason[]> {
  const recent = Math.round(points.recent * Math.max(0, Math.min(1, 1 - (event.at - row.last_at) / clues.withinMs)));
  const verified = await takesPart(desk, channel, row.id, event, true);
  const claimed = !verified && (await takesPart(desk, channel, row.id, event, false));
  return [
    { key: 'subject', values: { subject: event.subject ?? '' }, points: points.subject },
    ...(clues.answers ? [{ key: 'says-answer', values: {}, points: points['says-answer'] } as const] : []),
    ...(verified ? [{ key: 'sender', values: {}, points: points.sender } as const] : []),
    ...(claimed ? [{ key: 'claimed-sender', values: {}, points: points['claimed-sender'] } as const] : []),
    ...(recent > 0 ? [{ key: 'recent', values: {}, points: recent } as const] : []),
  ];
}

/** Whether somebody with an identity of the sender's wrote in the conversation, or is its contact. `proven`: on both sides the identity is verified. */
const takesPart = (desk: Desk, channel: string, conversation: string, event: MessageEvent, proven: boolean): Promise<boolean> =>
  anyIdentity(
    desk,
    identitiesOf(channel, event, proven),
    `${proven ? 'i.verified = 1 AND ' : ''}(i.contact_id IN (SELECT contact_id FROM messages WHERE conversation_id = ? AND contact_id IS NOT NULL)
       OR i.contact_id = (SELECT contact_id FROM conversations WHERE id = ?))`,
    conversation,
    conversation,
  );

const isRequester = (desk: Desk, channel: string, event: MessageEvent, number: string): Promise<boolean> =>
  anyIdentity(
    desk,
    identitiesOf(channel, event, true),
    'i.verified = 1 AND i.contact_id IN (SELECT contact_id FROM tickets WHERE number = ? AND contact_id IS NOT NULL)',
    number,
  );

const identitiesOf = (channel: string, { from }: MessageEvent, proven: boolean): readonly Required<Identity>[] =>
  from.identities.filter(({ verified }) => verified || !proven).map((identity) => scoped(channel, identity));

async function anyIdentity(desk: Desk, identities: readonly Required<Identity>[], where: string, ...values: readonly string[]): Promise<boolean> {
  for (const { kind, value, scope } of identities) {
    const [found] = await desk.db.all<{ id: string }>(
      `SELECT i.id FROM identities i WHERE i.kind = ? AND i.value = ? AND i.scope = ? AND ${where} LIMIT 1`,
      kind,
      value,
      scope,
      ...values,
    );
    if (found) return true;
  }
  return false;
}

export const keepJoined = (desk: Desk, message: string, joined: Joined): number | Promise<number> =>
  desk.db.run('INSERT INTO message_joins (message_id, joined) VALUES (?, ?) ON CONFLICT (message_id) DO NOTHING', message, JSON.stringify(joined));

/** False when the message was brought already. Decided by the row, so that of two at the same moment one waits for the other, and has it if that one fails. */
export async function claimShared(desk: Desk, channel: string, message: string, shared: string, id: string): Promise<boolean> {
  const made = await desk.db.run(
    'INSERT INTO shared_messages (shared_id, message_id, external_id, channel) VALUES (?, ?, ?, ?) ON CONFLICT (shared_id) DO NOTHING',
    shared,
    message,
    id,
    channel,
  );
  return made > 0;
}

/** Whether a message that is known under the event's id is a different one all the same: senders use ids again, and anybody can write any. */
export async function isAnother(desk: Desk, message: string, { id, shared }: MessageEvent): Promise<boolean> {
  if (shared === undefined) return false;
  const [known] = await desk.db.all<{ shared_id: string }>('SELECT shared_id FROM shared_messages WHERE external_id = ? AND message_id = ?', id, message);
  return known !== undefined && known.shared_id !== shared;
}
