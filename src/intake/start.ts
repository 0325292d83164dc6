/** Puts the intake together: the door for webhooks, sessions and pollers, and the fetching of files. */
import type { Log } from '../kit/index.ts';
import type { Store } from '../store/store.ts';
import type { ConnectedChannel } from '../tickets/desks.ts';
import { startCanaries } from './canary.ts';
import { startDownloads } from './downloads.ts';
import { startEnriching } from './enrich.ts';
import { createHooks, type Hooks } from './hooks.ts';
import { type ChannelRuntime, createIntake, type Intake, type IntakeOptions } from './intake.ts';
import { type Sessions, startSessions } from './sessions.ts';

export interface StartedIntake {
  readonly intake: Intake;
  readonly runtimes: ReadonlyMap<string, ChannelRuntime>;
  readonly hooks: Hooks;
  readonly sessions: Sessions;
  stop(): Promise<void>;
}

export function startIntake(parts: {
  store: Store;
  channels: ReadonlyMap<string, ConnectedChannel>;
  now(): number;
  id(): string;
  log: Log;
  trustedHops: number;
  /** Called once a payload is on disk, for figures. */
  arrived?: IntakeOptions['arrived'];
}): StartedIntake {
  const { store, now, id, log } = parts;
  const runtimes = new Map([...parts.channels].map(([name, { channel }]) => [name, { name, connector: channel }]));
  const intake = createIntake({ store, now, id, log, ...(parts.arrived ? { arrived: parts.arrived } : {}) });
  const hooks = createHooks({ channels: runtimes, intake, now, log, trustedHops: parts.trustedHops });
  const sessions = startSessions({ channels: runtimes.values(), intake, store, now, id, log });
  const downloads = startDownloads({ store, channels: runtimes, now, log });
  const enriching = startEnriching({ store, intake, channels: runtimes, now, log });
  const canaries = startCanaries({ store, channels: runtimes.values(), now, id, log });
  return {
    intake,
    runtimes,
    hooks,
    sessions,
    async stop() {
      await Promise.all([sessions.stop(), downloads.stop(), enriching.stop(), canaries.stop()]);
    },
  };
}
