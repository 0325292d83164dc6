import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { quiet, testClock } from '../../test/support/context.ts';
import { channelOf, said } from '../../test/support/intake.ts';
import { type Postgres, postgresMissing, postgresTestStore, postgresTitle, startPostgres } from '../../test/support/postgres.ts';
import { sqliteTestStore, type TestStore } from '../../test/support/store.ts';
import { type Intake as ChannelIntake, fetchedByUs, type Json, type Session } from '../kit/index.ts';
import { newId } from '../store/ids.ts';
import type { Store } from '../store/store.ts';
import { createIntake, type Intake } from './intake.ts';
import { listOutages } from './outages.ts';
import { startSessions } from './sessions.ts';

const minute = 60_000;

function describeOutages(name: string, open: () => Promise<TestStore>): void {
  describe(`outages on ${name}`, () => {
    let test: TestStore;
    let store: Store;
    let intake: Intake;
    const clock = testClock();
    beforeAll(async () => {
      test = await open();
      store = test.store;
      intake = createIntake({ store, now: clock.now, id: newId, log: quiet });
    });
    afterAll(() => test.drop());
    beforeEach(() => clock.advance(24 * 60 * minute));

    const start = (channel: string, ...list: ChannelIntake[]) =>
      startSessions({ channels: [channelOf(channel, { intake: list })], intake, store, now: clock.now, log: quiet, firstPauseMs: 1 });
    const post = (channel: string, id: string, at: number) =>
      intake.accept({ channel: channelOf(channel), proof: fetchedByUs(), payload: said(channel, id, id, { at }) });

    it('of a poller end with its answer; what it brings then is counted, and nothing is left behind', async () => {
      const vendor = { down: true, payloads: [] as Json[] };
      let asked = 0;
      const poll = async () => {
        asked += 1;
        if (vendor.down) throw new Error('503');
        return { payloads: vendor.payloads.splice(0), cursor: 'x' };
      };
      const from = clock.now();
      const sessions = start('polled', { via: 'poll', everySeconds: 0.002, poll });
      await vi.waitFor(async () => expect(await listOutages(store.read, 'polled')).toMatchObject([{ from, to: null, detail: '503', lost: null }]));
      // Meanwhile one comes by the webhook: it was not missed.
      clock.advance(10 * minute);
      await post('polled', 'polled-live', clock.now());
      clock.advance(58 * minute);
      const to = clock.now();
      vendor.payloads = [from - 5, from + minute, from + 50 * minute].map((at, i) => said('polled', `polled-${i}`, 'x', { at }));
      vendor.down = false;
      await vi.waitFor(async () => expect(await listOutages(store.read, 'polled')).toMatchObject([{ from, to, recovered: 2, lost: 0 }]));
      const before = asked;
      await vi.waitFor(() => expect(asked).toBeGreaterThan(before + 2));
      await sessions.stop();
      expect(await listOutages(store.read, 'polled')).toHaveLength(1);
    });

    it('of a session are counted by what it brings once it is ready; whether all came back is not known', async () => {
      const given: Session[] = [];
      const failing = Promise.withResolvers<void>();
      const run = async (session: Session) => {
        given.push(session);
        if (given.length === 1) {
          session.state({ state: 'ready' });
          await failing.promise;
        }
        if (given.length > 2) session.state({ state: 'ready' });
        else throw new Error('the line went dead');
        await new Promise<void>((resolve) => session.signal.addEventListener('abort', () => resolve()));
      };
      const sessions = start('spoken', { via: 'session', run: (session) => run(session) });
      await vi.waitFor(() => expect(given).toHaveLength(1));
      clock.advance(minute);
      const from = clock.now();
      failing.resolve();
      await vi.waitFor(() => expect(given.length).toBeGreaterThan(2));
      await vi.waitFor(async () => expect(await store.read.selectFrom('outages').select('id').where('channel', '=', 'spoken').execute()).toEqual([]));
      await sessions.stop();

      // The same with a longer silence: it is kept.
      given.length = 0;
      const second = Promise.withResolvers<void>();
      const back = Promise.withResolvers<void>();
      const slow = start('spoken', {
        via: 'session',
        async run(session) {
          given.push(session);
          if (given.length === 1) {
            session.state({ state: 'ready' });
            await second.promise;
            throw new Error('the line went dead');
          }
          await back.promise;
          session.state({ state: 'ready' });
          await session.emit(said('spoken', 'spoken-1', 'x', { at: from + 2 * minute }));
          await new Promise<void>((resolve) => session.signal.addEventListener('abort', () => resolve()));
        },
      });
      await vi.waitFor(() => expect(given).toHaveLength(1));
      second.resolve();
      await vi.waitFor(() => expect(given).toHaveLength(2));
      await vi.waitFor(async () => expect(await listOutages(store.read, 'spoken')).toMatchObject([{ from, to: null }]));
      clock.advance(10 * minute);
      back.resolve();
      await vi.waitFor(async () =>
        expect(await listOutages(store.read, 'spoken')).toEqual([
          { intake: 'session-0', from, to: from + 10 * minute, recovered: 1, lost: null, detail: 'the line went dead' },
        ]),
      );
      await slow.stop();
    });

    it('of a session are known to be made good once a poller of the channel has asked for everything since', async () => {
      const state: { session?: Session } = {};
      const sessions = start(
        'both',
        {
          via: 'session',
          async run(session) {
            state.session = session;
            session.state({ state: 'unpaired', qr: 'not for everybody' });
            await new Promise<void>((resolve) => session.signal.addEventListener('abort', () => resolve()));
          },
        },
        { via: 'poll', everySeconds: 0.002, poll: async () => ({ payloads: [], cursor: 'x' }) },
      );
      await vi.waitFor(async () => expect(await listOutages(store.read, 'both')).toMatchObject([{ intake: 'session-0', to: null, lost: null }]));
      clock.advance(10 * minute);
      state.session?.state({ state: 'ready' });
      await vi.waitFor(async () => expect(await listOutages(store.read, 'both')).toMatchObject([{ intake: 'session-0', lost: 0 }]));
      await sessions.stop();
    });
  });
}

describeOutages('SQLite', sqliteTestStore);

describe.skipIf(postgresMissing())(postgresTitle, () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres.stop());
  describeOutages('PostgreSQL', () => postgresTestStore(postgres));
});
