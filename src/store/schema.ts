/**
 * The tables, as Kysely sees them on both databases. Times are BIGINT epoch milliseconds, JSON is text, booleans are 0 or 1, ids are UUIDv7 text.
 * `personal.ts` marks each column; a test fails on an unmarked one.
 */
import type { Generated } from 'kysely';

type Flag = 0 | 1;
type JsonText = string;

/** A raw payload as it came, kept whether or not it was understood. */
export interface ArrivalsTable {
  id: string;
  channel: string;
  /** The sender's own id of the delivery; unique in its channel, so that a repeat is stored once. */
  delivery_key: string | null;
  received_at: number;
  payload: JsonText;
  state: 'understood' | 'quarantined' | 'replayed';
  error: string | null;
}

export interface CompaniesTable {
  id: string;
  name: string;
  /** Folded name (NFD, lower case), for look-ups. */
  folded: string;
  brand: string | null;
  /** JSON of name -> text: whatever ops or a helpdesk know of it. */
  fields: JsonText;
  created_at: number;
}

export interface ContactsTable {
  id: string;
  name: string;
  created_at: number;
  erased_at: number | null;
  /** The contact that took over everything of this one: the vendor said that both are one person. The id stays valid and leads there. */
  joined_id: string | null;
}

/** One way to recognise a contact. Claimed ones (verified 0) never join contacts, so only verified ones are unique. */
export interface IdentitiesTable {
  id: string;
  contact_id: string;
  kind: 'email' | 'phone' | 'account';
  value: string;
  /** Channel place of an account; empty for e-mail and phone. */
  scope: string;
  verified: Flag;
  seen_at: number;
}

export interface ContactCompaniesTable {
  contact_id: string;
  company_id: string;
  seen_at: number;
}

/** A person inside. `id` is the sign-in's user id. */
export interface AgentsTable {
  id: string;
  name: string;
  email: string;
  role: 'agent' | 'admin';
  locale: string;
  /** JSON array of team names. */
  teams: JsonText;
  created_at: number;
  disabled_at: number | null;
}

export interface ConversationsTable {
  id: string;
  channel: string;
  thread: string;
  /** `ended`: nothing more comes in; filed or not is told by `filed_at`. */
  state: 'open' | 'ended';
  contact_id: string;
  company_id: string | null;
  assignee_id: string | null;
  /** Only what the vendor assigned may the vendor take away. */
  assigned_by: 'vendor' | 'agent' | null;
  /** Source time of the vendor's last word on the assignment. */
  assigned_at: number | null;
  subject: string | null;
  /** Token of our reply address: unguessable. */
  reply_token: string;
  /** The conversation that this one continues. */
  continues_id: string | null;
  /** Ticket that the last contact was made from, as JSON TicketRef. */
  ticket_hint: JsonText | null;
  started_at: number;
  last_at: number;
  last_text: string;
  message_count: number;
  unread: number;
  /** Grows with each change that a plan depends on; the guard against filing unseen. */
  version: number;
  ended_at: number | null;
  /** `vendor`: ended outside; `closing`: by us; `idle`: silent for so long that the next message began another one. */
  ended_by: 'vendor' | 'closing' | 'idle' | null;
  filed_at: number | null;
  /** Of one that ended elsewhere without a ticket, once it was looked at: what the mapping wants done; `ignore` takes it out of the queue. */
  unfiled_policy: 'ask' | 'propose-pending' | 'ignore' | 'unnamed' | null;
  /** Its agent was reminded. */
  reminded_at: number | null;
  /** The leads were told. */
  lead_told_at: number | null;
  /** Source time of the vendor's last word on whether it has ended: older ones come late and change nothing. */
  turned_at: number | null;
  /** JSON draft of the closing dialog. */
  draft: JsonText | null;
  ending_agent_id: string | null;
  ending_since: number | null;
}

export interface MessagesTable {
  id: string;
  conversation_id: string;
  channel: string;
  /** The vendor's id: unique in its channel. Our own replies have it once sent. */
  external_id: string | null;
  direction: 'in' | 'out';
  kind: 'public' | 'internal';
  author_role: 'contact' | 'agent' | 'bot' | 'system';
  author_id: string;
  author_name: string;
  contact_id: string | null;
  /** Source time; then `vendor_order`, then `arrived_at` and `id` sort. */
  at: number;
  vendor_order: string;
  arrived_at: number;
  text: string;
  html: string | null;
  quoted: string | null;
  subject: string | null;
  automatic: 'auto-reply' | 'bounce' | null;
  /** Of our own replies; incoming ones are `received`. `unclear`: may have arrived, a person is asked. */
  sending: 'received' | 'queued' | 'sent' | 'unclear' | 'failed';
  /** How far the vendor says that a message of ours got, and when; only ever goes up. */
  receipt: 'delivered' | 'read' | 'failed' | null;
  receipt_at: number | null;
  /** The vendor's words on why it failed after it was sent. */
  failure: string | null;
  edited_at: number | null;
  deleted_at: number | null;
  arrival_id: string | null;
}

