/** What every store must do. Called for SQLite and for PostgreSQL. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { betterAuth } from 'better-auth';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createIntake, type Intake } from '../../src/intake/intake.ts';
import { fetchedByUs, type Json } from '../../src/kit/index.ts';
import { audit } from '../../src/store/audit.ts';
import { newId } from '../../src/store/ids.ts';
import { tell } from '../../src/store/live.ts';
import { migrate } from '../../src/store/migrate.ts';
import { personal } from '../../src/store/personal.ts';
import { createRecords } from '../../src/store/records.ts';
import type { LiveEvent, Store } from '../../src/store/store.ts';
import { quiet } from '../support/context.ts';
import { channelOf, said } from '../support/intake.ts';
import type { TestStore } from '../support/store.ts';

export function describeStore(name: string, open: () => Promise<TestStore>): void {
  describe(`store on ${name}`, () => {
    let test: TestStore;
    let store: Store;
    let intake: Intake;
    beforeAll(async () => {
      test = await open();
      store = test.store;
      intake = createIntake({ store, now: Date.now, id: newId, log: quiet });
    });
    afterAll(async () => {
      await test.drop();
    });

    const accept = (payload: Json, deliveryKey?: string) => intake.accept({ channel: channelOf('talk'), proof: fetchedByUs(), payload, deliveryKey });
    const setting = (key: string, value = 'null') => ({ name: key, value });
    const settings = async (like: string) =>
      (await store.read.selectFrom('settings').selectAll().where('name', 'like', like).orderBy('name').execute()).map((row) => row.name);

    describe('transactions', () => {
      it('keeps an acknowledged arrival when a transaction that was open beside it is rolled back', async () => {
        const opened = Promise.withResolvers<void>();
        const arrived = Promise.withResolvers<void>();
        const doomed = store.write(async (tx) => {
          await tx.insertInto('settings').values(setting('doomed')).execute();
          opened.resolve();
          await arrived.promise;
          throw new Error('rolled back on purpose');
        });
        await opened.promise;
        const accepting = accept(said('gate', 'gate-1', 'hello'));
        // The arrival tries to get in now; the open transaction must neither take it along nor be joined by it.
        await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
        arrived.resolve();
        await expect(doomed).rejects.toThrow('rolled back on purpose');
        await expect(accepting).resolves.toMatchObject({ state: 'stored' });
        expect(await settings('doomed')).toEqual([]);
        const message = await store.read.selectFrom('messages').select('text').where('external_id', '=', 'gate-1').executeTakeFirst();
        expect(message?.text).toBe('hello');
      });

      it('undoes everything when the work throws, in write and in batch', async () => {
        const write = store.write(async (tx) => {
          await tx.insertInto('settings').values(setting('undone-1')).execute();
          throw new Error('no');
        });
        await expect(write).rejects.toThrow('no');
        const batch = store.batch(async (db) => {
          await db.run('INSERT INTO settings (name, value) VALUES (?, ?)', 'undone-2', '1');
          throw new Error('no');
        });
        await expect(batch).rejects.toThrow('no');
        expect(await settings('undone%')).toEqual([]);
      });

      it('goes on after a statement failed', async () => {
        await store.write((tx) => tx.insertInto('settings').values(setting('twice')).execute());
        await expect(store.write((tx) => tx.insertInto('settings').values(setting('twice')).execute())).rejects.toThrow();
        await expect(store.batch(async (db) => db.run('INSERT INTO settings (name, value) VALUES (?, ?)', 'twice', '1'))).rejects.toThrow();
        await store.write((tx) => tx.insertInto('settings').values(setting('after')).execute());
        expect(await settings('after')).toEqual(['after']);
      });

      it('lets many writers in, one after the other, without losing a count', async () => {
        const records = createRecords(store, 'writers');
        const values = await Promise.all(Array.from({ length: 60 }, () => records.next('tickets')));
        expect([...values].sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
      });

      it('runs the loser of a deadlock again, so that both writers get through', async () => {
        await store.write((tx) =>
          tx
            .insertInto('settings')
            .values([setting('lock-a', '0'), setting('lock-b', '0')])
            .execute(),
        );
        const bothInside = Promise.withResolvers<void>();
        let inside = 0;
        const add = async (first: string, second: string) => {
          let attempts = 0;
          await store.write(async (tx) => {
            attempts += 1;
            const raise = (row: string) =>
              tx.updateTable('settings').set({ value: sql<string>`CAST(CAST(value AS integer) + 1 AS text)` }).where('name', '=', row).execute();
            await raise(first);
            // Only PostgreSQL lets the second one in; there each waits for the other's row.
            if (++inside === 2 || store.engine === 'sqlite') bothInside.resolve();
            await bothInside.promise;
            await raise(second);
          });
          return attempts;
        };
        const attempts = await Promise.all([add('lock-a', 'lock-b'), add('lock-b', 'lock-a')]);
        const values = await store.read.selectFrom('settings').select('value').where('name', 'like', 'lock-%').execute();
        expect(values).toEqual([{ value: '2' }, { value: '2' }]);
        expect(attempts.reduce((a, b) => a + b)).toBe(store.engine === 'sqlite' ? 2 : 3);
      });

      it('keeps what was committed over a restart, and runs no migration twice', async () => {
        await store.write((tx) => tx.insertInto('settings').values(setting('kept')).execute());
        store = await test.reopen();
        intake = createIntake({ store, now: Date.now, id: newId, log: quiet });
        expect(await settings('kept')).toEqual(['kept']);
        expect(await migrate(store.kysely, store.engine)).toEqual([]);
      });
    });

    describe('sign-in', () => {
      it('finds its tables as it left them: sign up, sign in, look at the session, sign out', async () => {
        const auth = betterAuth({
          baseURL: 'http://localhost:3000',
          secret: 'only for this test, and long enough for that',
          database: { db: store.kysely, type: store.engine },
          emailAndPassword: { enabled: true },
          telemetry: { enabled: false },
        });
        const password = 'a long enough password';
        const { user } = await auth.api.signUpEmail({ body: { name: 'Ana', email: 'ana@example.com', password } });
        await expect(auth.api.signUpEmail({ body: { name: 'Ana', email: 'ana@example.com', password } })).rejects.toThrow(/exists/);
        await expect(auth.api.signInEmail({ body: { email: 'ana@example.com', password: 'not this one' } })).rejects.toThrow(/invalid/i);
        const { headers } = await auth.api.signInEmail({ body: { email: 'ana@example.com', password }, returnHeaders: true });
        const cookie = new Headers({ cookie: headers.getSetCookie().join('; ') });
        const session = await auth.api.getSession({ headers: cookie });
        expect(session?.user).toMatchObject({ id: user.id, email: 'ana@example.com', emailVerified: false });
        expect(session?.session.expiresAt.getTime()).toBeGreaterThan(Date.now());
        await auth.api.signOut({ headers: cookie });
        expect(await auth.api.getSession({ headers: cookie })).toBeNull();
      });
    });

    describe('rules', () => {
      it('makes one conversation and one contact of 200 first messages that arrive at once', async () => {
        const outcomes = await Promise.all(Array.from({ length: 200 }, (_, i) => accept(said('burst', `burst-${i}`, `number ${i}`))));
        expect(new Set(outcomes.map(({ state }) => state))).toEqual(new Set(['stored']));
        const conversations = await store.read.selectFrom('conversations').select(['message_count', 'unread']).where('thread', '=', 'burst').execute();
        expect(conversations).toEqual([{ message_count: 200, unread: 200 }]);
        const contacts = await store.read.selectFrom('identities').select('contact_id').where('value', '=', 'burst').execute();
        expect(contacts).toHaveLength(1);
      });

      it('makes one conversation of first messages that reach two servers at once', async () => {
        const other = createIntake({ store, now: Date.now, id: newId, log: quiet });
        const send = (by: Intake, i: number) => by.accept({ channel: channelOf('talk'), proof: fetchedByUs(), payload: said('two', `two-${i}`, 'x') });
        await Promise.all(Array.from({ length: 60 }, (_, i) => send(i % 2 ? intake : other, i)));
        const conversations = await store.read.selectFrom('conversations').select('message_count').where('thread', '=', 'two').execute();
        expect(conversations).toEqual([{ message_count: 60 }]);
      });

      it('refuses a second open conversation of a thread, a second message of an id, and a second verified identity', async () => {
        await accept(said('unique', 'unique-1', 'x'));
        const clone = async (table: 'conversations' | 'messages' | 'identities', where: string, change: object) => {
          const row = await store.read
            .selectFrom(table)
            .selectAll()
            .where((eb) => eb(table === 'conversations' ? 'thread' : table === 'messages' ? 'external_id' : 'value', '=', where))
            .executeTakeFirstOrThrow();
          return store.write((tx) =>
            tx
              .insertInto(table)
              .values({ ...row, ...change, id: newId() } as never)
              .execute(),
          );
        };
        await expect(clone('conversations', 'unique', { reply_token: 'other' })).rejects.toThrow(/unique/i);
        await expect(clone('conversations', 'unique', { reply_token: 'third', state: 'ended' })).resolves.toBeDefined();
        await expect(clone('messages', 'unique-1', {})).rejects.toThrow(/unique/i);
        await expect(clone('messages', 'unique-1', { external_id: null })).resolves.toBeDefined();
        await expect(clone('identities', 'unique', {})).rejects.toThrow(/unique/i);
        await expect(clone('identities', 'unique', { verified: 0 })).resolves.toBeDefined();
      });

      it('refuses a message of a conversation that does not exist', async () => {
        const row = await store.read.selectFrom('messages').selectAll().executeTakeFirstOrThrow();
        const orphan = store.write((tx) =>
          tx
            .insertInto('messages')
            .values({ ...row, id: newId(), external_id: newId(), conversation_id: newId() })
            .execute(),
        );
        await expect(orphan).rejects.toThrow(/foreign key/i);
      });

      it('refuses to change or delete the audit', async () => {
        await store.write((tx) => audit(tx, { at: 1, actor: { kind: 'agent', id: 'a' }, action: 'test', subject: { kind: 'x', id: 'y' } }));
        await expect(store.write((tx) => tx.updateTable('audit').set({ action: 'other' }).execute())).rejects.toThrow('append-only');
        await expect(store.write((tx) => tx.deleteFrom('audit').execute())).rejects.toThrow('append-only');
        const rows = await store.read.selectFrom('audit').select('action').execute();
        expect(rows).toEqual([{ action: 'test' }]);
      });

      it('has every column marked as personal or plain, and marks no column that is not there', async () => {
        const tables = await store.kysely.introspection.getTables();
        const real = Object.fromEntries(
          tables.filter(({ name: table }) => !table.startsWith('kysely_')).map((table) => [table.name, table.columns.map((column) => column.name).sort()]),
        );
        const marked = Object.fromEntries(Object.entries(personal).map(([table, columns]) => [table, Object.keys(columns).sort()]));
        expect(marked).toEqual(real);
      });

      it('sorts text by its bytes, whatever the language of the database', async () => {
        const records = createRecords(store, 'sorting');
        for (const sort of ['b', 'B', 'a', '_', 'é', 'z']) await records.insert('c', `key ${sort}`, null, { sort });
        expect((await records.list('c')).map((row) => row.sort)).toEqual(['é', 'z', 'b', 'a', '_', 'B']);
      });
    });

    describe('live events', () => {
      it('are published after the commit, in the order of the commits, each once a transaction', async () => {
        const heard: LiveEvent[] = [];
        const stop = store.onCommit((events) => heard.push(...events));
        const one = store.write(async (tx) => {
          tell(tx, 'conversation', 'a');
          tell(tx, 'conversation', 'a');
          await tx.insertInto('settings').values(setting('live-1')).execute();
          expect(heard).toEqual([]);
        });
        await one;
        await Promise.all(
          Array.from({ length: 30 }, (_, i) =>
            i % 2 ? store.write(async (tx) => tell(tx, 'w', String(i))) : store.batch(async (db) => db.tell('b', String(i))),
          ),
        );
        stop();
        expect(heard.map(({ kind, subject }) => `${kind} ${subject}`).sort()).toEqual(
          ['conversation a', ...Array.from({ length: 30 }, (_, i) => `${i % 2 ? 'w' : 'b'} ${i}`)].sort(),
        );
        const ids = heard.map(({ id }) => id);
        expect(ids).toEqual([...ids].sort((a, b) => a - b));
        const stored = await store.read.selectFrom('live_events').select('id').where('id', 'in', ids).orderBy('id').execute();
        expect(stored.map(({ id }) => id)).toEqual(ids);
      });

      it('say nothing of what was rolled back', async () => {
        const heard = vi.fn();
        const stop = store.onCommit(heard);
        const failing = store.write(async (tx) => {
          tell(tx, 'conversation', 'never');
          throw new Error('no');
        });
        await expect(failing).rejects.toThrow('no');
        await store.write(async (tx) => tell(tx, 'conversation', 'always'));
        stop();
        expect(heard.mock.calls.flat(2).map((event: LiveEvent) => event.subject)).toEqual(['always']);
      });

      it('are refused where nobody would publish them', async () => {
        const outside = store.kysely.transaction().execute(async (tx) => tell(tx, 'conversation', 'x'));
        await expect(outside).rejects.toThrow('store.write');
      });

      it('are forgotten after a while', async () => {
        const last = async () =>
          (
            await store.read
              .selectFrom('live_events')
              .select((eb) => eb.fn.max('id').as('id'))
              .executeTakeFirstOrThrow()
          ).id;
        for (let round = 0; round < 12; round++)
          await store.batch(async (db) => {
            for (let i = 0; i < 1000; i++) db.tell('noise', `${round}-${i}`);
          });
        const { id: first } = await store.read
          .selectFrom('live_events')
          .select((eb) => eb.fn.min('id').as('id'))
          .executeTakeFirstOrThrow();
        expect((await last()) - first).toBeLessThan(11_000);
        expect((await last()) - first).toBeGreaterThan(9_000);
      });
    });

    describe('records', () => {
      it('inserts once, reads, updates, lists by index newest first, pages and deletes', async () => {
        const records = createRecords(store, 'desk');
        expect(await records.insert('tickets', 'a', { n: 1 }, { index: 'open', sort: '001' })).toBe(true);
        expect(await records.insert('tickets', 'a', { n: 9 })).toBe(false);
        await records.insert('tickets', 'b', { n: 2 }, { index: 'open', sort: '002' });
        await records.insert('tickets', 'c', { n: 3 }, { index: 'closed', sort: '003' });
        expect(await records.get('tickets', 'a')).toEqual({ n: 1 });
        expect(await records.get('tickets', 'z')).toBeUndefined();
        expect(await records.update<{ n: number }>('tickets', 'a', ({ n }) => ({ n: n + 10 }), { index: 'closed' })).toEqual({ n: 11 });
        expect(await records.update('tickets', 'z', (value) => value)).toBeUndefined();
        expect((await records.list('tickets')).map(({ key }) => key)).toEqual(['c', 'b', 'a']);
        expect((await records.list('tickets', { index: 'closed' })).map(({ key }) => key)).toEqual(['c', 'a']);
        expect((await records.list('tickets', { after: '003', limit: 1 })).map(({ key }) => key)).toEqual(['b']);
        expect(await records.delete('tickets', 'b')).toBe(true);
        expect(await records.delete('tickets', 'b')).toBe(false);
      });

      it('keeps owners apart', async () => {
        await createRecords(store, 'one').insert('c', 'k', 'mine');
        expect(await createRecords(store, 'other').get('c', 'k')).toBeUndefined();
        expect(await createRecords(store, 'other').next('n')).toBe(1);
      });

      it('loses no update of many that race', async () => {
        const records = createRecords(store, 'race');
        await records.insert('c', 'k', { n: 0 });
        await Promise.all(Array.from({ length: 40 }, () => records.update<{ n: number }>('c', 'k', ({ n }) => ({ n: n + 1 }))));
        expect(await records.get('c', 'k')).toEqual({ n: 40 });
      });
    });

    describe('blobs', () => {
      const bytes = randomBytes(300_000);
      const sha256 = createHash('sha256').update(bytes).digest('hex');

      it('stores a stream under its hash, and the same bytes once', async () => {
        const chunks = Array.from({ length: 10 }, (_, i) => bytes.subarray(i * 30_000, (i + 1) * 30_000));
        expect(await store.blobs.put(Readable.from(chunks))).toEqual({ sha256, size: bytes.length });
        expect(await store.blobs.put(bytes)).toEqual({ sha256, size: bytes.length });
        expect(await store.blobs.read(sha256)).toEqual(bytes);
        expect(await buffer(await store.blobs.open(sha256))).toEqual(bytes);
      });

      it('refuses what is too large or breaks off, and leaves nothing behind', async () => {
        await mkdir(join(test.folder, 'blobs', 'incoming'), { recursive: true });
        await expect(store.blobs.put(bytes, { maxBytes: 1000 })).rejects.toMatchObject({ code: 'too-large' });
        const broken = Readable.from(
          (async function* () {
            yield bytes;
            throw new Error('the line went dead');
          })(),
        );
        await expect(store.blobs.put(broken)).rejects.toThrow('the line went dead');
        expect(await readdir(join(test.folder, 'blobs', 'incoming'))).toEqual([]);
      });

      it('knows neither a hash that was never stored nor a path', async () => {
        await expect(store.blobs.read('0'.repeat(64))).rejects.toMatchObject({ code: 'not-found' });
        await expect(store.blobs.open('../../etc/passwd')).rejects.toMatchObject({ code: 'not-found' });
      });
    });
  });
}
