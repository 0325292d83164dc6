import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { quiet } from '../../test/support/context.ts';
import { channelOf, said } from '../../test/support/intake.ts';
import { sqliteTestStore, type TestStore } from '../../test/support/store.ts';
import type { Intake as ChannelIntake, Session } from '../kit/index.ts';
import { newId } from '../store/ids.ts';
import { readCursor } from './cursors.ts';
import { createIntake, type Intake } from './intake.ts';
import { startSessions } from './sessions.ts';

let test: TestStore;
let intake: Intake;
beforeAll(async () => {
  test = await sqliteTestStore();
  intake = createIntake({ store: test.store, now: Date.now, id: newId, log: quiet });
});
afterAll(() => test.drop());

const start = (name: string, ...list: ChannelIntake[]) =>
  startSessions({ channels: [channelOf(name, { intake: list })], intake, store: test.store, now: Date.now, log: quiet, firstPauseMs: 1 });
const stopped = (signal: AbortSignal) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
const ids = async (channel: string) =>
  (await test.store.read.selectFrom('messages').select('external_id').where('channel', '=', channel).orderBy('external_id').execute()).map(
    (row) => row.external_id,
  );

describe('a session', () => {
  it('has committed payload and cursor together when emit resolves, and goes on from there after a failure', async () => {
    const cursors: (string | undefined)[] = [];
    const run = vi.fn(async ({ cursor, emit, state, signal }: Session) => {
      cursors.push(cursor);
      state({ state: 'ready' });
      const next = Number(cursor ?? 0) + 1;
      if (next > 3) return stopped(signal);
      await emit(said('s', `s-${next}`, 'x'), { cursor: String(next), key: `k${next}` });
      expect(await readCursor(test.store, 'session-a', 'session-0')).toBe(String(next));
      expect(await ids('session-a')).toContain(`s-${next}`);
      throw new Error('the line went dead');
    });
    const sessions = start('session-a', { via: 'session', run });
    await vi.waitFor(() => expect(run).toHaveBeenCalledTimes(4));
    expect(cursors).toEqual([undefined, '1', '2', '3']);
    expect(await ids('session-a')).toEqual(['s-1', 's-2', 's-3']);
    await sessions.stop();
  });

  it('says how it is, and starts again when it ends by itself', async () => {
    const ready = Promise.withResolvers<void>();
    const before: unknown[] = [];
    const run = vi.fn(async ({ state: say, signal }: Session) => {
      if (run.mock.calls.length > 1) before.push(state());
      if (run.mock.calls.length === 1) throw new Error('wrong password');
      if (run.mock.calls.length === 2) return;
      say({ state: 'ready', detail: 'IDLE' });
      ready.resolve();
      await stopped(signal);
    });
    const sessions = start('session-b', { via: 'session', run });
    const state = () => sessions.states().get('session-b')?.[0];
    await ready.promise;
    expect(before).toMatchObject([
      { state: 'reconnecting', detail: 'wrong password' },
      { state: 'reconnecting', detail: 'the session ended' },
    ]);
    expect(state()).toMatchObject({ state: 'ready', detail: 'IDLE' });
    await sessions.stop();
    expect(run).toHaveBeenCalledTimes(3);
  });
});

describe('a poller', () => {
  it('moves its cursor with what it stored, and stores what it sees twice once', async () => {
    const poll = vi.fn(async (cursor: string | undefined) => {
      const next = Number(cursor ?? 0) + 1;
      return cursor === 'end' || next > 3
        ? { payloads: [], cursor: 'end' }
        : { payloads: [said('p', 'p-0', 'same'), said('p', `p-${next}`, 'x'), { odd: true }], cursor: String(next) };
    });
    const pollers = start('poller-a', { via: 'poll', everySeconds: 0.001, poll });
    await vi.waitFor(async () => expect(await readCursor(test.store, 'poller-a', 'poll-0')).toBe('end'));
    await pollers.stop();
    expect(await ids('poller-a')).toEqual(['p-0', 'p-1', 'p-2', 'p-3']);
    const arrivals = await test.store.read.selectFrom('arrivals').select('state').where('channel', '=', 'poller-a').execute();
    expect(arrivals.map(({ state }) => state).sort()).toEqual(['quarantined', 'understood', 'understood', 'understood', 'understood']);
  });

  it('keeps its cursor when the vendor fails, and comes again', async () => {
    const poll = vi.fn(async (cursor: string | undefined) => {
      if (poll.mock.calls.length < 3) throw new Error('503');
      return { payloads: [], cursor: `${cursor ?? 'start'}!` };
    });
    const pollers = start('poller-b', { via: 'poll', everySeconds: 3600, poll });
    await vi.waitFor(async () => expect(await readCursor(test.store, 'poller-b', 'poll-0')).toBe('start!'));
    expect(pollers.states().get('poller-b')?.[0]?.state).toBe('ready');
    await pollers.stop();
  });
});
