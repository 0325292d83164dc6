import { TextInput } from '@mantine/core';
import { AsYouType, type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js';
import { type Ref, useState } from 'react';
import { useTranslation } from 'react-i18next';

const countryCode = (country: string | null): CountryCode | undefined => (country !== null && isSupportedCountry(country) ? country : undefined);

/** The number as people abroad would dial it; undefined while it is none. */
export function wholeNumber(typed: string, country: string | null): string | undefined {
  const parsed = parsePhoneNumberFromString(typed.trim(), countryCode(country));
  return parsed?.isValid() ? parsed.formatInternational() : undefined;
}

/** Grouped while it grows at its end; a correction in the middle stays as it is typed. */
function formatted(before: string, typed: string, country: string | null): string {
  return typed.startsWith(before) && /^[\d\s()+-]*$/.test(typed) ? new AsYouType(countryCode(country)).input(typed) : typed;
}

export function PhoneInput(props: { value: string; country: string | null; change: (value: string) => void; refused: boolean; ref: Ref<HTMLInputElement> }) {
  const { value, country, change, refused, ref } = props;
  const { t } = useTranslation();
  const [left, leave] = useState(false);
  const whole = wholeNumber(value, country);
  const wrong = refused || (left && value.trim() !== '' && !whole);
  return (
    <TextInput
      ref={ref}
      type="tel"
      label={t('start.phone')}
      autoComplete="off"
      data-autofocus
      required
      withAsterisk={false}
      value={value}
      error={wrong ? t('start.phoneWrong') : undefined}
      description={whole ? t('start.phoneGoes', { phone: whole }) : country === null ? t('start.phoneCountry') : undefined}
      inputWrapperOrder={['label', 'input', 'error', 'description']}
      onBlur={() => leave(true)}
      onChange={(event) => change(formatted(value, event.currentTarget.value, country))}
    />
  );
}
