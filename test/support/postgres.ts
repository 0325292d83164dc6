/** A private PostgreSQL in a temporary folder, on a port of its own. It refuses to run as root, so it runs as `postgres` there. */
import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { openPostgres } from '../../src/store/postgres.ts';
import type { TestStore } from './store.ts';

const run = promisify(execFile);

const debian = '/usr/lib/postgresql';

/** Folder of the newest installed server's programs; undefined when there is none. */
function programs(): string | undefined {
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(debian, version, 'bin')).find((folder) => existsSync(join(folder, 'initdb')));
}

/** Skip when there is no PostgreSQL; with REQUIRE_ALL=1 nothing is skipped, so that the tests fail instead. */
export const postgresMissing = (): boolean => programs() === undefined && process.env.REQUIRE_ALL !== '1';

/** Title of a suite that needs it: says plainly why it was skipped. */
export const postgresTitle = postgresMissing() ? 'PostgreSQL is not installed (Debian package postgresql), so this was skipped' : 'with a private PostgreSQL';

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port'))));
    });
  });

const asPostgres = (command: string, args: readonly string[]): [string, string[]] =>
  process.getuid?.() === 0 ? ['runuser', ['-u', 'postgres', '--', command, ...args]] : [command, [...args]];

export interface Postgres {
  /** A new, empty database: its URL. */
  database(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts a server without fsync: tests of durability are SQLite's. */
export async function startPostgres(): Promise<Postgres> {
  const bin = programs();
  if (!bin) throw new Error('PostgreSQL is missing: install the Debian package postgresql');
  const folder = await mkdtemp(join(tmpdir(), 'deskbridge-postgres-'));
  await chmod(folder, 0o777);
  const data = join(folder, 'data');
  await run(...asPostgres(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '--locale=C.UTF-8', '-E', 'UTF8']));
  const port = await freePort();
  const settings = ['-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', `unix_socket_directories=${folder}`, '-c', 'listen_addresses=127.0.0.1'];
  const server = spawn(...asPostgres(join(bin, 'postgres'), ['-D', data, '-p', String(port), ...settings]), { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const url = (name: string): string => `postgres://postgres@127.0.0.1:${port}/${name}`;
  await answering(url('postgres'));
  let made = 0;
  return {
    async database() {
      const name = `test_${++made}`;
      await query(url('postgres'), `CREATE DATABASE ${name}`);
      return url(name);
    },
    async stop() {
      // runuser hands SIGTERM on; "fast" is what SIGINT would mean, so connections are closed by their owners before.
      server.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

async function answering(url: string): Promise<void> {
  const until = Date.now() + 20_000;
  for (;;) {
    try {
      return await query(url, 'SELECT 1');
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

export async function postgresTestStore(postgres: Postgres): Promise<TestStore> {
  const folder = await mkdtemp(join(tmpdir(), 'deskbridge-store-'));
  const url = await postgres.database();
  const open = () => openPostgres({ url, blobsFolder: join(folder, 'blobs') });
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
