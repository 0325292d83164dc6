/** Picks the database: PostgreSQL where `DATABASE_URL` names one, else SQLite in the data folder. */
import { join } from 'node:path';
import { openSqlite } from './sqlite.ts';
import type { Store } from './store.ts';

/** `dataFolder` holds the SQLite file and the blobs. Tables are brought up to date before it resolves. */
export async function openStore(options: { dataFolder: string; databaseUrl?: string | undefined }): Promise<Store> {
  const blobsFolder = join(options.dataFolder, 'blobs');
  if (!options.databaseUrl) return openSqlite({ path: join(options.dataFolder, 'deskbridge.sqlite'), blobsFolder });
  if (!/^postgres(ql)?:\/\//.test(options.databaseUrl)) throw new Error('DATABASE_URL must start with postgres:// (without it, SQLite is used)');
  const { openPostgres } = await import('./postgres.ts');
  return openPostgres({ url: options.databaseUrl, blobsFolder });
}
