/** Looks for doubles: a request that landed after time-out, settling and look. Found ones are recorded and shown, never silent. */
import type { Helpdesk, Log, Operation, OperationResult } from '../kit/index.ts';
import type { Store } from '../store/store.ts';
import type { Group } from './group.ts';
import { announce } from './outcome.ts';
import { readyOperation } from './perform.ts';

const day = 24 * 3_600_000;
/** Late requests have landed by then. */
const settledMs = 10 * 60_000;
const page = 50;

export interface SweepParts {
  readonly store: Store;
  readonly group: Group;
  readonly helpdesks: ReadonlyMap<string, Helpdesk>;
  readonly log: Log;
  now(): number;
}

/** One pass over the last day's deliveries that had an unclear send; resolves with the ids of those that are doubled. */
export async function sweepDoubles({ store, group, helpdesks, log, now }: SweepParts): Promise<readonly string[]> {
  const doubled: string[] = [];
  const rows = await store.read
    .selectFrom('deliveries')
    .selectAll()
    .where('state', '=', 'done')
    .where('swept_at', 'is', null)
    .where('done_at', '>=', now() - day)
    .where('done_at', '<=', now() - settledMs)
    .where('target_kind', '=', 'helpdesk')
    .orderBy('done_at')
    .limit(page)
    .execute();
  for (const row of rows) {
    const helpdesk = helpdesks.get(row.target);
    if (!helpdesk) continue;
    try {
      const operation: Operation = await readyOperation(store.read, row);
      const places = await helpdesk.traces(operation, JSON.parse(row.result ?? 'null') as OperationResult);
      const doubles = places.length > 1 ? JSON.stringify(places) : null;
      await group.write(async (s) => {
        await s.run('UPDATE deliveries SET swept_at = ?, doubles = ? WHERE id = ?', now(), doubles, row.id);
        if (doubles) announce(s, row);
      });
      if (!doubles) continue;
      doubled.push(row.id);
      log.error({ delivery: row.id, target: row.target, places }, 'this operation took effect more than once');
    } catch (error) {
      // The helpdesk is down or slow: the next pass looks again, for a day.
      log.warn({ delivery: row.id, err: error }, 'no look for doubles now');
    }
  }
  return doubled;
}

/** Sweeps every minute until stopped; a pass never overlaps the next. */
export function startSweep(parts: SweepParts, everyMs = 60_000): { stop(): Promise<void> } {
  let pass: Promise<unknown> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    pass = sweepDoubles(parts)
      .catch((error: unknown) => parts.log.error({ err: error }, 'the sweep for doubles failed'))
      .finally(() => {
        busy = false;
      });
  }, everyMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await pass;
    },
  };
}
