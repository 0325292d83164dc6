/** Keeps a stream open: reads lines, notices silence, comes back after a break. */
import { CallError } from './api.ts';
import type { Said } from './conversation.ts';

export type StreamLine =
  | { readonly type: 'message'; readonly message: Said }
  | { readonly type: 'typing'; readonly agent: string }
  | { readonly type: 'ready' }
  | { readonly type: 'alive' };

export interface FollowParts {
  open(signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  line(line: StreamLine): void;
  online(online: boolean): void;
  /** The server does not know this visitor any more. */
  unknown(): void;
}

export interface Follower {
  start(): void;
  stop(): void;
  /** The network may be back: try now rather than later. */
  nudge(): void;
}

/** Lines of JSON from a stream of bytes; a line that is none is skipped. */
export async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<StreamLine> {
  const reader = stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) {
      try {
        yield JSON.parse(text) as StreamLine;
      } catch {
        // A proxy's error page in the middle of a stream tells nothing.
      }
    }
  }
}

/** The server beats every 15 s. */
const silenceMs = 40_000;
const longestMs = 30_000;

export function createFollower({ open, line, online, unknown }: FollowParts): Follower {
  let current: AbortController | undefined;
  let wake = (): void => {};

  /** Reads one stream to its end; true if it ever spoke. */
  async function read(signal: AbortSignal): Promise<boolean> {
    let spoke = false;
    const idle = new AbortController();
    let timer = setTimeout(() => idle.abort(), silenceMs);
    try {
      for await (const one of readLines(await open(AbortSignal.any([signal, idle.signal])))) {
        clearTimeout(timer);
        timer = setTimeout(() => idle.abort(), silenceMs);
        if (!spoke) online(true);
        spoke = true;
        line(one);
      }
    } finally {
      clearTimeout(timer);
    }
    return spoke;
  }

  async function run(signal: AbortSignal): Promise<void> {
    let wait = 1000;
    while (!signal.aborted) {
      try {
        if (await read(signal)) wait = 1000;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof CallError && error.status === 401) return unknown();
      }
      if (signal.aborted) return;
      online(false);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, wait * (0.5 + Math.random()));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      wait = Math.min(longestMs, wait * 2);
    }
  }

  return {
    start() {
      if (current) return;
      const mine = new AbortController();
      current = mine;
      void run(mine.signal).finally(() => {
        if (current === mine) current = undefined;
      });
    },
    stop() {
      current?.abort();
      current = undefined;
      wake();
    },
    nudge: () => wake(),
  };
}
