/** The store on SQLite: one writing connection behind the gate, one that only reads, both on the same WAL. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite, { type Database as Connection } from 'better-sqlite3';
import { Kysely } from 'kysely';
import { openBlobs } from './blobs.ts';
import { createGate, type Gate } from './gate.ts';
import { createNotes, createPublisher, takeNotes, writeNotes } from './live.ts';
import { migrate } from './migrate.ts';
import type { Database } from './schema.ts';
import { sqliteDialect, statementCache } from './sqlite-dialect.ts';
import type { Statements } from './statements.ts';
import type { LiveEvent, Store } from './store.ts';

/** The gate and the raw connection are for the store's own tests. */
export interface SqliteStore extends Store {
  readonly gate: Gate;
  readonly writer: Connection;
}

function openWriter(path: string): Connection {
  const db = new Sqlite(path);
  db.pragma('busy_timeout = 5000');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  db.pragma('cache_size = -64000');
  // Pages that change again and again are copied back once every 32 MB instead of every 4.
  db.pragma('wal_autocheckpoint = 8000');
  assertDurable(db);
  return db;
}

/** Nothing may be acknowledged on a database that forgets: some file systems refuse WAL without a word. */
export function assertDurable(db: Connection): void {
  const mode = db.pragma('journal_mode', { simple: true });
  const synchronous = db.pragma('synchronous', { simple: true });
  if (mode !== 'wal' || synchronous !== 2)
    throw new Error(`the database must run with journal_mode=wal and synchronous=2 (FULL), but has ${mode} and ${synchronous}`);
}

function openReader(path: string): Connection {
  const db = new Sqlite(path, { readonly: true });
  db.pragma('busy_timeout = 5000');
  db.pragma('cache_size = -32000');
  return db;
}

function sqliteStatements(db: Connection, tell: Statements['tell']): Statements {
  const prepare = statementCache(db);
  return {
    engine: 'sqlite',
    lock: '',
    all: <Row>(sql: string, ...values: readonly unknown[]) => prepare(sql).all(...values) as Row[],
    run: (sql, ...values) => prepare(sql).run(...values).changes,
    tell,
  };
}

/** Opens (and creates, and migrates) the database file. `blobsFolder` holds the blobs. */
export async function openSqlite(options: { path: string; blobsFolder: string }): Promise<SqliteStore> {
  mkdirSync(dirname(options.path), { recursive: true });
  const blobs = await openBlobs(options.blobsFolder);
  const writer = openWriter(options.path);
  const gate = createGate();
  const publisher = createPublisher();
  // Events of the transaction in hand; there is never more than one.
  let pending: readonly LiveEvent[] = [];
  const published = (): void => {
    const events = pending;
    pending = [];
    publisher.publish(events);
  };
  const kysely = new Kysely<Database>({
    dialect: sqliteDialect(writer, gate, {
      committed: published,
      rolledBack: () => {
        pending = [];
      },
    }),
  });
  let notes = createNotes();
  const statements = sqliteStatements(writer, (kind, subject) => notes.add(kind, subject));
  await migrate(kysely, 'sqlite');
  const read = new Kysely<Database>({ dialect: sqliteDialect(openReader(options.path)) });

  return {
    engine: 'sqlite',
    read,
    kysely,
    blobs,
    gate,
    writer,
    onCommit: publisher.subscribe,
    write: (work) =>
      kysely.transaction().execute(async (tx) => {
        const noted = takeNotes(tx);
        const result = await work(tx);
        pending = await writeNotes(statements, noted.list, Date.now());
        return result;
      }),
    batch: (work) =>
      gate.run(async () => {
        notes = createNotes();
        writer.exec('BEGIN IMMEDIATE');
        try {
          const result = await work(statements);
          pending = await writeNotes(statements, notes.list, Date.now());
          writer.exec('COMMIT');
          published();
          return result;
        } catch (error) {
          pending = [];
          if (writer.inTransaction) writer.exec('ROLLBACK');
          throw error;
        }
      }),
    async close() {
      await read.destroy();
      await kysely.destroy();
    },
  };
}
