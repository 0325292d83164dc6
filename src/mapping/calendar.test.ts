import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { type CalendarRules, compileCalendar, endOfShifts, isDate, weekdaysOf } from './calendar.ts';
import { compiled } from './gym-desk.ts';
import { sourceProblem } from './holidays.ts';

const gym = compiled().calendar;
const at = (text: string, zone = 'America/Sao_Paulo'): number => DateTime.fromISO(text, { zone }).toMillis();
const plain: CalendarRules = { time_zone: 'Europe/Berlin', hours: { 'mon-fri': '09:00-17:00' } };

describe('holidays of country, state and city', () => {
  const calendarOf = (sources: readonly string[]) => compileCalendar({ ...plain, holidays: { sources, types: ['public'], closed: [], short: {} } });

  it('make 20 November 2026 free in the country and the city, though the state alone lacks it', () => {
    expect(calendarOf(['BR']).isWorkingDay('2026-11-20')).toBe(false);
    expect(calendarOf(['BR-SP']).isWorkingDay('2026-11-20')).toBe(true);
    expect(calendarOf(['BR-SP-SP']).isWorkingDay('2026-11-20')).toBe(false);
    expect(calendarOf(['BR', 'BR-SP', 'BR-SP-SP']).closedBecause('2026-11-20')).toEqual({ kind: 'holiday', name: 'Dia da Consciência Negra' });
  });

  it('are united: the state brings 9 July', () => {
    expect(calendarOf(['BR']).isWorkingDay('2026-07-09')).toBe(true);
    expect(calendarOf(['BR', 'BR-SP']).isWorkingDay('2026-07-09')).toBe(false);
  });

  it('leave Carnival to `closed`, as it is not public', () => {
    expect(calendarOf(['BR', 'BR-SP', 'BR-SP-SP']).isWorkingDay('2027-02-08')).toBe(true);
    expect(gym.isWorkingDay('2027-02-08', 'urgent')).toBe(false);
    expect(gym.isWorkingDay('2027-02-09', 'urgent')).toBe(false);
    expect(gym.nextWorkingDay('2027-02-05', 'medium')).toBe('2027-02-10');
    expect(gym.nextWorkingDay('2027-02-05', 'urgent')).toBe('2027-02-06');
  });

  it('are refused where the library knows none, with what was meant', () => {
    expect(sourceProblem('BR-SP-SP')).toBeUndefined();
    expect(sourceProblem('BR-SO')).toContain('did you mean "BR-');
    expect(sourceProblem('XX')).toContain('no holidays are known');
    expect(sourceProblem('BR-SP-SP-1')).toContain('more than');
  });
});

describe('a day with short hours', () => {
  it('is worked though a holiday falls on it, until its own end', () => {
    const holidays = { sources: ['BR'], types: ['public'] as const, closed: [], short: { '2026-11-20': '08:00-12:00' } };
    const calendar = compileCalendar({ ...plain, holidays });
    expect(calendar.isWorkingDay('2026-11-20')).toBe(true);
    expect(calendar.endOfHours('2026-11-20')).toBe(at('2026-11-20T12:00', 'Europe/Berlin'));
  });
});

describe("the gym desk's calendar", () => {
  it('takes urgent and high on Saturday, and sends the rest to Monday', () => {
    expect(gym.nextWorkingDay('2026-11-19', 'medium')).toBe('2026-11-23');
    expect(gym.nextWorkingDay('2026-11-19', 'URGENT')).toBe('2026-11-21');
    expect(gym.nextWorkingDay('2026-11-19')).toBe('2026-11-23');
  });

  it('ends its days by weekday, and short days early', () => {
    expect(gym.endOfHours('2026-11-23')).toBe(at('2026-11-23T18:00'));
    expect(gym.endOfHours('2026-11-21')).toBe(at('2026-11-21T12:00'));
    expect(gym.endOfHours('2026-12-24')).toBe(at('2026-12-24T12:00'));
    expect(gym.endOfHours('2026-11-22')).toBeNull();
    expect(gym.endOfHours('2026-11-20')).toBeNull();
  });

  it('knows the day of an instant in its own zone', () => {
    expect(gym.dayOf(Date.parse('2026-11-20T02:30:00Z'))).toBe('2026-11-19');
    expect(gym.dayOf(Date.parse('2026-11-20T03:00:00Z'))).toBe('2026-11-20');
  });

  it('tells the next holiday', () => {
    expect(gym.nextHoliday('2026-11-19')).toEqual({ ymd: '2026-11-20', name: 'Dia da Consciência Negra' });
  });

  it('knows its hand-kept dates until the end of their last year', () => {
    expect(gym.known).toEqual({ until: '2027-12-31', warnDays: 60 });
  });
});

