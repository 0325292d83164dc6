/** `deskbridge token create`: an API token from the data folder itself, also while the server runs, since it is one short write. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { v7 } from 'uuid';
import { createAuth } from '../api/auth.ts';
import { readConfig } from '../config/config.ts';
import { ConfigError, readEnvironment } from '../config/environment.ts';
import { ownKey } from '../config/keys.ts';
import { createLog } from '../observe/log.ts';
import { openStore } from '../store/open.ts';
import { printJson } from './print.ts';

interface Options {
  readonly role: 'agent' | 'admin';
  readonly json?: true;
}

export async function createToken(name: string, { role, json }: Options): Promise<void> {
  if (name.trim() === '' || name.length > 80) throw new ConfigError(['Give the token a name of 1 to 80 characters, so that it can be told apart.']);
  const environment = readEnvironment(process.env);
  const { DATA_DIR, DATABASE_URL } = environment;
  if (!DATABASE_URL && !existsSync(join(DATA_DIR, 'deskbridge.sqlite')))
    throw new ConfigError([`${DATA_DIR}: there is no data in this folder. Start the server once, or set DATA_DIR to its folder.`]);
  const store = await openStore({ dataFolder: DATA_DIR, databaseUrl: DATABASE_URL });
  try {
    const auth = createAuth({
      store,
      secret: ownKey(DATA_DIR, 'sign-in'),
      publicUrl: readConfig(environment, process.env).publicUrl,
      publicUrlIsSet: environment.PUBLIC_URL !== undefined,
      now: Date.now,
      id: () => v7(),
      log: createLog(environment),
    });
    const made = await auth.createToken({ name: name.trim(), role }, '');
    if (json) return printJson({ ...made, name: name.trim(), role });
    console.error(`API token "${name.trim()}" (${role}). It is shown this once; send it as "Authorization: Bearer …".`);
    console.log(made.token);
  } finally {
    await store.close();
  }
}
