/** Writing first: an agent begins a conversation with a phone number. Contact, conversation, message and what is to be sent are one transaction. */
import { randomBytes } from 'node:crypto';
import type { Transaction } from 'kysely';
import { channelRow } from '../delivery/replies.ts';
import { placeholderThread } from '../delivery/started.ts';
import type { NoteOperation, TemplateUse, TicketRef } from '../kit/index.ts';
import { companiesOf } from '../people/contacts.ts';
import type { AuditEntry } from '../store/audit.ts';
import { audit } from '../store/audit.ts';
import type { Database, DeliveriesTable } from '../store/schema.ts';
import { noteRow } from './ticket-note.ts';
import { addReply } from './writing.ts';

type Tx = Transaction<Database>;

export interface NewConversation {
  /** Made by the client: the same id is the same conversation, however often it is sent. */
  readonly id: string;
  readonly channel: string;
  /** E.164. */
  readonly phone: string;
  readonly name: string | null;
  readonly text: string;
  readonly template: TemplateUse | null;
  readonly agent: { readonly id: string; readonly name: string };
  /** The agent who begins it has it, unless it was a program. */
  readonly assign: boolean;
  readonly actor: AuditEntry['actor'];
  /** The ticket that this is about, and what is noted on it. */
  readonly ticket: { readonly ref: TicketRef; readonly note: NoteOperation['note'] } | null;
  readonly at: number;
  /** A new UUIDv7. */
  readonly newId: () => string;
}

export type Started =
  | { readonly is: 'started'; readonly deliveries: readonly string[] }
  | { readonly is: 'repeated' }
  /** The id belongs to another conversation. */
  | { readonly is: 'taken' }
  /** A conversation with this person is open on this channel. */
  | { readonly is: 'open'; readonly conversation: string };

interface Known {
  readonly contact: string;
  readonly open: string | undefined;
}

/** Whom the number belongs to: somebody whom a vendor vouched for, else somebody whom we wrote to at this number before. A typed number alone proves nothing. */
async function knownAt(tx: Tx, channel: string, phone: string): Promise<Known | undefined> {
  const rows = await tx
    .selectFrom('identities')
    .innerJoin('contacts', 'contacts.id', 'identities.contact_id')
    .leftJoin('conversations', (join) => join.onRef('conversations.contact_id', '=', 'contacts.id').on('conversations.channel', '=', channel))
    .leftJoin('deliveries', (join) =>
      join.onRef('deliveries.conversation_id', '=', 'conversations.id').on('deliveries.target_kind', '=', 'channel').on('deliveries.kind', '=', 'start'),
    )
    .select(['contacts.id as contact', 'conversations.id as conversation', 'conversations.state', 'identities.verified', 'deliveries.id as begun'])
    .where('identities.kind', '=', 'phone')
    .where('identities.value', '=', phone)
    .where('contacts.erased_at', 'is', null)
    .orderBy('identities.verified', 'desc')
    .orderBy('conversations.last_at', 'desc')
    .execute();
  const theirs = rows.filter(({ verified, begun }) => verified === 1 || begun !== null);
  const [first] = theirs;
  return first && { contact: first.contact, open: theirs.find(({ state }) => state === 'open')?.conversation ?? undefined };
}

async function newContact(tx: Tx, { name, phone, at, newId }: NewConversation): Promise<string> {
  const id = newId();
  await tx
    .insertInto('contacts')
    .values({ id, name: name ?? phone, created_at: at, erased_at: null })
    .execute();
  await tx.insertInto('identities').values({ id: newId(), contact_id: id, kind: 'phone', value: phone, scope: '', verified: 0, seen_at: at }).execute();
  return id;
}

/** False where a conversation with this number is being begun already. */
async function insertConversation(tx: Tx, made: NewConversation, contact: string): Promise<boolean> {
  const [company, ...others] = await companiesOf(tx, contact);
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('conversations')
    .values({
      id: made.id,
      channel: made.channel,
      thread: placeholderThread(made.phone),
      state: 'open',
      contact_id: contact,
      company_id: company && others.length === 0 ? company.id : null,
      assignee_id: made.assign ? made.agent.id : null,
      assigned_by: made.assign ? 'agent' : null,
      reply_token: randomBytes(13).toString('hex'),
      ticket_hint: made.ticket ? JSON.stringify(made.ticket.ref) : null,
      started_at: made.at,
      last_at: made.at,
      last_text: '',
      message_count: 0,
      unread: 0,
      version: 0,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

async function sameBefore(tx: Tx, made: NewConversation): Promise<'none' | 'same' | 'other'> {
  const known = await tx.selectFrom('conversations').select('channel').where('id', '=', made.id).executeTakeFirst();
  if (!known) return 'none';
  const start = await tx.selectFrom('deliveries').select('operation').where('conversation_id', '=', made.id).where('kind', '=', 'start').executeTakeFirst();
  const phone = start && (JSON.parse(start.operation) as { phone?: string }).phone;
  return known.channel === made.channel && phone === made.phone ? 'same' : 'other';
}

export async function startConversation(tx: Tx, made: NewConversation): Promise<Started> {
  const before = await sameBefore(tx, made);
  if (before !== 'none') return { is: before === 'same' ? 'repeated' : 'taken' };
  const known = await knownAt(tx, made.channel, made.phone);
  if (known?.open) return { is: 'open', conversation: known.open };
  const contact = known?.contact ?? (await newContact(tx, made));
  if (!(await insertConversation(tx, made, contact))) throw new BegunMeanwhile();
  const message = made.newId();
  await addReply(tx, { id: message, conversation: made.id, agent: made.agent, text: made.text, files: [], at: made.at, newId: made.newId });
  const deliveries = deliveriesOf(made, message);
  await tx
    .insertInto('deliveries')
    .values([...deliveries])
    .execute();
  await audit(tx, {
    at: made.at,
    actor: made.actor,
    action: 'conversation.start',
    subject: { kind: 'conversation', id: made.id },
    detail: { channel: made.channel, ...(made.ticket ? { helpdesk: made.ticket.ref.helpdesk, ticket: made.ticket.ref.id } : {}) },
  });
  return { is: 'started', deliveries: deliveries.map(({ id }) => id) };
}

/** Two agents at once: the second one's transaction is rolled back, and asked again it finds the first one's conversation. */
export class BegunMeanwhile extends Error {
  constructor() {
    super('a conversation with this number is being begun already');
    this.name = 'BegunMeanwhile';
  }
}

/** The contact is noted on the ticket once the message is out. */
function deliveriesOf(made: NewConversation, message: string): readonly DeliveriesTable[] {
  const { phone, name, template, ticket, at } = made;
  const conversation = { id: made.id, channel: made.channel };
  const start = channelRow({ kind: 'start', phone, name, ...(template ? { template } : {}) }, { id: made.newId(), conversation, now: at, due: at, message });
  return ticket ? [start, noteRow({ id: made.newId(), conversation: made.id, ticket: ticket.ref, note: ticket.note, after: [start.id], now: at })] : [start];
}
