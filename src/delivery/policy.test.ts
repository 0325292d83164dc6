import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConnectorError, type ErrorCode, type Retry } from '../kit/index.ts';
import { type Attempt, failureOf, judge, retryPolicy } from './policy.ts';

const hour = 3_600_000;
const attempt = (more: Partial<Attempt> = {}): Attempt => ({ now: 0, firstAt: 0, attempts: 1, random: () => 0.5, ...more });
const failed = (code: ErrorCode, retry: Retry, status?: number) => failureOf(new ConnectorError(code, 'x', { retry, status }), false);

/** Mulberry32: even chance that a seed can repeat. */
function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Attempts until the delivery is given up, on a clock of its own. */
function lifetime(random: () => number): { times: number[]; gaveUpAt: number } {
  const times: number[] = [];
  for (let now = 0, attempts = 1; attempts < 10_000; attempts += 1) {
    times.push(now);
    const verdict = judge(failed('unavailable', 'backoff'), attempt({ now, attempts, random }));
    if (verdict.next !== 'retry') return { times, gaveUpAt: now };
    now = verdict.at;
  }
  throw new Error('never gave up');
}

describe('the retry policy', () => {
  it('tries again after about two seconds, at first', () => {
    expect(judge(failed('unavailable', 'backoff'), attempt())).toEqual({ next: 'retry', at: 2_000, pauseUntil: null });
  });

  it('outlives an outage of 72 hours, with no pause over an hour, whatever chance says', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const chance = chanceOf(seed);
        const { times, gaveUpAt } = lifetime(chance);
        const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
        expect(Math.max(...pauses)).toBeLessThanOrEqual(hour);
        expect(times.some((time) => time > 75 * hour && time <= 76 * hour)).toBe(true);
        expect(gaveUpAt).toBeGreaterThanOrEqual(72 * hour);
      }),
      { numRuns: 30 },
    );
  });

  it('spreads retries by full jitter', () => {
    const at = (random: number) => judge(failed('unavailable', 'backoff'), attempt({ attempts: 5, random: () => random }));
    expect(at(0)).toMatchObject({ at: 250 });
    expect(at(0.25)).toMatchObject({ at: 16_000 });
    expect(at(0.75)).toMatchObject({ at: 48_000 });
  });

  it('obeys Retry-After and pauses the whole target on 429', () => {
    expect(judge(failed('rate-limited', { afterMs: 90_000 }, 429), attempt({ now: 5 }))).toEqual({ next: 'retry', at: 90_005, pauseUntil: 90_005 });
  });

  it('pauses the target on a 503 that names its end, but not for one delivery that waits before a look', () => {
    expect(judge(failed('unavailable', { afterMs: 7_000 }, 503), attempt())).toMatchObject({ pauseUntil: 7_000 });
    expect(judge(failed('unavailable', { afterMs: 7_000 }), attempt())).toMatchObject({ at: 7_000, pauseUntil: null });
  });

  it('gives refused values and unclear sends to a person', () => {
    expect(judge(failed('refused', 'never', 422), attempt())).toEqual({ next: 'parked' });
    expect(judge(failed('unclear', 'backoff'), attempt())).toEqual({ next: 'parked' });
  });

  it('tries a broken credential slowly for as long as an outage, and pauses the target meanwhile', () => {
    const first = judge(failed('unauthorized', 'never', 401), attempt());
    expect(first).toEqual({ next: 'retry', at: retryPolicy.slowMs, pauseUntil: retryPolicy.slowMs });
    const later = judge(failed('unauthorized', 'never', 401), attempt({ attempts: 20, random: () => 1 }));
    expect(later).toMatchObject({ at: hour });
    expect(judge(failed('unauthorized', 'never', 401), attempt({ now: 76 * hour }))).toEqual({ next: 'dead' });
  });

  it('lets one forbidden ticket wait without holding back the target', () => {
    expect(judge(failed('forbidden', 'never', 403), attempt())).toMatchObject({ next: 'retry', pauseUntil: null });
  });

  it('takes a fault of ours for unclear, and never for a refusal', () => {
    const failure = failureOf(new TypeError('x is undefined'), false);
    expect(failure).toMatchObject({ unclear: true, retry: 'backoff' });
    expect(judge(failure, attempt()).next).toBe('retry');
  });

  it('remembers that an earlier attempt was unclear', () => {
    expect(failureOf(new ConnectorError('rate-limited', 'x'), true).unclear).toBe(true);
  });
});
