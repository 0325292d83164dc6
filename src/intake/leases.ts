/**
 * Leases: of several processes that share a database, one runs a session or poller. Whoever stops renewing loses it, and writes nothing under it any
 * more: each new holding has a higher fence, and commits are checked against it. Hosts must agree on the time to a few seconds (NTP).
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../kit/index.ts';
import type { Statements } from '../store/statements.ts';
import type { Store } from '../store/store.ts';

/** What a commit is checked against. */
export interface Fence {
  readonly name: string;
  readonly holder: string;
  readonly fence: number;
}

export interface Lease extends Fence {
  /** Aborts when the lease is lost. */
  readonly signal: AbortSignal;
}

export interface LeaseTimes {
  /** A holder that is silent for so long has lost it. */
  readonly lifeMs?: number;
  /** Between two renewals, and between two attempts of those who wait. */
  readonly everyMs?: number;
}

/** A dead holder is replaced within 15 s: its life runs out, and the next attempt of those who wait takes it. */
export const leaseTimes = { lifeMs: 10_000, everyMs: 2_500 };

export interface LeaseKeeper {
  /** Resolves once this process has it; undefined when `signal` aborts first. */
  held(signal: AbortSignal): Promise<Lease | undefined>;
  /** Gives it back, so that the next one need not wait. */
  stop(): Promise<void>;
}

export class LeaseLost extends Error {
  constructor(name: string) {
    super(`another process runs ${name} now: nothing was stored`);
    this.name = 'LeaseLost';
  }
}

/** The first statement of a commit under a lease: a holder that was replaced waits for whoever replaced it, and then finds nothing. */
export async function stillHeld(db: Statements, { name, holder, fence }: Fence): Promise<boolean> {
  const rows = await db.all(`SELECT fence FROM leases WHERE name = ? AND holder = ? AND fence = ?${db.lock}`, name, holder, fence);
  return rows.length === 1;
}

async function acquire(store: Store, name: string, holder: string, now: number, until: number): Promise<number | undefined> {
  const [row] = await store.batch(async (db) =>
    db.all<{ fence: number }>(
      `INSERT INTO leases (name, holder, until, fence) VALUES (?, ?, ?, 1)
       ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until, fence = leases.fence + 1
       WHERE leases.until <= ? OR leases.holder = excluded.holder
       RETURNING fence`,
      name,
      holder,
      until,
      now,
    ),
  );
  return row?.fence;
}

async function renew(store: Store, { name, holder, fence }: Fence, until: number): Promise<boolean> {
  const changed = await store.batch(async (db) =>
    db.run('UPDATE leases SET until = ? WHERE name = ? AND holder = ? AND fence = ?', until, name, holder, fence),
  );
  return changed === 1;
}

export function keepLease(options: { store: Store; name: string; holder: string; now: () => number; log: Log; times?: LeaseTimes | undefined }): LeaseKeeper {
  const { store, name, holder, now, log } = options;
  const { lifeMs, everyMs } = { ...leaseTimes, ...options.times };
  const stopping = new AbortController();
  let current: (Lease & { lost: AbortController; until: number; timer: NodeJS.Timeout }) | undefined;
  let changed = Promise.withResolvers<void>();

  function lose(why: string): void {
    if (!current) return;
    clearTimeout(current.timer);
    current.lost.abort();
    current = undefined;
    if (!stopping.signal.aborted) log.warn({ lease: name, why }, 'this process runs the intake no more');
  }

  /** A database that does not answer takes the lease away too: another host may reach it. */
  const expiry = (): NodeJS.Timeout => setTimeout(() => lose('it could not be renewed in time'), lifeMs).unref();

  async function take(): Promise<void> {
    const until = now() + lifeMs;
    const timer = expiry();
    const fence = await acquire(store, name, holder, now(), until);
    if (fence === undefined) return clearTimeout(timer);
    const lost = new AbortController();
    current = { name, holder, fence, signal: lost.signal, lost, until, timer };
    changed.resolve();
    changed = Promise.withResolvers();
  }

  async function prolong(lease: NonNullable<typeof current>): Promise<void> {
    const until = now() + lifeMs;
    const timer = expiry();
    const held = await renew(store, lease, until).catch((error: unknown) => {
      clearTimeout(timer);
      throw error;
    });
    if (current !== lease) return clearTimeout(timer);
    clearTimeout(lease.timer);
    Object.assign(lease, { until, timer });
    if (!held) lose('another process has taken it');
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await (current ? prolong(current) : take());
      } catch (error) {
        log.warn({ lease: name, error: String(error) }, 'a lease could not be asked for');
      }
      if (current && now() >= current.until) lose('it could not be renewed in time');
      await wait(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    async held(signal) {
      while (!signal.aborted && !current) {
        const gone = Promise.withResolvers<void>();
        const stop = (): void => gone.resolve();
        signal.addEventListener('abort', stop, { once: true });
        await Promise.race([changed.promise, gone.promise]);
        signal.removeEventListener('abort', stop);
      }
      return signal.aborted ? undefined : current;
    },
    async stop() {
      stopping.abort();
      await running;
      const lease = current;
      lose('stopped');
      // Whoever waits for it may take it at once. If the database is gone, it ends by itself.
      if (lease) await renew(store, lease, 0).catch(() => undefined);
    },
  };
}
