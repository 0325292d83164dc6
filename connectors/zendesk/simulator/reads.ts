/** Reading routes: tickets, comments, search, incremental export, organizations and the account's set-up. */
import type { Request, Router } from 'express';
import { Refusal, unknown } from './refusal.ts';
import { shownComment, shownTicket, shownUser, sideloads } from './shown.ts';
import { needTicket, type SimState, type SimTicket } from './state.ts';
import { searchUsers } from './users.ts';

export interface ReadOptions {
  readonly searchLagMs: number;
  readonly commentMetadata: boolean;
}

type Paged = { readonly page: { readonly size?: string; readonly after?: string } | undefined };

/** Cursor paging; `links.next` is there even on the last page, so only `meta.has_more` tells. */
export function cursorPage<T>(request: Request, key: string, items: readonly T[]): Record<string, unknown> {
  const { page } = request.query as unknown as Paged;
  const size = Number(page?.size ?? 100);
  if (!(size >= 1 && size <= 100)) throw unknown('a page size outside 1 to 100');
  const from = page?.after ? Number(Buffer.from(page.after, 'base64url').toString()) : 0;
  const end = Math.min(items.length, from + size);
  const after = Buffer.from(String(end)).toString('base64url');
  const meta = { has_more: end < items.length, after_cursor: after, before_cursor: Buffer.from(String(from)).toString('base64url') };
  return { [key]: items.slice(from, end), meta, links: { next: `${request.path}?page[after]=${after}`, prev: null } };
}

export function ticketReads(router: Router, state: SimState, options: ReadOptions): void {
  const all = (): SimTicket[] => [...state.tickets.values()];
  const list = (request: Request, tickets: readonly SimTicket[]): Record<string, unknown> => {
    const page = cursorPage(request, 'tickets', tickets);
    const shown = page.tickets as SimTicket[];
    return { ...page, ...sideloads(state, request.query.include, shown), tickets: shown.map((ticket) => shownTicket(state, ticket)) };
  };

  router.get('/tickets', (request, response) => {
    const { external_id: external, start_time: start } = request.query;
    const tickets = all().filter(
      (ticket) => (external === undefined || ticket.external_id === external) && (start === undefined || ticket.updated_at >= Number(start) * 1000),
    );
    response.json(list(request, tickets));
  });
  router.get('/tickets/show_many', (request, response) => {
    const ids = String(request.query.ids ?? '').split(',');
    const tickets = ids.flatMap((id) => state.tickets.get(Number(id)) ?? []);
    response.json({ tickets: tickets.map((ticket) => shownTicket(state, ticket)), ...sideloads(state, request.query.include, tickets) });
  });
  router.get('/tickets/count', (_request, response) => void response.json({ count: { value: state.tickets.size, refreshed_at: null } }));
  router.get('/tickets/:id', (request, response) => {
    const ticket = needTicket(state, request.params.id);
    response.json({ ticket: shownTicket(state, ticket), ...sideloads(state, request.query.include, [ticket]) });
  });
  router.get('/tickets/:id/comments', (request, response) => {
    const { comments } = needTicket(state, request.params.id);
    const { sort } = request.query;
    if (sort !== undefined && sort !== 'created_at' && sort !== '-created_at') throw unknown(`comments sorted by "${String(sort)}"`);
    const page = cursorPage(request, 'comments', sort === '-created_at' ? comments.toReversed() : comments);
    const shown = (page.comments as typeof comments).map((comment) => shownComment(comment, options.commentMetadata));
    const authors = [...new Set(shown.map(({ author_id: id }) => id))].flatMap((id) => state.users.get(id) ?? []);
    response.json({ ...page, comments: shown, ...(String(request.query.include ?? '').includes('users') ? { users: authors.map(shownUser) } : {}) });
  });
  router.get('/users/:id/tickets/requested', (request, response) => {
    response.json(
      list(
        request,
        all().filter((ticket) => ticket.requester_id === Number(request.params.id)),
      ),
    );
  });
  router.get('/organizations/:id/tickets', (request, response) => {
    response.json(
      list(
        request,
        all().filter((ticket) => ticket.organization_id === Number(request.params.id)),
      ),
    );
  });
  router.get('/incremental/tickets/cursor', (request, response) => {
    const [from, offset] = request.query.cursor === undefined ? [Number(request.query.start_time), 0] : String(request.query.cursor).split('.').map(Number);
    if (!Number.isInteger(from)) throw unknown('an incremental export without start_time or cursor');
    const changed = all()
      .filter((ticket) => ticket.updated_at >= Number(from) * 1000)
      .sort((a, b) => a.updated_at - b.updated_at);
    const page = changed.slice(offset, Number(offset) + 100);
    const end = Number(offset) + page.length;
    const shown = page.map((ticket) => shownTicket(state, ticket));
    response.json({ tickets: shown, ...sideloads(state, request.query.include, page), after_cursor: `${from}.${end}`, end_of_stream: end >= changed.length });
  });
  router.get('/search', (request, response) => void response.json(search(request, state, options)));
}

