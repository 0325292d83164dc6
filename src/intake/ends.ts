/** Ends that the vendor tells of, also those that overtake the first message of their thread. */
import type { EndedEvent, ReopenedEvent } from '../kit/index.ts';
import type { Desk } from '../people/recognise.ts';
import type { Place } from './place.ts';

/** Nothing is filed yet, so it stands among those that ended without a ticket. */
export async function endNow(desk: Desk, conversation: string, at: number): Promise<void> {
  await desk.db.run(
    `UPDATE conversations SET state = 'ended', ended_by = 'vendor', ended_at = ?, turned_at = ?, version = version + 1 WHERE id = ? AND state = 'open'`,
    at,
    at,
    conversation,
  );
  desk.db.tell('conversation', conversation);
}

/** It overtook the first message of its thread: kept until that comes. */
export async function keepEnd(desk: Desk, channel: string, { thread, at }: EndedEvent): Promise<void> {
  await desk.db.run(
    `INSERT INTO waiting_ends (channel, thread, at) VALUES (?, ?, ?)
     ON CONFLICT (channel, thread) DO UPDATE SET at = CASE WHEN waiting_ends.at < excluded.at THEN excluded.at ELSE waiting_ends.at END`,
    channel,
    thread,
    at,
  );
}

/** Call once the first message of a thread has opened a conversation: an end that came before it, and happened after it, counts now. */
export async function takeEnd(desk: Desk, channel: string, thread: string, opened: Pick<Place, 'id' | 'started_at'>): Promise<void> {
  const [waiting] = await desk.db.all<{ at: number }>('SELECT at FROM waiting_ends WHERE channel = ? AND thread = ?', channel, thread);
  if (!waiting) return;
  await desk.db.run('DELETE FROM waiting_ends WHERE channel = ? AND thread = ?', channel, thread);
  if (Number(waiting.at) <= opened.started_at) return;
  await endNow(desk, opened.id, Number(waiting.at));
}

/** The chat was taken up again since. */
export async function dropEnd(desk: Desk, channel: string, { thread, at }: ReopenedEvent): Promise<void> {
  await desk.db.run('DELETE FROM waiting_ends WHERE channel = ? AND thread = ? AND at <= ?', channel, thread, at);
}
