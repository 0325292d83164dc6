/**
 * Which thread is a customer's? Meta names the same person by a number alone, by number and user id, or by user id alone, as usernames come into use.
 * The first name under which we met somebody stays the name of their thread; every other id that a webhook shows together with it is learnt as another name of it.
 */
import type { Json, Records } from '../../src/kit/index.ts';
import { firstKey, type Ids } from './ids.ts';

/** What one id stands for. `user` of a number: whose it was last, since numbers are given to other people. */
type Known = { readonly key: string; readonly user: string | null };
/** How a person is written to now. */
type Reach = { readonly phone: string | null; readonly user: string | null };

export interface People {
  /** The lasting name of whoever has these ids. Learns what it did not know. */
  keyOf(ids: Ids): Promise<string>;
  /** One person has new ids: their thread goes on. */
  moved(before: Ids, now: Ids): Promise<string>;
  /** Remembers how the person's newest message named them. */
  heard(key: string, ids: Ids): Promise<void>;
  /** `to` or `recipient` of a message ("Business-scoped user IDs": `to` wins where both stand). */
  addressOf(key: string): Promise<{ readonly to: string } | { readonly recipient: string }>;
}

const collection = 'people';
const reaches = 'reach';
const remembered = 5_000;

export function createPeople(records: Records): People {
  /** What was resolved lately, so that a busy hour costs no reads. */
  const lately = new Map<string, string>();
  const reachLately = new Map<string, string>();
  let turn: Promise<unknown> = Promise.resolve();

  /** One at a time: two first webhooks of one person must not both think that they are the first. Other hosts are held off by `insert`. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = turn.then(work, work);
    turn = done.catch(() => undefined);
    return done;
  }

  const known = (id: string): Promise<Known | undefined> => records.get<Known>(collection, id);

  /** A number counts only for the person who had it last: with another user id it has changed hands. */
  async function keyByPhone({ accounts, phone }: Ids): Promise<string | undefined> {
    if (phone === undefined) return undefined;
    const found = await known(phone);
    if (!found) return undefined;
    return accounts.length === 0 || found.user === null || accounts.includes(found.user) ? found.key : undefined;
  }

  async function keyByAccount({ accounts }: Ids): Promise<string | undefined> {
    for (const account of accounts) {
      const found = await known(account);
      if (found) return found.key;
    }
    return undefined;
  }

  /**
   * The number is learnt first: it is what two webhooks with different ids have in common. Another host may have been faster: then its word counts.
   * `certain`: Meta itself says whose the number is now.
   */
  async function learn({ accounts, phone }: Ids, key: string, certain = false): Promise<string> {
    let agreed = key;
    const user = accounts.at(-1) ?? null;
    const after = (held: Known): Known => {
      if (certain) return { key, user };
      if (user === null || held.user === user) return held;
      return held.user === null ? { key: held.key, user } : { key, user };
    };
    if (phone !== undefined && !(await records.insert(collection, phone, { key, user })))
      agreed = (await records.update<Known>(collection, phone, after))?.key ?? key;
    for (const account of accounts)
      if (!(await records.insert(collection, account, { key: agreed, user: null }))) agreed = (await known(account))?.key ?? agreed;
    return agreed;
  }

  function remember(map: Map<string, string>, at: string, value: string): void {
    if (map.size >= remembered) map.clear();
    map.set(at, value);
  }

  /** Of a number alone: the number. */
  const signature = ({ accounts, phone }: Ids): string => [...accounts, phone ?? ''].join('\n');

  return {
    async keyOf(ids) {
      const cached = lately.get(signature(ids));
      if (cached !== undefined) return cached;
      return inTurn(async () => {
        const key = (await keyByAccount(ids)) ?? (await keyByPhone(ids)) ?? firstKey(ids);
        const agreed = await learn(ids, key);
        // Whose the number is may just have changed.
        if (ids.phone !== undefined) lately.delete(ids.phone);
        remember(lately, signature(ids), agreed);
        return agreed;
      });
    },
    async moved(before, now) {
      return inTurn(async () => {
        const key = (await keyByAccount(before)) ?? (await keyByPhone(before)) ?? firstKey(before);
        await learn(before, key);
        await learn(now, key, true);
        lately.clear();
        return key;
      });
    },
    async heard(key, { accounts, phone }) {
      const reach: Reach = { phone: phone ?? null, user: accounts.at(-1) ?? null };
      const text = JSON.stringify(reach);
      if (reachLately.get(key) === text) return;
      if (!(await records.insert(reaches, key, reach as Json))) await records.update<Reach>(reaches, key, () => reach);
      remember(reachLately, key, text);
    },
    async addressOf(key) {
      const reach = await records.get<Reach>(reaches, key);
      if (reach?.phone) return { to: reach.phone };
      if (reach?.user) return { recipient: reach.user };
      return /^\d+$/.test(key) ? { to: key } : { recipient: key };
    },
  };
}
