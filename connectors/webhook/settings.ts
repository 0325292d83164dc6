/** What ops set for a webhook channel. */
import { isSupportedCountry } from 'libphonenumber-js';
import { z } from 'zod';
import { secret } from '../../src/kit/index.ts';

export const settings = z.strictObject({
  secret: z
    .union([secret(), z.array(secret()).min(1, 'a list of secrets needs at least one')])
    .describe('Shared with the sending program: `whsec_` and 24 to 64 random bytes in base64. A list while you rotate: the first one signs our replies.')
    .meta({ secret: true }),
  toleranceSeconds: z.number().int().min(1).max(86_400).default(300).describe("How far the sender's clock may be off, in either direction."),
  reply: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("Address that agents' replies are posted to. Without it, conversations can be read and closed but not answered."),
  identitiesVerified: z
    .boolean()
    .default(false)
    .describe('Set it when the sending program has checked the e-mail addresses and phone numbers itself. Else they only suggest a contact.'),
  defaultCountry: z
    .string()
    .default('BR')
    .refine(isSupportedCountry, 'must be a two-letter country code such as BR')
    .describe('Country of phone numbers written without one.'),
});

export type WebhookSettings = z.output<typeof settings>;
