/**
 * Messages on their way out. Each is kept in the browser until the server has it on disk, and always goes under the id that it was made with: however
 * often it is sent, from however many tabs, it is stored once.
 */
import { CallError, type FileInfo, type Outgoing, type Profile } from './api.ts';
import type { Keep } from './keep.ts';

export type OutgoingState = 'sending' | 'waiting' | 'sent' | 'failed';
export interface Pending extends Outgoing {
  /** The answers as they will stand above the text. */
  readonly lead?: string;
  readonly at: number;
  readonly state: OutgoingState;
}

export interface Outbox {
  /** In the order of writing. Those that were sent stay until `seen`. */
  entries(): readonly Pending[];
  add(message: Profile & { text: string; files: readonly FileInfo[]; lead?: string }): void;
  /** Sends all that waits, in order. Called when the network may be back. */
  flush(): Promise<void>;
  /** The visitor asks for another try of one that was refused. */
  retry(id: string): void;
  /** The history shows it now. */
  seen(id: string): void;
}

export interface OutboxParts {
  readonly keep: Keep;
  send(message: Outgoing): Promise<void>;
  changed(): void;
  /** What the visitor told of themselves was refused: it must not spoil the next message, too. */
  profileRefused(): void;
  now(): number;
  id(): string;
  /** Runs `action` after `ms`; the newest call counts. */
  later(ms: number, action: () => void): void;
}

const first = 2000;
const longest = 60_000;

/** Refused for good: the same bytes would be refused again. */
const isRefusal = (error: unknown): boolean =>
  error instanceof CallError && error.status >= 400 && error.status < 500 && ![401, 408, 425, 429].includes(error.status);

/** The words go out without what was told beside them. */
const bare = ({ id, text, files, at, state }: Pending): Pending => ({ id, text, files, at, state });
const told = ({ name, email, answers }: Pending): boolean => !!(name || email || answers);

export function createOutbox({ keep, send, changed, profileRefused, now, id, later }: OutboxParts): Outbox {
  const stored = (): Pending[] => keep.get<Pending[]>('outbox') ?? [];
  let entries: Pending[] = stored().map((entry) => (entry.state === 'failed' ? entry : { ...entry, state: 'waiting' }));
  let running: Promise<void> | undefined;
  let wait = first;

  function update(entry: Pending, state: OutgoingState): void {
    entries = entries.map((one) => (one.id === entry.id ? { ...entry, state } : one));
    // Other tabs keep theirs in the same place, so only this one entry is touched.
    const others = stored().filter((one) => one.id !== entry.id);
    keep.set('outbox', state === 'sent' ? others : [...others, { ...entry, state }].sort((a, b) => a.at - b.at));
    changed();
  }

  async function run(): Promise<void> {
    for (;;) {
      const next = entries.find(({ state }) => state === 'waiting');
      if (!next) return;
      update(next, 'sending');
      try {
        await send(next);
        update(next, 'sent');
        wait = first;
      } catch (error) {
        if (error instanceof CallError && error.reason === 'profile' && told(next)) {
          profileRefused();
          update(bare(next), 'waiting');
          continue;
        }
        if (isRefusal(error)) {
          update(next, 'failed');
          continue;
        }
        update(next, 'waiting');
        later(wait, () => void flush());
        wait = Math.min(longest, wait * 2);
        return;
      }
    }
  }

  async function flush(): Promise<void> {
    running ??= run().finally(() => {
      running = undefined;
    });
    await running;
  }

  return {
    entries: () => entries,
    add(message) {
      const entry: Pending = { ...message, id: id(), at: now(), state: 'waiting' };
      entries = [...entries, entry];
      update(entry, 'waiting');
      void flush();
    },
    flush,
    retry(wanted) {
      const entry = entries.find((one) => one.id === wanted && one.state === 'failed');
      if (!entry) return;
      update(entry, 'waiting');
      void flush();
    },
    seen(known) {
      const entry = entries.find((one) => one.id === known);
      if (!entry) return;
      update(entry, 'sent');
      entries = entries.filter((one) => one.id !== known);
    },
  };
}
