/** What a program may post: the schema that checks it, and the README's table. Unknown properties are ignored; unknown kinds are not. */
import { z } from 'zod';

/** PostgreSQL cannot keep a NUL in text, and no chat shows one. */
const text = (max: number) =>
  z
    .string()
    .max(max)
    .transform((value) => value.replaceAll('\0', ''));

const id = z
  .string()
  .min(1)
  .max(255)
  .refine((value) => !value.includes('\0'), 'must not contain a NUL');

/** Before 1973 in milliseconds: somebody sent seconds, and a message of 1970 would sort before everything. */
const earliest = 1e11;
const at = z
  .union([
    z.number().int().min(earliest, 'must be milliseconds since 1970, not seconds'),
    z.iso
      .datetime({ offset: true, error: 'must be epoch milliseconds or an ISO time with its zone: 2026-11-19T15:10:00-03:00' })
      .transform((iso) => Date.parse(iso)),
  ])
  .describe('When it was written: ISO 8601 with a zone, or epoch milliseconds.');

const party = z.object({
  id: id.describe('Your id of the person; the same person always has the same one.'),
  name: text(255).optional(),
  role: z.enum(['contact', 'agent', 'bot', 'system']).describe('`contact` is the person outside, `agent` the one inside.'),
  email: text(320).optional(),
  phone: text(64).optional().describe('In any way people write it; read by the rules of `defaultCountry`.'),
  company: text(255).optional().describe('Name of the company that the person belongs to.'),
});

const file = z
  .object({
    id: id.describe('Unique within the message.'),
    name: text(255),
    mime: text(255).optional(),
    size: z.number().int().nonnegative().optional().describe('Bytes.'),
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Fetched once, without credentials.'),
    data: z.base64().optional().describe('The bytes in base64, for small files: the whole body may be 10 MB.'),
  })
  .refine((given) => (given.url === undefined) !== (given.data === undefined), 'needs either url or data');

const conversation = id.describe('Your id of the conversation.');

export const message = z.object({
  type: z.literal('message'),
  conversation,
  id: id.describe('Your id of the message: sent again, it is still one message.'),
  at,
  from: party,
  text: text(100_000).default(''),
  kind: z.enum(['public', 'internal']).default('public').describe('`internal` is for agents only and never reaches a customer.'),
  html: text(1_000_000).optional().describe('The same message as HTML, cleaned before it is shown.'),
  subject: text(500).optional(),
  files: z.array(file).max(50).default([]),
});
export const edited = z.object({ type: z.literal('edited'), conversation, id: id.describe('The message that was edited.'), at, text: text(100_000) });
export const deleted = z.object({ type: z.literal('deleted'), conversation, id: id.describe('The message that was deleted.'), at });
export const ended = z.object({ type: z.literal('ended'), conversation, at, by: party.optional().describe('Who ended it.') });

export const payload = z.discriminatedUnion('type', [message, edited, deleted, ended]);
export type Payload = z.output<typeof payload>;
export type Sender = z.output<typeof party>;
export type SentFile = z.output<typeof file>;