describe('any calendar', () => {
  const date = fc
    .date({ min: new Date('2024-01-01T12:00Z'), max: new Date('2032-12-31T12:00Z'), noInvalidDate: true })
    .map((day) => day.toISOString().slice(0, 10));
  const priority = fc.constantFrom(null, 'low', 'medium', 'high', 'urgent');

  it('gives a next working day that is worked, strictly later, and the first such', () => {
    fc.assert(
      fc.property(date, priority, (ymd, word) => {
        const next = gym.nextWorkingDay(ymd, word);
        expect(next > ymd).toBe(true);
        expect(gym.isWorkingDay(next, word)).toBe(true);
        expect(gym.endOfHours(next)).not.toBeNull();
        for (let day = 1; day < gym.daysBetween(ymd, next); day++) {
          expect(gym.isWorkingDay(DateTime.fromISO(ymd).plus({ days: day }).toFormat('yyyy-MM-dd'), word)).toBe(false);
        }
      }),
    );
  });

  it('never lets a higher priority wait longer than a lower one', () => {
    fc.assert(
      fc.property(date, (ymd) => {
        expect(gym.nextWorkingDay(ymd, 'urgent') <= gym.nextWorkingDay(ymd, 'low')).toBe(true);
      }),
    );
  });

  it('ends a day on that day, also when clocks change', () => {
    const berlin = compileCalendar({ time_zone: 'Europe/Berlin', hours: { 'mon-sun': '00:00-24:00' } });
    fc.assert(
      fc.property(date, (ymd) => {
        const end = berlin.endOfHours(ymd) ?? 0;
        expect(berlin.dayOf(end - 1)).toBe(ymd);
        expect(berlin.dayOf(end)).not.toBe(ymd);
      }),
    );
    expect(compileCalendar({ ...plain, hours: { 'mon-sun': '08:00-18:00' } }).endOfHours('2026-03-29')).toBe(at('2026-03-29T18:00', 'Europe/Berlin'));
  });
});

describe('what hours may say', () => {
  it('ranges of weekdays, also over Sunday', () => {
    expect(weekdaysOf('mon-fri')).toEqual(['mon', 'tue', 'wed', 'thu', 'fri']);
    expect(weekdaysOf('sat-mon')).toEqual(['sat', 'sun', 'mon']);
    expect(weekdaysOf('sat')).toEqual(['sat']);
    expect(weekdaysOf('mon-fry')).toBeUndefined();
    expect(weekdaysOf('mon-tue-wed')).toBeUndefined();
  });

  it('shifts that rise', () => {
    expect(endOfShifts('08:00-12:00, 13:00-18:30')).toBe(18 * 60 + 30);
    expect(endOfShifts('18:00-08:00')).toBeUndefined();
    expect(endOfShifts('13:00-18:00, 08:00-12:00')).toBeUndefined();
    expect(endOfShifts('8-12')).toBeUndefined();
  });

  it('dates that exist', () => {
    expect(isDate('2028-02-29')).toBe(true);
    expect(isDate('2027-02-29')).toBe(false);
    expect(isDate('27-02-08')).toBe(false);
  });

  it('says so when it would never open', () => {
    const never = compileCalendar({ time_zone: 'UTC', hours: { sat: '08:00-12:00' }, saturday: { takes: ['urgent'] } });
    expect(() => never.nextWorkingDay('2026-11-19', 'low')).toThrow('no working day');
  });
});
