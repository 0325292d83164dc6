/** What ops set for a Slack workspace. Descriptions are shown in the README's table and on the console's page. */
import { z } from 'zod';
import { secret } from '../../src/kit/index.ts';

export const languages = ['en', 'pt-BR', 'de', 'it', 'es'] as const;
export type Language = (typeof languages)[number];

export const settings = z
  .strictObject({
    token: secret().describe('Bot token of the app, `xoxb-…`: page "OAuth & Permissions", after the app was installed'),
    signingSecret: secret().optional().describe('Signing secret: page "Basic Information". Needed unless `appToken` is set'),
    appToken: secret()
      .optional()
      .describe('App-level token, `xapp-…`, with the scope connections:write: Deskbridge then fetches everything by Socket Mode and needs no public address'),
    channels: z
      .array(z.string().regex(/^[CDG][A-Z0-9]+$/, 'must be a channel id such as C0123456789: in Slack, the last line of "View channel details"'))
      .min(1)
      .optional()
      .describe('Ids of the channels whose messages become conversations. Without it, every channel that the bot was invited to'),
    directMessages: z.boolean().default(true).describe('Take direct messages to the bot as conversations too'),
    customersAre: z
      .enum(['everyone', 'external'])
      .default('everyone')
      .describe(
        '`everyone`: whoever is no agent of Deskbridge is a customer. `external`: only guests and people of other workspaces are; colleagues count as agents',
      ),
    botMessages: z.boolean().default(false).describe("Take other bots' messages as well, for example those of a form"),
    idleHours: z
      .number()
      .min(1)
      .max(720)
      .default(24)
      .describe('A direct conversation that was silent for so many hours has ended; the next message begins another'),
    showAgentName: z.boolean().default(true).describe("Replies carry the agent's name instead of the bot's (scope chat:write.customize)"),
    maxMessageLength: z
      .int()
      .min(100)
      .max(40_000)
      .default(40_000)
      .describe('Longer replies are sent as several messages. Counted as sent, where & < > take more than one character'),
    ticketLinks: z
      .enum(['agent', 'thread', 'none'])
      .default('agent')
      .describe(
        'Where links to the filed tickets are posted. `agent`: only the agent who closed from Slack sees them. `thread`: everybody in the thread does, for desks whose customers are colleagues',
      ),
    command: z
      .string()
      .regex(/^\/[a-z0-9_-]{1,31}$/, 'must be a slash and small letters, such as /ticket')
      .default('/ticket')
      .describe('The slash command that begins a closing; the same as in the manifest'),
    language: z.enum(languages).default('en').describe('Language towards people whom Deskbridge does not know as agents yet'),
    apiUrl: z
      .url({ protocol: /^https?$/ })
      .default('https://slack.com/api/')
      .transform((url) => (url.endsWith('/') ? url : `${url}/`))
      .describe("Address of Slack's Web API"),
    fileHosts: z
      .array(z.string().min(1))
      .min(1)
      .default(['files.slack.com'])
      .describe('Hosts that files are fetched from and uploaded to. The bot token is sent to these and to no other'),
  })
  .refine((value) => value.signingSecret !== undefined || value.appToken !== undefined, {
    message: 'needs signingSecret (Slack calls us) or appToken (Socket Mode)',
    path: ['signingSecret'],
  });

export type SlackSettings = z.output<typeof settings>;
