/** Writes what is said about messages without changing their words: reactions and receipts. Neither opens a conversation or makes it newer. */

import { keepReceipt, noteReceipt, type Receipt, sentMessage } from '../conversations/receipts.ts';
import type { ReactionEvent, ReceiptEvent } from '../kit/index.ts';
import type { Desk } from '../people/recognise.ts';
import type { Written } from './message.ts';

/** One an author; null takes it back. A late older one never takes the place of a later one. */
export async function writeReaction(desk: Desk, channel: string, event: ReactionEvent): Promise<Written> {
  const [message] = await desk.db.all<{ id: string; conversation_id: string }>(
    'SELECT id, conversation_id FROM messages WHERE channel = ? AND external_id = ?',
    channel,
    event.id,
  );
  // It may still be on its way; the arrival waits in quarantine and can be replayed.
  if (!message) return { problem: `message not known: ${event.id}` };
  const changed = await desk.db.run(
    `INSERT INTO reactions (message_id, author_id, author_name, emoji, at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (message_id, author_id) DO UPDATE SET emoji = excluded.emoji, at = excluded.at,
       author_name = CASE WHEN excluded.author_name <> '' THEN excluded.author_name ELSE reactions.author_name END
     WHERE reactions.at < excluded.at`,
    message.id,
    `${event.from.role}:${event.from.id}`,
    event.from.name ?? '',
    event.emoji,
    event.at,
  );
  if (changed === 0) return 'repeated';
  desk.db.tell('conversation', message.conversation_id);
  return 'stored';
}

/** The vendor may be faster than the answer to our send; then the receipt waits for the id, and nobody need look at it. */
export async function writeReceipt(desk: Desk, channel: string, event: ReceiptEvent): Promise<Written> {
  const receipt: Receipt = { state: event.state, at: event.at, reason: event.reason ?? null };
  if (event.id === undefined) return allOfThread(desk, channel, event.thread, receipt);
  const message = await sentMessage(desk.db, channel, event.id);
  const news = message ? await noteReceipt(desk.db, message, receipt) : await keepReceipt(desk.db, channel, event.id, receipt, desk.now);
  return news ? 'stored' : 'repeated';
}

/** "Read up to here": counts for what was sent by then and the customer could see. */
async function allOfThread(desk: Desk, channel: string, thread: string, receipt: Receipt): Promise<Written> {
  const messages = await desk.db.all<{ id: string; conversation_id: string; receipt: Receipt['state'] | null }>(
    `SELECT messages.id, messages.conversation_id, messages.receipt FROM messages JOIN conversations ON conversations.id = messages.conversation_id
     WHERE conversations.channel = ? AND conversations.thread = ? AND messages.direction = 'out' AND messages.kind = 'public' AND messages.sending = 'sent'
       AND messages.at <= ? AND (messages.receipt IS NULL OR messages.receipt = 'delivered')`,
    channel,
    thread,
    receipt.at,
  );
  let news = 0;
  for (const message of messages) if (await noteReceipt(desk.db, message, receipt)) news += 1;
  return news > 0 ? 'stored' : 'repeated';
}
