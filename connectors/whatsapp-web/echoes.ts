/**
 * What we send comes back as a message of our own number, sometimes before the answer to the send. It is known by its id, or while its send is in doubt by
 * its words; only what somebody wrote on the phone is news. Kept by hashes: nobody's words or number stand here.
 */
import { createHash } from 'node:crypto';
import type { Records } from '../../src/kit/index.ts';
import type { Heard } from './heard.ts';

export interface Sending {
  readonly chat: string;
  readonly text: string;
  /** Any file of ours counts: WhatsApp makes other bytes and names of pictures. */
  readonly isFile: boolean;
}

export interface Echoes {
  /** Before a send. `key` is unique to the step. */
  expect(key: string, sending: Sending, at: number): Promise<void>;
  /** The send has certainly not happened. */
  forget(key: string): Promise<void>;
  /** `of`: the id that stands for the whole reply; its receipts are the last part's. */
  sent(key: string, id: string, part: { of: string; last: boolean }, at: number): Promise<void>;
  isKnown(id: string): Promise<boolean>;
  /** What of it is news: undefined for an echo; a receipt of a part speaks for the reply. */
  newsOf(event: Heard): Promise<Heard | undefined>;
  /** Forgets what is so old (epoch ms) that it cannot come back. */
  prune(before: number): Promise<void>;
}

type Part = { readonly of: string; readonly last: boolean };
const hash = (...parts: readonly string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
const sort = (at: number): string => String(at).padStart(15, '0');
const wordsOf = ({ text, isFile }: Pick<Sending, 'text' | 'isFile'>): string => (isFile ? 'file' : hash('text', text.trim()));

export function createEchoes(records: Records): Echoes {
  const partOf = (id: string): Promise<Part | undefined> => records.get<Part>('sent', hash(id));

  async function isExpected({ chat, text, isFile }: Sending): Promise<boolean> {
    const open = await records.list<{ words: string }>('sending', { index: hash(chat) });
    return open.some(({ value }) => value.words === wordsOf({ text, isFile }));
  }

  return {
    async expect(key, sending, at) {
      await records.insert('sending', hash(key), { words: wordsOf(sending) }, { index: hash(sending.chat), sort: sort(at) });
    },
    async forget(key) {
      await records.delete('sending', hash(key));
    },
    async sent(key, id, part, at) {
      await records.insert('sent', hash(id), part, { sort: sort(at) });
      await records.delete('sending', hash(key));
    },
    isKnown: async (id) => (await partOf(id)) !== undefined,
    async newsOf(event) {
      if (event.kind === 'message' && event.fromMe) {
        if (await partOf(event.id)) return undefined;
        const likeOurs = (event.device ?? 'web') === 'web';
        return likeOurs && (await isExpected({ chat: event.chat, text: event.body, isFile: event.media !== undefined })) ? undefined : event;
      }
      if (event.kind !== 'ack') return event;
      const part = await partOf(event.id);
      if (!part) return event;
      return part.last || event.ack < 0 ? { ...event, id: part.of } : undefined;
    },
    async prune(before) {
      for (const collection of ['sent', 'sending'])
        for (
          let page = await records.list(collection, { after: sort(before) });
          page.length > 0;
          page = await records.list(collection, { after: sort(before) })
        )
          for (const { key } of page) await records.delete(collection, key);
    },
  };
}
