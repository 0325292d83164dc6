/** Why a message was taken into a conversation, in points and reasons; and the one message that came by two channels. */
import type { Clues, MessageEvent } from '../kit/index.ts';
import { type Desk, scoped } from '../people/recognise.ts';

/** `values` fill the reason's words: `id` of the message answered, `number` of the ticket, `subject`. */
export interface Joined {
  readonly points: number;
  readonly threshold: number;
  readonly reasons: readonly { readonly key: ReasonKey; readonly values: Readonly<Record<string, string>>; readonly points: number }[];
  /** A ticket's number that the message names although its sender is not known there. */
  readonly stranger: string | null;
}
type Reason = Joined['reasons'][number];
type ReasonKey = 'reply-token' | 'answers' | 'number' | 'subject' | 'says-answer' | 'sender' | 'claimed-sender' | 'recent';

/**
 * Subject, "Re:" and time reach 55 of 100 together, so that without the sender nothing is joined by the default threshold of 70; a sender that nobody
 * vouches for adds too little.
 */
const points = { number: 80, subject: 25, 'says-answer': 15, sender: 25, 'claimed-sender': 5, recent: 15 } as const;

/** Conversations with the same subject that are weighed, the latest first. */
const weighed = 5;

interface Candidate {
  readonly id: string;
  readonly last_at: number;
}

/** The conversation that the clues speak for, if they say enough; and what they said. */
export async function weighClues(desk: Desk, channel: string, event: MessageEvent, clues: Clues): Promise<{ conversation?: string; joined?: Joined }> {
  const numbered = clues.number === undefined ? undefined : await byNumber(desk, channel, event, clues.number);
  const stranger = numbered === 'stranger' ? (clues.number ?? null) : null;
  const found = typeof numbered === 'object' ? [numbered] : stranger === null ? await bySubject(desk, channel, event, clues) : [];
  const best = found
    .map(({ conversation, reasons }) => ({
      conversation,
      reasons,
      points: Math.min(
        100,
        reasons.reduce((sum, reason) => sum + reason.points, 0),
      ),
    }))
    .sort((a, b) => b.points - a.points)[0];
  const { threshold } = clues;
  if (best && best.points >= threshold) return { conversation: best.conversation, joined: { points: best.points, threshold, reasons: best.reasons, stranger } };
  return stranger === null ? {} : { joined: { points: 0, threshold, reasons: [], stranger } };
}

interface Weighed {
  readonly conversation: string;
  readonly reasons: readonly Reason[];
}

/** Anybody can write a number into a subject, so it opens a conversation only to those who take part in it. */
async function byNumber(desk: Desk, channel: string, event: MessageEvent, number: string): Promise<Weighed | 'stranger' | undefined> {
  const rows = await desk.db.all<Candidate>(
    `SELECT DISTINCT c.id, c.last_at FROM tickets t JOIN conversation_tickets ct ON ct.ticket_id = t.id JOIN conversations c ON c.id = ct.conversation_id
     WHERE t.number = ? AND c.channel = ? ORDER BY c.last_at DESC LIMIT ${weighed}`,
    number,
    channel,
  );
  for (const { id } of rows)
    if (await takesPart(desk, channel, id, event, true)) return { conversation: id, reasons: [{ key: 'number', values: { number }, points: points.number }] };
  return rows.length > 0 ? 'stranger' : undefined;
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
async function takesPart(desk: Desk, channel: string, conversation: string, event: MessageEvent, proven: boolean): Promise<boolean> {
  for (const identity of event.from.identities) {
    const { kind, value, scope, verified } = scoped(channel, identity);
    if (proven && !verified) continue;
    const [found] = await desk.db.all<{ id: string }>(
      `SELECT i.id FROM identities i WHERE i.kind = ? AND i.value = ? AND i.scope = ?${proven ? ' AND i.verified = 1' : ''}
         AND (i.contact_id IN (SELECT contact_id FROM messages WHERE conversation_id = ? AND contact_id IS NOT NULL)
           OR i.contact_id = (SELECT contact_id FROM conversations WHERE id = ?)) LIMIT 1`,
      kind,
      value,
      scope,
      conversation,
      conversation,
    );
    if (found) return true;
  }
  return false;
}

export const keepJoined = (desk: Desk, message: string, joined: Joined): number | Promise<number> =>
  desk.db.run('INSERT INTO message_joins (message_id, joined) VALUES (?, ?) ON CONFLICT (message_id) DO NOTHING', message, JSON.stringify(joined));

/** False when another channel has brought the message already. Decided by the row, so that two at the same moment cannot both have it. */
export async function claimShared(desk: Desk, channel: string, message: string, sharedId: string): Promise<boolean> {
  const made = await desk.db.run(
    'INSERT INTO shared_messages (shared_id, message_id, channel) VALUES (?, ?, ?) ON CONFLICT (shared_id) DO NOTHING',
    sharedId,
    message,
    channel,
  );
  return made > 0;
}
