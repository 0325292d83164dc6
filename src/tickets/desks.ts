/** What helpdesks know, asked as seldom as possible: schema, requesters, companies and tickets, with the last good answer kept while one is down. */
import {
  type Channel,
  type ChannelCapabilities,
  ConnectorError,
  type DeskSchema,
  type Helpdesk,
  type HelpdeskCapabilities,
  type Identity,
  type Json,
  type Log,
  type Records,
  type Requester,
  type Ticket,
  type TicketDetail,
  type TicketQuery,
} from '../kit/index.ts';

export interface ConnectedHelpdesk {
  readonly name: string;
  readonly title: string;
  readonly connector: string;
  readonly mails: string | null;
  readonly capabilities: HelpdeskCapabilities;
  readonly helpdesk: Helpdesk;
  readonly records: Records;
}

export interface ConnectedChannel {
  readonly name: string;
  readonly title: string;
  readonly connector: string;
  readonly capabilities: ChannelCapabilities;
  readonly channel: Channel;
}

const schemaLifeMs = 10 * 60_000;
const requesterLifeMs = 5 * 60_000;
/** After a failed reading nobody waits for the helpdesk again until then: its outage must not slow the others' pages down. */
const failureLifeMs = 30_000;
/** Answers kept in memory; the oldest go first. */
const mostKept = 5_000;

function keep<T>(answers: Map<string, T>, key: string, answer: T): void {
  answers.delete(key);
  answers.set(key, answer);
  if (answers.size > mostKept) answers.delete(answers.keys().next().value ?? '');
}

export interface SchemaAnswer {
  readonly schema: DeskSchema | null;
  readonly reachable: boolean;
}

export interface Desk extends ConnectedHelpdesk {
  /** The newest schema that could be read; null if there never was one. */
  schema(options?: { fresh?: boolean }): Promise<SchemaAnswer>;
  /** The schema that was read last, without asking anybody. */
  known(): DeskSchema | undefined;
  /** Null where nobody is found, and also where the helpdesk does not answer. */
  requester(contact: string, identities: readonly Identity[]): Promise<Requester | null>;
  /** The same for those who must know the difference: throws what the helpdesk throws. */
  lookUp(contact: string, identities: readonly Identity[]): Promise<Requester | null>;
  companyId(name: string): Promise<string | null>;
  ticket(id: string): Promise<TicketDetail>;
  search(query: TicketQuery, limit: number): Promise<readonly Ticket[]>;
}

export function createDesks(connected: readonly ConnectedHelpdesk[], { now, log }: { now: () => number; log: Log }): ReadonlyMap<string, Desk> {
  return new Map(connected.map((one) => [one.name, createDesk(one, now, log)]));
}

function createDesk(connected: ConnectedHelpdesk, now: () => number, log: Log): Desk {
  const { helpdesk, records, name } = connected;
  let held: { schema: DeskSchema; readAt: number } | undefined;
  let reading: Promise<SchemaAnswer> | undefined;
  let failure: { last: DeskSchema | null; at: number } | undefined;
  const requesters = new Map<string, { at: number; requester: Requester | null }>();
  const companies = new Map<string, { at: number; id: string | null }>();

  async function read(): Promise<SchemaAnswer> {
    try {
      const schema = await helpdesk.schema();
      held = { schema, readAt: now() };
      failure = undefined;
      const stored = schema as unknown as Json;
      if (!(await records.insert('core:schema', 'last', stored))) await records.update('core:schema', 'last', () => stored);
      return { schema, reachable: true };
    } catch (error) {
      log.warn({ err: error, helpdesk: name }, 'the schema could not be read; the last one stays in force');
      const last = held?.schema ?? ((await records.get<Json>('core:schema', 'last')) as unknown as DeskSchema | undefined);
      failure = { last: last ?? null, at: now() };
      return { schema: failure.last, reachable: false };
    }
  }

  async function lookUp(contact: string, identities: readonly Identity[]): Promise<Requester | null> {
    const cached = requesters.get(contact);
    if (cached && (cached.requester || now() - cached.at < requesterLifeMs)) return cached.requester;
    const requester = (await helpdesk.findRequester(identities, contact)) ?? null;
    keep(requesters, contact, { at: now(), requester });
    return requester;
  }

  return {
    ...connected,
    lookUp,
    async schema(options = {}) {
      if (held && !options.fresh && now() - held.readAt < schemaLifeMs) return { schema: held.schema, reachable: true };
      if (failure && !options.fresh && now() - failure.at < failureLifeMs) return { schema: failure.last, reachable: false };
      reading ??= read().finally(() => {
        reading = undefined;
      });
      return reading;
    },
    known: () => held?.schema,
    async requester(contact, identities) {
      const requester = await quietly(() => lookUp(contact, identities), log, name);
      return requester === failed ? null : requester;
    },
    async companyId(company) {
      const cached = companies.get(company);
      if (cached && now() - cached.at < requesterLifeMs) return cached.id;
      const found = await quietly(() => helpdesk.findCompanies(company), log, name);
      if (found === failed) return null;
      const same = found.find((one) => one.name.localeCompare(company, undefined, { sensitivity: 'base' }) === 0);
      keep(companies, company, { at: now(), id: same?.id ?? null });
      return same?.id ?? null;
    },
    ticket: (id) => helpdesk.ticket(id),
    async search(query, limit) {
      const found: Ticket[] = [];
      for await (const ticket of helpdesk.tickets(query)) {
        found.push(ticket);
        if (found.length >= limit) break;
      }
      return found;
    },
  };
}

const failed = Symbol('failed');

/** A look-up that fails must not keep an agent from closing: the plan goes on without it. */
async function quietly<T>(work: () => Promise<T>, log: Log, helpdesk: string): Promise<T | typeof failed> {
  try {
    return await work();
  } catch (error) {
    log.warn({ err: error instanceof ConnectorError ? { code: error.code, message: error.message } : error, helpdesk }, 'a look-up failed');
    return failed;
  }
}
