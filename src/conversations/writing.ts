/** What agents do in a conversation. Each takes the transaction that it is part of. */
import { sql, type Transaction } from 'kysely';
import type { BlobRef } from '../kit/index.ts';
import { tell } from '../store/live.ts';
import type { ConversationsTable, Database, MessagesTable } from '../store/schema.ts';

type Tx = Transaction<Database>;

export interface NewMessage {
  /** Made by the client: the same id is the same message, however often it is sent. */
  readonly id: string;
  readonly conversation: string;
  readonly agent: { readonly id: string; readonly name: string };
  readonly text: string;
  readonly files: readonly BlobRef[];
  readonly at: number;
  /** A new UUIDv7, for the rows of the files. */
  readonly newId: () => string;
}

/** `repeated`: the id is known already; `ended`: nothing goes out in a conversation that is over. */
export type Added = 'added' | 'repeated' | 'ended' | 'unknown';

/** A reply to the customer: queued, until its delivery says what became of it. The delivery's row is the caller's. */
export const addReply = (tx: Tx, message: NewMessage): Promise<Added> => add(tx, message, 'public', 'queued');

/** For agents only; nothing ever sends it. */
export const addInternalNote = (tx: Tx, message: NewMessage): Promise<Added> => add(tx, message, 'internal', 'sent');

async function add(tx: Tx, message: NewMessage, kind: MessagesTable['kind'], sending: MessagesTable['sending']): Promise<Added> {
  const known = await tx.selectFrom('messages').select('id').where('id', '=', message.id).executeTakeFirst();
  if (known) return 'repeated';
  const conversation = await tx.selectFrom('conversations').select(['channel', 'state']).where('id', '=', message.conversation).executeTakeFirst();
  if (!conversation) return 'unknown';
  if (conversation.state !== 'open' && kind === 'public') return 'ended';
  // Sent twice at the same moment: the other one was first.
  if (!(await insertMessage(tx, message, { kind, sending, channel: conversation.channel }))) return 'repeated';
  await insertFiles(tx, message);
  await tx
    .updateTable('conversations')
    .set((eb) => ({
      version: eb('version', '+', 1),
      message_count: eb('message_count', '+', 1),
      last_at: sql<number>`CASE WHEN last_at < ${message.at} THEN ${message.at} ELSE last_at END`,
      ...(kind === 'public' ? { last_text: message.text.trim().slice(0, 140) || message.files.map(({ name }) => `📎 ${name}`).join(' '), unread: 0 } : {}),
    }))
    .where('id', '=', message.conversation)
    .execute();
  tell(tx, 'conversation', message.conversation);
  return 'added';
}