const folded = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** The search index lags behind by `searchLagMs`; ten pages of a hundred are the end of it. */
function search(request: Request, state: SimState, options: ReadOptions): Record<string, unknown> {
  const { query, page = '1', per_page: per = '100', include } = request.query;
  if (Number(page) * Number(per) > 1000) throw new Refusal(422, { error: 'invalid', description: 'Insufficient Resource Error' });
  const terms = String(query).match(/[a-z_]+[:<>]+"[^"]*"|"[^"]*"|\S+/g) ?? [];
  const tickets = [...state.tickets.values()].filter((ticket) => ticket.updated_at + options.searchLagMs <= state.now());
  const found = tickets.filter((ticket) =>
    terms.every((term) => {
      const [, key, value = ''] = /^(?:([a-z_]+)[:<>]+)?"?([^"]*)"?$/.exec(term) ?? [];
      if (key === undefined) return folded([ticket.subject, ...ticket.comments.map(({ plain }) => plain)].join(' ')).includes(folded(value));
      if (key === 'type') return value === 'ticket';
      if (key === 'external_id') return ticket.external_id === value;
      if (key === 'tags') return ticket.tags.includes(value);
      throw unknown(`a search by "${key}"`);
    }),
  );
  const sorted = found.toSorted((a, b) => b.updated_at - a.updated_at);
  const from = (Number(page) - 1) * Number(per);
  const shown = sorted.slice(from, from + Number(per));
  const next = from + Number(per) < sorted.length ? `/api/v2/search?page=${Number(page) + 1}` : null;
  const results = shown.map((ticket) => ({ ...shownTicket(state, ticket), result_type: 'ticket' }));
  return { results, count: sorted.length, next_page: next, previous_page: null, ...sideloads(state, include, shown) };
}

export function accountReads(router: Router, state: SimState): void {
  const organizations = () => [...state.organizations.values()];
  router.get('/users/search', (request, response) => {
    const users = searchUsers(state, request.query);
    const per = Number(request.query.per_page ?? 100);
    const from = (Number(request.query.page ?? 1) - 1) * per;
    response.json({
      users: users.slice(from, from + per).map(shownUser),
      count: users.length,
      next_page: from + per < users.length ? 'more' : null,
      previous_page: null,
    });
  });
  router.get('/users/:id', (request, response) => {
    const user = state.users.get(Number(request.params.id));
    if (!user) throw new Refusal(404, { error: 'RecordNotFound', description: 'Not found' });
    response.json({ user: shownUser(user) });
  });
  router.get('/organizations/autocomplete', (request, response) => {
    const prefix = String(request.query.name ?? '').toLowerCase();
    const found = organizations().filter(({ name }) => name.toLowerCase().startsWith(prefix));
    response.json({ organizations: found, count: found.length, next_page: null, previous_page: null });
  });
  router.get('/organizations/search', (request, response) => {
    const { name, external_id: external } = request.query;
    const same = (a: string | null, b: unknown): boolean => a?.toLowerCase() === String(b).toLowerCase();
    const found = organizations().filter((each) => (name === undefined ? same(each.external_id, external) : same(each.name, name)));
    response.json({ organizations: found, count: found.length, next_page: null, previous_page: null });
  });
  router.get('/organizations/:id', (request, response) => {
    const organization = state.organizations.get(Number(request.params.id));
    if (!organization) throw new Refusal(404, { error: 'RecordNotFound', description: 'Not found' });
    response.json({ organization });
  });
  router.get('/groups', (request, response) => void response.json(cursorPage(request, 'groups', [...state.groups.values()])));
  router.get('/ticket_fields', (request, response) => void response.json(cursorPage(request, 'ticket_fields', state.fields)));
  router.get('/custom_statuses', (_request, response) => void response.json({ custom_statuses: state.statuses }));
}
