/** The two shapes that a mail passes through: what the session emits, and what `unpack` makes of it for `normalize`. */
import { z } from 'zod';
import { UnknownPayload } from '../../src/kit/index.ts';

/** Of a mail that we sent to ourselves; its value is the token. */
export const canaryHeader = 'X-Deskbridge-Canary';

const problem = z.enum(['too-large', 'unreadable']);

/** Emitted by the session: the raw mail is in the blob. With a `problem`, the blob holds its headers alone. Times in epoch ms. */
const fetchedSchema = z.object({
  blob: z.string(),
  uid: z.number(),
  uidValidity: z.string(),
  mailbox: z.string(),
  internalDate: z.number().nullable(),
  size: z.number(),
  problem: problem.optional(),
});
export type Fetched = z.output<typeof fetchedSchema>;

const address = z.object({ address: z.string(), name: z.string() });
export type Address = z.output<typeof address>;

const attachment = z.object({
  blob: z.string(),
  name: z.string(),
  mime: z.string(),
  size: z.number(),
  contentId: z.string().nullable(),
  inline: z.boolean(),
});
export type Attachment = z.output<typeof attachment>;

/** A machine's report about another mail: RFC 3464 (not delivered), RFC 8098 (was read). */
const report = z.object({
  type: z.string(),
  originalMessageId: z.string().nullable(),
  recipients: z.array(z.object({ recipient: z.string(), action: z.string(), status: z.string(), diagnostic: z.string() })),
});
export type Report = z.output<typeof report>;

const headers = z.object({
  messageId: z.string().nullable(),
  inReplyTo: z.array(z.string()),
  references: z.array(z.string()),
  /** As written; `normalize` decides whether it can be believed. */
  date: z.string().nullable(),
  subject: z.string().nullable(),
  from: z.array(address),
  /** More than one From line is a known trick, and such a mail is never verified. */
  fromLines: z.number(),
  to: z.array(address),
  cc: z.array(address),
  replyTo: z.array(address),
  /** Addresses that servers noted on the way: Delivered-To and its kin. */
  deliveredTo: z.array(z.string()),
  /** Empty for the null sender `<>`; null without the header. */
  returnPath: z.string().nullable(),
  autoSubmitted: z.string().nullable(),
  precedence: z.string().nullable(),
  autoResponseSuppress: z.string().nullable(),
  /** X-Autoreply, X-Autorespond or X-Vacation is there. */
  autoReply: z.boolean(),
  failedRecipients: z.boolean(),
  listId: z.string().nullable(),
  /** Top of the mail first: the nearest server's own. */
  authenticationResults: z.array(z.string()),
  contentType: z.string(),
  deskbridge: z.string().nullable(),
  /** Token of a mail that we sent to ourselves. */
  canary: z.string().nullable(),
});
export type Headers = z.output<typeof headers>;

const mailSchema = fetchedSchema.extend({
  headers,
  text: z.string(),
  html: z.string().nullable(),
  /** Mails that the sender enclosed, outermost first. */
  embedded: z.array(z.object({ from: address.nullable(), subject: z.string().nullable(), text: z.string() })),
  attachments: z.array(attachment),
  report: report.nullable(),
});
export type Mail = z.output<typeof mailSchema>;

function read<T>(schema: z.ZodType<T>, payload: unknown): T {
  const result = schema.safeParse(payload);
  if (!result.success) throw new UnknownPayload(`not a mail as this channel stores it: ${z.prettifyError(result.error)}`);
  return result.data;
}

export const readFetched = (payload: unknown): Fetched => read(fetchedSchema, payload);
export const readMail = (payload: unknown): Mail => read(mailSchema, payload);
