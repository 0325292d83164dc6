/** What the child tells of a chat, as it is stored: plain copies of the library's public properties. Times are epoch milliseconds. */
import { z } from 'zod';

const id = z.string().min(1);
const at = z.int().nonnegative();

const party = z.object({ id, name: z.string().optional(), phone: z.string().optional() });
/** `account` is the linked number's own id, `chat` the customer's: `5511…@c.us`, or `…@lid` where WhatsApp keeps the number to itself. */
const place = { account: id, chat: id, at };

const message = z.object({
  kind: z.literal('message'),
  ...place,
  id: id.describe('`id._serialized`'),
  from: party,
  fromMe: z.boolean(),
  /** Which kind of device sent it, by the shape of its id: `web` is one like ours. */
  device: z.string().optional(),
  type: z.string(),
  body: z.string(),
  forwarded: z.boolean().optional(),
  quoted: z.object({ id: id.optional(), body: z.string().optional() }).optional(),
  media: z
    .object({
      name: z.string().optional(),
      mime: z.string().optional(),
      size: z.number().nonnegative().optional(),
      seconds: z.number().nonnegative().optional(),
    })
    .optional(),
  location: z
    .object({ latitude: z.number(), longitude: z.number(), name: z.string().optional(), address: z.string().optional(), url: z.string().optional() })
    .optional(),
  vcards: z.array(z.string()).optional(),
  poll: z.object({ name: z.string(), options: z.array(z.string()) }).optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  order: z.string().optional(),
  /** All that the library knew, of kinds that this version does not. */
  raw: z.json().optional(),
});

const edit = z.object({ kind: z.literal('edit'), ...place, id, text: z.string() });
const revoke = z.object({ kind: z.literal('revoke'), ...place, id });
const reaction = z.object({ kind: z.literal('reaction'), ...place, id, from: party, fromMe: z.boolean(), emoji: z.string().nullable() });
const ack = z.object({ kind: z.literal('ack'), ...place, id, ack: z.int() });
const renamed = z.object({ kind: z.literal('renamed'), ...place, now: id });
/** Something that the adapter could not read: kept for a later version. */
const unreadable = z.object({ kind: z.literal('unreadable'), event: z.string(), reason: z.string(), raw: z.json() });

export const heard = z.discriminatedUnion('kind', [message, edit, revoke, reaction, ack, renamed, unreadable]);
export type Heard = z.output<typeof heard>;
export type HeardMessage = Extract<Heard, { kind: 'message' }>;

/** The same event has the same key, however often and by whichever way it is heard. */
export function keyOf(event: Heard): string | undefined {
  switch (event.kind) {
    case 'message':
    case 'revoke':
      return `${event.kind}:${event.id}`;
    case 'edit':
      return `edit:${event.id}:${event.at}`;
    case 'reaction':
      return `reaction:${event.id}:${event.from.id}:${event.at}`;
    case 'ack':
      return `ack:${event.id}:${event.ack}`;
    case 'renamed':
      return `renamed:${event.chat}:${event.now}`;
    case 'unreadable':
      return undefined;
  }
}
