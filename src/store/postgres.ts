/** The store on PostgreSQL: a pool, and transactions that run again when the database asks for it. */
import { setTimeout as wait } from 'node:timers/promises';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { openBlobs } from './blobs.ts';
import { createGate } from './gate.ts';
import { createNotes, createPublisher, type Notes, takeNotes, writeNotes } from './live.ts';
import { migrate } from './migrate.ts';
import type { Database } from './schema.ts';
import type { Statements, Value } from './statements.ts';
import type { LiveEvent, Store } from './store.ts';

/** int8 (20) and numeric (1700, sums of int8) as numbers: epoch milliseconds and counts fit. */
const types = new pg.TypeOverrides();
types.setTypeParser(20, Number);
types.setTypeParser(1700, Number);

const attempts = 10;

const asksAgain = (error: unknown): boolean => error instanceof Error && 'code' in error && (error.code === '40P01' || error.code === '40001');

/** A deadlock's or a conflict's victim runs again after a moment, longer each time, so that the others get through. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!asksAgain(error) || attempt === attempts) throw error;
      await wait(Math.random() * 10 * attempt);
    }
  }
}

/** `?` becomes `$1`, and each text is prepared under a name of its own, once a connection. */
function spelling(): (text: string) => { name: string; text: string } {
  const known = new Map<string, { name: string; text: string }>();
  return (text) => {
    const before = known.get(text);
    if (before) return before;
    let n = 0;
    const made = { name: `s${known.size}`, text: text.replace(/\?/g, () => `$${++n}`) };
    known.set(text, made);
    return made;
  };
}

type Query = (text: string, values: readonly Value[]) => Promise<{ rows: unknown[]; changed: number }>;

const statementsOver = (query: Query, tell: Statements['tell']): Statements => ({
  engine: 'postgres',
  lock: ' FOR UPDATE',
  all: async <Row>(text: string, ...values: readonly Value[]) => (await query(text, values)).rows as Row[],
  run: async (text, ...values) => (await query(text, values)).changed,
  tell,
});

export async function openPostgres(options: { url: string; blobsFolder: string }): Promise<Store> {
  const blobs = await openBlobs(options.blobsFolder);
  const pool = new pg.Pool({ connectionString: options.url, max: 16, types });
  // An idle connection that breaks is replaced by the pool; unheard, its error would end the process.
  pool.on('error', (error) => process.emitWarning(error));
  const kysely = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  const publisher = createPublisher();
  const spell = spelling();
  // Events are written under a lock of the database until the commit; this one keeps this process's publishing in the same order.
  const telling = createGate();

  /** Writes what was noted, commits and publishes. Returns once the gate, if any, is open again. */
  async function finish(statements: Statements, notes: Notes, commit: () => Promise<void>): Promise<void> {
    if (notes.list.length === 0) return commit();
    await telling.run(async () => {
      const events: LiveEvent[] = await writeNotes(statements, notes.list, Date.now());
      await commit();
      publisher.publish(events);
    });
  }

  async function batchOnce<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      const notes = createNotes();
      const statements = statementsOver(
        async (text, values) => {
          const { rows, rowCount } = await client.query({ ...spell(text), values: [...values] });
          return { rows, changed: rowCount ?? 0 };
        },
        (kind, subject) => notes.add(kind, subject),
      );
      await client.query('BEGIN');
      const result = await work(statements);
      await finish(statements, notes, async () => {
        const { command } = await client.query('COMMIT');
        if (command === 'ROLLBACK') throw new Error('the transaction was rolled back: a statement in it had failed');
      });
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }

  async function writeOnce<T>(work: Parameters<Store['write']>[0]): Promise<T> {
    const tx = await kysely.startTransaction().execute();
    try {
      const notes = takeNotes(tx);
      const result = (await work(tx)) as T;
      const statements = statementsOver(
        async (text, values) => {
          const { rows, numAffectedRows } = await tx.executeQuery(compiled(text, values));
          return { rows, changed: Number(numAffectedRows ?? 0) };
        },
        (kind, subject) => notes.add(kind, subject),
      );
      await finish(statements, notes, () => tx.commit().execute());
      return result;
    } catch (error) {
      if (!tx.isCommitted) await tx.rollback().execute().catch(ignore);
      throw error;
    }
  }

  await migrate(kysely, 'postgres').catch(async (error: unknown) => {
    await kysely.destroy();
    throw error;
  });
  return {
    engine: 'postgres',
    read: kysely,
    kysely,
    blobs,
    onCommit: publisher.subscribe,
    write: <T>(work: Parameters<typeof writeOnce>[0]) => again(() => writeOnce<T>(work)),
    batch: (work) => again(() => batchOnce(work)),
    close: () => kysely.destroy(),
  };

  function compiled(text: string, values: readonly Value[]) {
    const parts = text.split('?');
    return sql
      .join(
        parts.flatMap((part, i) => [sql.raw(part), ...(i < values.length ? [sql.val(values[i])] : [])]),
        sql.raw(''),
      )
      .compile(kysely);
  }
}

/** The first error tells more than the rollback that could not run after it. */
const ignore = (): void => {};
