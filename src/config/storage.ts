/** Opens the store that the environment names, or says in a sentence why it cannot be used. */
import { resolve } from 'node:path';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import { ConfigError, type Environment } from './environment.ts';

/** Where nobody listens, Node tries several addresses and leaves the sum of the errors without words. */
const wordsOf = (error: Error & { code: unknown }): string => error.message || String(error.code);

/** Throws ConfigError for what the system or the database refused; anything else is a fault of ours and stays whole. */
export async function openConfigured({ DATA_DIR, DATABASE_URL }: Pick<Environment, 'DATA_DIR' | 'DATABASE_URL'>): Promise<Store> {
  try {
    return await openStore({ dataFolder: DATA_DIR, databaseUrl: DATABASE_URL });
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const what = DATABASE_URL ? 'The database of DATABASE_URL' : `The folder ${resolve(DATA_DIR)} of DATA_DIR`;
    throw new ConfigError([`${what} cannot be used: ${wordsOf(error)}`]);
  }
}
