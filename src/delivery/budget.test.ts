import { describe, expect, it } from 'vitest';
import { testClock } from '../../test/support/context.ts';
import { createBudget } from './budget.ts';

const minute = 60_000;

function spend(remaining: number, replay = false) {
  const clock = testClock(0);
  const budget = createBudget(clock.now);
  budget.report('desk-a', { lane: 'create', limit: 100, remaining, resetAt: minute });
  const starts: number[] = [];
  while (clock.now() < minute) {
    const free = budget.freeAt('desk-a', 'create', replay);
    if (free > clock.now()) clock.set(free);
    if (clock.now() >= minute) break;
    budget.took('desk-a', 'create');
    starts.push(clock.now());
    clock.advance(1);
  }
  return starts;
}

describe('the rate budget', () => {
  it('does not slow anything while much is left', () => {
    const clock = testClock(0);
    const budget = createBudget(clock.now);
    budget.report('desk-a', { lane: 'create', limit: 100, remaining: 80, resetAt: minute });
    expect(budget.freeAt('desk-a', 'create', false)).toBe(0);
    expect(budget.isScarce('desk-a')).toBe(false);
  });

  it('spreads what is left over the time to the reset, and stops before zero', () => {
    const starts = spend(12);
    expect(starts).toHaveLength(10);
    const gaps = starts.slice(1).map((at, index) => at - (starts[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(minute / 20);
    expect(Math.max(...gaps)).toBeLessThan(minute / 5);
  });

  it('keeps the last tenth for first attempts, so that replays do not delay agents', () => {
    expect(spend(12, true)).toHaveLength(2);
  });

  it('starts anew at the reset', () => {
    const clock = testClock(0);
    const budget = createBudget(clock.now);
    budget.report('desk-a', { lane: 'create', limit: 100, remaining: 0, resetAt: minute });
    expect(budget.freeAt('desk-a', 'create', false)).toBe(minute);
    clock.set(minute);
    expect(budget.freeAt('desk-a', 'create', false)).toBe(minute);
    expect(budget.isScarce('desk-a')).toBe(false);
  });

  it('counts creates and updates apart, an unknown lane for both, and each target alone', () => {
    const clock = testClock(0);
    const budget = createBudget(clock.now);
    budget.report('desk-a', { lane: 'create', limit: 100, remaining: 0, resetAt: minute });
    budget.report('desk-b', { lane: 'account', limit: 100, remaining: 0, resetAt: minute });
    expect(budget.freeAt('desk-a', 'update', false)).toBe(0);
    expect(budget.freeAt('desk-b', 'update', false)).toBe(minute);
    expect(budget.freeAt('desk-b', 'create', false)).toBe(minute);
    expect(budget.freeAt('desk-c', 'create', false)).toBe(0);
  });
});
