/** The store as the rest of the product sees it, on SQLite and on PostgreSQL alike. */
import type { Kysely, Transaction } from 'kysely';
import type { Blobs } from '../kit/index.ts';
import type { Database } from './schema.ts';
import type { Statements } from './statements.ts';

export interface Store {
  readonly engine: 'sqlite' | 'postgres';
  /** Reads: on SQLite a read-only connection of its own, so that they never wait for the writer. */
  readonly read: Kysely<Database>;
  /**
   * Writes outside the hot paths. Runs `work` in a transaction through the one-writer gate; on PostgreSQL it runs again on 40P01 and 40001, so `work`
   * must await nothing but the database and have no other side effects.
   */
  write<T>(work: (tx: Transaction<Database>) => Promise<T>): Promise<T>;
  /**
   * The hot paths' way to write: prepared statements in one transaction through the same gate. Everything that `write` asks of its work is asked here
   * too. Resolves after the commit is on disk.
   */
  batch<T>(work: (statements: Statements) => Promise<T>): Promise<T>;
  /** For libraries that bring their own queries (sign-in, migrations): takes the same gate. */
  readonly kysely: Kysely<Database>;
  readonly blobs: Blobs;
  /** Called after a commit with the live events that it wrote, in order. */
  onCommit(listener: (events: readonly LiveEvent[]) => void): () => void;
  close(): Promise<void>;
}

export interface LiveEvent {
  readonly id: number;
  readonly kind: string;
  readonly subject: string;
}
