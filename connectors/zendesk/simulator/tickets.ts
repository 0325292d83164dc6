/** Creating and updating tickets: idempotency keys, safe updates, follow-ups, comments ("Tickets" of the API reference). */
import { plain, strip } from './html.ts';
import { invalid, Refusal, unknown } from './refusal.ts';
import { iso, needTicket, type SimComment, type SimState, type SimTicket, type SimUser } from './state.ts';
import { applyValues, inWords, permitted, type Said } from './values.ts';

type Body = Record<string, unknown>;

/** Characters of one comment. */
const maxComment = 65_535;

function takeUploads(state: SimState, uploads: unknown): SimComment['attachments'] {
  const tokens = uploads === undefined ? [] : Array.isArray(uploads) ? uploads : [uploads];
  const held = tokens.map((token) => state.uploads.get(String(token)));
  if (held.some((upload) => !upload || upload.expiresAt <= state.now())) throw unknown('what an upload token gets that is used, expired or never was');
  for (const token of tokens) state.uploads.delete(String(token));
  return held.flatMap((upload) => (upload ? [upload.attachment] : []));
}

/** Checks a comment without a trace, so that what follows may still refuse. */
function checkComment(comment: Body | undefined): void {
  if (!comment) return;
  const text = String(comment.html_body ?? comment.body ?? '');
  if (text.trim() === '') throw invalid('comment', { description: 'Comment: cannot be blank', error: 'BlankValue' });
  if (text.length > maxComment) throw invalid('comment', { description: `Comment: is too long (maximum is ${maxComment} characters)`, error: 'ValueTooLong' });
}

export function addComment(state: SimState, ticket: SimTicket, comment: Body, metadata: unknown, copied: SimComment['attachments'] = []): void {
  const html = comment.html_body === undefined ? `<p>${strip(plain(String(comment.body)))}</p>` : strip(String(comment.html_body));
  const added: SimComment = {
    id: state.id(),
    author_id: Number(comment.author_id ?? state.acting.id),
    html,
    plain: plain(html),
    public: comment.public !== false,
    at: state.second(),
    attachments: [...takeUploads(state, comment.uploads), ...copied],
    metadata: (metadata ?? {}) as SimComment['metadata'],
  };
  ticket.comments.push(added);
  const to = state.users.get(ticket.requester_id)?.email;
  if (added.public && to && added.author_id !== ticket.requester_id) state.mails.push({ to, ticket: ticket.id, html });
}

/** The requester of a new ticket: by id, else an inline one, reused by address or made. */
function requesterOf(state: SimState, body: Body): SimUser {
  if (body.requester_id !== undefined) {
    const user = state.users.get(Number(body.requester_id));
    if (!user) throw unknown('what a requester_id that does not exist gets');
    return user;
  }
  if (body.requester === undefined) return state.acting;
  const given = body.requester as Body;
  if (typeof given !== 'object' || !given.email || !given.name) throw unknown('an inline requester without both name and email');
  const email = String(given.email).toLowerCase();
  const known = [...state.users.values()].find((user) => user.email?.toLowerCase() === email);
  if (known) return known;
  const organization = given.organization_id === undefined ? null : Number(given.organization_id);
  const user: SimUser = { id: state.id(), name: String(given.name), email, phone: null, external_id: null, role: 'end-user', organization_id: organization };
  state.users.set(user.id, user);
  return user;
}

function blank(state: SimState, requester: SimUser, source: SimTicket | undefined): SimTicket {
  const at = state.second();
  return {
    id: state.id(),
    external_id: null,
    subject: '',
    status: 'new',
    custom_status_id: state.statuses.find((status) => status.default && status.status_category === 'new')?.id ?? null,
    priority: null,
    type: null,
    due_at: null,
    requester_id: requester.id,
    submitter_id: state.acting.id,
    assignee_id: null,
    group_id: null,
    organization_id: requester.organization_id,
    brand_id: null,
    ticket_form_id: null,
    tags: source ? [...source.tags] : [],
    custom_fields: new Map(source?.custom_fields),
    followup_of: source?.id ?? null,
    followup_ids: [],
    created_at: at,
    updated_at: at,
    comments: [],
  };
}

export function createTicket(state: SimState, said: Said, given: Body, dropped: string[]): SimTicket {
  const body = permitted(given, dropped);
  const comment = body.comment as Body | undefined;
  if (!comment) throw invalid('base', { description: inWords(said, 'Description: cannot be blank'), error: 'BlankValue' });
  checkComment(comment);
  const named = body.via_followup_source_id === undefined ? undefined : needTicket(state, body.via_followup_source_id);
  // A source that is not closed yet is ignored.
  const source = named?.status === 'closed' ? named : undefined;
  const requester = requesterOf(state, body);
  if (requester.suspended) throw said.suspended ? invalid(...said.suspended) : unknown('how a ticket for a suspended requester is refused');
  const ticket = blank(state, requester, source);
  applyValues(state, said, ticket, body);
  const author = comment.author_id ?? (source ? undefined : body.submitter_id);
  addComment(state, ticket, { ...comment, ...(author === undefined ? {} : { author_id: author }) }, body.metadata);
  state.tickets.set(ticket.id, ticket);
  source?.followup_ids.push(ticket.id);
  return ticket;
}

/** The stamp and its flag travel together; `safe_update: false` acts like true. */
function checkStamp(ticket: SimTicket, body: Body, batch: boolean): void {
  if (body.updated_stamp === undefined && body.safe_update === undefined) return;
  if (body.updated_stamp === undefined || body.safe_update === undefined)
    throw unknown(`${batch ? 'a batch' : 'an update'} with only one of updated_stamp and safe_update`);
  if (iso(Date.parse(String(body.updated_stamp))) !== iso(ticket.updated_at))
    throw new Refusal(409, {
      error: 'UpdateConflict',
      description: 'Safe Update prevented the update due to outdated ticket data. Please fetch the latest ticket data and try again.',
    });
}

export function updateTicket(state: SimState, said: Said, ticket: SimTicket, given: Body, dropped: string[], batch = false): SimTicket {
  const body = permitted(given, dropped, batch);
  if (ticket.status === 'closed') throw invalid('status', { description: inWords(said, 'Status: closed prevents ticket update') });
  checkStamp(ticket, body, batch);
  const comment = body.comment as Body | undefined;
  checkComment(comment);
  if (comment && ticket.comments.length >= 5000) throw invalid('base', { description: inWords(said, 'Ticket has reached the limit of 5000 comments') });
  applyValues(state, said, ticket, body);
  if (comment) addComment(state, ticket, comment, body.metadata);
  ticket.updated_at = state.second();
  return ticket;
}

/** Two hours of one answer for one key ("Idempotency" of the ticketing introduction). */
export function withKey<T>(state: SimState, key: string | undefined, body: string, make: () => T): { answer: T; lookup: 'hit' | 'miss' | undefined } {
  if (key === undefined) return { answer: make(), lookup: undefined };
  if (key.length > 255) throw unknown('an Idempotency-Key of more than 255 characters');
  const known = state.keys.get(key);
  if (known && state.now() - known.at < 2 * 3_600_000) {
    if (known.body !== body)
      throw new Refusal(400, { error: 'IdempotentRequestError', description: "Request parameters don't match the given idempotency key" });
    return { answer: known.answer as T, lookup: 'hit' };
  }
  const answer = make();
  state.keys.set(key, { body, answer, at: state.now() });
  return { answer, lookup: 'miss' };
}
