import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { piecesOf } from './text.ts';

const dense = (text: string): string => text.replace(/\s/g, '');

describe('cutting a text for a vendor that takes no longer ones', () => {
  it('loses no word, never cuts a character in two, and makes no piece too long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.integer({ min: 2, max: 50 }), (text, length) => {
        const pieces = piecesOf(text, length);
        expect(dense(pieces.join(''))).toBe(dense(text));
        for (const piece of pieces) {
          expect(piece.length).toBeLessThanOrEqual(length);
          expect(piece).toBe(piece.isWellFormed() || !text.isWellFormed() ? piece : undefined);
        }
      }),
    );
  });

  it('leaves a short text alone, an empty one too', () => {
    expect(piecesOf('oi', 10)).toEqual(['oi']);
    expect(piecesOf('', 10)).toEqual(['']);
  });

  it('cuts at paragraphs before lines, and at lines before blanks', () => {
    expect(piecesOf('um dois\ntrês\n\nquatro cinco', 16)).toEqual(['um dois\ntrês', 'quatro cinco']);
    expect(piecesOf('um dois três\nquatro cinco', 16)).toEqual(['um dois três', 'quatro cinco']);
    expect(piecesOf('um dois três quatro', 12)).toEqual(['um dois três', 'quatro']);
  });

  it('cuts a word only where it is longer than a piece', () => {
    expect(piecesOf('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
  });
});
