/** Settings of a Freshdesk account. What its API does not tell is a setting here, never an assumption. */
import { z } from 'zod';
import { secret } from '../../src/kit/index.ts';

const meanings = ['new', 'open', 'pending', 'waiting', 'hold', 'resolved', 'closed'] as const;

export const settings = z.strictObject({
  address: z
    .url({ protocol: /^https?$/ })
    .transform((address) => address.replace(/\/+$/, ''))
    .describe('Address of the account, `https://academia.freshdesk.com`. A domain of your own does not work for the API'),
  apiKey: secret().describe('API key of a full-time agent with global ticket scope (Profile settings)'),
  markerField: z
    .string()
    .regex(/^cf_\w+$/, 'the API name of a custom field starts with cf_')
    .optional()
    .describe('Single-line text field that takes the mark by which a ticket is found again after an unclear answer. Without it the mark is a tag'),
  settleSeconds: z.number().min(0).max(600).default(10).describe('How long after an unclear answer a look in the ticket list is trusted'),
  source: z.number().int().positive().default(7).describe('Source of new tickets: 7 is Chat; an account can have sources of its own'),
  timerStatuses: z
    .array(z.string().min(1))
    .optional()
    .describe('Labels or ids of the statuses whose SLA timer runs: Freshdesk takes a due date in these alone and its API does not tell which they are'),
  statusMeanings: z
    .record(z.string(), z.enum(meanings))
    .default({})
    .describe('What a status of your own means, by label or id, where the guess from its name is wrong: `Visita presencial: hold`'),
  multipleCompanies: z
    .boolean()
    .default(false)
    .describe('The account has Multiple Companies, so that a ticket can name a company other than its requester’s first'),
});

export type FreshdeskSettings = z.output<typeof settings>;
