/** Runs the `session` and `poll` intakes of the channels, in this process, and knows how each is doing. */
import { createHash } from 'node:crypto';
import { type Intake as ChannelIntake, fetchedByUs, type Json, type Log, type Session } from '../kit/index.ts';
import type { Store } from '../store/store.ts';
import { moveCursor, readCursor } from './cursors.ts';
import type { ChannelRuntime, Intake } from './intake.ts';
import { type Runner, startRunner } from './runner.ts';

export interface SessionsOptions {
  readonly channels: Iterable<ChannelRuntime>;
  readonly intake: Intake;
  readonly store: Store;
  readonly now: () => number;
  readonly log: Log;
  /** First pause after a failure, in ms; default 1000. It doubles up to a minute. */
  readonly firstPauseMs?: number;
}

export interface Sessions {
  /** The state of each running intake, by channel; a channel without one is absent. */
  states(): ReadonlyMap<string, readonly ReturnType<Runner['state']>[]>;
  stop(): Promise<void>;
}

export function startSessions(options: SessionsOptions): Sessions {
  const runners = new Map<string, Runner[]>();
  for (const channel of options.channels) {
    for (const [index, intake] of channel.connector.intake.entries()) {
      const runner = startIntake(options, channel, intake, index);
      if (runner) runners.set(channel.name, [...(runners.get(channel.name) ?? []), runner]);
    }
  }
  return {
    states: () => new Map([...runners].map(([name, list]) => [name, list.map((runner) => runner.state())])),
    async stop() {
      await Promise.all([...runners.values()].flat().map((runner) => runner.stop()));
    },
  };
}

function startIntake(options: SessionsOptions, channel: ChannelRuntime, intake: ChannelIntake, index: number): Runner | undefined {
  if (intake.via !== 'session' && intake.via !== 'poll') return undefined;
  const name = `${intake.via}-${index}`;
  return startRunner({
    round: ({ signal, state }) =>
      intake.via === 'session' ? runSession(options, channel, intake, name, { signal, state }) : pollOnce(options, channel, intake, name),
    everyMs: intake.via === 'poll' ? intake.everySeconds * 1000 : 0,
    endless: intake.via === 'session',
    now: options.now,
    failed: (error, pauseMs) => options.log.warn({ channel: channel.name, intake: name, pauseMs, error: String(error) }, 'the intake failed and starts again'),
    ...(options.firstPauseMs === undefined ? {} : { firstPauseMs: options.firstPauseMs }),
  });
}

async function runSession(
  { store, intake }: SessionsOptions,
  channel: ChannelRuntime,
  session: Extract<ChannelIntake, { via: 'session' }>,
  name: string,
  tools: Pick<Session, 'signal' | 'state'>,
): Promise<void> {
  const cursor = await readCursor(store, channel.name, name);
  await session.run({
    cursor,
    ...tools,
    emit: (payload, at = {}) =>
      intake.accept({
        channel,
        proof: fetchedByUs(),
        payload,
        deliveryKey: at.key,
        cursor: at.cursor === undefined ? undefined : { intake: name, value: at.cursor },
      }),
  });
}

/** Pollers look at the same stretch more than once; the same bytes are the same arrival. */
const keyOf = (payload: Json): string => `poll:${createHash('sha256').update(JSON.stringify(payload)).digest('base64url')}`;

/** The cursor is committed with the last payload, after all the others are on disk. */
async function pollOnce(
  { store, intake, now }: SessionsOptions,
  channel: ChannelRuntime,
  poller: Extract<ChannelIntake, { via: 'poll' }>,
  name: string,
): Promise<void> {
  const before = await readCursor(store, channel.name, name);
  const { payloads, cursor } = await poller.poll(before);
  const accept = (payload: Json, at?: string) =>
    intake.accept({
      channel,
      proof: fetchedByUs(),
      payload,
      deliveryKey: keyOf(payload),
      cursor: at === undefined ? undefined : { intake: name, value: at },
    });
  const last = payloads.at(-1);
  if (last === undefined) {
    if (cursor !== before) await moveCursor(store, { channel: channel.name, intake: name }, cursor, now());
    return;
  }
  await Promise.all(payloads.slice(0, -1).map((payload) => accept(payload)));
  await accept(last, cursor);
}
