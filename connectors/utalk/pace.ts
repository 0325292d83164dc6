/** uTalk allows 100 calls in five seconds on each route: we wait before it has to refuse one. */
import { setTimeout as delay } from 'node:timers/promises';

export interface PaceOptions {
  readonly now: () => number;
  readonly calls: number;
  readonly perMs?: number;
  readonly wait?: (ms: number) => Promise<unknown>;
}

/** Resolves when a call of this route may leave. Calls of one route leave in the order in which they asked. */
export type Pace = (route: string) => Promise<void>;

export function createPace({ now, calls, perMs = 5000, wait = delay }: PaceOptions): Pace {
  const left = new Map<string, number[]>();
  const queues = new Map<string, Promise<void>>();

  async function take(route: string): Promise<void> {
    const times = left.get(route) ?? [];
    left.set(route, times);
    for (;;) {
      while (times.length > 0 && (times[0] ?? 0) <= now() - perMs) times.shift();
      const oldest = times[0];
      if (times.length < calls || oldest === undefined) break;
      await wait(oldest + perMs - now());
    }
    times.push(now());
  }

  return (route) => {
    const turn = (queues.get(route) ?? Promise.resolve()).then(() => take(route));
    queues.set(route, turn);
    return turn;
  };
}
