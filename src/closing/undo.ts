/** Taking a closing back before anything was sent, and ending its hold early. */
import type { Actor } from '../delivery/actions.ts';
import { insert } from '../delivery/insert.ts';
import type { ClosingsTable, ConversationsTable, DeliveriesTable } from '../store/schema.ts';
import type { Statements } from '../store/statements.ts';

export type Ended = 'ok' | 'not-found' | 'too-late';

export interface Ending {
  readonly closing: string;
  readonly actor: Actor;
  readonly now: number;
  /** Id of the audit's entry. */
  readonly audit: string;
}

async function record(s: Statements, action: string, { actor, now, audit }: Ending, closing: ClosingsTable): Promise<void> {
  const detail = JSON.stringify({ conversation: closing.conversation_id });
  await insert(s, 'audit', [
    { id: audit, at: now, actor_kind: actor.kind, actor_id: actor.id, action, subject_kind: 'closing', subject_id: closing.id, detail },
  ]);
  s.tell('closing', closing.id);
  s.tell('conversation', closing.conversation_id);
}

const find = async (s: Statements, id: string): Promise<ClosingsTable | undefined> =>
  (await s.all<ClosingsTable>(`SELECT * FROM closings WHERE id = ?${s.lock}`, id))[0];

/** A claim changes the same rows in the same gate: either it finds nothing to take, or this finds something taken. */
export async function undo(s: Statements, ending: Ending): Promise<Ended> {
  const closing = await find(s, ending.closing);
  if (!closing) return 'not-found';
  if (closing.state === 'undone') return 'ok';
  const rows = await s.all<Pick<DeliveriesTable, 'state' | 'first_at'>>(`SELECT state, first_at FROM deliveries WHERE closing_id = ?${s.lock}`, closing.id);
  const untouched = rows.every(({ state, first_at }) => state === 'waiting' && first_at === null);
  const decidedOnly = rows.length === 0 && ending.now >= closing.not_before;
  if (!untouched || decidedOnly) return 'too-late';
  await s.run(`UPDATE deliveries SET state = 'undone' WHERE closing_id = ?`, closing.id);
  await s.run(`UPDATE closings SET state = 'undone' WHERE id = ?`, closing.id);
  await s.run('DELETE FROM closing_messages WHERE closing_id = ?', closing.id);
  await restore(s, closing);
  await record(s, 'closing.undo', ending, closing);
  return 'ok';
}

type Before = Pick<ConversationsTable, 'state' | 'ended_at' | 'ended_by' | 'filed_at' | 'draft'>;

/** It stays ended where a new conversation of the same thread is open by now, or a later closing stands; a newer draft stays too. */
async function restore(s: Statements, closing: ClosingsTable): Promise<void> {
  const before = JSON.parse(closing.restore ?? 'null') as Before | null;
  const later = await s.all(`SELECT id FROM closings WHERE conversation_id = ? AND id > ? AND state <> 'undone'`, closing.conversation_id, closing.id);
  if (!before || later.length > 0) return void (await s.run('UPDATE conversations SET version = version + 1 WHERE id = ?', closing.conversation_id));
  const others = await s.all(
    `SELECT other.id FROM conversations other JOIN conversations mine ON mine.channel = other.channel AND mine.thread = other.thread
     WHERE mine.id = ? AND other.id <> mine.id AND other.state = 'open'`,
    closing.conversation_id,
  );
  const reopens = before.state === 'open' && others.length === 0;
  await s.run(
    'UPDATE conversations SET version = version + 1, filed_at = ?, draft = COALESCE(draft, ?) WHERE id = ?',
    before.filed_at,
    before.draft,
    closing.conversation_id,
  );
  if (reopens) await s.run(`UPDATE conversations SET state = 'open', ended_at = NULL, ended_by = NULL WHERE id = ?`, closing.conversation_id);
}

export async function releaseNow(s: Statements, ending: Ending): Promise<Ended> {
  const closing = await find(s, ending.closing);
  if (!closing) return 'not-found';
  if (closing.state === 'undone') return 'too-late';
  if (closing.state === 'released') return 'ok';
  await s.run(`UPDATE closings SET state = 'released', not_before = ? WHERE id = ?`, ending.now, closing.id);
  await s.run(`UPDATE deliveries SET due_at = ? WHERE closing_id = ? AND state = 'waiting' AND first_at IS NULL`, ending.now, closing.id);
  await record(s, 'closing.now', ending, closing);
  return 'ok';
}
