/** Stores for tests: SQLite in a folder of its own, and PostgreSQL where it is installed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite, type SqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';

export interface TestStore<S extends Store = Store> {
  readonly store: S;
  readonly folder: string;
  /** Closes and opens the same data again, as after a restart. */
  reopen(): Promise<S>;
  /** Closes and removes everything. */
  drop(): Promise<void>;
}

export async function sqliteTestStore(): Promise<TestStore<SqliteStore>> {
  const folder = await mkdtemp(join(tmpdir(), 'deskbridge-store-'));
  const open = (): Promise<SqliteStore> => openSqlite({ path: join(folder, 'deskbridge.sqlite'), blobsFolder: join(folder, 'blobs') });
  let store = await open();
  return {
    get store() {
      return store;
    },
    folder,
    async reopen() {
      await store.close();
      store = await open();
      return store;
    },
    async drop() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
