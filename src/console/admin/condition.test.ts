import { describe, expect, it } from 'vitest';
import type { HealthView } from '../../api/contract.ts';
import { conditionOf, isUnpaired, needsLook } from './condition.ts';

const health = (more: Partial<HealthView> = {}): HealthView => ({
  name: 'phone',
  connector: 'x',
  kind: 'channel',
  state: 'ready',
  detail: '',
  since: 0,
  sending: { state: 'ready', detail: '' },
  intakes: [],
  outages: [],
  silence: null,
  canary: null,
  ...more,
});
const intake = (state: HealthView['intakes'][number]['state'], standby = false) => ({
  intakes: [{ intake: 'session-0', state, detail: null, since: 0, standby }],
});
const canary = (state: NonNullable<HealthView['canary']>['state']) => ({ canary: { state, sentAt: 0, backAt: null, detail: null } });

describe('the condition of a connector', () => {
  it.each<[string, Partial<HealthView>, string]>([
    ['all works', { ...intake('ready'), ...canary('back') }, 'ready'],
    ['nobody has asked yet', { state: 'unknown' }, 'unknown'],
    ['the vendor refuses', { state: 'trouble' }, 'trouble'],
    ['deliveries do not go out', { sending: { state: 'trouble', detail: 'no answer' } }, 'trouble'],
    ['deliveries wait for a limit', { sending: { state: 'paused', detail: '' } }, 'ready'],
    ['its account is not linked', intake('unpaired'), 'trouble'],
    ['its session gave up', intake('failed'), 'trouble'],
    ['its session is made anew', intake('reconnecting'), 'watch'],
    ['another process runs the session', intake('unpaired', true), 'ready'],
    ['it is too quiet', { silence: { since: 0, expected: 9 } }, 'watch'],
    ['too quiet, and refused', { state: 'trouble', silence: { since: 0, expected: 9 } }, 'trouble'],
    ['its canary is on its way', canary('waiting'), 'ready'],
    ['its canary is lost', canary('missing'), 'trouble'],
    ['its canary could not go', canary('failed'), 'trouble'],
  ])('%s', (_what, more, expected) => {
    const found = conditionOf(health(more));
    expect(found).toBe(expected);
    expect(needsLook(health(more))).toBe(expected === 'trouble' || expected === 'watch');
  });

  it('asks for a code only where this process holds the session', () => {
    expect([intake('unpaired'), intake('unpaired', true), intake('ready')].map((more) => isUnpaired(health(more)))).toEqual([true, false, false]);
  });
});
