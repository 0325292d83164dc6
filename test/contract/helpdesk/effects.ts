/** What the tests of faults and restarts counted at a helpdesk, kept with the test, so that `npm run test:exactly-once` prints what was measured and measures nothing itself. */
import { expect, TestRunner } from 'vitest';
import type { SampleName } from './samples.ts';
import type { HelpdeskUnderTest } from './under-test.ts';

export interface EffectCount {
  readonly helpdesk: string;
  readonly operation: SampleName;
  /** What went wrong meanwhile. */
  readonly fault: string;
  /** How many places hold the operation's mark, and how many are one effect of it. */
  readonly places: number;
  readonly effect: number;
}

declare module 'vitest' {
  interface TaskMeta {
    effects?: EffectCount[];
  }
}

/** Counts first, so that a count which is wrong is kept too. */
export async function expectCounted(under: HelpdeskUnderTest, mark: string, count: Omit<EffectCount, 'places'>): Promise<void> {
  const places = await under.places(mark);
  const test = TestRunner.getCurrentTest();
  if (!test) throw new Error('effects are counted in tests alone');
  test.meta.effects = [...(test.meta.effects ?? []), { ...count, places: places.length }];
  expect(places, `effects of ${count.operation} with ${count.fault}`).toHaveLength(count.effect);
}
