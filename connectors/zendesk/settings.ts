/** Settings of the Zendesk helpdesk. OAuth client credentials come first; API tokens are legacy. */
import { z } from 'zod';
import { secret } from '../../src/kit/index.ts';

const oauth = z.strictObject({
  clientId: z.string().min(1).describe('Identifier of the OAuth client (Admin Center > Apps and integrations > APIs > OAuth clients)'),
  clientSecret: secret().describe('Secret of the OAuth client, which must be confidential'),
  scope: z.string().min(1).default('read write').describe('Scopes, separated by spaces. One that does not exist is answered 403 on every call'),
});

const apiToken = z.strictObject({
  email: z.email().describe("The agent's address"),
  token: secret().describe('Legacy: no new tokens from 2026-10-27, and all end on 2027-04-30'),
});

export const settings = z
  .strictObject({
    address: z
      .url({ protocol: /^https?$/ })
      .transform((url) => url.replace(/\/+$/, ''))
      .describe('https://<subdomain>.zendesk.com'),
    oauth: oauth.optional().describe('Client credentials; this or apiToken'),
    apiToken: apiToken.optional().describe('Legacy, until 2027-04-30'),
    markerIn: z
      .enum(['probe', 'metadata', 'last-line'])
      .default('probe')
      .describe(
        "Where the operation's id stands in a comment: in its metadata, in a visible last line, or in both until a look showed that metadata can be read back",
      ),
    brandId: z.number().int().positive().optional().describe('Brand of new tickets; the default brand when absent'),
    ticketFormId: z.number().int().positive().optional().describe('Form of new tickets; the default form when absent'),
    mergedComment: z
      .string()
      .refine((words) => words.split('{id}').length === 2, { message: 'Write {id} once, where the number of the other ticket stands' })
      .optional()
      .describe(
        'Words in the last comment of a merged ticket, `{id}` for the number of the other, as `merged into request #{id}`. Without it a merged ticket is a closed one',
      ),
    settleSeconds: z.number().int().min(2).default(30).describe('How long after an unanswered create, past the two hours of its key, a look is trusted'),
  })
  .refine((value) => Boolean(value.oauth) !== Boolean(value.apiToken), { message: 'Give oauth, or for now apiToken: one of them', path: ['oauth'] });

export type ZendeskSettings = z.output<typeof settings>;
