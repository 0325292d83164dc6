/** Group commit: writes that are asked for in one turn of the event loop, or while a commit is under way, share one transaction and one fsync. */
import type { Statements } from '../store/statements.ts';
import type { Store } from '../store/store.ts';

export type Work<T> = (statements: Statements) => Promise<T>;

export interface Group {
  /**
   * Resolves once the work is committed. Works run one after the other in the order in which they were asked for, those `last` after all others of
   * their commit. A work must await nothing but the database and have no side effects: it may run twice.
   */
  write<T>(work: Work<T>, options?: { last?: boolean }): Promise<T>;
}

interface Asked {
  readonly last: boolean;
  run(statements: Statements): Promise<void>;
  settle(): void;
  reject(error: unknown): void;
}

/** Longer transactions would keep intake waiting at the gate. */
const largest = 200;

export function createGroup(store: Pick<Store, 'batch'>): Group {
  const waiting: Asked[] = [];
  let under = false;

  async function commit(batch: readonly Asked[]): Promise<void> {
    try {
      await store.batch(async (statements) => {
        for (const asked of batch) await asked.run(statements);
      });
      for (const asked of batch) asked.settle();
    } catch (error) {
      const only = batch.length === 1 ? batch[0] : undefined;
      if (only) only.reject(error);
      // One bad work must not take its neighbours down: each runs again alone, still in order.
      else for (const asked of batch) await commit([asked]);
    }
  }

  /** Answers that arrived together are read in one turn of the loop; the next commit waits for the end of that turn. */
  function schedule(): void {
    setImmediate(async () => {
      const batch = waiting.splice(0, largest);
      await commit([...batch.filter(({ last }) => !last), ...batch.filter(({ last }) => last)]);
      under = waiting.length > 0;
      if (under) schedule();
    });
  }

  return {
    write<T>(work: Work<T>, { last = false } = {}) {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      let result: { value: T } | undefined;
      waiting.push({
        last,
        run: async (statements) => {
          result = { value: await work(statements) };
        },
        settle: () => result && resolve(result.value),
        reject,
      });
      if (!under) schedule();
      under = true;
      return promise;
    },
  };
}
