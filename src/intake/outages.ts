/** Outages: when a session or poller could not hear its vendor, and what came of that time afterwards. */
import type { Kysely } from 'kysely';
import type { Log, SessionState } from '../kit/index.ts';
import type { Desk } from '../people/recognise.ts';
import type { Database } from '../store/schema.ts';
import type { Store } from '../store/store.ts';

/** A connection that is made anew at once is no outage that anybody need read of. */
const shortestMs = 5_000;

export interface OutageLog {
  /** Follows the states of one intake. */
  state(state: SessionState): void;
  /** A poll that asked and was answered then has brought everything: of this intake until its answer, of the channel's others until it asked. */
  caughtUp(poll: { readonly asked: number; readonly answered: number }): Promise<void>;
  /** Resolves once what was noted is committed: what is stored after that arrived after the outage. */
  settled(): Promise<void>;
}

export function followOutages(options: { store: Store; now: () => number; id: () => string; log: Log; channel: string; intake: string }): OutageLog {
  const { store, now, id, log, channel, intake } = options;
  let known: 'up' | 'down' | undefined;
  let last: Promise<void> = Promise.resolve();

  const note = (work: () => Promise<unknown>): void => {
    last = last.then(work).then(
      () => undefined,
      (error: unknown) => log.warn({ channel, intake, error: String(error) }, 'an outage could not be noted'),
    );
  };

  function down(detail: string | null): void {
    const from = now();
    note(() =>
      store.batch(async (db) =>
        db.run(
          `INSERT INTO outages (id, channel, intake, from_at, to_at, recovered, caught_up_at, detail) VALUES (?, ?, ?, ?, NULL, 0, NULL, ?)
           ON CONFLICT (channel, intake) WHERE to_at IS NULL DO NOTHING`,
          id(),
          channel,
          intake,
          from,
          detail,
        ),
      ),
    );
  }

  function up(): void {
    const to = now();
    note(() =>
      store.batch(async (db) => {
        await db.run('DELETE FROM outages WHERE channel = ? AND intake = ? AND to_at IS NULL AND from_at > ?', channel, intake, to - shortestMs);
        await db.run('UPDATE outages SET to_at = ? WHERE channel = ? AND intake = ? AND to_at IS NULL', to, channel, intake);
      }),
    );
  }

  return {
    state({ state, detail }) {
      const next = state === 'ready' ? 'up' : state === 'connecting' ? known : 'down';
      if (next === known) return;
      known = next;
      if (next === 'up') up();
      else down(detail ?? null);
    },
    async caughtUp({ asked, answered }) {
      const ids = (await behind(store, channel)).filter((row) => (row.to_at ?? 0) <= (row.intake === intake ? answered : asked)).map((row) => row.id);
      if (ids.length === 0) return;
      await store.write((tx) => tx.updateTable('outages').set({ caught_up_at: now() }).where('id', 'in', ids).execute());
    },
    settled: () => last,
  };
}

const behind = (store: Store, channel: string) =>
  store.read
    .selectFrom('outages')
    .select(['id', 'intake', 'to_at'])
    .where('channel', '=', channel)
    .where('to_at', 'is not', null)
    .where('caught_up_at', 'is', null)
    .execute();

/** A message that came just now says nothing of an outage; the margin spares the hot path a statement. */
const freshMs = 1_000;

/** Counts a new message for the outage in which it was written. */
export async function countRecovered(desk: Desk, channel: string, at: number): Promise<void> {
  if (desk.now - at < freshMs) return;
  await desk.db.run('UPDATE outages SET recovered = recovered + 1 WHERE channel = ? AND from_at <= ? AND to_at > ?', channel, at, at);
}

export interface Outage {
  readonly intake: string;
  readonly from: number;
  /** Null while it lasts. */
  readonly to: number | null;
  readonly recovered: number;
  /** 0 once everything of that time was asked for again; null while nobody knows. */
  readonly lost: 0 | null;
  readonly detail: string | null;
}

/** Newest first. */
export async function listOutages(read: Kysely<Database>, channel: string, limit = 10): Promise<readonly Outage[]> {
  const rows = await read
    .selectFrom('outages')
    .selectAll()
    .where('channel', '=', channel)
    .orderBy('from_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ intake, from_at, to_at, recovered, caught_up_at, detail }) => ({
    intake,
    from: from_at,
    to: to_at,
    recovered,
    lost: caught_up_at === null ? null : 0,
    detail,
  }));
}
