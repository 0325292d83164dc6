/** Phone numbers as people type them. */
import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js';

/** E.164, or undefined for what is no number that could be called. `country` is for numbers that name none. */
export function e164(typed: string, country: string | null): string | undefined {
  const home: CountryCode | undefined = country !== null && isSupportedCountry(country) ? country : undefined;
  const parsed = parsePhoneNumberFromString(typed.trim(), home);
  return parsed?.isValid() ? parsed.number : undefined;
}
