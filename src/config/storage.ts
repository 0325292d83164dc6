/** Opens the store that the environment names, or says in a sentence why it cannot be used. */
import { resolve } from 'node:path';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import { ConfigError, type Environment } from './environment.ts';

/** What the system, SQLite's files or PostgreSQL's door refuse; a statement that is wrong is a fault of ours. */
const refusals = /^(E[A-Z]+|SQLITE_(CANTOPEN|READONLY|NOTADB|CORRUPT|FULL|IOERR|BUSY).*|(08|28|3D|53|57)...)$/;

const refusalIn = (error: unknown): (Error & { code: unknown }) | undefined => {
  if (!(error instanceof Error)) return undefined;
  return 'code' in error && refusals.test(String(error.code)) ? error : refusalIn(error.cause);
};

/** Where nobody listens, Node tries several addresses and leaves the sum of the errors without words. */
const wordsOf = (error: Error & { code: unknown }): string => error.message || String(error.code);

/** Throws ConfigError for what was refused; anything else stays whole. */
export async function openConfigured({ DATA_DIR, DATABASE_URL }: Pick<Environment, 'DATA_DIR' | 'DATABASE_URL'>): Promise<Store> {
  try {
    return await openStore({ dataFolder: DATA_DIR, databaseUrl: DATABASE_URL });
  } catch (error) {
    const refusal = refusalIn(error);
    if (!refusal) throw error;
    const what = DATABASE_URL ? 'The database of DATABASE_URL' : `The folder ${resolve(DATA_DIR)} of DATA_DIR`;
    throw new ConfigError([`${what} cannot be used: ${wordsOf(refusal)}`]);
  }
}
