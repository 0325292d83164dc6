import { join } from 'node:path';
import { Readable } from 'node:stream';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeStore } from '../../test/contract/store.ts';
import { type Postgres, postgresMissing, postgresTestStore, postgresTitle, startPostgres } from '../../test/support/postgres.ts';
import { sqliteTestStore, type TestStore } from '../../test/support/store.ts';
import { openStore } from './open.ts';
import { assertDurable, type SqliteStore } from './sqlite.ts';

describeStore('SQLite', sqliteTestStore);

describe.skipIf(postgresMissing())(postgresTitle, () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres.stop());
  describeStore('PostgreSQL', () => postgresTestStore(postgres));
});

describe('SQLite as we open it', () => {
  let test: TestStore<SqliteStore>;
  beforeAll(async () => {
    test = await sqliteTestStore();
  });
  afterAll(() => test.drop());

  it('writes with WAL and synchronous=FULL, checks foreign keys and has a large cache', () => {
    const pragma = (name: string) => test.store.writer.pragma(name, { simple: true });
    expect([pragma('journal_mode'), pragma('synchronous'), pragma('foreign_keys'), pragma('cache_size')]).toEqual(['wal', 2, 1, -64_000]);
  });

  it('refuses a writer that could forget what it acknowledged', () => {
    const db = new Sqlite(join(test.folder, 'weak.sqlite'));
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    expect(() => assertDurable(db)).toThrow('synchronous=2 (FULL), but has wal and 1');
    db.close();
    expect(() => assertDurable(new Sqlite(':memory:'))).toThrow('but has memory');
  });

  it('never writes through the reading connection', async () => {
    await expect(test.store.read.insertInto('settings').values({ name: 'x', value: '1' }).execute()).rejects.toThrow('readonly');
  });

  it('reads while a transaction is open, and sees only what is committed', async () => {
    await test.store.write(async (tx) => {
      await tx.insertInto('settings').values({ name: 'seen', value: '1' }).execute();
      expect(await test.store.read.selectFrom('settings').selectAll().execute()).toEqual([]);
    });
    expect(await test.store.read.selectFrom('settings').select('name').execute()).toEqual([{ name: 'seen' }]);
  });

  it('makes single queries of others wait while a transaction is open', async () => {
    const order: string[] = [];
    const release = Promise.withResolvers<void>();
    const held = test.store.write(async () => {
      await release.promise;
      order.push('transaction');
    });
    const single = test.store.kysely
      .insertInto('settings')
      .values({ name: 'single', value: '1' })
      .execute()
      .then(() => order.push('single'));
    release.resolve();
    await Promise.all([held, single]);
    expect(order).toEqual(['transaction', 'single']);
  });
});

describe('openStore', () => {
  it('refuses a DATABASE_URL that is none of PostgreSQL, and says so', async () => {
    await expect(openStore({ dataFolder: '/nowhere', databaseUrl: 'mysql://x' })).rejects.toThrow('postgres://');
  });
});

describe('blobs of 50 MB', () => {
  it('are stored chunk by chunk, without holding the whole in memory', async () => {
    const test = await sqliteTestStore();
    const chunk = Buffer.alloc(2 ** 20, 'x');
    let most = 0;
    const source = Readable.from(
      (function* () {
        for (let i = 0; i < 50; i++) {
          most = Math.max(most, process.memoryUsage().arrayBuffers);
          yield chunk;
        }
      })(),
      { highWaterMark: 1 },
    );
    const before = process.memoryUsage().arrayBuffers;
    const { size } = await test.store.blobs.put(source);
    expect(size).toBe(50 * 2 ** 20);
    expect(most - before).toBeLessThan(20 * 2 ** 20);
    await test.drop();
  });
});
