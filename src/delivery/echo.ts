/** A vendor that tells us of every message tells us of our own too, and sometimes before it has answered the send: then it stands there twice, once as we wrote it. */
import type { Statements } from '../store/statements.ts';

interface Echo {
  readonly id: string;
  readonly conversation_id: string;
}

/** The echo gives way to the message that we wrote, and what was said of it goes over. One that a closing holds stays: its transcript names it. */
export async function dropEcho(s: Statements, message: string, channel: string, externalId: string): Promise<void> {
  const [echo] = await s.all<Echo>(
    `SELECT id, conversation_id FROM messages WHERE channel = ? AND external_id = ? AND id <> ? AND direction = 'out'
       AND NOT EXISTS (SELECT 1 FROM closing_messages held WHERE held.message_id = messages.id)${s.lock}`,
    channel,
    externalId,
    message,
  );
  if (!echo) return;
  await s.run('UPDATE reactions SET message_id = ? WHERE message_id = ?', message, echo.id);
  await s.run(
    `UPDATE messages SET receipt = (SELECT receipt FROM messages e WHERE e.id = ?), receipt_at = (SELECT receipt_at FROM messages e WHERE e.id = ?)
     WHERE id = ? AND receipt IS NULL`,
    echo.id,
    echo.id,
    message,
  );
  for (const table of ['attachments', 'revisions', 'message_joins']) await s.run(`DELETE FROM ${table} WHERE message_id = ?`, echo.id);
  await s.run('DELETE FROM messages WHERE id = ?', echo.id);
  await s.run('UPDATE conversations SET version = version + 1, message_count = message_count - 1 WHERE id = ?', echo.conversation_id);
  s.tell('conversation', echo.conversation_id);
}

/** Every text, number and so on in a step's body or result, however the connector arranged them. */
export const leavesOf = (value: unknown): readonly unknown[] =>
  typeof value === 'object' && value !== null ? Object.values(value).flatMap(leavesOf) : [value];
