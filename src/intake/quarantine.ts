/** What was kept but not understood, and its replay after an upgrade. */
import type { Kysely } from 'kysely';
import { type Json, verifiedWhenStored } from '../kit/index.ts';
import type { Database } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import type { ChannelRuntime, Intake } from './intake.ts';

export interface Quarantined {
  readonly id: string;
  readonly channel: string;
  readonly receivedAt: number;
  readonly error: string;
  /** JSON text as it came. */
  readonly payload: string;
}

/** Newest first; `cursor` is the last id of the page before. */
export async function listQuarantine(read: Kysely<Database>, query: { cursor?: string; limit?: number } = {}): Promise<readonly Quarantined[]> {
  let rows = read.selectFrom('arrivals').select(['id', 'channel', 'received_at as receivedAt', 'error', 'payload']).where('state', '=', 'quarantined');
  if (query.cursor !== undefined) rows = rows.where('id', '<', query.cursor);
  const found = await rows
    .orderBy('id', 'desc')
    .limit(query.limit ?? 50)
    .execute();
  return found.map((row) => ({ ...row, error: row.error ?? '' }));
}

export interface ReplayReport {
  readonly replayed: number;
  /** Ids of those that are still not understood. */
  readonly kept: readonly string[];
}

/** Reads arrivals again, oldest first, one by one: an edit may need the message that stands before it. */
export async function replay(options: {
  store: Store;
  intake: Intake;
  channels: ReadonlyMap<string, ChannelRuntime>;
  ids: readonly string[] | 'all';
}): Promise<ReplayReport> {
  let replayed = 0;
  const kept: string[] = [];
  for (let after = ''; ; ) {
    const rows = await oldest(options.store.read, options.ids, after);
    for (const row of rows) {
      after = row.id;
      const channel = options.channels.get(row.channel);
      const outcome = channel && (await again(options.intake, channel, row));
      if (outcome?.state === 'stored') replayed += 1;
      else kept.push(row.id);
    }
    if (rows.length === 0) return { replayed, kept };
  }
}

interface Row {
  readonly id: string;
  readonly channel: string;
  readonly payload: string;
  readonly received_at: number;
}

const again = (intake: Intake, channel: ChannelRuntime, row: Row) =>
  intake.again({ channel, arrival: row.id, proof: verifiedWhenStored(), payload: JSON.parse(row.payload) as Json, receivedAt: row.received_at });

async function oldest(read: Kysely<Database>, ids: readonly string[] | 'all', after: string): Promise<readonly Row[]> {
  let rows = read.selectFrom('arrivals').select(['id', 'channel', 'payload', 'received_at']).where('state', '=', 'quarantined').where('id', '>', after);
  if (ids !== 'all') {
    if (ids.length === 0) return [];
    rows = rows.where('id', 'in', ids);
  }
  return rows.orderBy('id').limit(100).execute();
}
