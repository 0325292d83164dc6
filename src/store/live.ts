/**
 * Live events: what the console is told. They are noted while a transaction works, written at its end and published after its commit.
 * Writing them last, under one lock on PostgreSQL, makes their ids grow in the order of the commits, so that a reader that resumes by id misses none.
 */
import type { Transaction } from 'kysely';
import type { Database } from './schema.ts';
import type { Statements } from './statements.ts';
import type { LiveEvent } from './store.ts';

/** How many events a console that was away can catch up on. */
const kept = 10_000;

export interface Noted {
  readonly kind: string;
  readonly subject: string;
}

/** What one transaction has to tell, each thing once. */
export interface Notes {
  add(kind: string, subject: string): void;
  readonly list: readonly Noted[];
}

export function createNotes(): Notes {
  const seen = new Set<string>();
  const list: Noted[] = [];
  return {
    list,
    add(kind, subject) {
      const key = `${kind}\n${subject}`;
      if (seen.has(key)) return;
      seen.add(key);
      list.push({ kind, subject });
    },
  };
}

const notesOf = new WeakMap<Transaction<Database>, Notes>();

/** Tells the console that something changed, if and when this transaction commits. `kind` is a word (`conversation`), `subject` an id. */
export function tell(tx: Transaction<Database>, kind: string, subject: string): void {
  const notes = notesOf.get(tx);
  if (!notes) throw new Error('tell() works in a transaction of store.write() only: nobody would publish it');
  notes.add(kind, subject);
}

export function takeNotes(tx: Transaction<Database>): Notes {
  const notes = createNotes();
  notesOf.set(tx, notes);
  return notes;
}

/** Writes the noted events; the last thing that a transaction does. */
export async function writeNotes(db: Statements, notes: readonly Noted[], now: number): Promise<LiveEvent[]> {
  if (notes.length === 0) return [];
  if (db.engine === 'postgres') await db.all('SELECT pg_advisory_xact_lock(7305001)');
  const events: LiveEvent[] = [];
  for (let from = 0; from < notes.length; from += 100) {
    const some = notes.slice(from, from + 100);
    const rows = await db.all<LiveEvent>(
      `INSERT INTO live_events (at, kind, subject_id) VALUES ${some.map(() => '(?, ?, ?)').join(', ')} RETURNING id, kind, subject_id AS subject`,
      ...some.flatMap(({ kind, subject }) => [now, kind, subject]),
    );
    events.push(...rows);
  }
  events.sort((a, b) => a.id - b.id);
  const before = trimBefore(events);
  if (before !== undefined) await db.run('DELETE FROM live_events WHERE id < ?', before);
  return events;
}

/** Old events go now and then, by whoever steps over a multiple of 500. */
export function trimBefore(events: readonly LiveEvent[]): number | undefined {
  const [first, last] = [events.at(0)?.id ?? 0, events.at(-1)?.id ?? 0];
  return Math.floor(first / 500) !== Math.floor((last + 1) / 500) && last > kept ? last - kept : undefined;
}

export interface Publisher {
  subscribe(listener: (events: readonly LiveEvent[]) => void): () => void;
  publish(events: readonly LiveEvent[]): void;
}

export function createPublisher(): Publisher {
  const listeners = new Set<(events: readonly LiveEvent[]) => void>();
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    publish(events) {
      if (events.length === 0) return;
      for (const listener of listeners) {
        try {
          listener(events);
        } catch (error) {
          // What was committed stays committed, whatever a listener makes of it.
          process.emitWarning(error instanceof Error ? error : new Error(String(error)));
        }
      }
    },
  };
}
