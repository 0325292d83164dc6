/** Reading tickets. Freshdesk API v2, "List All Tickets", "View a Ticket". */
import { z } from 'zod';
import { ConnectorError, escapeHtml, type Ticket, type TicketDetail, type TicketEntry, type TicketQuery } from '../../src/kit/index.ts';
import type { Desk } from './desk.ts';
import { conversations, readSummary } from './entries.ts';
import { choicesOf } from './schema.ts';
import { readTime } from './time.ts';
import { iso } from './values.ts';
import * as wire from './wire.ts';

const list = z.array(wire.ticket);
const pageSize = 100;
const day = 86_400_000;
/** Freshdesk searches no words, so the newest are read and compared here. */
const wordsWindow = 90 * day;
const wordsPages = 3;

async function toTicket(desk: Desk, row: wire.WireTicket): Promise<Ticket> {
  const requester = row.requester_id ?? row.requester?.id;
  return {
    ref: desk.ref(row.id),
    subject: row.subject ?? '',
    status: String(row.status),
    priority: row.priority ? String(row.priority) : null,
    requester: requester ? { id: String(requester), name: row.requester?.name ?? String(requester) } : null,
    company: row.company?.id ? { id: String(row.company.id), name: row.company.name ?? '' } : await desk.company(row.company_id),
    assignee: row.responder_id ? String(row.responder_id) : null,
    group: row.group_id ? String(row.group_id) : null,
    due: row.due_by ?? null,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    tags: row.tags ?? [],
  };
}

/** `updated_since` always: without it Freshdesk lists only what was created in the last 30 days. */
async function* listed(desk: Desk, query: Record<string, string>, since: number, maxPages?: number): AsyncIterable<wire.WireTicket> {
  const full = { ...query, updated_since: iso(since), order_by: 'updated_at', order_type: 'desc', include: 'requester', per_page: pageSize };
  for await (const page of desk.client.pages('/tickets', list, full, maxPages)) yield* page;
}

/**
 * Oldest change first. Each full page starts a new list at its last change, since rows that change meanwhile move to the end and
 * would shift a page; a second that fills a page alone is paged through.
 */
async function* changed(desk: Desk, since: number): AsyncIterable<wire.WireTicket> {
  const seen = new Map<number, number>();
  let from = since;
  for (let page = 1; ; ) {
    const query = { updated_since: iso(from), order_by: 'updated_at', order_type: 'asc', include: 'requester', per_page: pageSize, page };
    const rows = await desk.client.get('/tickets', list, query);
    for (const row of rows) {
      if (seen.get(row.id) === row.updated_at) continue;
      seen.set(row.id, row.updated_at);
      yield row;
    }
    if (rows.length < pageSize) return;
    const last = Math.max(...rows.map(({ updated_at }) => updated_at));
    page = iso(last) === iso(from) ? page + 1 : 1;
    from = last;
  }
}

const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

async function* withWords(desk: Desk, words: string): AsyncIterable<wire.WireTicket> {
  const wanted = fold(words).split(/\s+/).filter(Boolean);
  for await (const row of listed(desk, {}, desk.context.now() - wordsWindow, wordsPages)) {
    const text = fold(`${row.subject ?? ''} ${row.requester?.name ?? ''}`);
    if (wanted.every((word) => text.includes(word))) yield row;
  }
}

async function* byNumber(desk: Desk, number: string): AsyncIterable<wire.WireTicket> {
  if (!/^\d{1,15}$/.test(number)) return;
  try {
    yield await desk.client.get(`/tickets/${number}`, wire.ticket, { include: 'requester,company' });
  } catch (error) {
    if (!(error instanceof ConnectorError && error.code === 'not-found')) throw error;
  }
}

function rows(desk: Desk, query: TicketQuery): AsyncIterable<wire.WireTicket> {
  if ('number' in query) return byNumber(desk, query.number);
  if ('words' in query) return withWords(desk, query.words);
  if ('changedSince' in query) return changed(desk, query.changedSince);
  const filter = 'requester' in query ? { requester_id: query.requester } : { company_id: query.company };
  return listed(desk, filter, query.since ?? 0);
}

export async function* tickets(desk: Desk, query: TicketQuery): AsyncIterable<Ticket> {
  const company = 'requester' in query ? query.company : undefined;
  for await (const row of rows(desk, query)) if (company === undefined || String(row.company_id) === company) yield toTicket(desk, row);
}

/** Web-chat messages have no HTML of their own. */
function htmlOf({ body, structured_body }: wire.WireConversation): string {
  if (body) return body;
  return (structured_body?.body_contents ?? []).map(({ data }) => escapeHtml(data?.content ?? '')).join('<br>');
}

/** Sorted by who can read it: a public note is as visible as a reply, and the kinds of `source` grow. Freshdesk API v2, "Conversations". */
function toEntry(entry: wire.WireConversation, names: ReadonlyMap<string, string>): TicketEntry {
  return {
    id: String(entry.id),
    kind: entry.private ? 'note' : 'reply',
    author: names.get(String(entry.user_id)) ?? '',
    at: entry.created_at,
    html: htmlOf(entry),
    files: entry.attachments.map(({ name, size, file_size }) => ({ name, size: size ?? file_size ?? null })),
  };
}

async function authors(desk: Desk, row: wire.WireTicket): Promise<ReadonlyMap<string, string>> {
  const agents = choicesOf((await desk.fields()).find(({ type }) => type === 'default_agent')?.choices);
  const requester: [string, string][] = row.requester ? [[String(row.requester.id), row.requester.name ?? '']] : [];
  return new Map([...agents.map(({ value, label }): [string, string] => [value, label]), ...requester]);
}

export async function ticketDetail(desk: Desk, id: string): Promise<TicketDetail> {
  if (!/^\d+$/.test(id)) throw new ConnectorError('not-found', `Freshdesk: ${id} is not a ticket number`);
  const row = await desk.client.get(`/tickets/${id}`, wire.ticket, { include: 'conversations,requester,company' });
  if (row.deleted) throw new ConnectorError('not-found', `Freshdesk: ticket ${id} is in the trash`);
  // At most ten come along.
  const entries = (row.conversations?.length ?? 10) < 10 ? (row.conversations ?? []) : await conversations(desk, id);
  const names = await authors(desk, row);
  const time = await readTime(desk, id, names);
  return {
    ...(await toTicket(desk, row)),
    description: row.description ?? '',
    summary: await readSummary(desk, id),
    ...(time ? { time } : {}),
    entries: entries.map((entry) => toEntry(entry, names)).sort((a, b) => a.at - b.at),
    fields: {
      ...row.custom_fields,
      type: row.type ?? null,
      product_id: row.product_id ? String(row.product_id) : null,
      group: row.group_id ? String(row.group_id) : null,
      assignee: row.responder_id ? String(row.responder_id) : null,
    },
  };
}
