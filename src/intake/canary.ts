/** Canaries: what a channel sends to itself by way of its vendor, to prove that the whole way works. */
import type { Kysely } from 'kysely';
import type { CanaryEvent, Log } from '../kit/index.ts';
import type { Desk } from '../people/recognise.ts';
import type { Database } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import type { ChannelRuntime } from './intake.ts';
import type { Written } from './message.ts';
import { type Runner, startRunner } from './runner.ts';

const everyMs = 15 * 60_000;
/** One that is not back by then is lost. */
const patienceMs = 5 * 60_000;

/** The time that counts is ours. One from before the last, or that somebody made up, proves nothing of the last. */
export async function writeCanary(desk: Desk, channel: string, { token }: CanaryEvent): Promise<Written> {
  await desk.db.run('UPDATE canaries SET back_at = ? WHERE channel = ? AND token = ? AND back_at IS NULL', desk.now, channel, token);
  // Its arrival need not be kept: what it said is in the row.
  return 'repeated';
}

export interface CanaryOptions {
  readonly store: Store;
  readonly channels: Iterable<ChannelRuntime>;
  readonly now: () => number;
  /** Makes the tokens. */
  readonly id: () => string;
  readonly log: Log;
}

/** Sends those that are due; of several processes one sends each. A vendor that does not answer holds up its own only. */
export async function sendCanaries(options: CanaryOptions): Promise<void> {
  await Promise.all([...options.channels].map((channel) => sendCanary(options, channel)));
}

/** The row is committed before the sending, so that nothing can come back before it. */
async function sendCanary({ store, now, id, log }: CanaryOptions, { name, connector }: ChannelRuntime): Promise<void> {
  if (!connector.canary) return;
  const at = now();
  const token = id();
  const mine = await store.batch(async (db) =>
    db.run(
      `INSERT INTO canaries (channel, sent_at, back_at, error, token) VALUES (?, ?, NULL, NULL, ?)
       ON CONFLICT (channel) DO UPDATE SET sent_at = excluded.sent_at, back_at = NULL, error = NULL, token = excluded.token WHERE canaries.sent_at <= ?`,
      name,
      at,
      token,
      at - everyMs,
    ),
  );
  if (mine === 0) return;
  try {
    await connector.canary(token);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    log.warn({ channel: name, error: text }, 'a canary could not be sent');
    await store.batch(async (db) => db.run('UPDATE canaries SET error = ? WHERE channel = ? AND token = ?', text, name, token));
  }
}

export interface Canary {
  /** `waiting`: on its way; `missing`: it should be back by now. */
  readonly state: 'waiting' | 'back' | 'missing' | 'failed';
  readonly sentAt: number;
  readonly backAt: number | null;
  /** Why it could not be sent. */
  readonly detail: string | null;
}

/** The last one of a channel; undefined for a channel that has none. */
export async function readCanary(read: Kysely<Database>, channel: string, now: number): Promise<Canary | undefined> {
  const row = await read.selectFrom('canaries').selectAll().where('channel', '=', channel).executeTakeFirst();
  if (!row) return undefined;
  const state = row.back_at !== null ? 'back' : row.error !== null ? 'failed' : now - row.sent_at >= patienceMs ? 'missing' : 'waiting';
  return { state, sentAt: row.sent_at, backAt: row.back_at, detail: row.error };
}

/** Looks every minute whether one is due. */
export function startCanaries(options: CanaryOptions): Runner {
  const channels = [...options.channels];
  return startRunner({
    round: () => sendCanaries({ ...options, channels }),
    everyMs: 60_000,
    endless: false,
    now: options.now,
    failed: (error, pauseMs) => options.log.error({ error: String(error), pauseMs }, 'sending canaries failed'),
  });
}
