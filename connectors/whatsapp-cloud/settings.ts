/** What ops set for one WhatsApp number. Descriptions are shown in the README's table and on the console's page. */
import { z } from 'zod';
import { secret } from '../../src/kit/index.ts';

const digits = (what: string) => z.string().regex(/^\d{5,30}$/, `${what} is a number of digits only, as a string in quotes`);

const template = z.strictObject({
  name: z.string().min(1).describe('Name of the approved template'),
  language: z.string().min(2).describe('Its language as Meta writes it: `pt_BR`'),
  body: z.string().min(1).max(1024).describe('Its words, with `{{1}}`, `{{2}}` where the values go'),
});

const origin = (value: string): boolean => new URL(value).pathname.replace(/\/$/, '') === '';

export const settings = z.strictObject({
  phoneNumberId: digits('phoneNumberId').describe(
    'Id of the number ("Phone number ID" under WhatsApp, API Setup); not the number itself. One channel for each number.',
  ),
  accessToken: secret().describe('Token of a system user with the right `whatsapp_business_messaging`.'),
  appSecret: z
    .union([secret(), z.array(secret()).min(1, 'a list of secrets needs at least one')])
    .describe('Secret of the Meta app, with which Meta signs its webhooks. A list while you change it.')
    .meta({ secret: true }),
  verifyToken: secret().describe('A word that you make up and enter beside the address of the webhook: Meta shows it once, to prove that both are yours.'),
  portfolio: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Meta's user ids hold within one business portfolio: give all channels of one portfolio the same name here, and a customer is one person on all of them.",
    ),
  wabaId: digits('wabaId')
    .optional()
    .describe('Id of the WhatsApp Business account: with it the approved templates are read from Meta. Needs the right `whatsapp_business_management`.'),
  templates: z.array(template).max(100).default([]).describe('Approved templates that agents may send; needed where `wabaId` is not set, and shown first.'),
  otherNumbers: z
    .enum(['quarantine', 'ignore'])
    .default('quarantine')
    .describe('What becomes of webhooks for another number of the same app: kept in quarantine, or dropped because another channel takes them.'),
  idleHours: z.number().positive().max(8760).default(24).describe('A conversation that was silent for so long has ended; the next message begins a new one.'),
  markRead: z
    .enum(['never', 'on-arrival', 'on-reply'])
    .default('never')
    .describe('When customers see the blue ticks: never, as soon as Deskbridge has their message, or when an agent answers.'),
  quoteLast: z.boolean().default(false).describe("Replies quote the customer's last message."),
  linkPreviews: z.boolean().default(false).describe('WhatsApp shows a preview of the first link in a reply.'),
  language: z.enum(['en', 'pt-BR', 'de', 'it', 'es']).default('en').describe('Language of the lines that stand for what WhatsApp cannot show.'),
  graph: z
    .url({ protocol: /^https?$/ })
    .refine(origin, 'must be an address without a path')
    .default('https://graph.facebook.com')
    .describe("Address of Meta's Graph API."),
  graphVersion: z
    .string()
    .regex(/^v\d+\.\d+$/, 'must look like v25.0')
    .default('v25.0')
    .describe('Version of the Graph API. Meta ends each after about two years; v25.0 works until July 2028.'),
  mediaHosts: z
    .array(z.string().min(1).toLowerCase())
    .default(['lookaside.fbsbx.com'])
    .describe("Hosts besides `graph` that files are fetched from, and so get the token; `*.fbsbx.com` means all below. Meta's documents do not name them."),
  maxFileMb: z.number().int().min(1).max(100).default(100).describe('Largest file that is fetched, in MB; WhatsApp takes up to 100.'),
});

export type WhatsappSettings = z.output<typeof settings>;

/** Ids of users hold within a portfolio; without its name, within the number. */
export const scopeOf = ({ portfolio, phoneNumberId }: Pick<WhatsappSettings, 'portfolio' | 'phoneNumberId'>): string => portfolio ?? phoneNumberId;
