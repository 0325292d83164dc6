/** A customer's number as identities. */
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import type { Identity } from '../../src/kit/index.ts';

/** Brazilian mobile numbers got a ninth digit, and Mexican ones lost a 1; WhatsApp's ids of older accounts may still be as they were. */
const otherSpelling = (digits: string): string | undefined => {
  const brazil = /^55(\d\d)([6-9]\d{7})$/.exec(digits);
  if (brazil) return `55${brazil[1]}9${brazil[2]}`;
  const mexico = /^521(\d{10})$/.exec(digits);
  return mexico ? `52${mexico[1]}` : undefined;
};

/** WhatsApp vouches for its own number; how it would be dialled today is a guess, which only suggests. */
export function phoneIdentities(digits: string | undefined): readonly Identity[] {
  if (digits === undefined) return [];
  const other = otherSpelling(digits);
  return [
    { kind: 'phone', value: `+${digits}`, verified: true },
    ...(other === undefined ? [] : [{ kind: 'phone', value: `+${other}`, verified: false } as const]),
  ];
}

/** A number out of a contact card: typed by somebody. */
export function claimedPhone(text: string | undefined): readonly Identity[] {
  const phone = text === undefined ? undefined : parsePhoneNumberFromString(text.startsWith('+') ? text : `+${text.replace(/\D/g, '')}`);
  return phone?.isPossible() ? [{ kind: 'phone', value: phone.number, verified: false }] : [];
}
