import { describe, expect, it } from 'vitest';
import type { EffectCount } from '../helpdesk/effects.ts';
import { report } from './table.ts';

const count = (more: Partial<EffectCount> = {}): EffectCount => ({ helpdesk: 'Cards', operation: 'open', fault: 'a reset', places: 1, effect: 1, ...more });
const measured = (...counts: EffectCount[]) => ({ counts, failed: [], uncounted: [] });

describe('the table of effects', () => {
  it('has a row a fault and a column an operation, and counts a link as one effect in two places', () => {
    const { text, good } = report(measured(count(), count({ operation: 'link', places: 2, effect: 2 }), count({ fault: 'a 429' })));
    expect(text.split('\n').map((line) => line.trim().split(/\s{2,}/))).toEqual([
      ['Cards', 'open', 'link'],
      ['a reset', '1', '1'],
      ['a 429', '1', '-'],
      [''],
      ['3 operations under faults, 0 of them without exactly one effect'],
    ]);
    expect(good).toBe(true);
  });

  it.each([
    ['a double', [count(), count({ places: 2 }), count()], '2 !'],
    ['an effect that is missing', [count({ places: 0 }), count()], '0 !'],
    ['half a link too many', [count({ places: 3, effect: 2 })], '1.5 !'],
  ])('shows %s among good trials of its cell, and is not good', (_what, counts, cell) => {
    const { text, good } = report(measured(...counts));
    expect(text).toContain(cell);
    expect(good).toBe(false);
  });

  it('is not good where a test failed, a helpdesk was left out, or nothing was counted', () => {
    expect(report({ ...measured(count()), failed: ['open has one effect'] })).toMatchObject({ good: false, text: expect.stringContaining('failed: open has') });
    expect(report({ ...measured(count()), uncounted: ['desk'] })).toMatchObject({ good: false, text: expect.stringContaining('for desk') });
    expect(report(measured()).good).toBe(false);
  });
});
