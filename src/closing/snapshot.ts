/** Gathers the facts of one conversation: the only part of planning that asks anybody. */
import type { Kysely } from 'kysely';
import { readMessages } from '../conversations/messages.ts';
import { ConnectorError, type Identity, type Ticket, type TicketDetail } from '../kit/index.ts';
import type { Mapping } from '../mapping/evaluate.ts';
import { isThreadScope } from '../people/recognise.ts';
import type { Database } from '../store/schema.ts';
import type { Desk } from '../tickets/desks.ts';
import type { CandidateTicket } from './candidates.ts';
import type { Decision } from './decision.ts';
import type { FactCompany, FactDesk, FactMessage, FactPerson, Facts } from './facts.ts';
import type { AnsweredTicket } from './written-from.ts';

export interface SnapshotParts {
  readonly read: Kysely<Database>;
  readonly desks: ReadonlyMap<string, Desk>;
  /** The mapping in force for a channel. */
  mappingFor(channel: string): Mapping;
  now(): number;
}

export interface Viewer {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly teams: readonly string[];
}

/** Undefined when there is no such conversation. `decision` names further people, companies and tickets. */
export async function snapshot(parts: SnapshotParts, conversationId: string, agent: Viewer, decision?: Decision): Promise<Facts | undefined> {
  const conversation = await parts.read.selectFrom('conversations').selectAll().where('id', '=', conversationId).executeTakeFirst();
  if (!conversation) return undefined;
  const mapping = parts.mappingFor(conversation.channel);
  const contacts = [...new Set([conversation.contact_id, ...(decision?.parts.flatMap(({ requester }) => requester ?? []) ?? [])])];
  const people = Object.fromEntries((await readPeople(parts.read, contacts)).map((person) => [person.id, person]));
  const named = decision?.parts.flatMap((part) => [part.company, part.served]).filter((id) => id !== null) ?? [];
  const extra = await readCompanies(parts.read, [...named, ...(conversation.company_id ? [conversation.company_id] : [])]);
  const companies = Object.fromEntries([...Object.values(people).flatMap((person) => person.companies), ...extra].map((company) => [company.id, company]));
  const contact = people[conversation.contact_id] ?? { id: conversation.contact_id, name: '?', identities: [], companies: [] };
  const wanted = new Set([
    mapping.helpdesk,
    ...(decision?.parts.flatMap(({ target }) => (target.kind === 'append' ? target.ticket.helpdesk : [target.helpdesk, target.followUpOf?.helpdesk])) ?? []),
  ]);
  const desks = await Promise.all(
    [...wanted].flatMap((name) => parts.desks.get(name ?? '') ?? []).map((desk) => deskFacts(desk, Object.values(people), Object.values(companies), decision)),
  );
  return {
    now: parts.now(),
    conversation: { id: conversation.id, channel: conversation.channel, version: conversation.version, open: conversation.state === 'open' },
    messages: await factMessages(parts.read, conversationId),
    contact,
    people,
    companies,
    agent,
    mapping,
    desks: Object.fromEntries(desks.map((desk) => [desk.name, desk])),
  };
}

async function deskFacts(desk: Desk, people: readonly FactPerson[], companies: readonly FactCompany[], decision: Decision | undefined): Promise<FactDesk> {
  const tickets = decision?.parts.flatMap(({ target }) => (target.kind === 'append' ? [target.ticket] : target.followUpOf ? [target.followUpOf] : [])) ?? [];
  const [{ schema, reachable }, requesters, ids, found] = await Promise.all([
    desk.schema(),
    Promise.all(people.map(async (person) => [person.id, await desk.requester(person.id, person.identities)] as const)),
    desk.capabilities.companies ? Promise.all(companies.map(async (company) => [company.id, await desk.companyId(company.name)] as const)) : [],
    Promise.all(tickets.filter((ticket) => ticket.helpdesk === desk.name).map(async ({ id }) => [id, await readTicket(desk, id)] as const)),
  ]);
  return {
    name: desk.name,
    title: desk.title,
    capabilities: desk.capabilities,
    schema,
    reachable: reachable && found.every(([, ticket]) => ticket !== 'no answer'),
    mails: desk.mails,
    requesters: Object.fromEntries(requesters),
    companies: Object.fromEntries(ids.flatMap(([id, known]) => (known ? [[id, known]] : []))),
    tickets: Object.fromEntries(found.flatMap(([id, ticket]) => (typeof ticket === 'object' ? [[id, ticket]] : []))),
  };
}

/** Undefined for a ticket that the helpdesk says is not there. */
const readTicket = (desk: Desk, id: string): Promise<TicketDetail | 'no answer' | undefined> =>
  desk.ticket(id).catch((error: unknown) => (error instanceof ConnectorError && error.code === 'not-found' ? undefined : 'no answer'));

