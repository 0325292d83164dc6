/** Paces deliveries by what each vendor says about its limits, so that it need not say 429. */
import type { BudgetReport } from '../kit/index.ts';

/** The class of calls that an operation mostly makes. */
export type Lane = 'create' | 'update';

export const laneOf = (kind: string): Lane => (kind === 'open' ? 'create' : 'update');

/** Below this share of the limit deliveries are spread over the time to the reset. */
const scarce = 0.2;
/** Below this share only first attempts go: an agent's work before replays. */
const reservedForAgents = 0.1;
/** This share, and at least one call, is never spent: look-ups and people at the helpdesk need it too. */
const untouched = 0.02;

interface Count {
  readonly limit: number;
  remaining: number;
  readonly resetAt: number;
  lastAt: number;
}

export interface Budget {
  report(target: string, report: BudgetReport): void;
  /** Epoch ms from which the next operation of this lane may start; now or earlier when it may start at once. */
  freeAt(target: string, lane: Lane, replay: boolean): number;
  /** True while operations of the target should start one at a time. */
  isScarce(target: string): boolean;
  /** An operation started: counted at once, since the vendor's next word comes with its answer. */
  took(target: string, lane: Lane): void;
}

const knownLanes: readonly string[] = ['create', 'update', 'list'];
/** A vendor's lane of another name counts all calls together. */
const counts = (vendorLane: string, lane: Lane): boolean => vendorLane === lane || !knownLanes.includes(vendorLane);

function countFreeAt(count: Count, now: number, replay: boolean): number {
  if (now >= count.resetAt) return now;
  const floor = Math.max(1, Math.ceil(count.limit * (replay ? reservedForAgents : untouched)));
  if (count.remaining <= floor) return count.resetAt;
  if (count.remaining > count.limit * scarce) return now;
  return count.lastAt + (count.resetAt - count.lastAt) / (count.remaining - floor + 1);
}

export function createBudget(now: () => number): Budget {
  const targets = new Map<string, Map<string, Count>>();
  const of = (target: string, lane: Lane): Count[] => [...(targets.get(target) ?? [])].filter(([name]) => counts(name, lane)).map(([, count]) => count);
  return {
    report(target, { lane, limit, remaining, resetAt }) {
      const lanes = targets.get(target) ?? new Map<string, Count>();
      targets.set(target, lanes.set(lane, { limit, remaining, resetAt, lastAt: now() }));
    },
    freeAt: (target, lane, replay) => Math.max(now(), ...of(target, lane).map((count) => countFreeAt(count, now(), replay))),
    isScarce: (target) => [...(targets.get(target)?.values() ?? [])].some((count) => now() < count.resetAt && count.remaining <= count.limit * scarce),
    took(target, lane) {
      for (const count of of(target, lane)) {
        count.remaining -= 1;
        count.lastAt = now();
      }
    },
  };
}
