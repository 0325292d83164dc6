import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { type Hours, hoursSchema, openingsFrom } from './hours.ts';

const zone = 'America/Sao_Paulo';
const hours = (week: Record<string, string>, more: object = {}): Hours => hoursSchema.parse({ zone, week, ...more });
const at = (text: string, inZone = zone): number => DateTime.fromISO(text, { zone: inZone }).toMillis();
const shown = (given: Hours, now: string, count = 3): string[] =>
  openingsFrom(given, at(now, given.zone))
    .open.slice(0, count)
    .map((span) => span.map((ms) => DateTime.fromMillis(ms, { zone: given.zone }).toFormat('ccc dd HH:mm')).join(' to '));

describe('opening hours', () => {
  it('are told ahead, with what is open just now first', () => {
    const office = hours({ 'mon-fri': '08:00-12:00, 13:00-18:00', sat: '08:00-12:00' });
    expect(shown(office, '2026-11-20T15:00')).toEqual(['Fri 20 13:00 to Fri 20 18:00', 'Sat 21 08:00 to Sat 21 12:00', 'Mon 23 08:00 to Mon 23 12:00']);
  });

  it('leave out the dates on which nobody is there', () => {
    const office = hours({ 'mon-fri': '08:00-18:00' }, { closed: ['2026-11-20', '2026-11-23'] });
    expect(shown(office, '2026-11-19T19:00', 1)).toEqual(['Tue 24 08:00 to Tue 24 18:00']);
  });

  it('go on after midnight where a shift ends before it begins, also into a closed day', () => {
    const bar = hours({ fri: '22:00-02:00' }, { closed: ['2026-11-21'] });
    expect(shown(bar, '2026-11-21T01:00', 1)).toEqual(['Fri 20 22:00 to Sat 21 02:00']);
  });

  it('join shifts that touch or overlap, so that nobody is sent away between them', () => {
    expect(shown(hours({ mon: '08:00-12:00, 12:00-18:00, 09:00-10:00' }), '2026-11-22T00:00', 1)).toEqual(['Mon 23 08:00 to Mon 23 18:00']);
    const always = openingsFrom(hours({ 'mon-sun': '00:00-24:00' }), at('2026-11-19T12:00'));
    expect(always.open).toHaveLength(1);
    expect(always.open[0]?.[1]).toBe(always.until);
  });

  it('follow the clock on the wall when it is put back or forward', () => {
    const berlin = hoursSchema.parse({ zone: 'Europe/Berlin', week: { 'sat-mon': '08:00-18:00' } });
    expect(shown(berlin, '2026-10-24T00:00')).toEqual(['Sat 24 08:00 to Sat 24 18:00', 'Sun 25 08:00 to Sun 25 18:00', 'Mon 26 08:00 to Mon 26 18:00']);
    expect(shown(berlin, '2027-03-27T00:00', 2)).toEqual(['Sat 27 08:00 to Sat 27 18:00', 'Sun 28 08:00 to Sun 28 18:00']);
  });

  it('find the first opening after a long holiday, and say so when there is none within a year', () => {
    const days = Array.from({ length: 40 }, (_, index) => DateTime.fromISO('2026-12-01').plus({ days: index }).toISODate() ?? '');
    expect(shown(hours({ 'mon-sun': '08:00-09:00' }, { closed: days }), '2026-12-01T00:00', 1)).toEqual(['Sun 10 08:00 to Sun 10 09:00']);
    const never = Array.from({ length: 370 }, (_, index) => DateTime.fromISO('2026-12-01').plus({ days: index }).toISODate() ?? '');
    expect(openingsFrom(hours({ 'mon-sun': '08:00-09:00' }, { closed: never }), at('2026-12-02T00:00')).open).toEqual([]);
  });

  it('agree at every moment with a look at the calendar', () => {
    const clock = fc.integer({ min: 0, max: 1439 }).map((minutes) => DateTime.fromMillis(minutes * 60_000, { zone: 'utc' }).toFormat('HH:mm'));
    const shift = fc.tuple(clock, clock).filter(([from, to]) => from !== to);
    const week = fc.dictionary(fc.constantFrom('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'), shift, { minKeys: 1 });
    const now = at('2026-11-19T12:00');
    fc.assert(
      fc.property(week, fc.integer({ min: 0, max: 13 * 24 * 60 }), (shifts, minutes) => {
        const moment = DateTime.fromMillis(now, { zone }).plus({ minutes });
        const on = (day: DateTime): [string, string] | undefined => shifts[day.setLocale('en').toFormat('ccc').toLowerCase()];
        const text = moment.toFormat('HH:mm');
        const [today, before] = [on(moment), on(moment.minus({ days: 1 }))];
        const open = (!!today && text >= today[0] && (text < today[1] || today[1] < today[0])) || (!!before && before[1] < before[0] && text < before[1]);
        const told = openingsFrom(hours(Object.fromEntries(Object.entries(shifts).map(([day, span]) => [day, span.join('-')]))), now);
        expect(told.open.some(([from, to]) => from <= moment.toMillis() && moment.toMillis() < to)).toBe(open);
        for (const [index, [from]] of told.open.entries()) expect(from).toBeGreaterThan(told.open[index - 1]?.[1] ?? 0);
      }),
    );
  });

  it.each([
    [{ zone: 'Mars/Base', week: { mon: '08:00-18:00' } }, 'time zone'],
    [{ zone, week: { monday: '08:00-18:00' } }, 'weekday'],
    [{ zone, week: { mon: '8-18' } }, '08:00-18:00'],
    [{ zone, week: { mon: '08:00-08:00' } }, '08:00-18:00'],
    [{ zone, week: {} }, 'at least one'],
    [{ zone, week: { 'mon-fri': '08:00-18:00', wed: '08:00-12:00' } }, 'wed is named twice'],
    [{ zone, week: { mon: '08:00-18:00' }, closed: ['2026-02-30'] }, 'date like'],
  ])('as %j are refused: %s', (given, problem) => {
    const parsed = hoursSchema.safeParse(given);
    expect(JSON.stringify(parsed.error?.issues)).toContain(problem);
  });
});
