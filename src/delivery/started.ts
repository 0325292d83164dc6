/**
 * Conversations that we begin. Their thread is known once the vendor has taken the first message; until then a placeholder stands for it, one a phone
 * number and channel, so that two agents who write to the same person at once begin one conversation.
 */
import type { Statements } from '../store/statements.ts';

const prefix = 'start:';
export const placeholderThread = (phone: string): string => `${prefix}${phone}`;
export const isPlaceholder = (thread: string): boolean => thread.startsWith(prefix);

/** The vendor named the thread. An answer, or an echo of our message, may have come first and opened a conversation of its own: it becomes part of this one. */
export async function settleThread(s: Statements, conversation: string, thread: string): Promise<void> {
  const others = await s.all<{ id: string }>(
    `SELECT other.id FROM conversations other JOIN conversations mine ON mine.channel = other.channel
     WHERE mine.id = ? AND other.id <> mine.id AND other.thread = ? AND other.state = 'open'${s.lock}`,
    conversation,
    thread,
  );
  for (const { id } of others) await takeOver(s, id, conversation);
  await s.run('UPDATE conversations SET thread = ?, version = version + 1 WHERE id = ?', thread, conversation);
  s.tell('conversation', conversation);
}

/** Tables that name a conversation and nothing else of it. */
const named = ['messages', 'closings', 'deliveries'] as const;

/** Everything of `from` becomes part of `into`; nothing of it is left. */
async function takeOver(s: Statements, from: string, into: string): Promise<void> {
  const [wrote] = await s.all(`SELECT id FROM messages WHERE conversation_id = ? AND author_role = 'contact' LIMIT 1`, from);
  for (const table of named) await s.run(`UPDATE ${table} SET conversation_id = ? WHERE conversation_id = ?`, into, from);
  await s.run('UPDATE deliveries SET lane = ? WHERE lane = ?', `conversation:${into}`, `conversation:${from}`);
  await s.run(
    `INSERT INTO conversation_tickets (conversation_id, ticket_id, closing_id, part, at)
     SELECT CAST(? AS TEXT), ticket_id, closing_id, part, at FROM conversation_tickets WHERE conversation_id = ? ON CONFLICT DO NOTHING`,
    into,
    from,
  );
  await s.run('DELETE FROM conversation_tickets WHERE conversation_id = ?', from);
  await s.run('UPDATE conversations SET continues_id = ? WHERE continues_id = ? AND id <> ?', into, from, into);
  const other = (column: string): string => `(SELECT ${column} FROM conversations o WHERE o.id = ?)`;
  // Who answers is who asks from now on: the vendor vouches for them, while the number was only typed.
  if (wrote) await s.run(`UPDATE conversations SET contact_id = ${other('contact_id')} WHERE id = ?`, from, into);
  await s.run(
    `UPDATE conversations SET
       company_id = COALESCE(company_id, ${other('company_id')}), assignee_id = COALESCE(assignee_id, ${other('assignee_id')}),
       subject = COALESCE(subject, ${other('subject')}), draft = COALESCE(draft, ${other('draft')}), ticket_hint = COALESCE(ticket_hint, ${other('ticket_hint')}),
       continues_id = COALESCE(continues_id, CASE WHEN ${other('continues_id')} <> id THEN ${other('continues_id')} END),
       last_text = CASE WHEN last_at > ${other('last_at')} THEN last_text ELSE ${other('last_text')} END,
       last_at = CASE WHEN last_at > ${other('last_at')} THEN last_at ELSE ${other('last_at')} END,
       started_at = CASE WHEN started_at < ${other('started_at')} THEN started_at ELSE ${other('started_at')} END,
       message_count = message_count + ${other('message_count')}, unread = unread + ${other('unread')}
     WHERE id = ?`,
    ...Array.from({ length: 15 }, () => from),
    into,
  );
  await s.run('DELETE FROM conversations WHERE id = ?', from);
  s.tell('conversation', from);
}
