/** What was started is stopped in reverse order, after a failed start too. */
export interface Shutdown {
  add(stop: () => unknown): void;
  run(): Promise<void>;
}

export function createShutdown(): Shutdown {
  const stops: (() => unknown)[] = [];
  return {
    add: (stop) => void stops.push(stop),
    async run() {
      for (let stop = stops.pop(); stop; stop = stops.pop()) await stop();
    },
  };
}