/** What a message said before an edit or a deletion. */
export interface RevisionsTable {
  id: string;
  message_id: string;
  at: number;
  kind: 'edited' | 'deleted';
  text: string;
}

/** One reaction an author and message; a reaction taken back keeps its row, so that a late older one changes nothing. */
export interface ReactionsTable {
  message_id: string;
  author_id: string;
  author_name: string;
  emoji: string | null;
  at: number;
}

/** A message that several channels may bring, and the one that brought it first. */
export interface SharedMessagesTable {
  /** `shared` of its event. */
  shared_id: string;
  message_id: string;
  /** The message's own id, which answers name in whatever channel they come. */
  external_id: string;
  channel: string;
}

export interface MessageJoinsTable {
  message_id: string;
  /** Joined, of the intake. */
  joined: JsonText;
}

/** Receipts that came before the answer to their send told us the message's id. */
export interface WaitingReceiptsTable {
  channel: string;
  external_id: string;
  state: 'delivered' | 'read' | 'failed';
  reason: string | null;
  at: number;
  received_at: number;
}

/** An end that came before the first message of its thread. The row goes when that message is here. */
export interface WaitingEndsTable {
  channel: string;
  thread: string;
  at: number;
}

/** Events whose missing parts are fetched after their commit. The row goes when that succeeded. */
export interface EnrichmentsTable {
  id: string;
  channel: string;
  arrival_id: string;
  /** The event as JSON. */
  event: JsonText;
  /** `failed`: hopeless; its arrival is in quarantine and says why, and its replay tries again. */
  state: 'waiting' | 'failed';
  attempts: number;
  next_at: number;
  error: string | null;
}

export interface AttachmentsTable {
  id: string;
  message_id: string;
  /** The connector's id of the file within the message. */
  media_id: string;
  name: string;
  mime: string;
  size: number | null;
  sha256: string | null;
  state: 'stored' | 'waiting' | 'failed';
  /** JSON of the whole MediaRef, for `download`. */
  ref: JsonText;
  inline_id: string | null;
  decoration: Flag;
  seconds: number | null;
  attempts: number;
  next_at: number;
  error: string | null;
}

export interface ClosingsTable {
  id: string;
  conversation_id: string;
  agent_id: string | null;
  /** `channel`: by an agent, in the channel's own screen. */
  source: 'console' | 'api' | 'channel' | 'rule';
  idempotency_key: string;
  decision: JsonText;
  plan: JsonText;
  digest: string;
  state: 'held' | 'released' | 'undone';
  created_at: number;
  /** The hold's end; the stored time counts across a crash. */
  not_before: number;
  ends: Flag;
  none_reason: string | null;
  /** JSON of what an undo puts back: the conversation's state and draft before this closing. */
  restore: JsonText | null;
  /** Its channel was told of the tickets, or there was nothing to tell. */
  told_at: number | null;
}

/** Which message went where: `filed` as substance, `courtesy` with all parts, `skipped` by name. */
export interface ClosingMessagesTable {
  closing_id: string;
  part: string;
  message_id: string;
  how: 'filed' | 'courtesy' | 'skipped';
}

/** One operation on its way: the row is the truth, the queue only says "look". `id` is the operation id. */
export interface DeliveriesTable {
  id: string;
  closing_id: string | null;
  message_id: string | null;
  conversation_id: string | null;
  /** Place within the plan. */
  seq: number;
  target_kind: 'helpdesk' | 'channel';
  target: string;
  kind: string;
  /** The frozen operation as JSON; references to other operations by their id. */
  operation: JsonText;
  revision: number;
  /** Operations on one ticket (and of one plan) run one at a time, in order of `id`. */
  lane: string;
  /** JSON array of delivery ids that must be done first. */
  after: JsonText;
  state: 'waiting' | 'running' | 'done' | 'parked' | 'dead' | 'undone';
  /** Not before this time: hold, backoff, Retry-After. */
  due_at: number;
  first_at: number | null;
  attempts: number;
  /** JSON { code, message, field, status } of the last failure. */
  error: JsonText | null;
  result: JsonText | null;
  created_at: number;
  done_at: number | null;
  /** A second trace was found at the helpdesk: JSON array of places. */
  doubles: JsonText | null;
  swept_at: number | null;
}

export interface StepsTable {
  delivery_id: string;
  name: string;
  revision: number;
  state: 'started' | 'refused' | 'done';
  body: JsonText;
  result: JsonText;
  first_sent_at: number;
  last_sent_at: number;
}

/** Our mirror of a helpdesk's ticket. The due date is ours. */
export interface TicketsTable {
  id: string;
  helpdesk: string;
  external_id: string;
  number: string;
  url: string;
  subject: string;
  status: string;
  meaning: string;
  priority: string | null;
  requester_name: string | null;
  contact_id: string | null;
  company_id: string | null;
  company_name: string | null;
  assignee: string | null;
  due_at: number | null;
  /** Key of the mapping's status, if we set it. */
  outcome: string | null;
  updated_at: number;
  read_at: number;
}

