/**
 * Group commit: requests that arrive while a commit is under way share the next one. Each resolves only after its commit, and one that cannot be
 * written for a reason of its own is taken out and tried alone, so that it never stops the others.
 */

export interface GroupOptions<Item, Result> {
  /** Writes the items in one transaction. Calls `at` with the index of each before it starts on it. */
  commit(items: readonly Item[], at: (index: number) => void): Promise<readonly Result[]>;
  /** True when the failure lies in the item's data, so that the others may pass without it. */
  blames(error: unknown): boolean;
  /** Writes an item that failed alone, in the way that always works. */
  rescue(item: Item, error: unknown): Promise<Result>;
  /** Most items of one transaction, so that others get their turn. */
  readonly most?: number;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export interface Group<Item, Result> {
  join(item: Item): Promise<Result>;
}

export function createGroup<Item, Result>(options: GroupOptions<Item, Result>): Group<Item, Result> {
  const most = options.most ?? 200;
  let queue: Waiting<Item, Result>[] = [];
  let running = false;

  /** What the sockets deliver in this turn of the loop goes along, and what comes while each turn brings more: few big commits cost less than many small ones. */
  function gather(before: number): void {
    if (queue.length === before || queue.length >= most) void drain();
    else setImmediate(gather, queue.length);
  }

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      const some = queue.slice(0, most);
      queue = queue.slice(most);
      await together(some);
    }
    running = false;
  }

  async function together(some: readonly Waiting<Item, Result>[]): Promise<void> {
    let at = -1;
    try {
      const items = some.map(({ item }) => item);
      const results = await options.commit(items, (index) => {
        at = index;
      });
      for (const [index, { resolve }] of some.entries()) resolve(results[index] as Result);
    } catch (error) {
      const blamed = options.blames(error) ? some[at] : undefined;
      if (!blamed) for (const { reject } of some) reject(error);
      else if (some.length === 1) await options.rescue(blamed.item, error).then(blamed.resolve, blamed.reject);
      else for (const part of [some.slice(0, at), [blamed], some.slice(at + 1)]) if (part.length > 0) await together(part);
    }
  }

  return {
    join(item) {
      const { promise, resolve, reject } = Promise.withResolvers<Result>();
      queue.push({ item, resolve, reject });
      if (!running) {
        running = true;
        gather(0);
      }
      return promise;
    },
  };
}
