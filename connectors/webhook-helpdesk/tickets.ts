/**
 * What was sent, as tickets in `records`: one document a ticket with its entries in it, so that an operation shows as a whole or not at all.
 * Rows that find a ticket are written before it, and lead nowhere until it is there; everything may be written again after a crash.
 */
import { ConnectorError, type Json, type Records, type TicketRef } from '../../src/kit/index.ts';
import type { FileFacts, Frozen, PayloadRequester, PayloadValues } from './payload.ts';

export type StoredEntry = {
  readonly operation: string;
  readonly kind: 'reply' | 'note';
  readonly at: number;
  readonly html: string;
  readonly files: readonly { readonly name: string; readonly size: number }[];
};

export type StoredTicket = {
  readonly id: string;
  readonly number: string;
  readonly url: string;
  /** The operation that opened it. */
  readonly operation: string;
  readonly subject: string;
  readonly description: string;
  readonly summary: string;
  readonly status: string;
  readonly priority: string | null;
  readonly group: string | null;
  readonly assignee: string | null;
  readonly type: string | null;
  readonly due: number | null;
  readonly tags: readonly string[];
  readonly fields: { readonly [name: string]: Json };
  readonly requester: { readonly id: string; readonly name: string; readonly email: string | null; readonly phone: string | null };
  readonly company: { readonly id: string; readonly name: string } | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly entries: readonly StoredEntry[];
  /** Operations whose changes are in here: each changes the ticket once. */
  readonly applied: readonly string[];
};

/** Sorts as text like the time, and is unique, so that a page can end between two tickets of one instant. */
const sortKey = (at: number, id: string): string => `${String(at).padStart(15, '0')}:${id}`;

/** Words as people search them: lower case, without accents, at least two characters. */
export const wordsOf = (text: string): readonly string[] => [
  ...new Set(
    text
      .normalize('NFD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .match(/[\p{L}\p{N}]{2,}/gu) ?? [],
  ),
];

export const searched = ({ subject, requester, company }: Pick<StoredTicket, 'subject' | 'requester' | 'company'>): readonly string[] =>
  wordsOf(`${subject} ${requester.name} ${company?.name ?? ''}`);

const factsOf = (files: readonly FileFacts[]) => files.map(({ name, size }) => ({ name, size }));

/** What `values` make of a ticket; absent ones stay, tags only ever grow. */
function withValues(ticket: StoredTicket, { due, tags, fields, ...plain }: PayloadValues): StoredTicket {
  const given = Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined));
  return {
    ...ticket,
    ...given,
    due: due && due.customField === null ? Date.parse(due.at) : ticket.due,
    tags: [...new Set([...ticket.tags, ...(tags ?? [])])],
    fields: { ...ticket.fields, ...(fields as StoredTicket['fields'] | undefined), ...(due?.customField ? { [due.customField]: due.date } : {}) },
  };
}

const person = ({ id, name, email, phone }: PayloadRequester): StoredTicket['requester'] => ({ id, name, email, phone });

export function newTicket(payload: Frozen & { type: 'ticket.open' }, ref: TicketRef, firstStatus: string): StoredTicket {
  const at = Date.parse(payload.at);
  const { operation, subject, files, requester } = payload;
  const ticket: StoredTicket = {
    id: ref.id,
    number: ref.number,
    url: ref.url,
    operation,
    subject,
    description: payload.public.html,
    summary: payload.internal.html,
    status: firstStatus,
    priority: null,
    group: null,
    assignee: null,
    type: null,
    due: null,
    tags: [],
    fields: payload.followUpOf ? { follow_up_of: payload.followUpOf.number } : {},
    requester: person(requester),
    company: requester.company,
    createdAt: at,
    updatedAt: at,
    // The summary has its own box; files of a new ticket stand in a first note.
    entries: files.length ? [{ operation, kind: 'note', at, html: '', files: factsOf(files) }] : [],
    applied: [operation],
  };
  return withValues(ticket, payload.values);
}

export async function insertTicket(records: Records, ticket: StoredTicket): Promise<void> {
  const { id, company } = ticket;
  const sort = sortKey(ticket.createdAt, id);
  const row = (collection: string, index: string) => records.insert(collection, `${index}:${id}`, id, { index, sort });
  await row('numbers', ticket.number);
  for (const word of searched(ticket).slice(0, 50)) await row('words', word);
  if (company) {
    await row('company-tickets', company.id);
    await records.insert('companies', company.id, company);
    for (const word of wordsOf(company.name)) await records.insert('company-words', `${word}:${company.id}`, company.id, { index: word, sort: company.id });
  }
  await records.insert('tickets', id, ticket, { index: ticket.requester.id, sort });
}

interface Change {
  readonly operation: string;
  readonly at: number;
  readonly values?: PayloadValues;
  readonly summary?: string;
  readonly entry?: { readonly kind: 'reply' | 'note'; readonly html: string; readonly files: readonly FileFacts[] };
}

/** Changes a ticket once for an operation, in one write. */
export async function changeTicket(records: Records, id: string, { operation, at, values, summary, entry }: Change): Promise<void> {
  const change = (ticket: StoredTicket): StoredTicket => {
    if (ticket.applied.includes(operation)) return ticket;
    const added: StoredEntry[] = entry ? [{ operation, kind: entry.kind, at, html: entry.html, files: factsOf(entry.files) }] : [];
    return {
      ...withValues(ticket, values ?? {}),
      summary: summary ?? ticket.summary,
      entries: [...ticket.entries, ...added],
      updatedAt: Math.max(ticket.updatedAt, at),
      applied: [...ticket.applied, operation],
    };
  };
  const before = await needTicket(records, id);
  if (before.applied.includes(operation)) return;
  await records.update<StoredTicket>('tickets', id, change, { sort: sortKey(Math.max(before.updatedAt, at), id) });
}

export async function needTicket(records: Records, id: string): Promise<StoredTicket> {
  const ticket = await records.get<StoredTicket>('tickets', id);
  if (!ticket) throw new ConnectorError('not-found', `No ticket ${id} was opened through this helpdesk.`);
  return ticket;
}
