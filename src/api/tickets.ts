/** Tickets: the mirror as a list, one ticket live from its helpdesk, and the live search of the append picker. */
import { z } from 'zod';
import type { DeskSchema, Ticket } from '../kit/index.ts';
import type { TicketsTable } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import type { Desk } from '../tickets/desks.ts';
import { listMirror } from '../tickets/mirror.ts';
import { page, type TicketRow, ticketRow } from './contract.ts';
import { decodeCursor, pageQuery, toPage } from './paging.ts';
import { notFound } from './problem.ts';
import { route } from './route.ts';

const ticketDetail = ticketRow.extend({
  description: z.string(),
  summary: z.string().nullable(),
  entries: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['reply', 'note']),
      author: z.string(),
      at: z.number(),
      html: z.string(),
      files: z.array(z.object({ name: z.string(), size: z.number().nullable() })),
    }),
  ),
  conversations: z.array(z.string()),
});

export function ticketView(ticket: Ticket, schema: DeskSchema | null): TicketRow {
  const status = schema?.statuses.find(({ id }) => id === ticket.status);
  return {
    helpdesk: ticket.ref.helpdesk,
    id: ticket.ref.id,
    number: ticket.ref.number,
    url: ticket.ref.url,
    subject: ticket.subject,
    status: { id: ticket.status, label: status?.label ?? ticket.status, meaning: status?.meaning ?? 'open' },
    priority: schema?.priorities.find(({ value }) => value === ticket.priority)?.label ?? ticket.priority,
    requester: ticket.requester?.name ?? null,
    company: ticket.company?.name ?? null,
    assignee: schema?.agents.find(({ id }) => id === ticket.assignee)?.name ?? ticket.assignee,
    due: ticket.due,
    updatedAt: ticket.updatedAt,
  };
}

const mirrorView = (row: TicketsTable): TicketRow => ({
  helpdesk: row.helpdesk,
  id: row.external_id,
  number: row.number,
  url: row.url,
  subject: row.subject,
  status: { id: row.status, label: row.status, meaning: row.meaning },
  priority: row.priority,
  requester: row.requester_name,
  company: row.company_name,
  assignee: row.assignee,
  due: row.due_at,
  updatedAt: row.updated_at,
});

const cursorKey = z.tuple([z.int(), z.uuid()]);

/** The mirror's row with the helpdesk's own words for status, priority and assignee in place of its ids. */
export async function labelled(row: TicketsTable, desks: ReadonlyMap<string, Desk>): Promise<TicketRow> {
  const schema = (await desks.get(row.helpdesk)?.schema())?.schema;
  const view = mirrorView(row);
  const status = schema?.statuses.find(({ id }) => id === row.status);
  return {
    ...view,
    status: { ...view.status, label: status?.label ?? row.status },
    priority: schema?.priorities.find(({ value }) => value === row.priority)?.label ?? row.priority,
    assignee: schema?.agents.find(({ id }) => id === row.assignee)?.name ?? row.assignee,
  };
}

export function ticketRoutes({ store, desks }: { store: Store; desks: ReadonlyMap<string, Desk> }) {
  const deskNamed = (name: string): Desk => {
    const desk = desks.get(name);
    if (!desk) throw notFound('helpdesk');
    return desk;
  };
  return [
    route({
      method: 'get',
      path: '/api/tickets',
      summary: 'Tickets that Deskbridge opened or changed, newest first',
      role: 'agent',
      query: pageQuery.extend({ helpdesk: z.string().optional(), words: z.string().max(200).optional() }),
      answer: page(ticketRow),
      async handle({ query }) {
        const { helpdesk, words, cursor, limit } = query;
        const found = await listMirror(store.read, { helpdesk, words, before: decodeCursor(cursor, cursorKey), limit: limit + 1 });
        const { items, next } = toPage(
          found,
          limit,
          (row) => [row.updated_at, row.id],
          (row) => row,
        );
        return { items: await Promise.all(items.map((row) => labelled(row, desks))), next };
      },
    }),
    route({
      method: 'get',
      path: '/api/tickets/{helpdesk}/{id}',
      summary: 'One ticket, live from its helpdesk',
      role: 'agent',
      params: z.object({ helpdesk: z.string(), id: z.string() }),
      answer: ticketDetail,
      async handle({ params }) {
        const desk = deskNamed(params.helpdesk);
        const [ticket, { schema }] = await Promise.all([desk.ticket(params.id), desk.schema()]);
        const linked = await store.read
          .selectFrom('conversation_tickets')
          .innerJoin('tickets', 'tickets.id', 'conversation_tickets.ticket_id')
          .select('conversation_tickets.conversation_id')
          .where('tickets.helpdesk', '=', params.helpdesk)
          .where('tickets.external_id', '=', params.id)
          .distinct()
          .execute();
        return {
          ...ticketView(ticket, schema),
          description: ticket.description,
          summary: ticket.summary,
          entries: ticket.entries,
          conversations: linked.map(({ conversation_id }) => conversation_id),
        };
      },
    }),
    route({
      method: 'get',
      path: '/api/helpdesks/{name}/tickets',
      summary: 'Live search by words or number, for adding to an existing ticket',
      role: 'agent',
      params: z.object({ name: z.string() }),
      query: z.object({ words: z.string().min(1).max(200) }),
      answer: z.object({ items: z.array(ticketRow) }),
      async handle({ params, query }) {
        const desk = deskNamed(params.name);
        const number = /^#?(\d+)$/.exec(query.words.trim())?.[1];
        const [found, { schema }] = await Promise.all([desk.search(number ? { number } : { words: query.words.trim() }, 20), desk.schema()]);
        return { items: found.map((ticket) => ticketView(ticket, schema)) };
      },
    }),
  ];
}
