import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { quiet, testClock } from '../../test/support/context.ts';
import { channelOf, said } from '../../test/support/intake.ts';
import { type Postgres, postgresMissing, postgresTestStore, postgresTitle, startPostgres } from '../../test/support/postgres.ts';
import { sqliteTestStore, type TestStore } from '../../test/support/store.ts';
import type { Intake as ChannelIntake, Session } from '../kit/index.ts';
import { newId } from '../store/ids.ts';
import type { Store } from '../store/store.ts';
import { moveCursor, readCursor } from './cursors.ts';
import { createIntake } from './intake.ts';
import { LeaseLost, leaseTimes } from './leases.ts';
import { startSessions } from './sessions.ts';

const stopped = (signal: AbortSignal) => new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve())));

function describeLeases(name: string, open: () => Promise<TestStore>): void {
  describe(`leases on ${name}`, () => {
    let test: TestStore;
    let store: Store;
    const clock = testClock();
    beforeAll(async () => {
      test = await open();
      store = test.store;
    });
    afterAll(() => test.drop());

    /** A process: its own intake over the shared database. `of` replaces what its leases see of the database. */
    const start = (holder: string, channel: string, intake: ChannelIntake, of: Store = store, lifeMs = 60_000) =>
      startSessions({
        channels: [channelOf(channel, { intake: [intake] })],
        intake: createIntake({ store, now: clock.now, id: newId, log: quiet }),
        store: of,
        now: clock.now,
        log: quiet,
        holder,
        firstPauseMs: 1,
        leases: { lifeMs, everyMs: 5 },
      });
    /** A session that stays, and who has it now. */
    function session() {
      const held: { session: Session; ended: boolean }[] = [];
      const intake: ChannelIntake = {
        via: 'session',
        async run(given) {
          const entry = { session: given, ended: false };
          held.push(entry);
          given.state({ state: 'ready' });
          await stopped(given.signal);
          entry.ended = true;
        },
      };
      return { held, intake };
    }
    const texts = async (channel: string) =>
      (await store.read.selectFrom('messages').select('text').where('channel', '=', channel).execute()).map((row) => row.text);

    it('let a session run in one process, and in the next one once that stops', async () => {
      const { held, intake } = session();
      const a = start('a', 'stopping', intake);
      await vi.waitFor(() => expect(held).toHaveLength(1));
      const b = start('b', 'stopping', intake);
      const state = (sessions: typeof a) => sessions.states().get('stopping')?.[0];
      await vi.waitFor(async () =>
        expect(await store.read.selectFrom('leases').select('holder').where('name', '=', 'stopping/session-0').execute()).toEqual([{ holder: 'a' }]),
      );
      expect([state(a), state(b)]).toMatchObject([
        { state: 'ready', standby: false },
        { state: 'connecting', standby: true },
      ]);
      expect(held).toHaveLength(1);
      await a.stop();
      // Its life has not run out: it was given back.
      await vi.waitFor(() => expect(held).toHaveLength(2));
      expect([held[0]?.ended, state(b)?.standby]).toEqual([true, false]);
      await b.stop();
    });

    it('go to another process when their holder is silent; what the old one still brings is refused, and its cursor stays', async () => {
      const dead = { yes: false };
      const woken = Promise.withResolvers<never>();
      woken.promise.catch(() => undefined);
      const silent: Store = Object.create(store, {
        batch: { value: (work: Parameters<Store['batch']>[0]) => (dead.yes ? woken.promise : store.batch(work)) },
      });
      const { held, intake } = session();
      const a = start('a', 'dying', intake, silent, 250);
      await vi.waitFor(() => expect(held).toHaveLength(1));
      await held[0]?.session.emit(said('dying', 'dying-1', 'by a'), { cursor: '1' });
      const b = start('b', 'dying', intake, store, 250);
      dead.yes = true;
      clock.advance(250);
      await vi.waitFor(() => expect(held).toHaveLength(2));
      expect(held[1]?.session.cursor).toBe('1');
      await held[1]?.session.emit(said('dying', 'dying-2', 'by b'), { cursor: '2' });
      await expect(held[0]?.session.emit(said('dying', 'dying-3', 'late, by a'), { cursor: '1b' })).rejects.toThrow(LeaseLost);
      await vi.waitFor(() => expect(held[0]?.session.signal.aborted).toBe(true));
      expect(await readCursor(store, 'dying', 'session-0')).toBe('2');
      expect((await texts('dying')).sort()).toEqual(['by a', 'by b']);
      expect(await store.read.selectFrom('arrivals').select('id').where('payload', 'like', '%dying-3%').execute()).toEqual([]);
      const outages = await store.read.selectFrom('outages').select('id').where('channel', '=', 'dying').execute();
      expect(outages).toEqual([]);
      dead.yes = false;
      woken.reject(new Error('the connection was lost'));
      // The old one may come back, and waits.
      clock.advance(1);
      expect(held).toHaveLength(2);
      await b.stop();
      await a.stop();
    });

    it('do not let others of the same commit suffer for one that lost its own', async () => {
      const intake = createIntake({ store, now: clock.now, id: newId, log: quiet });
      const channel = channelOf('mixed');
      const proof = (await import('../kit/index.ts')).fetchedByUs();
      const lease = { name: 'mixed/session-0', holder: 'nobody', fence: 1 };
      const [lost, fine] = await Promise.allSettled([
        intake.accept({ channel, proof, payload: said('mixed', 'mixed-1', 'no'), lease, cursor: { intake: 'session-0', value: '9' } }),
        intake.accept({ channel, proof, payload: said('mixed', 'mixed-2', 'yes') }),
      ]);
      expect([lost.status, fine.status]).toEqual(['rejected', 'fulfilled']);
      expect(await texts('mixed')).toEqual(['yes']);
      expect(await readCursor(store, 'mixed', 'session-0')).toBeUndefined();
      await expect(moveCursor(store, { channel: 'mixed', intake: 'session-0' }, '9', 1, lease)).rejects.toThrow(LeaseLost);
      expect(await readCursor(store, 'mixed', 'session-0')).toBeUndefined();
    });

    it('share pollers too: one asks the vendor, the other waits', async () => {
      const asked: string[] = [];
      const poller = (who: string): ChannelIntake => ({
        via: 'poll',
        everySeconds: 0.002,
        async poll(cursor) {
          asked.push(who);
          return { payloads: [], cursor: `${Number(cursor ?? 0) + 1}` };
        },
      });
      const a = start('a', 'polled', poller('a'));
      await vi.waitFor(() => expect(asked.length).toBeGreaterThan(2));
      const b = start('b', 'polled', poller('b'));
      const before = asked.length;
      await vi.waitFor(() => expect(asked.length).toBeGreaterThan(before + 5));
      expect(new Set(asked)).toEqual(new Set(['a']));
      await a.stop();
      await vi.waitFor(() => expect(asked).toContain('b'));
      await b.stop();
    });
  });
}

describeLeases('SQLite', sqliteTestStore);

describe.skipIf(postgresMissing())(postgresTitle, () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres.stop());
  describeLeases('PostgreSQL', () => postgresTestStore(postgres));
});

it('a dead holder is replaced within 15 seconds', () => {
  // Its life was prolonged a moment before its death; one attempt of another may just have failed.
  expect(leaseTimes.lifeMs + leaseTimes.everyMs).toBeLessThanOrEqual(15_000);
  expect(leaseTimes.everyMs * 3).toBeLessThan(leaseTimes.lifeMs);
});
