/** Something that looks for work again and again until it is stopped. */
import type { Log } from '../kit/index.ts';

/** A look never overlaps the next, and one that fails is followed by others. `what` is said in the log. */
export function startLooks(what: string, look: () => Promise<unknown>, log: Log, everyMs: number): { stop(): Promise<void> } {
  let looking: Promise<unknown> | undefined;
  const timer = setInterval(() => {
    looking ??= look()
      .catch((error: unknown) => log.error({ err: error }, `${what} failed`))
      .finally(() => {
        looking = undefined;
      });
  }, everyMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}
