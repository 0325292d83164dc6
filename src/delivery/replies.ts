/** Messages to customers go the same way as operations: a row in the message's transaction, then steps, and never twice by us. */
import type { Kysely, Transaction } from 'kysely';
import { type Channel, ConnectorError, type PublicMessage, type ReplyContext, type Step } from '../kit/index.ts';
import type { Database, DeliveriesTable } from '../store/schema.ts';

/** What a channel's delivery holds: the words are read from the message when it runs, and are frozen by its step. */
export interface ChannelOperation {
  readonly id: string;
  readonly revision: number;
  readonly kind: 'send' | 'end';
}

export interface QueuedReply {
  /** Id of the new delivery. */
  readonly delivery: string;
  /** The type keeps internal notes out; so does a check, since rows are read back without types. */
  readonly message: { readonly id: string; readonly kind: 'public' };
  readonly conversation: { readonly id: string; readonly channel: string };
  readonly now: number;
}

export const conversationLane = (conversation: string): string => `conversation:${conversation}`;

/** The row of a channel's delivery; `due` is a hold's end, or now. */
export function channelRow(
  kind: ChannelOperation['kind'],
  made: { id: string; conversation: { id: string; channel: string }; now: number; due: number; seq?: number; message?: string; closing?: string },
): DeliveriesTable {
  const operation: ChannelOperation = { id: made.id, revision: 1, kind };
  return {
    id: made.id,
    closing_id: made.closing ?? null,
    message_id: made.message ?? null,
    conversation_id: made.conversation.id,
    seq: made.seq ?? 0,
    target_kind: 'channel',
    target: made.conversation.channel,
    kind,
    operation: JSON.stringify(operation),
    revision: 1,
    lane: conversationLane(made.conversation.id),
    after: '[]',
    state: 'waiting',
    due_at: made.due,
    first_at: null,
    attempts: 0,
    error: null,
    result: null,
    created_at: made.now,
    done_at: null,
    doubles: null,
    swept_at: null,
  };
}

/** Call in the transaction that writes the message (with `sending` 'queued'); afterwards tell the dispatch to look. Throws for an internal message. */
export async function queueReply(tx: Transaction<Database>, { delivery, message, conversation, now }: QueuedReply): Promise<void> {
  if (message.kind !== 'public') throw new Error('an internal message is never sent to a customer');
  const row = channelRow('send', { id: delivery, conversation, now, due: now, message: message.id });
  await tx.insertInto('deliveries').values(row).execute();
}

type Row = Pick<DeliveriesTable, 'id' | 'kind' | 'message_id' | 'conversation_id' | 'target'>;

const gone = (what: string): ConnectorError => new ConnectorError('not-found', `the ${what} does not exist any more`);

/** Runs one delivery of a channel; resolves with the vendor's id of what was sent. */
export async function runOnChannel(read: Kysely<Database>, channel: Channel, row: Row, step: Step): Promise<string | null> {
  if (row.kind === 'end') {
    if (!channel.end) throw new ConnectorError('refused', 'this channel cannot end a chat');
    await channel.end(await contextOf(read, row, { id: row.id, author_name: '' }), step);
    return null;
  }
  const message = await read
    .selectFrom('messages')
    .selectAll()
    .where('id', '=', row.message_id ?? '')
    .executeTakeFirst();
  if (!message) throw gone('message');
  if (message.kind !== 'public' || message.direction !== 'out') throw new ConnectorError('refused', 'only our own public messages are sent to customers');
  const files = await read
    .selectFrom('attachments')
    .select(['sha256', 'name', 'mime', 'size'])
    .where('message_id', '=', message.id)
    .where('state', '=', 'stored')
    .orderBy('id')
    .execute();
  const reply: PublicMessage = {
    kind: 'public',
    text: message.text,
    files: files.flatMap(({ sha256, name, mime, size }) => (sha256 ? [{ sha256, name, mime, size: size ?? 0 }] : [])),
  };
  const { externalId } = await channel.send(reply, await contextOf(read, row, message), step);
  return externalId;
}

async function contextOf(read: Kysely<Database>, row: Row, message: { id: string; author_name: string }): Promise<ReplyContext> {
  const conversation = await read
    .selectFrom('conversations')
    .selectAll()
    .where('id', '=', row.conversation_id ?? '')
    .executeTakeFirst();
  if (!conversation) throw gone('conversation');
  const latest = await read
    .selectFrom('messages')
    .select(['external_id', 'direction', 'author_id', 'author_name'])
    .where('conversation_id', '=', conversation.id)
    .where('kind', '=', 'public')
    .where('id', '<>', message.id)
    .orderBy('at', 'desc')
    .orderBy('vendor_order', 'desc')
    .limit(100)
    .execute();
  const identities = await read
    .selectFrom('identities')
    .select(['kind', 'value', 'verified'])
    .where('contact_id', '=', conversation.contact_id)
    .orderBy('verified', 'desc')
    .orderBy('seen_at', 'desc')
    .execute();
  const wroteFrom = latest.find(({ direction }) => direction === 'in');
  const first = (value: string): number => (value === wroteFrom?.author_id || value === conversation.thread ? 0 : 1);
  return {
    message: message.id,
    thread: conversation.thread,
    replyToken: conversation.reply_token,
    subject: conversation.subject ?? undefined,
    to: identities
      .sort((a, b) => first(a.value) - first(b.value))
      .map(({ kind, value }) => ({ kind, value, ...(wroteFrom?.author_name ? { name: wroteFrom.author_name } : {}) })),
    earlier: latest.flatMap(({ external_id }) => external_id ?? []).slice(0, 20),
    agent: message.author_name,
  };
}
