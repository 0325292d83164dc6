/** One attempt of a channel's delivery: what its row and its message say becomes one call of the connector. */
import type { Kysely } from 'kysely';
import { type Channel, ConnectorError, type PublicMessage, type ReplyContext, type Step, type TemplateUse } from '../kit/index.ts';
import type { Database, DeliveriesTable } from '../store/schema.ts';
import type { ChannelOperation } from './replies.ts';
import { isPlaceholder } from './started.ts';

type Row = Pick<DeliveriesTable, 'id' | 'kind' | 'message_id' | 'conversation_id' | 'target' | 'operation'>;

/** The vendor's id of what was sent, and of a conversation that began its thread. */
export interface Sent {
  readonly externalId: string | null;
  readonly thread: string | null;
}

const nothing: Sent = { externalId: null, thread: null };
const gone = (what: string): ConnectorError => new ConnectorError('not-found', `the ${what} does not exist any more`);
const cannot = (what: string): ConnectorError => new ConnectorError('refused', `this channel cannot ${what}`);

/** Runs one delivery of a channel. */
export async function runOnChannel(read: Kysely<Database>, channel: Channel, row: Row, step: Step): Promise<Sent> {
  const work = JSON.parse(row.operation) as ChannelOperation;
  const context = (): Promise<ReplyContext> => contextOf(read, row, { id: row.id, author_name: '' });
  switch (work.kind) {
    case 'end':
      if (!channel.end) throw cannot('end a chat');
      await channel.end(await context(), step);
      return nothing;
    case 'note':
      if (!channel.note) throw cannot('take notes');
      await channel.note(work.note, await context(), step);
      return nothing;
    case 'filed':
      if (!channel.filed) throw cannot('be told of tickets');
      await channel.filed(work.tickets, work.note, await context(), step);
      return nothing;
    case 'start': {
      if (!channel.start) throw cannot('begin a conversation');
      const { message, reply } = await messageOf(read, row, work.template);
      const to = { message: message.id, phone: work.phone, name: work.name ?? undefined, agent: message.author_name };
      return channel.start(reply, to, step);
    }
    case 'send': {
      const { message, reply } = await messageOf(read, row, work.template);
      const to = await contextOf(read, row, message);
      if (isPlaceholder(to.thread)) throw new ConnectorError('refused', 'the first message of this conversation has not been sent');
      const { externalId } = await channel.send(reply, to, step);
      return { externalId, thread: null };
    }
  }
}

async function messageOf(read: Kysely<Database>, row: Row, template: TemplateUse | undefined) {
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
    ...(template ? { template } : {}),
  };
  return { message, reply };
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
