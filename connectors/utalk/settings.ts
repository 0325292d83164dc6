/** What ops set for a uTalk organization. What the vendor's pages leave open is a setting here, with a default. */
import { z } from 'zod';
import { secret } from '../../src/kit/index.ts';

const template = z.strictObject({
  id: z.string().min(1).describe('Its id at uTalk'),
  name: z.string().min(1).describe('What agents call it'),
  language: z.string().min(2).default('pt_BR').describe('Its language'),
  body: z.string().min(1).describe('Its words, with `{{1}}`, `{{2}}` where the values go'),
});

export const settings = z.strictObject({
  token: secret().describe('API token of a member who sees the chats (Enterprise plan)'),
  organizationId: z.string().min(1).optional().describe('Id of the organization. Found by the token when it belongs to one organization alone'),
  hookSecret: secret()
    .refine((value) => /^[\w-]{16,}$/.test(value.reveal()), 'needs at least 16 letters, digits, - or _, because it is a part of an address')
    .describe('Last part of the address that uTalk posts to: uTalk signs nothing, so whoever knows it can write messages in any name'),
  checkSenderAddress: z
    .boolean()
    .default(false)
    .describe('Also refuse webhooks that do not come from the address ranges that uTalk publishes. Behind a proxy it needs TRUST_PROXY'),
  channelIds: z.array(z.string().min(1)).min(1).optional().describe('Ids of the uTalk channels that this one takes. Without it, all of the organization'),
  startChannelId: z.string().min(1).optional().describe('Id of the uTalk channel that new conversations start from. Needed where several are taken'),
  startNeedsTemplate: z
    .enum(['auto', 'always', 'never'])
    .default('auto')
    .describe('Whether a first message must be a template. `auto`: where the channel is WhatsApp Cloud API or Gupshup'),
  templates: z.array(template).default([]).describe('Approved templates that agents may start with'),
  reopens: z
    .enum(['same', 'new'])
    .default('same')
    .describe('What a chat that is taken up again at uTalk becomes: the `same` conversation goes on, or its next message begins a `new` one'),
  groups: z.boolean().default(false).describe('Take chats of groups too'),
  members: z
    .record(z.string().min(1), z.email())
    .default({})
    .describe('E-mail addresses of agents by their uTalk member id, so that a transfer at uTalk assigns the conversation here'),
  prefix: z.string().max(100).default('*{agent}:*').describe('Stands before the words of an agent’s reply, as uTalk does it; empty for nothing'),
  maxTextLength: z.number().int().min(100).max(65_536).default(4096).describe('Longest text of one message; longer replies are sent in pieces'),
  maxFileMegabytes: z.number().min(1).max(40).default(16).describe('Largest file that is sent'),
  closedEverySeconds: z.number().int().min(5).max(3600).default(60).describe('How often closed chats are asked for: uTalk does not report each end by itself'),
  repairEverySeconds: z.number().int().min(30).max(86_400).default(300).describe('How often open chats are compared, to fetch messages whose webhook was lost'),
  settleSeconds: z.number().min(0).max(600).default(10).describe('How long after an unclear answer a look into the chat is trusted'),
  callsPerRoute: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(100)
    .describe('Calls of one route in five seconds. uTalk allows 100; less where other programs share the token'),
  mediaHosts: z
    .array(z.string().min(1))
    .default(['utalk-wamedia.s3.amazonaws.com'])
    .describe('Hosts that files are fetched from, without credentials. A file elsewhere is refused'),
  address: z
    .url({ protocol: /^https?$/ })
    .default('https://app-utalk.umbler.com/api/v1')
    .transform((address) => address.replace(/\/+$/, ''))
    .describe('Address of the API'),
});

export type UtalkSettings = z.output<typeof settings>;
