/** Keeps what is known of each vendor conversation: its cycles, and its two ids, of which some endpoints take only one. */
import { ConnectorError, type Context } from '../../src/kit/index.ts';
import { type Happening, noCycles, type Placement, place, type Row } from './cycles.ts';
import type { FreshchatSettings } from './settings.ts';

type Stored = { readonly cycles: Row['cycles']; readonly number?: string; readonly mail?: string };

export interface Threads {
  /** Finds the event's thread, and keeps what it taught. The same event always finds the same thread. */
  locate(event: Happening): Promise<Placement>;
  /** The cycles of one conversation. */
  row(conversation: string): Promise<Row>;
  /** An interaction turned out to belong to a thread that was begun without one. */
  adopt(conversation: string, thread: string, interaction: string): Promise<void>;
  /** The id that threads are made of, whichever of the two is given. */
  canonical(id: string): Promise<string>;
  /** Both ids of a conversation were seen together. */
  learnNumber(conversation: string, number: string): Promise<void>;
  /** Subject of the mail, where the conversation is one of e-mail: its answers need another kind of part. */
  learnMail(conversation: string, subject: string): Promise<void>;
  mailOf(conversation: string): Promise<string | undefined>;
  /** Calls with the id, and once more with the other one when the vendor does not know this one. */
  withEither<T>(conversation: string, call: (id: string) => Promise<T>): Promise<T>;
}

const collection = 'conversations';
const numbers = 'numbers';

export function createThreads({ records, settings }: Pick<Context<FreshchatSettings>, 'records' | 'settings'>): Threads {
  const reopenMs = settings.reopenHours * 3_600_000;
  const read = async (conversation: string): Promise<Stored> => (await records.get<Stored>(collection, conversation)) ?? noCycles;

  async function change(conversation: string, make: (stored: Stored) => Stored): Promise<void> {
    if (await records.insert(collection, conversation, make(noCycles))) return;
    await records.update<Stored>(collection, conversation, make);
  }

  async function locate(event: Happening): Promise<Placement> {
    const before = await read(event.conversation);
    const asRead = place(before, event, reopenMs);
    // Most messages teach nothing, and are spared the write.
    if (asRead.row === before) return asRead;
    let placed = asRead;
    await change(event.conversation, (stored) => {
      placed = place(stored, event, reopenMs);
      return { ...stored, cycles: placed.row.cycles };
    });
    return placed;
  }

  return {
    locate,
    row: read,
    async adopt(conversation, thread, interaction) {
      await change(conversation, (stored) => {
        if (stored.cycles.some(({ interactions }) => interactions.includes(interaction))) return stored;
        return {
          ...stored,
          cycles: stored.cycles.map((cycle) => (cycle.thread === thread ? { ...cycle, interactions: [...cycle.interactions, interaction] } : cycle)),
        };
      });
    },
    canonical: async (id) => (/^\d+$/.test(id) ? ((await records.get<string>(numbers, id)) ?? id) : id),
    async learnNumber(conversation, number) {
      if (conversation === number || (await read(conversation)).number === number) return;
      await change(conversation, (stored) => ({ ...stored, number }));
      await records.insert(numbers, number, conversation);
    },
    async learnMail(conversation, subject) {
      if ((await read(conversation)).mail === undefined) await change(conversation, (stored) => ({ ...stored, mail: subject }));
    },
    mailOf: async (conversation) => (await read(conversation)).mail,
    async withEither(conversation, call) {
      try {
        return await call(conversation);
      } catch (error) {
        const other = error instanceof ConnectorError && error.code === 'not-found' ? (await read(conversation)).number : undefined;
        if (other === undefined) throw error;
        return call(other);
      }
    },
  };
}
