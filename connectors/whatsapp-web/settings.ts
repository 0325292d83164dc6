/** What ops configure for a WhatsApp number that is linked like WhatsApp Web. Descriptions are shown in the README's table and on the console's page. */
import { z } from 'zod';

export const settings = z
  .strictObject({
    acceptTermsRisk: z
      .literal(true, { error: 'must be `true`: read in the README what you risk, and decide' })
      .describe(
        'Must be `true`. WhatsApp does not allow unofficial clients such as this one: it can block the number, for good and without a warning. Never use it for bulk messages, nor with a number that you cannot afford to lose',
      ),
    executablePath: z
      .string()
      .min(1)
      .optional()
      .describe('The Chromium or Chrome to run; without it the usual places are looked at, `/usr/bin/chromium` first'),
    browserArgs: z
      .array(z.string().startsWith('--'))
      .default([])
      .describe('More arguments for the browser, for example `--proxy-server=http://proxy.example:3128`'),
    webVersion: z
      .string()
      .regex(/^[\w.-]+$/)
      .optional()
      .describe("The version of WhatsApp Web to ask the cache for; without it the library's own choice"),
    webVersionCache: z
      .enum(['local', 'remote', 'none'])
      .default('local')
      .describe(
        "Where pages of earlier versions of WhatsApp Web come from: `local`, this channel's folder (the current page where it holds none); `remote`, the address below; `none`, always the current page",
      ),
    webVersionAddress: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('For `webVersionCache: remote`: the address of a page, with `{version}` where the version goes'),
    takeover: z
      .boolean()
      .default(false)
      .describe('Take the session back when the number is opened in another WhatsApp Web; without it the channel waits and tries again'),
    qrInTerminal: z
      .boolean()
      .default(true)
      .describe('Also draw the QR code in the terminal that Deskbridge runs in, if it is one; it is never written to a log'),
    idleHours: z
      .number()
      .positive()
      .max(24 * 365)
      .default(24)
      .describe('A conversation that was silent for so long has ended by itself; the next message begins a new one'),
    catchUpHours: z
      .number()
      .min(0)
      .max(24 * 365)
      .default(0)
      .describe('At the very first connection of a number: how many hours of older messages are taken in'),
    readySeconds: z
      .int()
      .min(5)
      .max(3600)
      .default(180)
      .describe('How long WhatsApp Web may take to start, or to show the next QR code, before it is ended and started again'),
    silenceSeconds: z
      .int()
      .min(2)
      .max(600)
      .default(60)
      .describe('How long the process may be silent, or disconnected from WhatsApp, before it is ended and started again'),
    sendSeconds: z.int().min(1).max(600).default(60).describe('How long sending one message, or fetching one file, may take'),
    maxFileMegabytes: z.int().min(1).max(100).default(16).describe('Largest file that agents may send'),
    language: z
      .enum(['en', 'pt-BR', 'de', 'it', 'es'])
      .default('en')
      .describe('Language of the words for what is no text: calls, polls, files that cannot be had'),
    library: z.string().min(1).optional().describe('Address (`file:`) of a module that is loaded instead of whatsapp-web.js, for the sandbox'),
  })
  .refine(({ webVersionCache, webVersionAddress }) => webVersionCache !== 'remote' || webVersionAddress !== undefined, {
    error: 'is needed for `webVersionCache: remote`',
    path: ['webVersionAddress'],
  });

export type WhatsAppWebSettings = z.output<typeof settings>;
