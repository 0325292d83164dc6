/**
 * A vendor that tells us of every message tells us of ours too: also of the second piece of a long reply, of a note on filed tickets, and often before it
 * has answered the send. The journal knows what we sent: a message whose id a step got, or whose words a step is sending right now, is no new one.
 */
import { leavesOf } from '../delivery/echo.ts';
import type { MessageEvent } from '../kit/index.ts';
import type { Desk } from '../people/recognise.ts';

/** Clocks differ: an echo may seem this much older than its send. */
const skewMs = 120_000;

interface SentStep {
  readonly state: 'started' | 'refused' | 'done';
  readonly body: string;
  readonly result: string;
  readonly first_sent_at: number;
  readonly last_sent_at: number;
  readonly delivery: string;
  readonly message_id: string | null;
}

/** True for a message that we sent ourselves. Where it is a whole reply of ours that nobody is sure of yet, that reply now is. */
export async function isEcho(desk: Desk, channel: string, event: MessageEvent): Promise<boolean> {
  if (event.from.role === 'contact' || event.from.role === 'system') return false;
  const steps = await sentSteps(desk, channel, event);
  if (steps.some(({ result }) => leaves(result).includes(event.id))) return true;
  const sending = steps.find((step) => isUnderWay(step) && step.first_sent_at - skewMs <= event.at && holds(step.body, event));
  if (!sending) return false;
  if (sending.message_id !== null) await settle(desk, sending.message_id, sending.delivery, event);
  return true;
}

/**
 * True for a message of ours in another channel's conversation, which came to this one too: written to one of our own addresses, or forwarded. Asked for
 * ids that are known across channels. Until the send has its answer, the id stands in the body of its step only.
 */
export async function isSentElsewhere(desk: Desk, channel: string, id: string): Promise<boolean> {
  const [sent] = await desk.db.all<{ id: string }>(`SELECT id FROM messages WHERE external_id = ? AND direction = 'out' AND channel <> ? LIMIT 1`, id, channel);
  if (sent) return true;
  const steps = await desk.db.all<{ body: string }>(
    `SELECT s.body FROM deliveries d JOIN steps s ON s.delivery_id = d.id
     WHERE d.state IN ('waiting', 'running', 'parked') AND d.target_kind = 'channel' AND d.target <> ? AND s.state = 'started' AND s.body LIKE ?`,
    channel,
    `%${JSON.stringify(id)}%`,
  );
  return steps.some(({ body }) => leaves(body).includes(id));
}

/** Where a first message is under way, its thread is not known yet. */
const sentSteps = async (desk: Desk, channel: string, event: MessageEvent): Promise<readonly SentStep[]> =>
  desk.db.all<SentStep>(
    `SELECT s.state, s.body, s.result, s.first_sent_at, s.last_sent_at, d.id AS delivery, d.message_id FROM steps s JOIN deliveries d ON d.id = s.delivery_id
     WHERE d.target_kind = 'channel' AND d.target = ?
       AND (d.conversation_id IN (SELECT id FROM conversations WHERE channel = ? AND thread = ?) OR (d.kind = 'start' AND d.state <> 'done'))
       AND (s.state <> 'done' OR s.result LIKE ?)`,
    channel,
    channel,
    event.thread,
    // Wildcards within an id only find too much, and each result is read.
    `%${JSON.stringify(event.id)}%`,
  );

const isUnderWay = ({ state, last_sent_at }: SentStep): boolean => state === 'started' || (state === 'refused' && last_sent_at > 0);

const leaves = (json: string): readonly unknown[] => leavesOf(JSON.parse(json));

/** Vendors trim and wrap. */
const dense = (text: string): string => text.replace(/\s/g, '');

/** A file's echo has its name or nothing at all: then any file that is under way is it. */
function holds(body: string, event: MessageEvent): boolean {
  const sent = leaves(body);
  const words = dense(event.text);
  if (words !== '' && sent.some((leaf) => typeof leaf === 'string' && dense(leaf) === words)) return true;
  return words === '' && event.media.length > 0 && sent.some((leaf) => typeof leaf === 'string' && /^[0-9a-f]{64}$/.test(leaf));
}

/** Only for a reply that is this one message and nothing else. A delivery that a person was to judge is done. */
async function settle(desk: Desk, message: string, delivery: string, event: MessageEvent): Promise<void> {
  const [ours] = await desk.db.all<{ text: string; files: number; conversation_id: string }>(
    `SELECT text, conversation_id, (SELECT COUNT(*) FROM attachments a WHERE a.message_id = messages.id) AS files FROM messages WHERE id = ? AND external_id IS NULL`,
    message,
  );
  if (!ours || Number(ours.files) > 0 || dense(ours.text) !== dense(event.text)) return;
  await desk.db.run(
    `UPDATE messages SET external_id = ?, sending = CASE WHEN sending = 'unclear' THEN 'sent' ELSE sending END WHERE id = ?`,
    event.id,
    message,
  );
  const result = JSON.stringify({ externalId: event.id });
  await desk.db.run(
    `UPDATE deliveries SET state = 'done', done_at = ?, result = ?, error = NULL WHERE id = ? AND state = 'parked'`,
    desk.now,
    result,
    delivery,
  );
  desk.db.tell('delivery', delivery);
  desk.db.tell('conversation', ours.conversation_id);
}
