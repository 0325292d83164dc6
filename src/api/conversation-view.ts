/** A conversation as the console shows it: one reading of everything that stands on its page. */
import type { Kysely } from 'kysely';
import { type Joined, readJoined } from '../conversations/joined.ts';
import type { StoredMessage } from '../conversations/messages.ts';
import { readMessages } from '../conversations/messages.ts';
import { type Conversation, type ConversationSummary, readConversation } from '../conversations/reading.ts';
import { replyUntil } from '../conversations/reply-window.ts';
import { readContact } from '../people/contacts.ts';
import type { Database } from '../store/schema.ts';
import type { ConnectedChannel, Desk } from '../tickets/desks.ts';
import type { ConversationDetail, ConversationRow, MessageView } from './contract.ts';
import { labelled } from './tickets.ts';

type Filed = MessageView['filed'];

export const messageView = (message: StoredMessage, filed: Filed = [], joined: MessageView['joined'] = null): MessageView => ({
  id: message.id,
  direction: message.direction,
  kind: message.kind,
  author: message.author,
  at: message.at,
  text: message.text,
  html: message.html === null || message.deletedAt !== null ? null : `/api/messages/${message.id}/html`,
  quoted: message.quoted,
  subject: message.subject,
  automatic: message.automatic,
  sending: message.sending,
  receipt: message.receipt,
  receiptAt: message.receiptAt,
  failure: message.failure,
  reactions: message.reactions.map(({ emoji, names }) => ({ emoji, names: [...names] })),
  editedAt: message.editedAt,
  deletedAt: message.deletedAt,
  files: message.files.map(({ id, name, mime, size, state, inline, decoration, seconds }) => ({ id, name, mime, size, state, inline, decoration, seconds })),
  joined,
  filed,
});

/** A message answered is named by who wrote it and when, where it stands in this conversation. */
function joinedView({ reasons, ...joined }: Joined, messages: readonly StoredMessage[]): NonNullable<MessageView['joined']> {
  return {
    ...joined,
    reasons: reasons.map(({ key, values, points }) => {
      const answered = key === 'answers' ? messages.find(({ externalId }) => externalId !== null && externalId === values.id) : undefined;
      return { key, values: { ...values, ...(answered ? { author: answered.author.name, at: String(answered.at) } : {}) }, points };
    }),
  };
}

type Channels = ReadonlyMap<string, Pick<ConnectedChannel, 'title'>>;

/** A channel that the configuration has no more is shown by its name. */
export const rowView =
  (channels: Channels) =>
  ({
    id,
    channel,
    state,
    filed,
    reminded,
    contact,
    company,
    assignee,
    subject,
    startedAt,
    lastAt,
    lastText,
    messages,
    unread,
  }: ConversationSummary): ConversationRow => ({
    id,
    channel,
    channelTitle: channels.get(channel)?.title ?? channel,
    state,
    filed,
    reminded,
    contact,
    company,
    assignee,
    subject,
    startedAt,
    lastAt,
    lastText,
    messages,
    unread,
  });

async function filings(read: Kysely<Database>, conversation: string): Promise<ReadonlyMap<string, Filed>> {
  const rows = await read
    .selectFrom('closing_messages')
    .innerJoin('closings', 'closings.id', 'closing_messages.closing_id')
    .select(['closing_messages.message_id', 'closing_messages.closing_id', 'closing_messages.part', 'closing_messages.how'])
    .where('closings.conversation_id', '=', conversation)
    .where('closings.state', '!=', 'undone')
    .execute();
  return new Map(
    [...Map.groupBy(rows, ({ message_id }) => message_id)].map(([id, held]) => [
      id,
      held.map(({ closing_id, part, how }) => ({ closing: closing_id, part, how })),
    ]),
  );
}

async function contactDetail(read: Kysely<Database>, { contact }: Conversation): Promise<ConversationDetail['contactDetail']> {
  const { identities = [], companies = [] } = (await readContact(read, contact.id)) ?? {};
  return {
    ...contact,
    // Those that are vouched for first; what merely holds a thread together is none.
    identities: identities.map(({ kind, value, verified }) => ({ kind, value, verified })).sort((a, b) => Number(b.verified) - Number(a.verified)),
    companies: [...companies],
  };
}

export interface ConversationViewParts {
  readonly channels: ReadonlyMap<string, ConnectedChannel>;
  readonly desks: ReadonlyMap<string, Desk>;
}

export async function conversationView(
  read: Kysely<Database>,
  { channels, desks }: ConversationViewParts,
  id: string,
): Promise<ConversationDetail | undefined> {
  const conversation = await readConversation(read, id);
  if (!conversation) return undefined;
  const [messages, joined, filed, contact, tickets, agents, until] = await Promise.all([
    readMessages(read, id),
    readJoined(read, id),
    filings(read, id),
    contactDetail(read, conversation),
    read
      .selectFrom('conversation_tickets')
      .innerJoin('tickets', 'tickets.id', 'conversation_tickets.ticket_id')
      .selectAll('tickets')
      .where('conversation_tickets.conversation_id', '=', id)
      .distinct()
      .execute(),
    conversation.ending ? read.selectFrom('agents').select(['id', 'name', 'email']).where('id', '=', conversation.ending.agent).execute() : [],
    replyUntil(read, id, channels.get(conversation.channel)?.capabilities),
  ]);
  const channel = channels.get(conversation.channel);
  return {
    ...rowView(channels)(conversation),
    version: conversation.version,
    canReply: conversation.state === 'open' && channel?.capabilities.reply === true,
    replyUntil: until,
    endedBy: conversation.endedBy,
    continues: conversation.continues,
    contactDetail: contact,
    messageList: messages.map((message) => {
      const why = joined.get(message.id);
      return messageView(message, filed.get(message.id), why && joinedView(why, messages));
    }),
    tickets: await Promise.all(tickets.map((row) => labelled(row, desks))),
    ending: conversation.ending && agents[0] ? { agent: agents[0], since: conversation.ending.since } : null,
    draft: conversation.draft === null ? null : JSON.parse(conversation.draft),
  };
}
