/** What goes wrong at vendors and customers during a run, and how often it did. */
import type { Dials, Fault, Where } from '../../src/kit/simulator.ts';

const tooMany: Fault = { kind: 'rate-limited', retryAfterSeconds: 1 };

/** `late` is left out: an effect that lands after the look is a reported double by design (design: promise 2), so it cannot be counted as a fault of ours. */
const ofWrites: readonly (readonly [Fault, number])[] = [
  [tooMany, 0.02],
  [{ kind: 'error', when: 'before' }, 0.03],
  [{ kind: 'error', when: 'after' }, 0.03],
  [{ kind: 'silence', when: 'before' }, 0.02],
  [{ kind: 'silence', when: 'after' }, 0.02],
  [{ kind: 'reset', when: 'before' }, 0.03],
  [{ kind: 'reset', when: 'after' }, 0.03],
];

const ofReads: readonly (readonly [Fault, number])[] = [
  [tooMany, 0.002],
  [{ kind: 'error', when: 'before' }, 0.01],
  [{ kind: 'silence', when: 'before' }, 0.003],
  [{ kind: 'reset', when: 'before' }, 0.01],
];

export function turnOn(dials: Dials): void {
  for (const [fault, probability] of ofWrites) dials.chance(fault, probability, { method: 'writes' });
  for (const [fault, probability] of ofReads) dials.chance(fault, probability, { method: 'GET' } satisfies Where);
}

/** Faults met, by what happened: `reset after the effect`. */
export type FaultCounts = Map<string, number>;

export function countFaults(dials: Dials, counts: FaultCounts): void {
  const add = (name: string, by: number): void => void counts.set(name, (counts.get(name) ?? 0) + by);
  dials.watch((moment, { fault }) => {
    if (fault === undefined) return;
    if (fault === 'rate-limited') return add('429', 1);
    // Whether the effect happened shows only when it has: until then it counts as a fault before it.
    add(`${fault} before the effect`, moment === 'arrived' ? 1 : -1);
    if (moment === 'handled') add(`${fault} after the effect`, 1);
  });
}
