/** Reading tickets: of a requester, of a company, by words, by number, by change; and one in full. */
import { z } from 'zod';
import type { Ticket, TicketDetail, TicketEntry, TicketQuery } from '../../src/kit/index.ts';
import { type PageSideloads, sideloads } from './client.ts';
import { type Desk, hasStatus, refOf } from './desk.ts';
import { fieldName } from './facts.ts';
import { commentShape, oneTicket, ticketShape, type ZendeskTicket } from './shapes.ts';

const include = 'users,organizations';

type Named = (id: number | null | undefined) => { readonly id: string; readonly name: string } | null;

const namesIn = (list: PageSideloads['users']): Named => {
  const names = new Map(list?.map(({ id, name }) => [id, name]));
  return (id) => (id ? { id: String(id), name: names.get(id) ?? '' } : null);
};

async function toTicket(desk: Desk, ticket: ZendeskTicket, page: PageSideloads): Promise<Ticket> {
  const custom = await desk.facts.customStatuses();
  const exact = ticket.status !== 'closed' && custom.some(({ id }) => id === ticket.custom_status_id);
  const time = (text: string | null | undefined): number | null => (text ? Date.parse(text) : null);
  return {
    ref: refOf(desk, ticket.id),
    subject: ticket.subject ?? '',
    // There is no custom status for "closed": the ticket keeps the one that it was solved with.
    status: exact ? String(ticket.custom_status_id) : ticket.status,
    priority: ticket.priority ?? null,
    requester: namesIn(page.users)(ticket.requester_id),
    company: namesIn(page.organizations)(ticket.organization_id),
    assignee: ticket.assignee_id ? String(ticket.assignee_id) : null,
    group: ticket.group_id ? String(ticket.group_id) : null,
    due: time(ticket.due_at),
    createdAt: time(ticket.created_at) ?? 0,
    updatedAt: time(ticket.updated_at) ?? 0,
    tags: ticket.tags,
  };
}

async function* listed(desk: Desk, path: string, query: Readonly<Record<string, string | number>> = {}): AsyncGenerator<Ticket> {
  for await (const { items, page } of desk.client.pages(path, 'tickets', ticketShape, { include, ...query }))
    for (const ticket of items) yield await toTicket(desk, ticket, page);
}

async function* byNumber(desk: Desk, number: string): AsyncGenerator<Ticket> {
  const id = number.trim().replace(/^#/, '');
  if (!/^\d{1,15}$/.test(id)) return;
  try {
    const answer = await desk.client.call({ method: 'GET', path: `/tickets/${id}`, query: { include } }, oneTicket.and(sideloads));
    yield await toTicket(desk, answer.ticket, answer);
  } catch (error) {
    if (!hasStatus(error, 404) || error.code !== 'not-found') throw error;
  }
}

/** The index lags by seconds to minutes, so this is for people who look, never for deciding whether something exists. */
async function* byWords(desk: Desk, words: string): AsyncGenerator<Ticket> {
  // Operators of the search syntax are not for whoever types words.
  const plain = words
    .replace(/[:<>="*]+/g, ' ')
    .replace(/(^|\s)-+/g, ' ')
    .trim();
  if (!plain) return;
  const shape = z.looseObject({ results: z.array(ticketShape), next_page: z.string().nullish() }).and(sideloads);
  const seen = new Set<number>();
  for (let page = 1; page <= 10; page++) {
    const query = { query: `type:ticket ${plain}`, sort_by: 'updated_at', sort_order: 'desc', page, per_page: 100, include: 'tickets(users,organizations)' };
    const answer = await desk.client.call({ method: 'GET', path: '/search', query }, shape);
    for (const ticket of answer.results) {
      // Paging may repeat rows.
      if (!seen.has(ticket.id)) yield await toTicket(desk, ticket, answer);
      seen.add(ticket.id);
    }
    if (!answer.next_page) return;
  }
}

/** The incremental export wants an admin; where it is forbidden the list by `start_time` stands in. */
async function* changedSince(desk: Desk, since: number): AsyncGenerator<Ticket> {
  const start = Math.max(0, Math.floor(Math.min(since, desk.context.now() - 61_000) / 1000));
  const shape = z.looseObject({ tickets: z.array(ticketShape), after_cursor: z.string().nullish(), end_of_stream: z.boolean() }).and(sideloads);
  let next: Readonly<Record<string, string | number>> = { start_time: start };
  for (;;) {
    const page = await desk.client.call({ method: 'GET', path: '/incremental/tickets/cursor', query: { include, ...next } }, shape).catch((error: unknown) => {
      if (hasStatus(error, 403) && 'start_time' in next) return undefined;
      throw error;
    });
    if (!page) return yield* listed(desk, '/tickets', { start_time: start });
    for (const ticket of page.tickets) if (ticket.status !== 'deleted') yield await toTicket(desk, ticket, page);
    if (page.end_of_stream || !page.after_cursor) return;
    next = { cursor: page.after_cursor };
  }
}

export async function* listTickets(desk: Desk, query: TicketQuery): AsyncGenerator<Ticket> {
  if ('number' in query) yield* byNumber(desk, query.number);
  else if ('words' in query) yield* byWords(desk, query.words);
  else if ('changedSince' in query) yield* changedSince(desk, query.changedSince);
  else {
    const path = 'requester' in query ? `/users/${Number(query.requester)}/tickets/requested` : `/organizations/${Number(query.company)}/tickets`;
    for await (const ticket of listed(desk, path))
      if (ticket.updatedAt >= (query.since ?? 0) && (query.company === undefined || ticket.company?.id === query.company)) yield ticket;
  }
}

async function entriesOf(desk: Desk, id: number): Promise<TicketEntry[]> {
  const entries: TicketEntry[] = [];
  for await (const { items, page } of desk.client.pages(`/tickets/${id}/comments`, 'comments', commentShape, { include: 'users' }))
    entries.push(
      ...items.map(
        (comment): TicketEntry => ({
          id: String(comment.id),
          kind: comment.public ? 'reply' : 'note',
          author: namesIn(page.users)(comment.author_id)?.name ?? '',
          at: Date.parse(comment.created_at),
          html: comment.html_body ?? '',
          files: comment.attachments.map(({ file_name: name, size }) => ({ name, size: size ?? null })),
        }),
      ),
    );
  return entries;
}

export async function showTicket(desk: Desk, id: string): Promise<TicketDetail> {
  const answer = await desk.client.call({ method: 'GET', path: `/tickets/${Number(id)}`, query: { include } }, oneTicket.and(sideloads));
  const { ticket } = answer;
  const known = new Map((await desk.facts.fields()).map((field) => [field.id, fieldName(field)]));
  const fields = Object.fromEntries(ticket.custom_fields.map(({ id: field, value }) => [known.get(field) ?? String(field), value ?? null]));
  return {
    ...(await toTicket(desk, ticket, answer)),
    description: ticket.description ?? '',
    summary: null,
    entries: await entriesOf(desk, ticket.id),
    fields: { ...fields, ...(ticket.type ? { type: ticket.type } : {}) },
  };
}
