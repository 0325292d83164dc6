/** Runs the `session` and `poll` intakes of the channels, each in one process of all that share the database, and knows how each is doing. */
import { createHash } from 'node:crypto';
import { type Intake as ChannelIntake, fetchedByUs, type Json, type Log, type Session } from '../kit/index.ts';
import { newId } from '../store/ids.ts';
import type { Store } from '../store/store.ts';
import { moveCursor, readCursor } from './cursors.ts';
import type { ChannelRuntime, Intake } from './intake.ts';
import { keepLease, type Lease, type LeaseKeeper, type LeaseTimes } from './leases.ts';
import { followOutages, type OutageLog } from './outages.ts';
import { type Runner, startRunner } from './runner.ts';

export interface SessionsOptions {
  readonly channels: Iterable<ChannelRuntime>;
  readonly intake: Intake;
  readonly store: Store;
  readonly now: () => number;
  readonly log: Log;
  readonly id?: () => string;
  /** First pause after a failure, in ms; default 1000. It doubles up to a minute. */
  readonly firstPauseMs?: number;
  /** This process, for its leases; by default one name on SQLite, which one process has alone and gets back at once after a crash, and a new one elsewhere. */
  readonly holder?: string;
  readonly leases?: LeaseTimes;
}

export interface Sessions {
  /** The state of each running intake, by channel; a channel without one is absent. */
  states(): ReadonlyMap<string, readonly IntakeState[]>;
  stop(): Promise<void>;
}

/** `standby`: another process runs it. */
export type IntakeState = ReturnType<Runner['state']> & { readonly intake: string; readonly standby: boolean };

interface Running {
  readonly name: string;
  readonly runner: Runner;
  readonly keeper: LeaseKeeper;
  readonly duty: { standby: boolean };
}

export function startSessions(options: SessionsOptions): Sessions {
  const holder = options.holder ?? (options.store.engine === 'sqlite' ? 'the only process' : newId());
  const running = new Map<string, Running[]>();
  for (const channel of options.channels) {
    for (const [index, intake] of channel.connector.intake.entries()) {
      if (intake.via !== 'session' && intake.via !== 'poll') continue;
      const started = startIntake({ ...options, holder }, channel, intake, `${intake.via}-${index}`);
      running.set(channel.name, [...(running.get(channel.name) ?? []), started]);
    }
  }
  return {
    states: () =>
      new Map([...running].map(([name, list]) => [name, list.map((one) => ({ ...one.runner.state(), intake: one.name, standby: one.duty.standby }))])),
    async stop() {
      const all = [...running.values()].flat();
      await Promise.all(all.map(({ runner }) => runner.stop()));
      // Only now: whoever takes over must find everything that was heard.
      await Promise.all(all.map(({ keeper }) => keeper.stop()));
    },
  };
}

type Heard = Extract<ChannelIntake, { via: 'session' | 'poll' }>;

interface Tools {
  readonly lease: Lease;
  readonly signal: AbortSignal;
  readonly state: Session['state'];
  readonly outages: OutageLog;
}

function startIntake(options: SessionsOptions & { holder: string }, channel: ChannelRuntime, intake: Heard, name: string): Running {
  const { store, now, log, holder } = options;
  const keeper = keepLease({ store, name: `${channel.name}/${name}`, holder, now, log, times: options.leases });
  const outages = followOutages({ store, now, id: options.id ?? newId, log, channel: channel.name, intake: name });
  const duty = { standby: true };
  const runner = startRunner({
    async round({ signal, state }) {
      for (;;) {
        const lease = await keeper.held(signal);
        if (!lease) return;
        duty.standby = false;
        const tools: Tools = { lease, signal: AbortSignal.any([signal, lease.signal]), state, outages };
        try {
          return await (intake.via === 'session' ? runSession(options, channel, intake, name, tools) : pollOnce(options, channel, intake, name, tools));
        } catch (error) {
          if (!lease.signal.aborted || signal.aborted) throw error;
        } finally {
          // Lost to another process, which is no failure of the vendor's: from now on that one is asked how it goes.
          if (lease.signal.aborted && !signal.aborted) {
            duty.standby = true;
            state({ state: 'connecting' });
          }
        }
      }
    },
    everyMs: intake.via === 'poll' ? intake.everySeconds * 1000 : 0,
    endless: intake.via === 'session',
    now,
    changed: (state) => {
      if (!duty.standby) outages.state(state);
    },
    failed: (error, pauseMs) => log.warn({ channel: channel.name, intake: name, pauseMs, error: String(error) }, 'the intake failed and starts again'),
    ...(options.firstPauseMs === undefined ? {} : { firstPauseMs: options.firstPauseMs }),
  });
  return { name, runner, keeper, duty };
}

async function runSession(
  { store, intake }: SessionsOptions,
  channel: ChannelRuntime,
  session: Extract<Heard, { via: 'session' }>,
  name: string,
  tools: Tools,
): Promise<void> {
  const { lease, signal, state, outages } = tools;
  const cursor = await readCursor(store, channel.name, name);
  await session.run({
    cursor,
    signal,
    state,
    async emit(payload, at = {}) {
      await outages.settled();
      return intake.accept({
        channel,
        proof: fetchedByUs(),
        payload,
        lease,
        deliveryKey: at.key,
        cursor: at.cursor === undefined ? undefined : { intake: name, value: at.cursor },
      });
    },
  });
  // It ended because it was told to: the lease went to another process.
  if (lease.signal.aborted) throw new Error('the lease is lost');
}

/** Pollers look at the same stretch more than once; the same bytes are the same arrival. */
const keyOf = (payload: Json): string => `poll:${createHash('sha256').update(JSON.stringify(payload)).digest('base64url')}`;

/** The cursor is committed with the last payload, after all the others are on disk. */
async function pollOnce(
  { store, intake, now }: SessionsOptions,
  channel: ChannelRuntime,
  poller: Extract<Heard, { via: 'poll' }>,
  name: string,
  tools: Tools,
): Promise<void> {
  const { lease, state, outages } = tools;
  const before = await readCursor(store, channel.name, name);
  const asked = now();
  const { payloads, cursor } = await poller.poll(before);
  const answered = now();
  // The vendor answers again: what it brings now arrived after the outage.
  state({ state: 'ready' });
  await outages.settled();
  const accept = (payload: Json, at?: string) =>
    intake.accept({
      channel,
      proof: fetchedByUs(),
      payload,
      lease,
      deliveryKey: keyOf(payload),
      cursor: at === undefined ? undefined : { intake: name, value: at },
    });
  const last = payloads.at(-1);
  if (last === undefined) {
    if (cursor !== before) await moveCursor(store, { channel: channel.name, intake: name }, cursor, now(), lease);
  } else {
    await Promise.all(payloads.slice(0, -1).map((payload) => accept(payload)));
    await accept(last, cursor);
  }
  // It asked for everything since its cursor, so nothing of what was missed until now is left at the vendor.
  await outages.caughtUp({ asked, answered });
}
