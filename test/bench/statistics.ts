/** The bench's arithmetic: medians, ranges, percentiles, ratios of neighbours, and whether a bar holds. */

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

const ascending = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);

/** Throws on no values: a figure of nothing would look like a result. */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const upper = sorted[sorted.length >> 1];
  if (upper === undefined) throw new Error('there is no median of no values');
  return sorted.length % 2 ? upper : ((sorted[(sorted.length >> 1) - 1] ?? upper) + upper) / 2;
}

/** Nearest rank: the smallest value that at least `percent` of all do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const found = ascending(values)[Math.max(0, Math.ceil((percent / 100) * values.length) - 1)];
  if (found === undefined) throw new Error('there is no percentile of no values');
  return found;
}

export const spread = (values: readonly number[]): Spread => ({ median: median(values), least: Math.min(...values), most: Math.max(...values) });

/** Each round's product against the floor that ran right beside it: what disturbs the machine disturbs both. */
export function ratios(products: readonly number[], floors: readonly number[]): Spread {
  if (products.length !== floors.length) throw new Error(`${products.length} rounds of the product cannot be held against ${floors.length} of the floor`);
  return spread(products.map((product, round) => product / (floors[round] ?? Number.NaN)));
}

export interface Bar {
  readonly name: string;
  readonly bound: 'at least' | 'at most' | 'exactly';
  readonly limit: number;
  readonly value: number;
  readonly unit: string;
}

export function holds({ bound, limit, value }: Bar): boolean {
  if (bound === 'exactly') return value === limit;
  return bound === 'at least' ? value >= limit : value <= limit;
}
