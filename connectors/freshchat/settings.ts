/** What ops set for a Freshchat account. What the vendor does not document is a setting with a default. */
import { isSupportedCountry } from 'libphonenumber-js';
import { IANAZone } from 'luxon';
import { z } from 'zod';
import { rsaPublicKey, secret } from '../../src/kit/index.ts';

const isPublicKey = (pem: string): boolean => {
  try {
    return Boolean(rsaPublicKey(pem));
  } catch {
    return false;
  }
};

const reconcile = z.strictObject({
  enabled: z.boolean().default(true).describe('Looks in the reports of the account for chats and messages whose webhooks were lost'),
  hour: z.int().min(0).max(23).default(3).describe('Hour of the day at which it looks'),
  zone: z.string().default('America/Sao_Paulo').refine(IANAZone.isValidZone, 'must be a time zone such as America/Sao_Paulo').describe('Time zone of `hour`'),
  everyHours: z.number().positive().optional().describe('Looks every so many hours instead of at `hour`'),
  events: z
    .array(z.string().min(1))
    .min(1)
    .default(['Conversation-Resolved', 'Message-Sent'])
    .describe('Reports to ask for. Every chat that one names is read again, unless its end is known'),
  conversationColumn: z
    .string()
    .min(1)
    .default('conversation_id')
    .describe('Column of the report that holds the id of the conversation; case, blanks and underscores do not count'),
  maxDays: z.number().positive().default(7).describe('Longest stretch of one report; a longer one is asked for in parts'),
  overlapMinutes: z.int().min(0).default(60).describe('A report begins so long before the one before it ended'),
});

export const settings = z.strictObject({
  address: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, '').replace(/\/v2$/, ''))
    .describe('The chat URL that stands on the page of the API token: https://<account>.freshchat.com'),
  token: secret().describe('API token. Whoever has it has the whole account'),
  webhookKey: z
    .string()
    .refine(isPublicKey, 'must be the RSA public key of the page Conversation Webhooks, as it is shown there')
    .describe('The public key of the page Conversation Webhooks, pasted as it is'),
  actorAgentId: z.string().min(1).describe('Id of the agent in whose name replies and notes are written'),
  sendAs: z
    .enum(['agent-by-name', 'actor'])
    .default('agent-by-name')
    .describe('`agent-by-name`: a reply is sent as the one active agent who has the name of its author, else as `actorAgentId`. `actor`: always as that'),
  splitAt: z.int().min(100).default(5000).describe('Longest text of one message; a longer reply goes out in several'),
  ticketProperty: z.string().min(1).optional().describe('Conversation property (`cf_…`, must exist) that is set to the numbers of the tickets'),
  topicAsSubject: z.boolean().default(true).describe('The name of the topic that the customer chose is the subject of the conversation'),
  companyProperties: z
    .array(z.string().min(1))
    .default(['company', 'empresa'])
    .describe("Properties of a user, any of which holds the company's name; case and a leading `cf_` do not count"),
  identitiesVerified: z
    .boolean()
    .default(false)
    .describe('Set it when your pages sign users in at Freshchat, so that e-mail and phone are not merely typed. Else they only suggest a contact'),
  defaultCountry: z
    .string()
    .default('BR')
    .refine(isSupportedCountry, 'must be a two-letter country code such as BR')
    .describe('Country of phone numbers written without one'),
  reopenHours: z
    .number()
    .min(0)
    .default(24)
    .describe('A chat that is taken up again within so many hours after its end is the same conversation; 0: every interaction is one of its own'),
  settleSeconds: z.int().min(0).default(10).describe('How long after an unanswered send a look at the messages is trusted'),
  reconcile: reconcile.prefault({}).describe('Repair of what webhooks lost'),
});

export type FreshchatSettings = z.output<typeof settings>;
