/** Fetches what webhooks leave out: names, whole texts, files. The event stands meanwhile; what comes back is written through the same door. */

import { dropOldReceipts } from '../conversations/receipts.ts';
import { ConnectorError, type InboundEvent, type Log } from '../kit/index.ts';
import type { Store } from '../store/store.ts';
import type { ChannelRuntime, Intake } from './intake.ts';
import { type Runner, startRunner } from './runner.ts';

export interface EnrichOptions {
  readonly store: Store;
  readonly intake: Intake;
  readonly channels: ReadonlyMap<string, ChannelRuntime>;
  readonly now: () => number;
  readonly log: Log;
}

/** After this many attempts (a day and a half) a person has to look. */
const attemptsAtMost = 14;
const atOnce = 4;

const backoffMs = (attempts: number): number => Math.min(5_000 * 2 ** attempts, 4 * 3_600_000);

interface Due {
  readonly id: string;
  readonly channel: string;
  readonly arrival_id: string;
  readonly event: string;
  readonly attempts: number;
}

/** Fetches what is due now, and says how many events were tried. Events of one thread are taken in their order. */
export async function enrichDue(options: EnrichOptions): Promise<number> {
  const due = await options.store.read
    .selectFrom('enrichments')
    .select(['id', 'channel', 'arrival_id', 'event', 'attempts'])
    .where('state', '=', 'waiting')
    .where('next_at', '<=', options.now())
    .orderBy('next_at')
    .orderBy('id')
    .limit(50)
    .execute();
  const queue = [...due];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) await enrichOne(options, next);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return due.length;
}

async function enrichOne(options: EnrichOptions, due: Due): Promise<void> {
  const event = JSON.parse(due.event) as InboundEvent;
  try {
    const channel = options.channels.get(due.channel);
    if (!channel) throw new ConnectorError('unavailable', 'the channel is not configured now', { retry: 'backoff' });
    if (!channel.connector.enrich) throw new ConnectorError('refused', 'the channel cannot fetch what is missing');
    const events = await channel.connector.enrich(event);
    const asked = JSON.stringify(event.enrich);
    // The same question again would have the same answer.
    const more = events.map(({ enrich, ...rest }) => (enrich === undefined || JSON.stringify(enrich) === asked ? rest : { ...rest, enrich }) as InboundEvent);
    await options.intake.enriched({ channel, arrival: due.arrival_id, enrichment: due.id, events: more });
  } catch (error) {
    await failed(options, due, error);
  }
}

async function failed(options: EnrichOptions, due: Due, error: unknown): Promise<void> {
  const attempts = due.attempts + 1;
  const hopeless = error instanceof ConnectorError && error.retry === 'never' && error.effect === 'none';
  const text = error instanceof Error ? error.message : String(error);
  options.log.warn({ channel: due.channel, arrival: due.arrival_id, attempts, error: text }, 'what an event left out could not be fetched');
  if (hopeless || attempts >= attemptsAtMost) return giveUp(options.store, due, attempts, text);
  const told = error instanceof ConnectorError && typeof error.retry === 'object' ? error.retry.afterMs : 0;
  await options.store.write(async (tx) => {
    await tx
      .updateTable('enrichments')
      .set({ attempts, error: text, next_at: options.now() + Math.max(told, backoffMs(attempts)) })
      .where('id', '=', due.id)
      .execute();
  });
}

/** The event itself stands. Its arrival goes to quarantine, where ops see why, and from where its replay tries again. */
async function giveUp(store: Store, due: Due, attempts: number, error: string): Promise<void> {
  await store.write(async (tx) => {
    await tx.updateTable('enrichments').set({ state: 'failed', attempts, error }).where('id', '=', due.id).execute();
    await tx
      .updateTable('arrivals')
      .set({ state: 'quarantined', error: `stored, but what it left out could not be fetched: ${error}` })
      .where('id', '=', due.arrival_id)
      .execute();
  });
}

/** Looks every few seconds, and at once while there is more. */
export function startEnriching(options: EnrichOptions & { everyMs?: number }): Runner {
  return startRunner({
    async round({ signal }) {
      while (!signal.aborted && (await enrichDue(options)) > 0);
      await options.store.batch(async (db) => dropOldReceipts(db, options.now()));
    },
    everyMs: options.everyMs ?? 1000,
    endless: false,
    now: options.now,
    failed: (error, pauseMs) => options.log.error({ error: String(error), pauseMs }, 'fetching what events leave out failed'),
  });
}
