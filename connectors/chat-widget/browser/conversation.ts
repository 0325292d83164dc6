/** What stands in the panel: what the server told, then what is still on its way. Pure but for its list. */
import type { FileInfo } from './api.ts';
import type { OutgoingState, Pending } from './outbox.ts';

/** A message as the server tells it. */
export interface Said {
  readonly id: string;
  /** Our own id of it, if it was written in a widget of this visitor. */
  readonly client?: string;
  readonly at: number;
  readonly from: 'contact' | 'agent' | 'bot' | 'system';
  readonly author: string;
  readonly text: string;
  readonly deleted: boolean;
  readonly files: readonly FileInfo[];
}

export interface Item extends Omit<Said, 'client'> {
  /** The same before and after the server has it. */
  readonly key: string;
  readonly state: OutgoingState;
}

export interface Conversation {
  /** True when the message is new, false when it replaces one. */
  put(message: Said): boolean;
  items(pending: readonly Pending[]): readonly Item[];
  /** Messages of ours that the visitor has not seen since `readAt`. */
  unread(readAt: number): number;
  /** Messages of others after `at`, oldest first. */
  fromOthers(after: number): readonly Said[];
  latest(): number;
  /** Where a new stream starts: a little before the end, for what changed meanwhile. */
  resumeAfter(): string | undefined;
  clear(): void;
}

const overlap = 20;

export function createConversation(): Conversation {
  const byId = new Map<string, Said>();
  const sorted = (): Said[] => [...byId.values()].sort((a, b) => a.at - b.at);
  const fromOthers = (after: number): Said[] => sorted().filter(({ from, at }) => from !== 'contact' && at > after);
  return {
    put(message) {
      const isNew = !byId.has(message.id);
      byId.set(message.id, message);
      return isNew;
    },
    items(pending) {
      const said = sorted();
      const known = new Set(said.map(({ client }) => client));
      return [
        ...said.map(({ client, ...message }): Item => ({ ...message, key: client ?? message.id, state: 'sent' })),
        ...pending
          .filter(({ id }) => !known.has(id))
          .map(({ id, at, text, lead, files, state }): Item => {
            const words = [lead, text].filter(Boolean).join('\n\n');
            return { id, key: id, at, from: 'contact', author: '', text: words, deleted: false, files, state };
          }),
      ];
    },
    unread: (readAt) => fromOthers(readAt).filter(({ deleted }) => !deleted).length,
    fromOthers,
    latest: () => sorted().at(-1)?.at ?? 0,
    resumeAfter: () => sorted().at(-overlap - 1)?.id,
    clear: () => byId.clear(),
  };
}
