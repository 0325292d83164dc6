/** What a receiver gets: the schema that is published as `payload.schema.json`. What the customer may read and what is internal never share a field. */
import { z } from 'zod';

const text = z.object({ html: z.string().describe('Safe HTML: what people typed is escaped'), text: z.string().describe('The same as plain text') });
const publicText = text.describe('What the customer may read');
const internalText = text.describe('For agents only: must never be shown to the customer');

const ticket = z.object({
  id: z.string().describe('As the receiver answered it to `ticket.open`, else the id of the operation that opened the ticket'),
  number: z.string(),
  url: z.string(),
  operation: z.string().describe('The operation that opened the ticket: finds it also where the receiver answered no id'),
});

const requester = z.object({
  id: z.string().describe('The same person always has the same one'),
  name: z.string(),
  email: z.string().nullable(),
  phone: z.string().nullable().describe('E.164'),
  identities: z.array(
    z.object({
      kind: z.enum(['email', 'phone', 'account']),
      value: z.string(),
      scope: z.string().optional().describe('Where an account id is unique'),
      verified: z.boolean().describe('False: typed by somebody, so it may be wrong'),
    }),
  ),
  company: z.object({ id: z.string(), name: z.string() }).nullable(),
});

const values = z
  .object({
    status: z.string().optional(),
    priority: z.string().optional(),
    group: z.string().optional(),
    assignee: z.string().optional(),
    type: z.string().optional(),
    tags: z.array(z.string()).optional().describe('To be added to those that are there'),
    due: z
      .object({
        at: z.iso.datetime(),
        date: z.iso.date().describe('The day of `at` in `zone`'),
        zone: z.string(),
        customField: z.string().nullable().describe('The date field that takes `date`; null: the due date itself'),
      })
      .optional(),
    fields: z.record(z.string(), z.json()).optional(),
  })
  .describe('A value that is absent stays as it is');

const file = z.object({
  name: z.string(),
  mime: z.string(),
  size: z.number().int().nonnegative().describe('Bytes'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  content: z.base64().describe('The bytes'),
});

const base = {
  operation: z.string().describe('Id of the operation. With a point and `revision` it is the `webhook-id`'),
  revision: z.number().int().positive().describe('Grows when a person corrected an operation that had failed'),
  at: z.iso.datetime(),
  helpdesk: z.string().describe('The name of this helpdesk in deskbridge.yaml'),
};
const files = z.array(file);

export const payload = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('ticket.open'),
      ...base,
      subject: z.string().describe('The customer may read it'),
      public: publicText,
      internal: internalText,
      requester,
      values,
      files,
      followUpOf: ticket.nullable().describe('The closed ticket that this one continues'),
    }),
    z.object({ type: z.literal('ticket.append'), ...base, ticket, internal: internalText, values, files }),
    z.object({ type: z.literal('ticket.update'), ...base, ticket, values }),
    z.object({ type: z.literal('ticket.note'), ...base, ticket, internal: internalText, files }),
    z.object({ type: z.literal('ticket.reply'), ...base, ticket, public: publicText, values, files }),
    z.object({ type: z.literal('ticket.summarize'), ...base, ticket, internal: internalText.describe('Replaces the summary of the ticket. For agents only') }),
    z.object({ type: z.literal('ticket.link'), ...base, tickets: z.array(z.object({ ticket, internal: internalText })).describe('A note for each') }),
  ])
  .meta({ title: 'Deskbridge operation' });

export type Payload = z.output<typeof payload>;
export type PayloadTicket = z.output<typeof ticket>;
export type PayloadRequester = z.output<typeof requester>;
export type PayloadValues = z.output<typeof values>;
export type FileFacts = Omit<z.output<typeof file>, 'content'>;

/** As the journal keeps it: files by their sha256. */
type WithoutBytes<P> = P extends { files: unknown } ? Omit<P, 'files'> & { files: readonly FileFacts[] } : P;
export type Frozen = WithoutBytes<Payload>;

/** Open to more properties, so that a later version does not break a receiver that checks. */
export const jsonSchema = (): object => z.toJSONSchema(payload, { io: 'input' });
