/** Which messages at WhatsApp one reply of ours became: their receipts speak for the reply. Kept by hashes: nobody's words or number stand here. */
import { createHash } from 'node:crypto';
import type { Records } from '../../src/kit/index.ts';
import type { Heard } from './heard.ts';

/** `of`: the id that stands for the whole reply, its first message's. */
type Part = { readonly of: string; readonly last: boolean };

export interface Parts {
  sent(id: string, part: Part, at: number): Promise<void>;
  isKnown(id: string): Promise<boolean>;
  /** A receipt of a part as one of the reply: a failure of any, arrival and reading of the last. Undefined for those that say nothing yet. */
  newsOf(event: Heard): Promise<Heard | undefined>;
  /** Forgets what is so old (epoch ms) that no receipt comes any more. */
  prune(before: number): Promise<void>;
}

const hash = (id: string): string => createHash('sha256').update(id).digest('base64url');
const sort = (at: number): string => String(at).padStart(15, '0');

export function createParts(records: Records): Parts {
  const partOf = (id: string): Promise<Part | undefined> => records.get<Part>('sent', hash(id));
  return {
    async sent(id, part, at) {
      await records.insert('sent', hash(id), part, { sort: sort(at) });
    },
    isKnown: async (id) => (await partOf(id)) !== undefined,
    async newsOf(event) {
      if (event.kind !== 'ack') return event;
      const part = await partOf(event.id);
      if (!part) return event;
      return part.last || event.ack < 0 ? { ...event, id: part.of } : undefined;
    },
    async prune(before) {
      const older = () => records.list('sent', { after: sort(before) });
      for (let page = await older(); page.length > 0; page = await older()) for (const { key } of page) await records.delete('sent', key);
    },
  };
}
