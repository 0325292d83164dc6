/** What a ticket's body may hold, and what each value must be. Unpermitted keys are dropped and named in a header, never refused. */
import { type Detail, invalid, unknown } from './refusal.ts';
import type { SimState, SimTicket } from './state.ts';

const ticketKeys = new Set(
  `subject raw_subject comment requester_id requester submitter_id status custom_status_id priority type group_id assignee_id organization_id brand_id
  ticket_form_id tags custom_fields fields external_id metadata due_at via_followup_source_id updated_stamp safe_update`.split(/\s+/),
);
const commentKeys = new Set(['body', 'html_body', 'public', 'author_id', 'uploads']);

export interface Said {
  readonly language: string;
  /** The detail that refuses a ticket for a suspended requester, by its key. The documents do not have it: without it the answer is 501. */
  readonly suspended?: readonly [field: string, Detail] | undefined;
}

/** The words of an error come in the acting user's language; codes and keys do not. */
export const inWords = (said: Said, english: string): string => (said.language === 'en' ? english : `[${said.language}] ${english.length}`);

/** Drops what is not permitted; `dropped` collects the names for `X-Zendesk-API-Warn`. */
export function permitted(body: Record<string, unknown>, dropped: string[], batch = false): Record<string, unknown> {
  const keep = (object: Record<string, unknown>, keys: ReadonlySet<string>, prefix: string): Record<string, unknown> => {
    const entries = Object.entries(object).filter(([key]) => keys.has(key) || (batch && prefix === 'ticket' && key === 'id'));
    dropped.push(
      ...Object.keys(object)
        .filter((key) => !entries.some(([kept]) => kept === key))
        .map((key) => `${prefix}.${key}`),
    );
    return Object.fromEntries(entries);
  };
  const ticket = keep(body, ticketKeys, 'ticket');
  if (ticket.comment && typeof ticket.comment === 'object') ticket.comment = keep(ticket.comment as Record<string, unknown>, commentKeys, 'ticket.comment');
  return ticket;
}

const enums: Readonly<Record<string, readonly string[]>> = {
  status: ['new', 'open', 'pending', 'hold', 'solved', 'closed'],
  priority: ['urgent', 'high', 'normal', 'low'],
  type: ['problem', 'incident', 'question', 'task'],
};

function checkEnums(said: Said, body: Record<string, unknown>): void {
  for (const [key, allowed] of Object.entries(enums)) {
    const value = body[key];
    const empty = value === undefined || (value === null && key !== 'status');
    if (!empty && !allowed.includes(String(value)))
      throw invalid('base', { description: inWords(said, `${key[0]?.toUpperCase()}${key.slice(1)}: is invalid`) });
  }
}

function setStatus(state: SimState, ticket: SimTicket, body: Record<string, unknown>): void {
  const custom = body.custom_status_id === undefined ? undefined : state.statuses.find(({ id }) => id === body.custom_status_id);
  if (body.custom_status_id !== undefined && !custom) throw unknown('what a custom_status_id that does not exist gets');
  if (custom && body.status !== undefined && body.status !== custom.status_category) throw unknown('what a status gets that contradicts its custom_status_id');
  const status = custom?.status_category ?? (body.status as string | undefined);
  if (status === undefined) return;
  ticket.status = status;
  ticket.custom_status_id = custom?.id ?? state.statuses.find((each) => each.default && each.status_category === status)?.id ?? ticket.custom_status_id;
}

function setCustomFields(state: SimState, ticket: SimTicket, body: Record<string, unknown>): void {
  const given = (body.custom_fields ?? body.fields ?? []) as { id: unknown; value: unknown }[];
  if (!Array.isArray(given)) throw unknown('custom_fields that are not a list of id and value');
  for (const { id, value } of given) {
    const field = state.fields.find((each) => each.id === Number(id) && each.active && each.id > 1000);
    // Unknown and inactive ids are ignored without a word.
    if (!field) continue;
    if (field.type === 'tagger' && value !== null && !field.custom_field_options?.some((option) => option.value === value))
      throw unknown(`what a dropdown gets for "${String(value)}", which is none of its options`);
    if (field.type === 'date' && value !== null && !/^\d{4}-\d{2}-\d{2}$/.test(String(value))) throw unknown(`what a date field gets for "${String(value)}"`);
    ticket.custom_fields.set(field.id, value);
  }
}

function checkRequired(state: SimState, said: Said, ticket: SimTicket): void {
  if (ticket.status !== 'solved') return;
  const missing = state.fields.filter((field) => field.required && field.active && !ticket.custom_fields.get(field.id));
  if (!missing.length) return;
  const details = missing.map(({ id, title }) => ({
    ticket_field_type: 'FieldTagger',
    ticket_field_id: id,
    description: inWords(said, `${title}: is required when solving a ticket`),
    error: null,
  }));
  throw invalid('base', ...details);
}

const idOf = (value: unknown): number | null => (value === null ? null : Number(value));

/** Writes a body's values to a ticket. Throws before anything is written if one of them is refused. */
export function applyValues(state: SimState, said: Said, ticket: SimTicket, body: Record<string, unknown>): void {
  checkEnums(said, body);
  const next: SimTicket = { ...ticket, custom_fields: new Map(ticket.custom_fields) };
  setStatus(state, next, body);
  setCustomFields(state, next, body);
  if (body.subject !== undefined || body.raw_subject !== undefined) next.subject = String(body.raw_subject ?? body.subject);
  for (const key of ['priority', 'type', 'external_id', 'due_at'] as const)
    if (body[key] !== undefined) next[key] = body[key] === null ? null : String(body[key]);
  for (const key of ['group_id', 'brand_id', 'ticket_form_id'] as const) if (body[key] !== undefined) next[key] = idOf(body[key]);
  if (body.group_id !== undefined && body.group_id !== null && !state.groups.has(Number(body.group_id)))
    throw unknown('what a group_id that does not exist gets');
  if (body.assignee_id !== undefined) {
    next.assignee_id = idOf(body.assignee_id);
    if (next.assignee_id !== null && !['agent', 'admin'].includes(state.users.get(next.assignee_id)?.role ?? ''))
      throw unknown('what an assignee_id gets that is no agent');
  }
  if (body.organization_id !== undefined) {
    next.organization_id = idOf(body.organization_id);
    const member = state.users.get(ticket.requester_id)?.organization_id;
    if (next.organization_id !== null && next.organization_id !== member) throw unknown('what an organization_id gets that the requester does not belong to');
  }
  if (body.tags !== undefined) next.tags = [...new Set((Array.isArray(body.tags) ? body.tags : [body.tags]).map((tag) => String(tag).toLowerCase()))];
  checkRequired(state, said, next);
  const { custom_fields, ...plain } = next;
  Object.assign(ticket, plain);
  for (const [id, value] of custom_fields) ticket.custom_fields.set(id, value);
}
