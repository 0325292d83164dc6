/** What ops configure for a mailbox. Descriptions are shown in the README's table and on the console's page. */
import { z } from 'zod';
import { secret } from '../../src/kit/index.ts';

const tls = (what: string) =>
  z.enum(['implicit', 'starttls', 'none']).default('implicit').describe(`How the ${what} connection is encrypted; \`none\` only for a server on this machine`);
const port = (standard: number) => z.int().min(1).max(65535).default(standard);

export const settings = z.strictObject({
  address: z.email().toLowerCase().describe('The address that customers write to and get answers from'),
  name: z.string().min(1).describe('Name shown beside the address, for example "Suporte Academia"'),
  imap: z.strictObject({
    host: z.string().min(1).describe('IMAP server'),
    port: port(993).describe('IMAP port'),
    tls: tls('IMAP'),
    user: z.string().min(1).describe('IMAP user'),
    password: secret().describe('IMAP password'),
    mailbox: z.string().min(1).default('INBOX').describe('The folder that is watched'),
    moveTo: z.string().min(1).optional().describe('Folder that a mail is moved to once it is stored; without it the mail is marked as read'),
  }),
  smtp: z.strictObject({
    host: z.string().min(1).describe('SMTP submission server'),
    port: port(465).describe('SMTP port'),
    tls: tls('SMTP'),
    user: z.string().min(1).optional().describe('SMTP user; left out for a relay that asks for none'),
    password: secret().optional().describe('SMTP password'),
  }),
  trustedAuthServ: z
    .string()
    .min(1)
    .toLowerCase()
    .optional()
    .describe(
      'The authserv-id of your own mail server: only its `Authentication-Results` make a sender verified. It must remove forged ones (RFC 8601, section 5)',
    ),
  replyTokens: z
    .boolean()
    .default(true)
    .describe('Answers ask for replies to `local+token@domain`; the mail server must deliver such addresses to this mailbox'),
  maxMailBytes: z
    .int()
    .positive()
    .default(50 * 2 ** 20)
    .describe('Largest mail in bytes; of a larger one a placeholder with sender and subject is shown'),
  catchUpDays: z
    .int()
    .min(0)
    .optional()
    .describe('At the very first connection: how many days of older mail are taken in; without it all that is in the folder'),
  joinThreshold: z
    .int()
    .min(1)
    .max(100)
    .default(70)
    .describe(
      'Points of 100 from which a mail that names no earlier one joins a conversation: same subject 25, `Re:` 15, proven sender who takes part 25 (claimed 5), time up to 15; `[#4711]` of a ticket that the proven sender takes part in 80',
    ),
  joinDays: z.int().min(1).max(90).default(7).describe("For how many days after a conversation's last message the same subject still speaks for it"),
  canary: z
    .boolean()
    .default(false)
    .describe(
      'Sends a small mail to the own address every 15 minutes, and tells in the channel’s health whether it came back within 5; it is marked or moved as any other mail',
    ),
  language: z.enum(['en', 'pt-BR', 'de', 'it', 'es']).default('en').describe('Language of placeholders for mails that could not be read'),
});

export type EmailSettings = z.output<typeof settings>;

const at = (address: string): number => address.lastIndexOf('@');
export const localPart = (address: string): string => address.slice(0, at(address));
export const domainPart = (address: string): string => address.slice(at(address) + 1);
