/** Conversations as lists and pages show them. */
import type { Kysely } from 'kysely';
import { foldName } from '../people/companies.ts';
import type { ConversationsTable, Database } from '../store/schema.ts';
import { edgeOf, readEdge } from './order.ts';

export interface ConversationSummary {
  readonly id: string;
  readonly channel: string;
  readonly state: ConversationsTable['state'];
  readonly filed: boolean;
  /** It ended without a ticket long enough ago that its agent was reminded. */
  readonly reminded: boolean;
  readonly contact: { readonly id: string; readonly name: string };
  readonly company: { readonly id: string; readonly name: string } | null;
  readonly assignee: { readonly id: string; readonly name: string; readonly email: string } | null;
  readonly subject: string | null;
  readonly startedAt: number;
  readonly lastAt: number;
  readonly lastText: string;
  readonly messages: number;
  readonly unread: number;
}

export interface Conversation extends ConversationSummary {
  readonly thread: string;
  readonly version: number;
  readonly replyToken: string;
  readonly continues: string | null;
  /** JSON TicketRef of the ticket that the last contact was made from. */
  readonly ticketHint: string | null;
  readonly endedAt: number | null;
  readonly endedBy: ConversationsTable['ended_by'];
  readonly filedAt: number | null;
  /** JSON text of the closing dialog's draft. */
  readonly draft: string | null;
  readonly ending: { readonly agent: string; readonly since: number } | null;
}

export interface ListQuery {
  /** `unfiled`: ended outside, without a ticket. Default `open`. */
  readonly view?: 'open' | 'unfiled' | 'ended' | 'any';
  /** An agent's id, or `none`. */
  readonly assignee?: string;
  readonly channel?: string;
  /** In the contact's or company's name, or the subject. */
  readonly words?: string;
  /** `next` of the page before. */
  readonly cursor?: string;
  readonly limit?: number;
}

const base = (read: Kysely<Database>) =>
  read
    .selectFrom('conversations as c')
    .innerJoin('contacts', 'contacts.id', 'c.contact_id')
    .leftJoin('companies', 'companies.id', 'c.company_id')
    .leftJoin('agents', 'agents.id', 'c.assignee_id')
    .selectAll('c')
    .select(['contacts.name as contact_name', 'companies.name as company_name', 'agents.name as agent_name', 'agents.email as agent_email']);

type Row = ConversationsTable & { contact_name: string; company_name: string | null; agent_name: string | null; agent_email: string | null };

/** Words are looked for as they are: none of them is a pattern. */
const plain = (words: string): string => words.replace(/[\\%_]/g, '');

/** Newest first, by the last message. */
export async function listConversations(
  read: Kysely<Database>,
  query: ListQuery = {},
): Promise<{ readonly items: readonly ConversationSummary[]; readonly next: string | null }> {
  const limit = query.limit ?? 50;
  let rows = base(read);
  const view = query.view ?? 'open';
  if (view !== 'any') rows = rows.where('c.state', '=', view === 'open' ? 'open' : 'ended');
  if (view === 'unfiled')
    rows = rows.where('c.filed_at', 'is', null).where((eb) => eb.or([eb('c.unfiled_policy', 'is', null), eb('c.unfiled_policy', '<>', 'ignore')]));
  if (query.assignee !== undefined)
    rows = query.assignee === 'none' ? rows.where('c.assignee_id', 'is', null) : rows.where('c.assignee_id', '=', query.assignee);
  if (query.channel !== undefined) rows = rows.where('c.channel', '=', query.channel);
  if (query.words) {
    const like = `%${plain(query.words.trim().toLowerCase())}%`;
    const folded = `%${plain(foldName(query.words))}%`;
    rows = rows.where((eb) =>
      eb.or([
        eb(eb.fn<string>('lower', ['contacts.name']), 'like', like),
        eb('companies.folded', 'like', folded),
        eb(eb.fn<string>('lower', ['c.subject']), 'like', like),
        eb(eb.fn<string>('lower', ['c.last_text']), 'like', like),
      ]),
    );
  }
  const edge = query.cursor === undefined ? undefined : readEdge(query.cursor);
  if (edge) rows = rows.where((eb) => eb(eb.refTuple('c.last_at', 'c.id'), '<', eb.tuple(edge.at, edge.id)));
  const found = await rows
    .orderBy('c.last_at', 'desc')
    .orderBy('c.id', 'desc')
    .limit(limit + 1)
    .execute();
  const items = found.slice(0, limit).map(summary);
  const last = items.at(-1);
  return { items, next: found.length > limit && last ? edgeOf(last) : null };
}

export async function readConversation(read: Kysely<Database>, id: string): Promise<Conversation | undefined> {
  const row = await base(read).where('c.id', '=', id).executeTakeFirst();
  if (!row) return undefined;
  return {
    ...summary(row),
    thread: row.thread,
    version: row.version,
    replyToken: row.reply_token,
    continues: row.continues_id,
    ticketHint: row.ticket_hint,
    endedAt: row.ended_at,
    endedBy: row.ended_by,
    filedAt: row.filed_at,
    draft: row.draft,
    ending: row.ending_agent_id !== null && row.ending_since !== null ? { agent: row.ending_agent_id, since: row.ending_since } : null,
  };
}

const summary = (row: Row): ConversationSummary => ({
  id: row.id,
  channel: row.channel,
  state: row.state,
  filed: row.filed_at !== null,
  reminded: row.filed_at === null && row.ended_at !== null && row.reminded_at !== null && row.reminded_at >= row.ended_at,
  contact: { id: row.contact_id, name: row.contact_name },
  company: row.company_id === null ? null : { id: row.company_id, name: row.company_name ?? '' },
  assignee: row.assignee_id === null ? null : { id: row.assignee_id, name: row.agent_name ?? '', email: row.agent_email ?? '' },
  subject: row.subject,
  startedAt: row.started_at,
  lastAt: row.last_at,
  lastText: row.last_text,
  messages: row.message_count,
  unread: row.unread,
});
