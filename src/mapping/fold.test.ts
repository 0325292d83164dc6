import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fold, sameText, tokensOf, wildcard } from './fold.ts';

describe('folding', () => {
  it('takes accents, case and the sharp s away', () => {
    expect(fold('Não DESTRAVA à Straße')).toBe('nao destrava a strasse');
    expect(sameText(' Visita Presencial', 'visita presencial ')).toBe(true);
    expect(sameText('Pendente', 'Aberto')).toBe(false);
  });

  it('changes nothing the second time, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(fold(fold(text))).toBe(fold(text));
      }),
    );
  });

  it('does not care how an accent is composed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(fold(text.normalize('NFD'))).toBe(fold(text.normalize('NFC')));
      }),
    );
  });

  it('splits words, numbers and emoji, and drops skin tones', () => {
    expect(tokensOf('Erro E-07, ok 👍🏽!')).toEqual(['erro', 'e', '07', 'ok', '👍']);
  });
});

describe('patterns with *', () => {
  it('match the whole text', () => {
    expect(wildcard('obrigad*')('Obrigadão')).toBe(true);
    expect(wildcard('obrigad*')('muito obrigada')).toBe(false);
    expect(wildcard('*@gym.example')('ANA@gym.example')).toBe(true);
    expect(wildcard('a*a')('a')).toBe(false);
    expect(wildcard('a*b*c')('a-c-b-c')).toBe(true);
    expect(wildcard('a*b*c')('a-c')).toBe(false);
    expect(wildcard('a.c')('abc')).toBe(false);
  });

  it('agree with a regular expression', () => {
    const short = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 6 });
    fc.assert(
      fc.property(short, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 }), (pattern, text) => {
        expect(wildcard(pattern)(text)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text));
      }),
    );
  });

  it('stay quick on a text made to be slow', () => {
    const started = performance.now();
    expect(wildcard(`${'*a'.repeat(40)}*b`)('a'.repeat(100_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
