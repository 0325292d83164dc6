/** The one-writer gate: whoever writes to SQLite holds it, so that nobody's statement joins another's transaction. First come, first served. */

export interface Gate {
  /** Resolves with the function that opens the gate again. */
  enter(): Promise<() => void>;
  /** Runs `work` alone. */
  run<T>(work: () => Promise<T> | T): Promise<T>;
}

export function createGate(): Gate {
  let last: Promise<void> = Promise.resolve();

  async function enter(): Promise<() => void> {
    const before = last;
    const { promise, resolve } = Promise.withResolvers<void>();
    last = promise;
    await before;
    return resolve;
  }

  return {
    enter,
    async run(work) {
      const leave = await enter();
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
