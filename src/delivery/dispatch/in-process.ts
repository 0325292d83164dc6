/** Dispatch within this process: timers, and a slow poll for whatever they miss. */
import type { Dispatch } from './dispatch.ts';

/** Deliveries that are due close together share a timer. */
const grainMs = 50;
/** Further away than this the poll is exact enough, and a person's clock may change meanwhile. */
const horizonMs = 60_000;

export function createInProcessDispatch({ now = Date.now, pollMs = 1_000 }: { now?: () => number; pollMs?: number } = {}): Dispatch {
  const timers = new Map<number, NodeJS.Timeout>();
  let due: () => void = () => {};
  const poll = setInterval(() => due(), pollMs);
  poll.unref();
  return {
    look(_delivery, at) {
      const wait = at - now();
      if (wait <= 0) return due();
      const slot = Math.ceil(at / grainMs);
      if (wait > horizonMs || timers.has(slot)) return;
      const timer = setTimeout(
        () => {
          timers.delete(slot);
          due();
        },
        slot * grainMs - now(),
      );
      timers.set(slot, timer.unref());
    },
    listen(listener) {
      due = listener;
    },
    async close() {
      clearInterval(poll);
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}
