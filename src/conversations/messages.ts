/** The messages of a conversation, in order, with their files and earlier wordings. */
import type { Kysely } from 'kysely';
import type { AttachmentsTable, Database, MessagesTable, ReactionsTable, RevisionsTable } from '../store/schema.ts';
import { byOrder } from './order.ts';

export interface StoredFile {
  readonly id: string;
  readonly mediaId: string;
  readonly name: string;
  readonly mime: string;
  readonly size: number | null;
  readonly sha256: string | null;
  readonly state: AttachmentsTable['state'];
  readonly inline: string | null;
  readonly decoration: boolean;
  readonly seconds: number | null;
}

/** Who reacted with it, in the order of time. */
export interface Reaction {
  readonly emoji: string;
  readonly names: readonly string[];
}

export interface StoredMessage {
  readonly id: string;
  readonly conversation: string;
  readonly externalId: string | null;
  readonly direction: MessagesTable['direction'];
  readonly kind: MessagesTable['kind'];
  readonly author: { readonly role: MessagesTable['author_role']; readonly id: string; readonly name: string };
  readonly contact: string | null;
  readonly at: number;
  readonly vendorOrder: string;
  readonly arrivedAt: number;
  readonly text: string;
  readonly html: string | null;
  readonly quoted: string | null;
  readonly subject: string | null;
  readonly automatic: MessagesTable['automatic'];
  readonly sending: MessagesTable['sending'];
  /** How far the vendor says that it got, and when; `failure` in the vendor's words. */
  readonly receipt: 'delivered' | 'read' | null;
  readonly receiptAt: number | null;
  readonly failure: string | null;
  readonly reactions: readonly Reaction[];
  readonly editedAt: number | null;
  readonly deletedAt: number | null;
  readonly files: readonly StoredFile[];
}

/** Oldest first. Reads through a transaction too, so that a plan is made of what it will be committed with. */
export async function readMessages(read: Kysely<Database>, conversation: string): Promise<readonly StoredMessage[]> {
  const rows = await read.selectFrom('messages').selectAll().where('conversation_id', '=', conversation).orderBy('at').execute();
  const files = await read
    .selectFrom('attachments')
    .innerJoin('messages', 'messages.id', 'attachments.message_id')
    .selectAll('attachments')
    .where('messages.conversation_id', '=', conversation)
    .orderBy('attachments.id')
    .execute();
  const reactions = await read
    .selectFrom('reactions')
    .innerJoin('messages', 'messages.id', 'reactions.message_id')
    .selectAll('reactions')
    .where('messages.conversation_id', '=', conversation)
    .execute();
  const byMessage = Map.groupBy(files, ({ message_id }) => message_id);
  const reacted = Map.groupBy(reactions, ({ message_id }) => message_id);
  return rows.map((row) => shape(row, byMessage.get(row.id) ?? [], reacted.get(row.id) ?? [])).sort(byOrder);
}

export async function readMessage(read: Kysely<Database>, id: string): Promise<StoredMessage | undefined> {
  const row = await read.selectFrom('messages').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) return undefined;
  const files = await read.selectFrom('attachments').selectAll().where('message_id', '=', id).orderBy('id').execute();
  return shape(row, files, await read.selectFrom('reactions').selectAll().where('message_id', '=', id).execute());
}

/** What a message said before, oldest first. */
export async function readRevisions(read: Kysely<Database>, message: string): Promise<readonly { at: number; kind: RevisionsTable['kind']; text: string }[]> {
  return read.selectFrom('revisions').select(['at', 'kind', 'text']).where('message_id', '=', message).orderBy('at').orderBy('id').execute();
}

function reactionsOf(rows: readonly ReactionsTable[]): readonly Reaction[] {
  const standing = rows
    .flatMap(({ emoji, ...row }) => (emoji === null ? [] : [{ ...row, emoji }]))
    .sort((a, b) => a.at - b.at || (a.author_id < b.author_id ? -1 : 1));
  return [...Map.groupBy(standing, ({ emoji }) => emoji)].map(([emoji, who]) => ({ emoji, names: who.map(({ author_name }) => author_name) }));
}

function shape(row: MessagesTable, files: readonly AttachmentsTable[], reactions: readonly ReactionsTable[]): StoredMessage {
  return {
    id: row.id,
    conversation: row.conversation_id,
    externalId: row.external_id,
    direction: row.direction,
    kind: row.kind,
    author: { role: row.author_role, id: row.author_id, name: row.author_name },
    contact: row.contact_id,
    at: row.at,
    vendorOrder: row.vendor_order,
    arrivedAt: row.arrived_at,
    text: row.text,
    html: row.html,
    quoted: row.quoted,
    subject: row.subject,
    automatic: row.automatic,
    sending: row.sending,
    receipt: row.receipt === 'failed' ? null : row.receipt,
    receiptAt: row.receipt_at,
    failure: row.failure,
    reactions: reactionsOf(reactions),
    editedAt: row.edited_at,
    deletedAt: row.deleted_at,
    files: files.map((file) => ({
      id: file.id,
      mediaId: file.media_id,
      name: file.name,
      mime: file.mime,
      size: file.size,
      sha256: file.sha256,
      state: file.state,
      inline: file.inline_id,
      decoration: file.decoration === 1,
      seconds: file.seconds,
    })),
  };
}
