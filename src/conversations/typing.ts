/** Who is typing just now: told from one to the other within this process, and never stored. */
import type { Kysely } from 'kysely';
import type { Live, Log } from '../kit/index.ts';
import type { Database } from '../store/schema.ts';

/** A customer is typing in a conversation. */
export interface CustomerTyping {
  readonly conversation: string;
  readonly name: string;
}

export interface Typing {
  /** The `live` port of one channel. */
  port(channel: string): Live;
  /** Returns the unsubscriber. */
  onCustomer(listener: (typing: CustomerTyping) => void): () => void;
  /** An agent types what the customer will get. */
  agentTypes(channel: string, thread: string, agent: string): void;
}

/** Keystrokes come in bursts: one look a thread and time. Short, because a widget that tells every 3 s would not repeat what is dropped here. */
const quietMs = 500;
const mostThreads = 5_000;

export function createTyping({ read, now, log }: { read: Kysely<Database>; now: () => number; log: Log }): Typing {
  const listeners = new Set<(typing: CustomerTyping) => void>();
  const watchers = new Map<string, Set<(agent: string) => void>>();
  const told = new Map<string, number>();
  const key = (channel: string, thread: string): string => JSON.stringify([channel, thread]);

  function tooSoon(place: string): boolean {
    const before = told.get(place);
    if (before !== undefined && now() - before < quietMs) return true;
    told.delete(place);
    told.set(place, now());
    if (told.size > mostThreads) told.delete(told.keys().next().value ?? '');
    return false;
  }

  async function tell(channel: string, thread: string): Promise<void> {
    const found = await read
      .selectFrom('conversations')
      .innerJoin('contacts', 'contacts.id', 'conversations.contact_id')
      .select(['conversations.id as conversation', 'contacts.name'])
      .where('conversations.channel', '=', channel)
      .where('conversations.thread', '=', thread)
      .where('conversations.state', '=', 'open')
      .executeTakeFirst();
    if (found) for (const listener of listeners) listener(found);
  }

  return {
    port: (channel) => ({
      typing(thread) {
        if (listeners.size === 0 || tooSoon(key(channel, thread))) return;
        tell(channel, thread).catch((error: unknown) => log.debug({ err: error, channel }, 'who is typing could not be told'));
      },
      watchTyping(thread, hear) {
        const place = key(channel, thread);
        const here = watchers.get(place) ?? new Set();
        watchers.set(place, here.add(hear));
        return () => {
          here.delete(hear);
          if (here.size === 0 && watchers.get(place) === here) watchers.delete(place);
        };
      },
    }),
    onCustomer(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    agentTypes(channel, thread, agent) {
      for (const hear of watchers.get(key(channel, thread)) ?? []) hear(agent);
    },
  };
}
