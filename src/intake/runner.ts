/** Something that runs until it is stopped, and starts again by itself, slower each time it fails. */
import { setTimeout as wait } from 'node:timers/promises';
import type { SessionState } from '../kit/index.ts';

export interface Runner {
  /** For health: what it is doing, and since when. */
  state(): SessionState & { readonly since: number };
  stop(): Promise<void>;
}

export interface RunnerOptions {
  /** One round. A throw, or a return where `endless` is set, is followed by a pause that doubles. */
  round(tools: { signal: AbortSignal; state(state: SessionState): void }): Promise<void>;
  /** Milliseconds between rounds that went well. */
  readonly everyMs: number;
  /** A round that ends by itself has lost its connection. */
  readonly endless: boolean;
  readonly now: () => number;
  /** Called when a round failed. */
  failed(error: unknown, pauseMs: number): void;
  /** Called with each state. */
  changed?(state: SessionState): void;
  readonly firstPauseMs?: number;
  readonly longestPauseMs?: number;
}

export function startRunner(options: RunnerOptions): Runner {
  const stopping = new AbortController();
  const { signal } = stopping;
  const first = options.firstPauseMs ?? 1000;
  let pause = first;
  let current: SessionState & { since: number } = { state: 'connecting', since: options.now() };
  const become = (state: SessionState): void => {
    if (state.state === 'ready') pause = first;
    current = { ...state, since: current.state === state.state ? current.since : options.now() };
    options.changed?.(state);
  };

  async function once(): Promise<number> {
    try {
      await options.round({ signal, state: become });
      if (!options.endless) {
        become({ state: 'ready' });
        return options.everyMs;
      }
      if (signal.aborted) return 0;
      throw new Error('the session ended');
    } catch (error) {
      if (signal.aborted) return 0;
      become({ state: 'reconnecting', detail: error instanceof Error ? error.message : String(error) });
      const now = pause;
      pause = Math.min(pause * 2, options.longestPauseMs ?? 60_000);
      options.failed(error, now);
      return now;
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const ms = await once();
      if (ms > 0) await wait(ms, undefined, { signal }).catch(() => undefined);
      else if (!signal.aborted) await new Promise(setImmediate);
    }
  }

  const running = run();
  return {
    state: () => current,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
