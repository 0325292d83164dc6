/** Our Kysely dialect for better-sqlite3: every connection that Kysely takes is taken through the gate, and statements are prepared once. */
import type { Database as Sqlite, Statement } from 'better-sqlite3';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Gate } from './gate.ts';

const keptStatements = 500;

/** Prepared statements by their text; the oldest goes when there are too many. */
export function statementCache(db: Sqlite): (sql: string) => Statement {
  const held = new Map<string, Statement>();
  return (sql) => {
    const known = held.get(sql);
    if (known) return known;
    const made = db.prepare(sql);
    held.set(sql, made);
    if (held.size > keptStatements) held.delete(held.keys().next().value ?? '');
    return made;
  };
}

function connection(db: Sqlite): DatabaseConnection {
  const prepare = statementCache(db);
  return {
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      // A statement prepared before the tables changed would answer with the columns of then.
      const statement = /^\s*(create|alter|drop|pragma|begin|commit|rollback)/i.test(sql) ? db.prepare(sql) : prepare(sql);
      if (statement.reader) return { rows: statement.all(...parameters) as R[] };
      const { changes, lastInsertRowid } = statement.run(...parameters);
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
    },
    // biome-ignore lint/correctness/useYield: the contract asks for a generator, and nothing here streams rows.
    async *streamQuery() {
      throw new Error('rows are read in pages here, never streamed');
    },
  };
}

/** `committed` runs after each COMMIT and before the gate opens, so what follows a commit happens in the order of the commits. */
export interface WriterHooks {
  committed(): void;
  rolledBack(): void;
}

function driver(db: Sqlite, gate: Gate | undefined, hooks: WriterHooks | undefined): Driver {
  const leaving = new WeakMap<DatabaseConnection, () => void>();
  const run = async (c: DatabaseConnection, sql: string): Promise<void> => void (await c.executeQuery(CompiledQuery.raw(sql)));
  const shared = connection(db);
  return {
    async init() {},
    async acquireConnection() {
      const leave = await gate?.enter();
      if (leave) leaving.set(shared, leave);
      return shared;
    },
    async releaseConnection(held) {
      const leave = leaving.get(held);
      leaving.delete(held);
      leave?.();
    },
    async beginTransaction(held) {
      await run(held, gate ? 'BEGIN IMMEDIATE' : 'BEGIN');
    },
    async commitTransaction(held) {
      await run(held, 'COMMIT');
      hooks?.committed();
    },
    async rollbackTransaction(held) {
      hooks?.rolledBack();
      // SQLite may have rolled back by itself (a full disk); a second ROLLBACK would hide the cause.
      if (db.inTransaction) await run(held, 'ROLLBACK');
    },
    async destroy() {
      db.close();
    },
  };
}

/** Kysely holds that SQLite cannot undo DDL; it can, and a migration that dies half-way must leave nothing behind. */
const adapter = (): SqliteAdapter => Object.defineProperty(new SqliteAdapter(), 'supportsTransactionalDdl', { value: true });

export const sqliteDialect = (db: Sqlite, gate?: Gate, hooks?: WriterHooks): Dialect => ({
  createAdapter: adapter,
  createDriver: () => driver(db, gate, hooks),
  createQueryCompiler: () => new SqliteQueryCompiler(),
  createIntrospector: (kysely) => new SqliteIntrospector(kysely),
});
