import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { e164 } from './phone.ts';

describe('a phone number as typed', () => {
  it.each([
    ['(11) 98765-0001', 'BR', '+5511987650001'],
    ['+55 11 98765-0001', null, '+5511987650001'],
    [' 030 901820 ', 'DE', '+4930901820'],
    ['+39 06 6982', 'BR', '+39066982'],
  ])('%s in %s', (typed, country, number) => {
    expect(e164(typed, country)).toBe(number);
  });

  it.each([
    ['98765-0001', null],
    ['(11) 98765-0001', 'XX'],
    ['123', 'BR'],
    ['', 'BR'],
    ['ring me', 'BR'],
  ])('%s in %s is none', (typed, country) => {
    expect(e164(typed, country)).toBeUndefined();
  });

  it('is E.164 or nothing, whatever was typed', () => {
    const typed = fc.string({ unit: fc.constantFrom(...'0123456789+ ()-'), maxLength: 20 });
    fc.assert(
      fc.property(fc.oneof(fc.string(), typed), (said) => {
        expect(e164(said, 'BR') ?? '+5511987650001').toMatch(/^\+[1-9]\d{5,14}$/);
      }),
    );
  });
});
