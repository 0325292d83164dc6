/** Reading the desk: lists by requester, company, words, number and last change, and one ticket in full. */
import { ConnectorError, type Context, type Records, type Ticket, type TicketDetail, type TicketQuery, type TicketRef } from '../../src/kit/index.ts';
import { rows, type StoredEntry, type StoredTicket, wordsOf } from './tickets.ts';

export type Place = Pick<Context<unknown>, 'name' | 'publicUrl'>;

export const refOf = (place: Place, ticket: { readonly id: string; readonly number: string }): TicketRef => ({
  helpdesk: place.name,
  id: ticket.id,
  number: ticket.number,
  url: `${place.publicUrl}/tickets/${place.name}/${ticket.id}`,
});

const shown = (place: Place, ticket: StoredTicket): Ticket => ({
  ref: refOf(place, ticket),
  subject: ticket.subject,
  status: ticket.status,
  priority: ticket.priority,
  requester: { id: ticket.requester.id, name: ticket.requester.name },
  company: ticket.company,
  assignee: ticket.assignee,
  group: ticket.group,
  due: ticket.due,
  createdAt: ticket.createdAt,
  updatedAt: ticket.updatedAt,
  tags: ticket.tags,
});

async function* byIds(records: Records, ids: AsyncIterable<string>): AsyncGenerator<StoredTicket> {
  for await (const id of ids) {
    const ticket = await records.get<StoredTicket>('tickets', id);
    if (ticket) yield ticket;
  }
}

async function* withWords(records: Records, text: string): AsyncGenerator<StoredTicket> {
  const [first, ...others] = wordsOf(text).toSorted((a, b) => b.length - a.length);
  if (first === undefined) return;
  // The longest word is the rarest as a rule; the ticket itself answers for the others.
  for await (const ticket of byIds(records, rows<string>(records, 'words', first))) {
    const has = new Set(wordsOf(`${ticket.subject} ${ticket.requester.name} ${ticket.company?.name ?? ''}`));
    if (others.every((word) => has.has(word))) yield ticket;
  }
}

async function* found(records: Records, query: TicketQuery): AsyncGenerator<StoredTicket> {
  if ('number' in query) {
    const id = await records.get<string>('numbers', query.number.replace(/^\s*#?/, '').trim());
    const ticket = id === undefined ? undefined : await records.get<StoredTicket>('tickets', id);
    if (ticket) yield ticket;
  } else if ('words' in query) yield* withWords(records, query.words);
  else if ('changedSince' in query) {
    for await (const ticket of rows<StoredTicket>(records, 'tickets')) {
      if (ticket.updatedAt < query.changedSince) return;
      yield ticket;
    }
  } else {
    const { company, since = 0 } = query;
    const source =
      'requester' in query ? rows<StoredTicket>(records, 'tickets', query.requester) : byIds(records, rows<string>(records, 'company-tickets', query.company));
    for await (const ticket of source) if (ticket.updatedAt >= since && (company === undefined || ticket.company?.id === company)) yield ticket;
  }
}

export async function* listTickets(records: Records, place: Place, query: TicketQuery): AsyncGenerator<Ticket> {
  for await (const ticket of found(records, query)) yield shown(place, ticket);
}

export async function needTicket(records: Records, id: string): Promise<StoredTicket> {
  const ticket = await records.get<StoredTicket>('tickets', id);
  if (!ticket) throw new ConnectorError('not-found', `The desk has no ticket ${id}.`);
  return ticket;
}

export async function showTicket(records: Records, place: Place, id: string): Promise<TicketDetail> {
  const ticket = await needTicket(records, id);
  const entries: TicketDetail['entries'][number][] = [];
  let after: string | undefined;
  for (;;) {
    const page = await records.list<StoredEntry>('entries', { index: id, limit: 100, ...(after === undefined ? {} : { after }) });
    for (const { key, value } of page)
      entries.push({
        id: key,
        kind: value.kind,
        author: 'Deskbridge',
        at: value.at,
        html: value.html,
        files: value.files.map(({ name, size }) => ({ name, size })),
      });
    after = page.at(-1)?.sort;
    if (page.length < 100) break;
  }
  const fields = {
    ...ticket.fields,
    ...(ticket.type === null ? {} : { type: ticket.type }),
    ...(ticket.followUpOf === null ? {} : { follow_up_of: ticket.followUpOf }),
  };
  return { ...shown(place, ticket), description: ticket.description, summary: ticket.summary, entries: entries.reverse(), fields };
}

export async function findCompanies(records: Records, name: string): Promise<{ id: string; name: string }[]> {
  const [first, ...others] = wordsOf(name).toSorted((a, b) => b.length - a.length);
  if (first === undefined) return [];
  const matches: { id: string; name: string }[] = [];
  for await (const id of rows<string>(records, 'company-words', first)) {
    const company = await records.get<{ id: string; name: string }>('companies', id);
    if (company && others.every((word) => wordsOf(company.name).includes(word))) matches.push(company);
  }
  return matches;
}
