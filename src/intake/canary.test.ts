import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { quiet, testClock } from '../../test/support/context.ts';
import { channelOf } from '../../test/support/intake.ts';
import { type Postgres, postgresMissing, postgresTestStore, postgresTitle, startPostgres } from '../../test/support/postgres.ts';
import { sqliteTestStore, type TestStore } from '../../test/support/store.ts';
import { fetchedByUs } from '../kit/index.ts';
import { newId } from '../store/ids.ts';
import { readCanary, sendCanaries } from './canary.ts';
import { createIntake, type Intake } from './intake.ts';

const minute = 60_000;

function describeCanaries(name: string, open: () => Promise<TestStore>): void {
  describe(`canaries on ${name}`, () => {
    let test: TestStore;
    let intake: Intake;
    const clock = testClock();
    beforeAll(async () => {
      test = await open();
      intake = createIntake({ store: test.store, now: clock.now, id: newId, log: quiet });
    });
    afterAll(() => test.drop());
    beforeEach(() => clock.advance(60 * minute));

    /** A channel that sends itself tokens, and those that it sent. */
    function singing(channel: string) {
      const sent: string[] = [];
      const send = vi.fn(async (token: string) => {
        sent.push(token);
      });
      const runtime = channelOf(channel, { canary: send });
      const round = () => sendCanaries({ store: test.store, channels: [channelOf('mute'), runtime], now: clock.now, id: newId, log: quiet });
      const comes = (token = '') =>
        intake.accept({ channel: runtime, proof: fetchedByUs(), payload: { type: 'canary', thread: 'self', at: clock.now() - 30 * minute, token } });
      return { sent, send, round, comes, last: () => readCanary(test.store.read, channel, clock.now()) };
    }

    it('are on their way for five minutes, missing after that, and back by our clock', async () => {
      const { sent, round, comes, last } = singing('there-and-back');
      expect(await last()).toBeUndefined();
      await round();
      const sentAt = clock.now();
      clock.advance(5 * minute - 1);
      expect(await last()).toEqual({ state: 'waiting', sentAt, backAt: null, detail: null });
      clock.advance(1);
      expect(await last()).toMatchObject({ state: 'missing', backAt: null });
      await comes(sent[0]);
      expect(await last()).toEqual({ state: 'back', sentAt, backAt: clock.now(), detail: null });
      clock.advance(minute);
      await comes(sent[0]);
      expect((await last())?.backAt).toBe(clock.now() - minute);
    });

    it('that somebody made up, or from before the last, prove nothing; nor does another channel’s', async () => {
      const { sent, round, comes, last } = singing('tokens');
      const other = singing('tokens-other');
      await round();
      await other.round();
      await comes('made up');
      await comes(other.sent[0]);
      expect(await last()).toMatchObject({ state: 'waiting' });
      clock.advance(15 * minute);
      await round();
      await comes(sent[0]);
      expect(await last()).toMatchObject({ state: 'waiting' });
      await comes(sent[1]);
      expect(await last()).toMatchObject({ state: 'back' });
      expect(sent[0]).not.toBe(sent[1]);
    });

    it('are sent every 15 minutes, by one of several processes', async () => {
      const { send, round } = singing('several');
      await Promise.all([round(), round(), round()]);
      clock.advance(15 * minute - 1);
      await round();
      expect(send).toHaveBeenCalledTimes(1);
      clock.advance(1);
      await Promise.all([round(), round()]);
      expect(send).toHaveBeenCalledTimes(2);
    });

    it('that could not be sent say why, and hold up no other channel’s', async () => {
      const { send, round, last } = singing('refused');
      send.mockImplementationOnce(() => {
        throw new Error('550 no such mailbox');
      });
      await round();
      expect(await last()).toMatchObject({ state: 'failed', detail: '550 no such mailbox' });
      clock.advance(15 * minute);
      await round();
      expect(await last()).toMatchObject({ state: 'waiting', detail: null });
      const stuck = channelOf('stuck', { canary: () => new Promise(() => {}) });
      const free = singing('free');
      void sendCanaries({
        store: test.store,
        channels: [stuck, channelOf('free', { canary: free.send })],
        now: clock.now,
        id: newId,
        log: quiet,
      });
      await vi.waitFor(() => expect(free.send).toHaveBeenCalled());
    });

    it('open nothing, and leave no arrival behind', async () => {
      const { sent, round, comes } = singing('trace');
      await round();
      const before = await test.store.read.selectFrom('arrivals').select('id').execute();
      await comes(sent[0]);
      expect(await test.store.read.selectFrom('arrivals').select('id').execute()).toEqual(before);
      expect(await test.store.read.selectFrom('conversations').select('id').execute()).toEqual([]);
    });
  });
}

describeCanaries('SQLite', sqliteTestStore);

describe.skipIf(postgresMissing())(postgresTitle, () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres.stop());
  describeCanaries('PostgreSQL', () => postgresTestStore(postgres));
});
