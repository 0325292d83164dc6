/** Tickets of the simulated account. "Create a Ticket", "View a Ticket", "List All Tickets", "Update a Ticket". */
import { type Request, type Response, Router } from 'express';
import { type Body, readBody } from './body.ts';
import { clean } from './html.ts';
import { page, readQuery } from './lists.ts';
import { requesterOf } from './people.ts';
import { gone, invalid, notAllowed, unknown } from './refusal.ts';
import * as show from './show.ts';
import type { Contact, File, State, Ticket, TicketAttributes } from './state.ts';
import { checkTicket, type Rules, readAttributes, unsimulated } from './validate.ts';

const requesterKeys = ['requester_id', 'email', 'phone', 'unique_external_id', 'name'];
const maxTicketBytes = 20 * 2 ** 20;

export function ticketAt(state: State, request: Request): Ticket {
  const found = state.tickets.find(({ id }) => id === Number(request.params.id));
  if (!found) throw gone();
  return found;
}

/** A deleted ticket, or one marked as spam, takes no change. */
export function changeable(ticket: Ticket): Ticket {
  if (ticket.deleted || ticket.spam) throw notAllowed();
  return ticket;
}

const sum = (files: readonly { bytes: Buffer }[]): number => files.reduce((all, { bytes }) => all + bytes.length, 0);

/** 20 MB over everything on the ticket, notes included. How Freshdesk words its refusal is not documented. */
export function takeFiles(state: State, body: Body, ticket?: Ticket): File[] {
  const held = ticket
    ? sum(ticket.attachments) + state.conversations.filter((one) => one.ticket_id === ticket.id).reduce((all, one) => all + sum(one.attachments), 0)
    : 0;
  if (body.files.length && held + sum(body.files) > maxTicketBytes)
    throw invalid([{ field: 'attachments', message: 'The total size of attachments of a ticket must not exceed 20 MB', code: 'invalid_value' }]);
  return body.files.map((file) => ({ ...file, id: state.nextId() }));
}

function read(body: Body, rules: Rules): Record<string, unknown> {
  const strange = Object.keys(body.attributes).filter((name) => unsimulated.includes(name));
  if (strange.length) throw unknown(`the ticket attribute ${strange.join(', ')}`);
  const { values, errors } = readAttributes(body.attributes, body.texts, rules);
  if (errors.length) throw invalid(errors);
  return values;
}

function merged(before: TicketAttributes, sent: Record<string, unknown>): TicketAttributes {
  const changes = Object.fromEntries(Object.entries(sent).filter(([name]) => !requesterKeys.includes(name)));
  return {
    ...before,
    ...changes,
    ...(typeof sent.description === 'string' ? { description: clean(sent.description) } : {}),
    custom_fields: { ...before.custom_fields, ...(sent.custom_fields as object | undefined) },
  };
}

async function create(state: State, rules: Rules, request: Request, response: Response): Promise<void> {
  const body = await readBody(request);
  const sent = read(body, rules);
  const blankFields = Object.fromEntries(
    rules.fields
      .flatMap((field) => [field, ...(field.nested_ticket_fields ?? [])])
      .filter(({ name }) => name.startsWith('cf_'))
      .map(({ name }) => [name, null]),
  );
  const draft = merged(
    // biome-ignore format: one line of defaults reads best
    { subject: null, description: '', status: 2, priority: 1, source: 2, type: null, group_id: null, responder_id: null, company_id: null, product_id: null, cc_emails: [], tags: [], custom_fields: blankFields, due_by: null, fr_due_by: null },
    sent,
  );
  const errors = checkTicket(draft, sent, rules, state.now());
  if (errors.length) throw invalid(errors);
  const attachments = takeFiles(state, body);
  const requester: Contact = requesterOf(state, sent);
  const ticket = state.addTicket({ ...draft, subject: draft.subject ?? '', company_id: draft.company_id ?? requester.company_id, requester_id: requester.id });
  ticket.attachments.push(...attachments);
  response
    .status(201)
    .location(`/api/v2/tickets/${ticket.id}`)
    .json(show.ticket(ticket, { description: true }));
}

async function update(state: State, rules: Rules, request: Request, response: Response): Promise<void> {
  const ticket = changeable(ticketAt(state, request));
  const body = await readBody(request);
  const sent = read(body, rules);
  if (requesterKeys.some((name) => name in sent)) throw unknown('what a change of requester does');
  if (Object.keys(sent).length === 0 && body.files.length === 0)
    throw invalid([{ field: 'body', message: 'The request body is empty', code: 'missing_field' }]);
  const after = merged(ticket, sent);
  const errors = checkTicket(after, sent, rules, state.now());
  if (errors.length) throw invalid(errors);
  const files = takeFiles(state, body, ticket);
  Object.assign(ticket, after, { updated_at: state.now() });
  ticket.attachments.push(...files);
  response.json(show.ticket(ticket, { description: true }));
}

