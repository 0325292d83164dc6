/** Reading, from what was sent: a webhook cannot be asked. */
import type { Records, Requester, Ticket, TicketDetail, TicketQuery, TicketRef } from '../../src/kit/index.ts';
import { needTicket, type StoredTicket, searched, wordsOf } from './tickets.ts';

export const refOf = (helpdesk: string, { id, number, url }: Pick<StoredTicket, 'id' | 'number' | 'url'>): TicketRef => ({ helpdesk, id, number, url });

function shown(helpdesk: string, ticket: StoredTicket): Ticket {
  const { subject, status, priority, requester, company, assignee, group, due, createdAt, updatedAt, tags } = ticket;
  const { id, name } = requester;
  return { ref: refOf(helpdesk, ticket), subject, status, priority, requester: { id, name }, company, assignee, group, due, createdAt, updatedAt, tags };
}

/** All rows of an index, newest first, page by page. */
async function* rows<T extends string | StoredTicket>(records: Records, collection: string, index?: string): AsyncGenerator<T> {
  let after: string | undefined;
  for (;;) {
    const page = await records.list<T>(collection, { limit: 100, ...(index === undefined ? {} : { index }), ...(after === undefined ? {} : { after }) });
    for (const row of page) yield row.value;
    after = page.at(-1)?.sort;
    if (page.length < 100 || after === undefined) return;
  }
}

async function* byIds(records: Records, collection: string, index: string): AsyncGenerator<StoredTicket> {
  for await (const id of rows<string>(records, collection, index)) {
    const ticket = await records.get<StoredTicket>('tickets', id);
    if (ticket) yield ticket;
  }
}

/** The longest word is the rarest as a rule; the document itself answers for the others. */
const rarestFirst = (text: string): readonly string[] => wordsOf(text).toSorted((a, b) => b.length - a.length);

async function* withWords(records: Records, text: string): AsyncGenerator<StoredTicket> {
  const [first, ...others] = rarestFirst(text);
  if (first === undefined) return;
  for await (const ticket of byIds(records, 'words', first)) {
    const has = searched(ticket);
    if (others.every((word) => has.includes(word))) yield ticket;
  }
}

async function* found(records: Records, query: TicketQuery): AsyncGenerator<StoredTicket> {
  if ('number' in query) yield* byIds(records, 'numbers', query.number.replace(/^\s*#?/, '').trim());
  else if ('words' in query) yield* withWords(records, query.words);
  else if ('changedSince' in query) {
    for await (const ticket of rows<StoredTicket>(records, 'tickets')) {
      if (ticket.updatedAt < query.changedSince) return;
      yield ticket;
    }
  } else {
    const { company, since = 0 } = query;
    const source = 'requester' in query ? rows<StoredTicket>(records, 'tickets', query.requester) : byIds(records, 'company-tickets', query.company);
    for await (const ticket of source) if (ticket.updatedAt >= since && (company === undefined || ticket.company?.id === company)) yield ticket;
  }
}

export async function* listTickets(records: Records, helpdesk: string, query: TicketQuery): AsyncGenerator<Ticket> {
  for await (const ticket of found(records, query)) yield shown(helpdesk, ticket);
}

export async function showTicket(records: Records, helpdesk: string, id: string): Promise<TicketDetail> {
  const ticket = await needTicket(records, id);
  const entries = ticket.entries.map(({ operation, kind, at, html, files }) => ({ id: operation, kind, author: 'Deskbridge', at, html, files }));
  const fields = { ...ticket.fields, ...(ticket.type === null ? {} : { type: ticket.type }) };
  return { ...shown(helpdesk, ticket), description: ticket.description, summary: ticket.summary, entries, fields };
}

export async function findRequester(records: Records, contact: string): Promise<Requester | undefined> {
  const [latest] = await records.list<StoredTicket>('tickets', { index: contact, limit: 1 });
  return latest && { ...latest.value.requester, company: latest.value.company };
}

export async function findCompanies(records: Records, name: string): Promise<{ id: string; name: string }[]> {
  const [first, ...others] = rarestFirst(name);
  if (first === undefined) return [];
  const matches: { id: string; name: string }[] = [];
  for await (const id of rows<string>(records, 'company-words', first)) {
    const company = await records.get<{ id: string; name: string }>('companies', id);
    if (company && others.every((word) => wordsOf(company.name).includes(word))) matches.push(company);
  }
  return matches;
}