export interface ConversationTicketsTable {
  conversation_id: string;
  ticket_id: string;
  closing_id: string | null;
  part: string;
  at: number;
}

/** Durable documents of connectors. */
export interface RecordsTable {
  owner: string;
  collection: string;
  key: string;
  index_key: string;
  sort: string;
  value: JsonText;
}

export interface CountersTable {
  owner: string;
  name: string;
  value: number;
}

/** Where pollers and sessions stand. */
export interface CursorsTable {
  channel: string;
  intake: string;
  cursor: string;
  updated_at: number;
}

/** Which process runs a session or poller now. */
export interface LeasesTable {
  name: string;
  holder: string;
  until: number;
  /** Grows with each new holding: whoever writes under an older one lost the lease. */
  fence: number;
}

/** When an intake could not hear its vendor. */
export interface OutagesTable {
  id: string;
  channel: string;
  intake: string;
  from_at: number;
  to_at: number | null;
  /** Messages of that time that came after it. */
  recovered: number;
  /** Since then everything of that time has been asked for again; before, nobody knows whether something is missing. */
  caught_up_at: number | null;
  detail: string | null;
}

/** How many messages customers wrote in each hour since 1970, by source time: what is usual for a channel. */
export interface HeardHoursTable {
  channel: string;
  hour: number;
  messages: number;
  last_at: number;
}

/** The last proof that the whole way of a channel works: sent to ourselves, and back. */
export interface CanariesTable {
  channel: string;
  sent_at: number;
  back_at: number | null;
  error: string | null;
  /** Of the last one; what comes back with another is no proof. */
  token: string | null;
}

/** Who did what, when: ids only. Append-only by trigger. */
export interface AuditTable {
  id: string;
  at: number;
  actor_kind: 'agent' | 'token' | 'rule' | 'system';
  actor_id: string;
  action: string;
  subject_kind: string;
  subject_id: string;
  /** JSON, ids and plain words only. */
  detail: JsonText;
}

/** What the console is told, resumable by id. */
export interface LiveEventsTable {
  id: Generated<number>;
  at: number;
  kind: string;
  subject_id: string;
}

export interface ApiTokensTable {
  id: string;
  name: string;
  /** sha256 of the token. */
  hash: string;
  role: 'agent' | 'admin';
  created_at: number;
  last_used_at: number | null;
  revoked_at: number | null;
}

/** Small facts of the installation: keys, the set-up link's hash. */
export interface SettingsTable {
  name: string;
  value: JsonText;
}

/** better-auth's tables: names, columns and types are its own. ISO text and 0 or 1 on SQLite, Date and boolean on PostgreSQL. */
type AuthDate = string | Date;

export interface UserTable {
  id: string;
  name: string;
  email: string;
  emailVerified: Flag | boolean;
  image: string | null;
  createdAt: AuthDate;
  updatedAt: AuthDate;
}
export interface SessionTable {
  id: string;
  expiresAt: AuthDate;
  token: string;
  createdAt: AuthDate;
  updatedAt: AuthDate;
  ipAddress: string | null;
  userAgent: string | null;
  userId: string;
}
export interface AccountTable {
  id: string;
  accountId: string;
  providerId: string;
  userId: string;
  accessToken: string | null;
  refreshToken: string | null;
  idToken: string | null;
  accessTokenExpiresAt: AuthDate | null;
  refreshTokenExpiresAt: AuthDate | null;
  scope: string | null;
  password: string | null;
  createdAt: AuthDate;
  updatedAt: AuthDate;
}
export interface VerificationTable {
  id: string;
  identifier: string;
  value: string;
  expiresAt: AuthDate;
  createdAt: AuthDate;
  updatedAt: AuthDate;
}

export interface Database {
  arrivals: ArrivalsTable;
  companies: CompaniesTable;
  contacts: ContactsTable;
  identities: IdentitiesTable;
  contact_companies: ContactCompaniesTable;
  agents: AgentsTable;
  conversations: ConversationsTable;
  messages: MessagesTable;
  revisions: RevisionsTable;
  reactions: ReactionsTable;
  waiting_receipts: WaitingReceiptsTable;
  waiting_ends: WaitingEndsTable;
  enrichments: EnrichmentsTable;
  attachments: AttachmentsTable;
  closings: ClosingsTable;
  closing_messages: ClosingMessagesTable;
  deliveries: DeliveriesTable;
  steps: StepsTable;
  tickets: TicketsTable;
  conversation_tickets: ConversationTicketsTable;
  shared_messages: SharedMessagesTable;
  message_joins: MessageJoinsTable;
  records: RecordsTable;
  counters: CountersTable;
  cursors: CursorsTable;
  leases: LeasesTable;
  outages: OutagesTable;
  heard_hours: HeardHoursTable;
  canaries: CanariesTable;
  audit: AuditTable;
  live_events: LiveEventsTable;
  api_tokens: ApiTokensTable;
  settings: SettingsTable;
  user: UserTable;
  session: SessionTable;
  account: AccountTable;
  verification: VerificationTable;
}
