/** What ops set for a chat widget. Everything has a default: it works with nothing configured. */
import { z } from 'zod';
import { hoursSchema } from './hours.ts';
import { languages } from './languages.ts';
import { preChatSchema } from './pre-chat.ts';

const asked = z.enum(['no', 'optional', 'required']).default('optional');

export const settings = z.strictObject({
  title: z.string().min(1).max(60).optional().describe("Heading of the chat. Default: a friendly word in the visitor's language"),
  greeting: z.string().min(1).max(500).optional().describe("First lines that a visitor reads. Default: a friendly sentence in the visitor's language"),
  color: z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/, 'must be a colour such as #1f6feb')
    .default('#1f5eff')
    .describe('Colour of the bubble and of the visitor’s messages; black or white letters are chosen to be readable on it'),
  corner: z.enum(['right', 'left']).default('right').describe('Lower corner of the page in which the bubble stands'),
  scheme: z.enum(['light', 'dark', 'auto']).default('light').describe('Colours of the panel; `auto` follows the visitor’s system'),
  radius: z.number().int().min(0).max(28).default(20).describe('Roundness of the corners in pixels; 0 makes them square'),
  language: z
    .enum(['auto', ...languages])
    .default('auto')
    .describe('`auto`: the page\'s language, else the browser\'s. The page can also say it: `data-language="pt-BR"`'),
  askName: asked.describe('Ask for a name before the first message: `no`, `optional` or `required`'),
  askEmail: asked.describe('Ask for an e-mail address, likewise. It is claimed, never proof of who somebody is'),
  preChat: preChatSchema.describe('Further questions before the first message. One for an `email` takes the place of `askEmail`'),
  hours: hoursSchema.optional().describe('When somebody is there. Outside of these hours visitors read when somebody is back, and can write all the same'),
  allowedOrigins: z
    .array(z.url({ protocol: /^https?$/ }).transform((url) => new URL(url).origin))
    .optional()
    .describe('Sites that may show the widget: `https://www.example.com`. Without it, any site may'),
  maxFileBytes: z
    .number()
    .int()
    .min(1)
    .max(50 * 2 ** 20)
    .default(20 * 2 ** 20)
    .describe('Largest file that a visitor can send, in bytes'),
});

export type WidgetSettings = z.output<typeof settings>;
