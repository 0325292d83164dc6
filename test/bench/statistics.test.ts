/** The arithmetic of the bench alone: its figures depend on the machine and are never asserted. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bar, holds, median, percentile, ratios, spread } from './statistics.ts';

const numbers = fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 });

describe('the arithmetic of the bench', () => {
  it('takes the middle of an odd number of rounds, and the mean of the two in the middle of an even one', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 1, 4, 2])).toBe(3);
  });

  it('refuses to make a figure of nothing', () => {
    expect(() => median([])).toThrow('no values');
    expect(() => percentile([], 50)).toThrow('no values');
  });

  it('takes percentiles by nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentile(hundred, 50)).toBe(50);
    expect(percentile(hundred, 99)).toBe(99);
    expect(percentile([7], 99)).toBe(7);
  });

  it('leaves at least as many values at or below a percentile as it says', () => {
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 100 }), (values, percent) => {
        const found = percentile(values, percent);
        expect(values.filter((value) => value <= found).length).toBeGreaterThanOrEqual((percent / 100) * values.length);
      }),
    );
  });

  it('keeps the median within the range', () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const { median: middle, least, most } = spread(values);
        expect(middle).toBeGreaterThanOrEqual(least);
        expect(middle).toBeLessThanOrEqual(most);
      }),
    );
  });

  it('holds each round against its neighbour, so that a slow spell of the machine does not count', () => {
    expect(ratios([50, 5, 60], [100, 10, 100])).toEqual({ median: 0.5, least: 0.5, most: 0.6 });
    expect(() => ratios([1, 2], [1])).toThrow('cannot be held against');
  });

  it.each<[Bar['bound'], number, number, boolean]>([
    ['at least', 0.5, 0.5, true],
    ['at least', 0.5, 0.49, false],
    ['at most', 200, 200, true],
    ['at most', 200, 201, false],
    ['exactly', 4, 4, true],
    ['exactly', 4, 3, false],
  ])('says whether a bar of %s %d holds at %d', (bound, limit, value, expected) => {
    expect(holds({ name: 'a bar', unit: '', bound, limit, value })).toBe(expected);
  });
});
