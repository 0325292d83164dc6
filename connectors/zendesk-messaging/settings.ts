/** Settings of Zendesk Messaging. Keys of the Conversations API are not the Support API's: they do not end with its tokens. */
import { z } from 'zod';
import { secret } from '../../src/kit/index.ts';

const support = z.strictObject({
  address: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .describe('https://<subdomain>.zendesk.com'),
  clientId: z.string().min(1).describe('Identifier of an OAuth client (Admin Center > Apps and integrations > APIs > OAuth clients)'),
  clientSecret: secret().describe('Secret of that client, which must be confidential'),
  scope: z.string().min(1).default('tickets:read users:read').describe('Scopes, separated by spaces'),
});

export const settings = z
  .strictObject({
    address: z
      .url({ protocol: /^https?$/ })
      .transform((url) => url.replace(/\/+$/, ''))
      .describe('https://<subdomain>.zendesk.com/sc; apps from before Zendesk: https://api.smooch.io or https://api.eu-1.smooch.io'),
    appId: z.string().min(1).describe('The app id, shown where the key is made'),
    keyId: z.string().min(1).describe('Key id (Admin Center > Apps and integrations > Conversations API)'),
    keySecret: secret().describe("The key's secret"),
    auth: z.enum(['basic', 'jwt']).default('basic').describe('How the key is shown: by itself, or as a short-lived token that is signed with it'),
    webhookSecret: z
      .union([secret(), z.array(secret()).min(1, 'a list of secrets needs at least one')])
      .describe("The webhook's shared secret, which comes as `X-API-Key`. A list while you change it")
      .meta({ secret: true }),
    integrationId: z
      .string()
      .min(1)
      .optional()
      .describe('Integration that the webhook belongs to; with it, the check reads its webhooks and says what is missing there'),
    onEnd: z
      .enum(['nothing', 'passControl', 'releaseControl'])
      .default('nothing')
      .describe('What happens at Zendesk when a closing ends the chat: the control passes on, or is given up'),
    passTo: z
      .string()
      .min(1)
      .default('next')
      .describe('Of `passControl`: `next`, or id, name or integrationType of the switchboard integration that takes over'),
    transcriptDays: z
      .number()
      .int()
      .min(0)
      .max(365)
      .default(7)
      .describe('When a chat has ended, its messages are read again, so that none is missing: back to its beginning, and at most so many days. 0 reads none'),
    verifications: z
      .array(z.string().min(1))
      .default(['embed', 'sso'])
      .describe('Values of `verification` under which an e-mail address counts as verified; addresses with others only suggest a contact'),
    settleSeconds: z.number().int().min(1).default(15).describe('How long after an unanswered send a look for it is trusted'),
    helpdesk: z
      .string()
      .min(1)
      .optional()
      .describe("Name of the configured helpdesk that holds this account's tickets: closing then proposes the ticket that the chat already is"),
    support: support.optional().describe('Credentials of the Support API, for that ticket. The user needs the right `view_private_content`'),
  })
  .refine((value) => (value.helpdesk === undefined) === (value.support === undefined), {
    message: 'helpdesk and support are set together',
    path: ['helpdesk'],
  });

export type MessagingSettings = z.output<typeof settings>;