const include = (ticket: Ticket, names: string | undefined, allowed: readonly string[], state: State): object => {
  const wanted = names ? names.split(',') : [];
  if (wanted.includes('stats')) throw unknown('include=stats');
  const strange = wanted.filter((name) => !allowed.includes(name));
  if (strange.length) throw invalid([{ field: 'include', message: `It should be one of these values: '${allowed.join(',')}'`, code: 'invalid_value' }]);
  return Object.assign({}, ...wanted.map((name) => show.included[name]?.(ticket, state)));
};

const orders: Readonly<Record<string, (ticket: Ticket) => number>> = {
  created_at: (ticket) => ticket.created_at,
  updated_at: (ticket) => ticket.updated_at,
  due_by: (ticket) => Date.parse(ticket.due_by ?? '') || 0,
  status: (ticket) => ticket.status,
};

/** A filter by a person whom the account does not know is refused (its wording is a guess). */
function person(state: State, field: string, fits: (contact: Contact) => boolean): number {
  const found = state.contacts.find(fits);
  if (found) return found.id;
  throw invalid([{ field, message: `There is no contact matching the given ${field}`, code: 'invalid_value' }]);
}

function listTickets(state: State, request: Request, response: Response): void {
  const names = [
    'filter',
    'requester_id',
    'email',
    'unique_external_id',
    'company_id',
    'updated_since',
    'order_by',
    'order_type',
    'include',
    'page',
    'per_page',
  ] as const;
  const query = readQuery(request, names);
  if (query.filter !== undefined) throw unknown(`the list filter ${query.filter}`);
  const order = orders[query.order_by ?? 'created_at'];
  if (!order) throw invalid([{ field: 'order_by', message: `It should be one of these values: '${Object.keys(orders).join(',')}'`, code: 'invalid_value' }]);
  const since = query.updated_since === undefined ? undefined : Date.parse(query.updated_since);
  if (Number.isNaN(since))
    throw invalid([{ field: 'updated_since', message: 'It should be in the combined date and time ISO8601 format', code: 'invalid_value' }]);
  const requester =
    query.requester_id !== undefined
      ? person(state, 'requester_id', ({ id }) => id === Number(query.requester_id))
      : query.email !== undefined
        ? person(state, 'email', ({ email }) => email?.toLowerCase() === query.email?.toLowerCase())
        : query.unique_external_id !== undefined
          ? person(state, 'unique_external_id', (one) => one.unique_external_id === query.unique_external_id)
          : undefined;
  const sign = query.order_type === 'asc' ? 1 : -1;
  const month = state.now() - 30 * 86_400_000;
  const rows = state.tickets
    .filter((one) => !one.deleted && !one.spam)
    .filter((one) => (since === undefined ? one.created_at >= month : one.updated_at >= since))
    .filter((one) => requester === undefined || one.requester_id === requester)
    .filter((one) => query.company_id === undefined || one.company_id === Number(query.company_id))
    .sort((a, b) => sign * (order(a) - order(b) || a.id - b.id));
  const cut = page(request, response, rows, query);
  response.json(cut.map((one) => ({ ...show.ticket(one, { description: false }), ...include(one, query.include, ['requester', 'description'], state) })));
}

export function tickets(state: State, rules: () => Rules): Router {
  const router = Router();
  router.post('/tickets', (request, response) => create(state, rules(), request, response));
  router.get('/tickets', (request, response) => listTickets(state, request, response));
  router.get('/tickets/:id', (request, response) => {
    const query = readQuery(request, ['include']);
    const ticket = ticketAt(state, request);
    response.json({ ...show.ticket(ticket, { description: true }), ...include(ticket, query.include, ['conversations', 'requester', 'company'], state) });
  });
  router.put('/tickets/:id', (request, response) => update(state, rules(), request, response));
  router.delete('/tickets/:id', (request, response) => {
    Object.assign(changeable(ticketAt(state, request)), { deleted: true, updated_at: state.now() });
    response.status(204).end();
  });
  router.put('/tickets/:id/restore', (request, response) => {
    Object.assign(ticketAt(state, request), { deleted: false, updated_at: state.now() });
    response.status(204).end();
  });
  return router;
}