async function insertMessage(tx: Tx, message: NewMessage, how: Pick<MessagesTable, 'kind' | 'sending' | 'channel'>): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('messages')
    .values({
      id: message.id,
      conversation_id: message.conversation,
      direction: 'out',
      author_role: 'agent',
      author_id: message.agent.id,
      author_name: message.agent.name,
      at: message.at,
      vendor_order: '',
      arrived_at: message.at,
      text: message.text.replaceAll('\0', ''),
      ...how,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

async function insertFiles(tx: Tx, message: NewMessage): Promise<void> {
  if (message.files.length === 0) return;
  await tx
    .insertInto('attachments')
    .values(
      message.files.map((file, index) => ({
        id: message.newId(),
        message_id: message.id,
        media_id: String(index),
        name: file.name,
        mime: file.mime,
        size: file.size,
        sha256: file.sha256,
        state: 'stored' as const,
        ref: JSON.stringify({ id: String(index), name: file.name, mime: file.mime, size: file.size, blob: file.sha256 }),
        decoration: 0 as const,
        attempts: 0,
        next_at: message.at,
      })),
    )
    .execute();
}

/**
 * What became of a reply. The vendor may have echoed it to us before it answered: then the echo, which stands under the same id as a message of its own,
 * gives way.
 */
export async function settleReply(tx: Tx, message: string, sending: MessagesTable['sending'], externalId?: string): Promise<void> {
  const row = await tx.selectFrom('messages').select(['conversation_id', 'channel']).where('id', '=', message).executeTakeFirst();
  if (!row) return;
  if (externalId !== undefined) await dropEcho(tx, message, row.channel, externalId);
  await tx
    .updateTable('messages')
    .set({ sending, ...(externalId === undefined ? {} : { external_id: externalId }) })
    .where('id', '=', message)
    .execute();
  tell(tx, 'conversation', row.conversation_id);
}

async function dropEcho(tx: Tx, message: string, channel: string, externalId: string): Promise<void> {
  const echo = await tx
    .selectFrom('messages')
    .select(['id', 'conversation_id'])
    .where('channel', '=', channel)
    .where('external_id', '=', externalId)
    .where('id', '<>', message)
    .where('direction', '=', 'out')
    .executeTakeFirst();
  if (!echo) return;
  const filed = await tx.selectFrom('closing_messages').select('closing_id').where('message_id', '=', echo.id).executeTakeFirst();
  if (filed) {
    // A closing names it, so it stays; only the id moves to the message that we wrote.
    await tx.updateTable('messages').set({ external_id: null }).where('id', '=', echo.id).execute();
    return;
  }
  await tx.deleteFrom('attachments').where('message_id', '=', echo.id).execute();
  await tx.deleteFrom('revisions').where('message_id', '=', echo.id).execute();
  await tx.deleteFrom('message_joins').where('message_id', '=', echo.id).execute();
  await tx.deleteFrom('messages').where('id', '=', echo.id).execute();
  await tx
    .updateTable('conversations')
    .set((eb) => ({ version: eb('version', '+', 1), message_count: eb('message_count', '-', 1) }))
    .where('id', '=', echo.conversation_id)
    .execute();
}

/** False for an unknown conversation. */
export const assign = (tx: Tx, conversation: string, agent: string | null): Promise<boolean> =>
  change(tx, conversation, { assignee_id: agent, assigned_by: agent === null ? null : 'agent' });

export const markRead = (tx: Tx, conversation: string): Promise<boolean> => change(tx, conversation, { unread: 0 });

/** Keeps the closing dialog as it stands; null forgets it. Not a change that a plan depends on. */
export async function saveDraft(tx: Tx, conversation: string, draft: string | null): Promise<boolean> {
  const { numUpdatedRows } = await tx.updateTable('conversations').set({ draft }).where('id', '=', conversation).executeTakeFirst();
  return numUpdatedRows === 1n;
}

async function change(tx: Tx, conversation: string, values: Partial<ConversationsTable>): Promise<boolean> {
  const { numUpdatedRows } = await tx.updateTable('conversations').set(values).where('id', '=', conversation).executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  tell(tx, 'conversation', conversation);
  return true;
}

/** A hint is taken over when its agent has not been seen for this long. */
const idleMs = 120_000;

/**
 * "Ana is ending this": says who is, and since when. Calling it again keeps it alive; another agent takes it over after two idle minutes, or at once
 * with `takeOver`.
 */
export async function endingHint(
  tx: Tx,
  conversation: string,
  agent: string,
  now: number,
  takeOver = false,
): Promise<{ readonly agent: string; readonly since: number } | undefined> {
  const row = await tx.selectFrom('conversations').select(['ending_agent_id', 'ending_since']).where('id', '=', conversation).executeTakeFirst();
  if (!row) return undefined;
  const other = row.ending_agent_id !== null && row.ending_agent_id !== agent && now - (row.ending_since ?? 0) < idleMs;
  if (other && !takeOver) return { agent: row.ending_agent_id ?? '', since: row.ending_since ?? 0 };
  await tx.updateTable('conversations').set({ ending_agent_id: agent, ending_since: now }).where('id', '=', conversation).execute();
  if (row.ending_agent_id !== agent) tell(tx, 'conversation', conversation);
  return { agent, since: now };
}

/** The dialog was left. Somebody else's hint stays. */
export async function endEndingHint(tx: Tx, conversation: string, agent: string): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('conversations')
    .set({ ending_agent_id: null, ending_since: null })
    .where('id', '=', conversation)
    .where('ending_agent_id', '=', agent)
    .executeTakeFirst();
  if (numUpdatedRows > 0n) tell(tx, 'conversation', conversation);
}
