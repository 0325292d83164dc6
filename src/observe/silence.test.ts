import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { type HeardHour, silenceOf } from './silence.ts';

const hourMs = 3_600_000;
const zone = 'America/Sao_Paulo';
/** A Thursday. */
const at = (text: string): number => DateTime.fromISO(text, { zone }).toMillis();
const hourOf = (time: number): number => Math.floor(time / hourMs);

/** `weeks` weeks of a desk that hears `perHour` messages from 8 to 18 on weekdays, until `until`. */
function desk(until: number, perHour: number, weeks = 5): HeardHour[] {
  const hours: HeardHour[] = [];
  for (let time = until - weeks * 7 * 24 * hourMs; time <= until; time += hourMs) {
    const local = DateTime.fromMillis(time, { zone });
    if (local.weekday > 5 || local.hour < 8 || local.hour >= 18) continue;
    const hour = hourOf(time);
    hours.push({ hour, messages: perHour, lastAt: Math.min(until, (hour + 1) * hourMs - 1) });
  }
  return hours;
}

describe('silence', () => {
  it('is told, with its beginning, where messages usually come', () => {
    const since = at('2026-11-19T14:02:00');
    const heard = desk(since, 4);
    expect(silenceOf(heard, at('2026-11-19T15:30:00'), zone)).toBeUndefined();
    expect(silenceOf(heard, at('2026-11-19T16:10:00'), zone)).toEqual({ since, expected: 9 });
  });

  it('is told soon where much comes, and never within ten minutes', () => {
    const since = at('2026-11-19T14:02:00');
    const heard = desk(since, 600);
    expect(silenceOf(heard, since + 9 * 60_000, zone)).toBeUndefined();
    expect(silenceOf(heard, since + 11 * 60_000, zone)).toMatchObject({ since });
  });

  it('is no news at night, at the weekend or before there is a habit', () => {
    const since = at('2026-11-20T17:59:00');
    expect(silenceOf(desk(since, 40), at('2026-11-23T08:05:00'), zone)).toBeUndefined();
    expect(silenceOf(desk(since, 40), at('2026-11-23T09:00:00'), zone)).toMatchObject({ since });
    expect(silenceOf(desk(at('2026-11-19T14:00:00'), 40, 1), at('2026-11-19T17:00:00'), zone)).toBeUndefined();
    expect(silenceOf([], at('2026-11-19T17:00:00'), zone)).toBeUndefined();
  });

  it('knows one loud week from a habit', () => {
    const since = at('2026-11-19T14:00:00');
    const loud = desk(since, 2).map((hour) => (hour.hour > hourOf(since - 7 * 24 * hourMs) ? { ...hour, messages: 500 } : hour));
    expect(silenceOf(loud, since + 2 * hourMs, zone)).toBeUndefined();
  });

  it('lives by the clock of the wall when summer time begins', () => {
    const berlin = 'Europe/Berlin';
    const until = DateTime.fromISO('2026-03-27T17:30:00', { zone: berlin }).toMillis();
    const hours: HeardHour[] = [];
    for (let time = until - 5 * 7 * 24 * hourMs; time <= until; time += hourMs)
      if (DateTime.fromMillis(time, { zone: berlin }).hour >= 9) hours.push({ hour: hourOf(time), messages: 20, lastAt: time });
    const monday = (clock: string) => DateTime.fromISO(`2026-03-30T${clock}`, { zone: berlin }).toMillis();
    const noon: HeardHour = { hour: hourOf(monday('00:00')) - 1, messages: 20, lastAt: monday('00:00') - 60_000 };
    expect(silenceOf([...hours, noon], monday('09:00'), berlin)).toBeUndefined();
    expect(silenceOf([...hours, noon], monday('09:30'), berlin)).toBeDefined();
  });

  /** The same hours of each week, with some that were missed. */
  const history = fc
    .record({
      slots: fc.uniqueArray(fc.nat(167), { minLength: 10, maxLength: 80 }),
      weeks: fc.integer({ min: 2, max: 7 }),
      messages: fc.integer({ min: 1, max: 50 }),
      missed: fc.infiniteStream(fc.nat(9)),
    })
    .map(({ slots, weeks, messages, missed }) =>
      Array.from({ length: weeks }, (_, week) => slots.map((slot) => 490_000 + week * 168 + slot))
        .flat()
        .filter(() => missed.next().value > 1)
        .map((hour) => ({ hour, messages, lastAt: hour * hourMs + 59 * 60_000 })),
    )
    .filter((hours) => hours.length > 0);

  it('once told stays told until something comes, names the last message, and ends with the next one', () => {
    let told = 0;
    const property = fc.property(history, fc.nat(200), fc.nat(100), (heard, early, later) => {
      const last = Math.max(...heard.map(({ lastAt }) => lastAt));
      const first = silenceOf(heard, last + early * hourMs, zone);
      const second = silenceOf(heard, last + (early + later) * hourMs, zone);
      if (first) {
        expect(first.since).toBe(last);
        expect(first.expected).toBeGreaterThanOrEqual(8);
        told += 1;
        expect(second?.since).toBe(last);
        expect(second?.expected).toBeGreaterThanOrEqual(first.expected);
        const now = last + early * hourMs;
        expect(silenceOf([...heard.filter(({ hour }) => hour !== hourOf(now)), { hour: hourOf(now), messages: 1, lastAt: now }], now, zone)).toBeUndefined();
      }
    });
    fc.assert(property, { numRuns: 60 });
    expect(told).toBeGreaterThan(5);
  });

  it('is never told by a channel that heard nothing in most weeks of an hour', () => {
    const property = fc.property(fc.integer({ min: 0, max: 167 }), fc.integer({ min: 1, max: 500 }), (slot, messages) => {
      // One hour of one week, in a history of six.
      const heard = [0, 168 * 6].map((back) => ({ hour: 491_000 - back, messages: 1, lastAt: (491_000 - back) * hourMs }));
      heard.push({ hour: 490_800 - slot, messages, lastAt: (490_800 - slot) * hourMs });
      expect(silenceOf(heard, (491_000 + 200) * hourMs, zone)).toBeUndefined();
    });
    fc.assert(property, { numRuns: 30 });
  });
});
