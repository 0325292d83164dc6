/** Who and what Slack's ids stand for: asked once an hour each, never longer than a message may wait, and kept when Slack cannot answer. */
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { ConnectorError, type Context } from '../../src/kit/index.ts';
import type { SlackClient } from './client.ts';
import type { Known, Person } from './payload.ts';
import type { SlackSettings } from './settings.ts';

export interface Directory {
  /** Everything about these ids that can be known within `ms`. Never throws. */
  within(ms: number, ids: { people: readonly string[]; channels: readonly string[] }): Promise<Known>;
  /** The same, however long it takes. Throws ConnectorError, but a person or place that is not there has no entry. */
  all(ids: { people: readonly string[]; channels: readonly string[] }): Promise<Known>;
  person(id: string): Promise<Person | undefined>;
  /** Slack says that it changed. */
  forget(id: string): void;
}

const user = z.object({
  user: z.object({
    id: z.string(),
    team_id: z.string().nullish(),
    name: z.string().nullish(),
    real_name: z.string().nullish(),
    is_bot: z.boolean().nullish(),
    is_restricted: z.boolean().nullish(),
    is_ultra_restricted: z.boolean().nullish(),
    is_stranger: z.boolean().nullish(),
    is_email_confirmed: z.boolean().nullish(),
    deleted: z.boolean().nullish(),
    profile: z.object({ real_name: z.string().nullish(), display_name: z.string().nullish(), email: z.string().nullish() }).nullish(),
  }),
});
const channelInfo = z.object({ channel: z.object({ name: z.string().nullish() }) });

const keepMs = 3_600_000;
const most = 5000;

interface Kept<T> {
  readonly at: number;
  readonly value: T;
}

export function createDirectory({ now, closings }: Context<SlackSettings>, client: SlackClient): Directory {
  const people = createCache<Omit<Person, 'agent'>>(now, lookUpPerson);
  const channels = createCache<string>(now, async (id) => {
    const { channel } = await client.call('conversations.info', { channel: id }, channelInfo);
    return channel.name ?? undefined;
  });

  async function lookUpPerson(id: string): Promise<Omit<Person, 'agent'> | undefined> {
    const [{ user: found }, self] = await Promise.all([client.call('users.info', { user: id }, user), client.self()]);
    const { profile } = found;
    const member = found.team_id === self.team && !found.is_restricted && !found.is_ultra_restricted && !found.is_stranger && !found.is_bot;
    return {
      name: profile?.display_name || profile?.real_name || found.real_name || found.name || id,
      email: profile?.email?.trim().toLowerCase() || null,
      vouched: found.team_id === self.team && found.is_email_confirmed !== false && !found.is_stranger,
      member,
      bot: found.is_bot === true,
    };
  }

  /** Agents come and go here, not at Slack: asked each time, of our own database. Only this workspace's members can be one: others' addresses are hearsay. */
  async function person(id: string): Promise<Person | undefined> {
    const found = await people.get(id);
    if (!found) return undefined;
    const agent = found.member && found.vouched && found.email !== null ? await closings.agent(found.email) : undefined;
    return { ...found, agent: agent !== undefined };
  }

  async function gather(ids: { people: readonly string[]; channels: readonly string[] }, into: Known, failed: (error: unknown) => void): Promise<void> {
    const note = <T>(look: Promise<T | undefined>, keep: (value: T) => void): Promise<void> =>
      look.then((value) => {
        if (value !== undefined) keep(value);
      }, failed);
    await Promise.all([
      note(client.self(), ({ user: id, bot }) => {
        (into as { self: Known['self'] }).self = { user: id, bot };
      }),
      ...ids.people.map((id) => note(person(id), (value) => (into.people[id] = value))),
      ...ids.channels.map((id) => note(channels.get(id), (value) => (into.channels[id] = value))),
    ]);
  }

  const empty = (): Known => ({ self: null, people: {}, channels: {} });
  return {
    person,
    forget(id) {
      people.forget(id);
      channels.forget(id);
    },
    async within(ms, ids) {
      const found = empty();
      const giveUp = new AbortController();
      await Promise.race([gather(ids, found, () => {}), wait(ms, undefined, { signal: giveUp.signal }).catch(() => {})]);
      giveUp.abort();
      // What is still on its way must not change what was handed over.
      return structuredClone(found);
    },
    async all(ids) {
      const found = empty();
      const errors: unknown[] = [];
      await gather(ids, found, (error) => errors.push(error));
      if (errors.length > 0) throw errors[0];
      return found;
    },
  };
}

function createCache<T>(now: () => number, look: (id: string) => Promise<T | undefined>) {
  const kept = new Map<string, Kept<T>>();
  const asking = new Map<string, Promise<T | undefined>>();
  let pausedUntil = 0;

  async function ask(id: string): Promise<T | undefined> {
    if (now() < pausedUntil) throw new ConnectorError('rate-limited', 'Slack: too many calls', { retry: { afterMs: pausedUntil - now() } });
    try {
      const value = await look(id);
      if (value !== undefined) keep(id, value);
      return value;
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      if (error.code === 'not-found') return undefined;
      if (typeof error.retry === 'object') pausedUntil = now() + error.retry.afterMs;
      // An old name is better than none.
      const old = kept.get(id);
      if (old) return old.value;
      throw error;
    } finally {
      asking.delete(id);
    }
  }

  function keep(id: string, value: T): void {
    kept.delete(id);
    kept.set(id, { at: now(), value });
    if (kept.size > most) kept.delete(kept.keys().next().value ?? '');
  }

  return {
    async get(id: string): Promise<T | undefined> {
      const found = kept.get(id);
      if (found && now() - found.at < keepMs) return found.value;
      const running = asking.get(id) ?? ask(id);
      asking.set(id, running);
      return running;
    },
    forget: (id: string): void => void kept.delete(id),
  };
}