async function readPeople(read: Kysely<Database>, ids: readonly string[]): Promise<readonly FactPerson[]> {
  const contacts = await read.selectFrom('contacts').select(['id', 'name']).where('id', 'in', ids).execute();
  const identities = await read.selectFrom('identities').selectAll().where('contact_id', 'in', ids).orderBy('seen_at', 'desc').execute();
  const companies = await read
    .selectFrom('contact_companies')
    .innerJoin('companies', 'companies.id', 'contact_companies.company_id')
    .select(['contact_companies.contact_id', 'companies.id', 'companies.name', 'companies.brand', 'companies.fields'])
    .where('contact_companies.contact_id', 'in', ids)
    .orderBy('contact_companies.seen_at', 'desc')
    .execute();
  return contacts.map(({ id, name }) => ({
    id,
    name,
    identities: identities
      // Being the same sender in a thread vouches for nothing outside of it.
      .filter((identity) => identity.contact_id === id && !isThreadScope(identity.scope))
      .map(({ kind, value, scope, verified }): Identity => ({ kind, value, verified: verified === 1, ...(scope ? { scope } : {}) })),
    companies: companies
      .filter((company) => company.contact_id === id)
      .map((company) => ({ id: company.id, name: company.name, brand: company.brand, fields: JSON.parse(company.fields) })),
  }));
}

async function readCompanies(read: Kysely<Database>, ids: readonly string[]): Promise<readonly FactCompany[]> {
  if (ids.length === 0) return [];
  const rows = await read.selectFrom('companies').selectAll().where('id', 'in', ids).execute();
  return rows.map(({ id, name, brand, fields }) => ({ id, name, brand, fields: JSON.parse(fields) }));
}

/** Ids of the messages that a closing which stands has filed. */
async function filedMessages(read: Kysely<Database>, conversationId: string): Promise<ReadonlySet<string>> {
  const filed = await read
    .selectFrom('closing_messages')
    .innerJoin('closings', 'closings.id', 'closing_messages.closing_id')
    .select('closing_messages.message_id')
    .where('closings.conversation_id', '=', conversationId)
    .where('closings.state', '!=', 'undone')
    .where('closing_messages.how', '!=', 'skipped')
    .execute();
  return new Set(filed.map(({ message_id }) => message_id));
}

async function factMessages(read: Kysely<Database>, conversationId: string): Promise<readonly FactMessage[]> {
  const [messages, filed] = [await readMessages(read, conversationId), await filedMessages(read, conversationId)];
  return messages.map(({ id, at, author, kind, text, quoted, subject, automatic, deletedAt, files }) => ({
    id,
    at,
    role: author.role,
    author: author.name,
    kind,
    text,
    quoted,
    subject,
    automatic: automatic !== null,
    deleted: deletedAt !== null,
    filed: filed.has(id),
    files: files.map(({ name, state, sha256, mime, size, decoration, seconds }) => ({
      name,
      state,
      blob: sha256 && state === 'stored' ? { sha256, name, mime, size: size ?? 0 } : null,
      decoration,
      audio: mime.startsWith('audio/'),
      seconds,
    })),
  }));
}

const candidatePages = 50;

/**
 * Recent tickets of the company and of the contact, across helpdesks, for the picker. Of a contact that nobody vouched for only the ticket that an agent
 * wrote to them from is read.
 */
export async function candidateTickets(parts: SnapshotParts, facts: Facts, answered: readonly AnsweredTicket[]): Promise<readonly CandidateTicket[]> {
  const vouched = facts.contact.identities.some(({ verified }) => verified);
  const named = answered.filter(({ contacted, native }) => vouched || contacted || native);
  const lists = await Promise.all(
    [...parts.desks.values()].map(async (desk): Promise<readonly CandidateTicket[]> => {
      const mine = named.filter(({ helpdesk }) => helpdesk === desk.name);
      if (!vouched && mine.length === 0) return [];
      const { schema } = await desk.schema();
      const found = vouched ? await recentTickets(desk, facts) : [];
      const read = await Promise.all(mine.map(({ id }) => desk.ticket(id).catch(() => undefined)));
      const unique = new Map([...found, ...read.flatMap((ticket) => ticket ?? [])].map((ticket) => [ticket.ref.id, ticket]));
      return [...unique.values()].map((ticket) => ({
        ...ticket,
        statusOf: schema?.statuses.find(({ id }) => id === ticket.status),
        writtenFrom: mine.some(({ id, native }) => !native && id === ticket.ref.id),
        contactedFrom: mine.some(({ id, contacted }) => contacted && id === ticket.ref.id),
        native: mine.some(({ id, native }) => native && id === ticket.ref.id),
      }));
    }),
  );
  return lists.flat();
}

async function recentTickets(desk: Desk, facts: Facts): Promise<readonly Ticket[]> {
  const since = facts.now - facts.mapping.append.windowDays * 86_400_000;
  const requester = facts.desks[desk.name]?.requesters[facts.contact.id] ?? (await desk.requester(facts.contact.id, facts.contact.identities));
  const companies =
    facts.mapping.append.candidates === 'company' && desk.capabilities.companies
      ? await Promise.all(facts.contact.companies.map(({ name }) => desk.companyId(name)))
      : [];
  const queries = [...companies.filter((id) => id !== null).map((company) => ({ company, since })), ...(requester ? [{ requester: requester.id, since }] : [])];
  const found = await Promise.all(queries.map((query) => desk.search(query, candidatePages).catch((): readonly Ticket[] => [])));
  return found.flat();
}
