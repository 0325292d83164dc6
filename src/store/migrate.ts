/** Brings a database to today's tables. Each step runs once, in order; its name is stored, so it never changes. */
import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { conversations } from './migrations/0001-conversations.ts';
import { closings } from './migrations/0002-closings.ts';
import { records } from './migrations/0003-records.ts';
import { signIn } from './migrations/0004-sign-in.ts';
import { channels } from './migrations/0005-channels.ts';
import { outgoing } from './migrations/0006-outgoing.ts';
import { joining } from './migrations/0007-joining.ts';
import { waitingEnds } from './migrations/0008-waiting-ends.ts';
import type { Db, Engine } from './migrations/columns.ts';
import type { Database } from './schema.ts';

const steps: Readonly<Record<string, (db: Db, engine: Engine) => Promise<void>>> = {
  '0001-conversations': conversations,
  '0002-closings': closings,
  '0003-records': records,
  '0004-sign-in': signIn,
  '0005-channels': channels,
  '0006-outgoing': outgoing,
  '0007-joining': joining,
  '0008-waiting-ends': waitingEnds,
};

/** Names of the steps that ran now; none when the tables are up to date. Throws with the step that failed. */
export async function migrate(db: Kysely<Database>, engine: Engine): Promise<readonly string[]> {
  const known = Object.entries(steps).map(([name, up]): [string, Migration] => [name, { up: (tx) => up(tx, engine) }]);
  const migrator = new Migrator({ db, provider: { getMigrations: async () => Object.fromEntries(known) } });
  const { error, results } = await migrator.migrateToLatest();
  if (error) {
    const failed = results?.find(({ status }) => status === 'Error')?.migrationName ?? 'the migrations';
    throw new Error(`the database could not be brought up to date: ${failed} failed`, { cause: error });
  }
  return (results ?? []).map(({ migrationName }) => migrationName);
}
