/** Who is who at Freshchat: users, agents and topics by id, kept in memory for a while because every message names some. */
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { ConnectorError, type Context, type Identity, type Party } from '../../src/kit/index.ts';
import type { Client } from './client.ts';
import type { FreshchatSettings } from './settings.ts';
import * as wire from './wire.ts';

export interface Directory {
  /** The party with its name and identities; the party itself where the account does not know it any more. */
  fill(party: Party, options?: { readonly fresh?: boolean }): Promise<Party>;
  agent(id: string): Promise<wire.Agent | undefined>;
  /** Id of the one active agent of this name. */
  agentNamed(name: string): Promise<string | undefined>;
  topic(id: string): Promise<string | undefined>;
}

/** A bot may have asked for the name just now. */
const userMs = 2 * 60_000;
const slowMs = 10 * 60_000;
const most = 5000;
const longestList = 100;

const fullName = ({ first_name, last_name }: { first_name?: string | null | undefined; last_name?: string | null | undefined }): string =>
  [first_name, last_name]
    .map((part) => part?.trim())
    .filter(Boolean)
    .join(' ');

/** Names of people that look like a gerund. */
const people = new Set(['Sterling', 'Irving', 'Channing', 'Manning', 'Fleming', 'Harding', 'Golding', 'Browning', 'Keating']);

/** Visitors without a name are given one by the vendor, "Dancing Horse": a gerund and a noun, which is nobody's name. */
export const isGenerated = (name: string): boolean => {
  const [first = '', ...rest] = name.split(/\s+/);
  return rest.length === 1 && /^[A-Z][a-z]{2,}ing$/.test(first) && !people.has(first) && /^[A-Z][a-z]+$/.test(rest[0] ?? '');
};

type Reading = Pick<FreshchatSettings, 'identitiesVerified' | 'defaultCountry' | 'companyProperties'>;

export function userParty(user: wire.User, party: Party, settings: Reading): Party {
  const name = fullName(user);
  const email = user.email?.trim().toLowerCase();
  const phone = user.phone ? parsePhoneNumberFromString(user.phone, settings.defaultCountry) : undefined;
  const company = companyOf(user, settings.companyProperties);
  const verified = settings.identitiesVerified;
  const more: readonly Identity[] = [
    ...(email && /^[^\s@]+@[^\s@]+$/.test(email) ? [{ kind: 'email', value: email, verified } as const] : []),
    ...(phone?.isPossible() ? [{ kind: 'phone', value: phone.number, verified } as const] : []),
  ];
  return {
    ...party,
    ...(name && !isGenerated(name) ? { name } : {}),
    identities: [...party.identities, ...more],
    ...(company ? { company } : {}),
  };
}

function companyOf({ properties }: wire.User, names: readonly string[]): string | undefined {
  const bare = (name: string): string => name.toLowerCase().replace(/^cf_/, '');
  const wanted = names.map(bare);
  const found = (properties ?? []).find(({ name, value }) => name && wanted.includes(bare(name)) && typeof value === 'string' && value.trim() !== '');
  return typeof found?.value === 'string' ? found.value.trim() : undefined;
}

/** The account's own list of agents vouches for their addresses. */
const agentParty = (agent: wire.Agent, party: Party): Party => {
  const name = fullName(agent);
  const email = agent.email?.trim().toLowerCase();
  return {
    ...party,
    ...(name ? { name } : {}),
    identities: [...party.identities, ...(email ? [{ kind: 'email', value: email, verified: true } as const] : [])],
  };
};

export function createDirectory(client: Client, { settings, now }: Pick<Context<FreshchatSettings>, 'settings' | 'now'>): Directory {
  const cache = new Map<string, { readonly at: number; readonly value: Promise<unknown> }>();

  function remembered<T>(key: string, ms: number, read: () => Promise<T>, fresh = false): Promise<T> {
    const known = cache.get(key);
    if (known && !fresh && now() - known.at < ms) return known.value as Promise<T>;
    const value = read();
    cache.delete(key);
    cache.set(key, { at: now(), value });
    if (cache.size > most) cache.delete(cache.keys().next().value ?? '');
    // A failure is no answer, so the next one asks again.
    value.catch(() => (cache.get(key)?.value === value ? cache.delete(key) : false));
    return value;
  }

  const orNothing = async <T>(read: Promise<T>): Promise<T | undefined> => {
    try {
      return await read;
    } catch (error) {
      if (error instanceof ConnectorError && error.code === 'not-found') return undefined;
      throw error;
    }
  };

  async function all<T, S extends { pagination?: { total_pages?: number | null | undefined } | null | undefined }>(
    path: string,
    shape: import('zod').ZodType<S>,
    items: (page: S) => readonly T[],
  ): Promise<readonly T[]> {
    const found: T[] = [];
    for (let page = 1; page <= longestList; page++) {
      const answer = await client.get(path, shape, { page, items_per_page: 50 });
      found.push(...items(answer));
      if (page >= (answer.pagination?.total_pages ?? 1)) break;
    }
    return found;
  }

  const agent = (id: string) => remembered(`agent ${id}`, slowMs, () => orNothing(client.get(`/agents/${encodeURIComponent(id)}`, wire.agent)));
  const user = (id: string, fresh: boolean) =>
    remembered(`user ${id}`, userMs, () => orNothing(client.get(`/users/${encodeURIComponent(id)}`, wire.user)), fresh);

  return {
    agent,
    async fill(party, { fresh = false } = {}) {
      if (party.role === 'agent') {
        const found = await agent(party.id);
        return found ? agentParty(found, party) : party;
      }
      if (party.role !== 'contact') return party;
      const found = await user(party.id, fresh);
      return found ? userParty(found, party, settings) : party;
    },
    async agentNamed(name) {
      const wanted = name.trim().toLowerCase();
      const agents = await remembered('agents', slowMs, () => all('/agents', wire.agents, (page) => page.agents));
      const [only, ...others] = agents.filter((one) => one.is_deactivated !== true && fullName(one).toLowerCase() === wanted);
      return wanted !== '' && others.length === 0 ? only?.id : undefined;
    },
    async topic(id) {
      const topics = await remembered('topics', slowMs, () => all('/channels', wire.channels, (page) => page.channels));
      return topics.find((one) => one.id === id)?.name?.trim() || undefined;
    },
  };
}
