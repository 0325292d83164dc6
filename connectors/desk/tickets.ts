/**
 * How tickets lie in `records`. A document has one index and one sort, so: `tickets` is indexed by requester and sorted by the last change;
 * a company's tickets, numbers and words have small collections of their own. All are inserted under keys made of ids, so writing them again changes nothing.
 */
import { DateTime } from 'luxon';
import type { BlobRef, Json, Records, RequesterSpec, TicketValues } from '../../src/kit/index.ts';

export type StoredFile = { readonly sha256: string; readonly name: string; readonly mime: string; readonly size: number };

export type StoredTicket = {
  readonly id: string;
  readonly number: string;
  readonly subject: string;
  readonly description: string;
  readonly summary: string | null;
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
  readonly followUpOf: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Operations whose changes are in here: each changes the ticket once. */
  readonly applied: readonly string[];
};

export type StoredEntry = {
  readonly kind: 'reply' | 'note';
  readonly ticket: string;
  readonly at: number;
  readonly html: string;
  readonly files: readonly StoredFile[];
};

/** Sorts as text like the time, and is unique, so that a page can end between two tickets of one instant. */
export const sortKey = (at: number, id: string): string => `${String(at).padStart(15, '0')}:${id}`;

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

export const storedFiles = (files: readonly BlobRef[]): StoredFile[] => files.map(({ sha256, name, mime, size }) => ({ sha256, name, mime, size }));

export function storedCompany(company: RequesterSpec['company']): StoredTicket['company'] {
  if (!company) return null;
  return { id: company.known ?? wordsOf(company.name).join('-'), name: company.name };
}

/** What `values` make of a ticket; absent keys stay, tags only ever grow. */
export function withValues(ticket: StoredTicket, values: TicketValues): StoredTicket {
  const { due, tags, fields, ...plain } = values;
  const dated: { [name: string]: Json } = due && due.field !== 'due' ? { [due.field.custom]: DateTime.fromMillis(due.at, { zone: due.zone }).toISODate() } : {};
  return {
    ...ticket,
    ...plain,
    due: due?.field === 'due' ? due.at : ticket.due,
    tags: [...new Set([...ticket.tags, ...(tags ?? [])])],
    fields: { ...ticket.fields, ...(fields as { readonly [name: string]: Json } | undefined), ...dated },
  };
}

async function indexWords(records: Records, collection: string, id: string, text: string, sort: string): Promise<void> {
  for (const word of wordsOf(text).slice(0, 50)) await records.insert(collection, `${word}:${id}`, id, { index: word, sort });
}

/** Writes a ticket and all that finds it. May be called again after a crash anywhere in between. */
export async function insertTicket(records: Records, ticket: StoredTicket): Promise<void> {
  const sort = sortKey(ticket.createdAt, ticket.id);
  await records.insert('tickets', ticket.id, ticket, { index: ticket.requester.id, sort });
  await records.insert('numbers', ticket.number, ticket.id);
  await indexWords(records, 'words', ticket.id, `${ticket.subject} ${ticket.requester.name} ${ticket.company?.name ?? ''}`, sort);
  if (!ticket.company) return;
  await records.insert('company-tickets', ticket.id, ticket.id, { index: ticket.company.id, sort });
  await records.insert('companies', ticket.company.id, ticket.company);
  await indexWords(records, 'company-words', ticket.company.id, ticket.company.name, ticket.company.id);
}

export const insertEntry = (records: Records, key: string, entry: StoredEntry): Promise<boolean> =>
  records.insert('entries', key, entry, { index: entry.ticket, sort: sortKey(entry.at, key) });

/** All rows of an index, newest first, page by page. */
export async function* rows<T extends Json>(records: Records, collection: string, index?: string): AsyncGenerator<T> {
  let after: string | undefined;
  for (;;) {
    const page = await records.list<T>(collection, { limit: 100, ...(index === undefined ? {} : { index }), ...(after === undefined ? {} : { after }) });
    for (const row of page) yield row.value;
    after = page.at(-1)?.sort;
    if (page.length < 100 || after === undefined) return;
  }
}
