/** What was heard and is not yet committed by the parent, on disk: whichever of the two processes dies, it is sent again. */
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Entry<T> {
  readonly seq: number;
  readonly event: T;
}

export interface Spool<T> {
  /** On disk, fsynced, when this returns. */
  add(event: T): Entry<T>;
  /** Committed elsewhere: forgotten here. */
  drop(seq: number): void;
  /** What is left, oldest first. */
  readonly waiting: readonly Entry<T>[];
  close(): void;
}

/** Rewritten without what was dropped when it grows past this. */
const largestBytes = 1 << 20;

/** One JSON line an entry. A line that power loss cut off was never promised to anybody. */
function read<T>(file: string): Entry<T>[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    try {
      const entry = JSON.parse(line) as Entry<T>;
      return typeof entry?.seq === 'number' && entry.event !== undefined ? [entry] : [];
    } catch {
      return [];
    }
  });
}

function syncFolder(file: string): void {
  const folder = openSync(dirname(file), 'r');
  fsyncSync(folder);
  closeSync(folder);
}

export function openSpool<T>(file: string): Spool<T> {
  const waiting = new Map(read<T>(file).map((entry) => [entry.seq, entry]));
  let last = Math.max(0, ...waiting.keys());
  let handle = rewrite();

  /** Atomic: a crash leaves the old file or the new one. */
  function rewrite(): number {
    const fresh = `${file}.new`;
    const descriptor = openSync(fresh, 'w', 0o600);
    for (const entry of waiting.values()) writeSync(descriptor, `${JSON.stringify(entry)}\n`);
    fsyncSync(descriptor);
    renameSync(fresh, file);
    syncFolder(file);
    return descriptor;
  }

  return {
    add(event) {
      last += 1;
      const entry = { seq: last, event };
      writeSync(handle, `${JSON.stringify(entry)}\n`);
      fsyncSync(handle);
      waiting.set(entry.seq, entry);
      return entry;
    },
    drop(seq) {
      if (!waiting.delete(seq)) return;
      // What a lost truncation brings back is sent again, and known there.
      if (waiting.size === 0) ftruncateSync(handle, 0);
      else if (fstatSync(handle).size > largestBytes) {
        closeSync(handle);
        handle = rewrite();
      }
    },
    get waiting() {
      return [...waiting.values()];
    },
    close: () => closeSync(handle),
  };
}
