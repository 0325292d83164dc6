/** A closing as a person decides it: what the dialog and the API send. The planner turns it into the exact operations. */
import { z } from 'zod';

export const target = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('new'),
    helpdesk: z.string().optional().describe('Configured helpdesk; the mapping names one when absent'),
    followUpOf: z.strictObject({ helpdesk: z.string(), id: z.string() }).optional().describe('The ticket that this continues; linked to it'),
  }),
  z.strictObject({
    kind: z.literal('append'),
    ticket: z.strictObject({ helpdesk: z.string(), id: z.string() }),
    status: z
      .enum(['keep', 'outcome'])
      .describe('keep: nothing but the note; outcome: the ticket takes the status of this outcome, and the outcome must be given'),
  }),
]);

export const outcome = z.strictObject({
  status: z.string().describe("Key of the mapping's statuses: how did it end?"),
  date: z
    .union([z.iso.date(), z.literal('to-be-agreed')])
    .nullable()
    .default(null),
});

export const part = z.strictObject({
  key: z.string().regex(/^[a-z0-9-]{1,20}$/),
  topic: z.string().nullable().default(null).describe("Key of the mapping's topics"),
  messages: z.array(z.string()).describe('Messages of substance; courtesies travel along by themselves'),
  target,
  requester: z.string().nullable().default(null).describe('Id of the contact who asks; the conversation’s contact when null'),
  company: z.string().nullable().default(null).describe("The requester's company, by id; the contact's only one when null"),
  served: z.string().nullable().default(null).describe('The company served, by id; asked for when a rule needs it'),
  outcome: outcome.nullable().default(null),
  title: z.string().max(200).default(''),
  subject: z.string().max(255).nullable().default(null).describe("Overrides the mapping's subject"),
  summary: z.string().max(20_000).default(''),
  impact: z.string().nullable().default(null),
  group: z.string().nullable().default(null).describe("The helpdesk's group id; overrides the mapping"),
  assignee: z.string().nullable().default(null).describe("The helpdesk's agent id; overrides the mapping"),
  fields: z.record(z.string(), z.json()).default({}).describe("The helpdesk's own fields, by its names"),
});

export const noneReasons = ['spam', 'wrong-number', 'internal', 'duplicate'] as const;

export const decision = z
  .strictObject({
    covers: z.string().describe('Id of the last message that the agent saw: nothing is filed unseen'),
    ends: z.boolean().default(true).describe('False files a part while the conversation stays open'),
    parts: z.array(part).max(20).default([]),
    none: z
      .strictObject({ reason: z.enum(noneReasons) })
      .nullable()
      .default(null),
    skipped: z.array(z.string()).default([]).describe('Messages of substance that are filed nowhere, by name'),
  })
  .refine((value) => (value.none === null) === value.parts.length > 0, { message: 'Give parts, or none with a reason', path: ['parts'] })
  .refine((value) => new Set(value.parts.map(({ key }) => key)).size === value.parts.length, { message: 'Each part needs a key of its own', path: ['parts'] });

export type Decision = z.output<typeof decision>;
export type DecisionInput = z.input<typeof decision>;
export type Part = Decision['parts'][number];
