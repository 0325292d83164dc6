/** The working calendar: which days are worked, for which priority, and when a day's hours end. Pure: nothing here reads a clock. */
import { DateTime } from 'luxon';
import { sameText } from './fold.ts';
import { type HolidayRule, holidaysOf } from './holidays.ts';

/** Dates are 'YYYY-MM-DD' in `zone`; times are epoch ms. */
export interface Calendar {
  readonly zone: string;
  /** The last day that hand-kept dates (`closed`, `short`) speak of, and how far ahead they should reach; null where there are none. */
  readonly known: { readonly until: string; readonly warnDays: number } | null;
  /** The day that an instant falls on. */
  dayOf(at: number): string;
  isSaturday(ymd: string): boolean;
  /** Saturdays may be worked for some priorities only. */
  isWorkingDay(ymd: string, priority?: string | null): boolean;
  /** The first working day strictly after `ymd`. */
  nextWorkingDay(ymd: string, priority?: string | null): string;
  /** When the day's hours end, or null on a day without hours. */
  endOfHours(ymd: string): number | null;
  /** Why a day is not worked, or null. A weekday without hours has no reason of its own. */
  closedBecause(ymd: string): { readonly kind: 'closed' | 'holiday'; readonly name: string } | null;
  /** The first day strictly after `ymd` that `closed` or a holiday takes, within two years. */
  nextHoliday(ymd: string): { readonly ymd: string; readonly name: string } | null;
  /** Whole days from one date to another. */
  daysBetween(from: string, to: string): number;
}

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
type Weekday = (typeof WEEKDAYS)[number];

/** As the file has it, already validated. */
export interface CalendarRules {
  readonly time_zone: string;
  /** By weekday or range of them: `mon-fri: "08:00-18:00"`, `sat: "08:00-12:00, 13:00-15:00"`. */
  readonly hours: Readonly<Record<string, string>>;
  readonly saturday?: { readonly takes: readonly string[] } | undefined;
  readonly holidays?:
    | (HolidayRule & {
        readonly closed: readonly string[];
        readonly short: Readonly<Record<string, string>>;
        readonly known_until?: string | undefined;
        readonly warn_when_less_than_days_known?: number | undefined;
      })
    | undefined;
}

const isWeekday = (word: string): word is Weekday => (WEEKDAYS as readonly string[]).includes(word);

/** `mon-fri` as its days; a range may wrap over Sunday. Undefined where it names none. */
export function weekdaysOf(range: string): readonly Weekday[] | undefined {
  const [from = '', to = from, more] = range.trim().toLowerCase().split('-');
  if (more !== undefined || !isWeekday(from) || !isWeekday(to)) return undefined;
  const start = WEEKDAYS.indexOf(from);
  const length = ((WEEKDAYS.indexOf(to) - start + 7) % 7) + 1;
  return Array.from({ length }, (_, i) => WEEKDAYS[(start + i) % 7]).filter((day) => day !== undefined);
}

const SHIFT = /^([01]\d|2[0-3]):([0-5]\d)\s*-\s*(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))$/;

/** Minutes of the day at which the last of the shifts ends; undefined where the text is no list of rising shifts. */
export function endOfShifts(text: string): number | undefined {
  let end = -1;
  for (const shift of text.split(',')) {
    const found = SHIFT.exec(shift.trim());
    if (!found) return undefined;
    const from = Number(found[1]) * 60 + Number(found[2]);
    const to = Number(found[3] ?? found[5]) * 60 + Number(found[4] ?? found[6]);
    if (from < end || to <= from) return undefined;
    end = to;
  }
  return end;
}

export const isDate = (ymd: string): boolean => /^\d{4}-\d\d-\d\d$/.test(ymd) && DateTime.fromISO(ymd, { zone: 'utc' }).isValid;

const plus = (ymd: string, days: number): string => DateTime.fromISO(ymd, { zone: 'utc' }).plus({ days }).toFormat('yyyy-MM-dd');
const weekdayOf = (ymd: string): Weekday => WEEKDAYS[DateTime.fromISO(ymd, { zone: 'utc' }).weekday - 1] ?? 'mon';
/** Further than any run of closed days; a calendar that never opens is refused when it is loaded. */
const HORIZON = 800;

function lastKnown(rules: CalendarRules): Calendar['known'] {
  const warnDays = rules.holidays?.warn_when_less_than_days_known;
  if (!rules.holidays || warnDays === undefined) return null;
  // A list that names a date of a year is taken to be kept for that whole year.
  const years = [...rules.holidays.closed, ...Object.keys(rules.holidays.short)].map((date) => date.slice(0, 4)).sort();
  const until = rules.holidays.known_until ?? (years.length ? `${years.at(-1)}-12-31` : undefined);
  return until === undefined ? null : { until, warnDays };
}

export function compileCalendar(rules: CalendarRules): Calendar {
  const zone = rules.time_zone;
  const weekly = new Map(Object.entries(rules.hours).flatMap(([range, text]) => (weekdaysOf(range) ?? []).map((day) => [day, endOfShifts(text)] as const)));
  const closed = new Set(rules.holidays?.closed);
  const short = new Map(Object.entries(rules.holidays?.short ?? {}));
  const holidays = holidaysOf(rules.holidays);
  const takes = rules.saturday?.takes;

  const closedBecause: Calendar['closedBecause'] = (ymd) => {
    if (closed.has(ymd)) return { kind: 'closed', name: holidays(ymd) ?? '' };
    // A day with short hours is worked, whatever a holiday list says of it.
    const name = short.has(ymd) ? undefined : holidays(ymd);
    return name === undefined ? null : { kind: 'holiday', name };
  };
  const endMinutes = (ymd: string): number | undefined => {
    if (closedBecause(ymd)) return undefined;
    const shortened = short.get(ymd);
    return shortened === undefined ? weekly.get(weekdayOf(ymd)) : endOfShifts(shortened);
  };
  const isSaturday = (ymd: string): boolean => weekdayOf(ymd) === 'sat';
  const isWorkingDay: Calendar['isWorkingDay'] = (ymd, priority) => {
    if (endMinutes(ymd) === undefined) return false;
    return !isSaturday(ymd) || takes === undefined || takes.some((taken) => sameText(taken, priority ?? ''));
  };
  const firstAfter = <T>(ymd: string, found: (day: string) => T | null): T | null => {
    for (let n = 1; n <= HORIZON; n++) {
      const result = found(plus(ymd, n));
      if (result !== null) return result;
    }
    return null;
  };
  return {
    zone,
    known: lastKnown(rules),
    dayOf: (at) => DateTime.fromMillis(at, { zone }).toFormat('yyyy-MM-dd'),
    isSaturday,
    isWorkingDay,
    nextWorkingDay(ymd, priority) {
      const day = firstAfter(ymd, (next) => (isWorkingDay(next, priority) ? next : null));
      if (day === null) throw new Error(`The calendar has no working day within ${HORIZON} days after ${ymd}`);
      return day;
    },
    endOfHours(ymd) {
      const minutes = endMinutes(ymd);
      // By wall clock, so that a day on which clocks change still ends at 18:00.
      return minutes === undefined
        ? null
        : DateTime.fromISO(ymd, { zone })
            .set({ hour: Math.floor(minutes / 60), minute: minutes % 60 })
            .toMillis();
    },
    closedBecause,
    nextHoliday: (ymd) =>
      firstAfter(ymd, (next) => {
        const closure = closedBecause(next);
        return closure && { ymd: next, name: closure.name };
      }),
    daysBetween: (from, to) => Math.round(DateTime.fromISO(to, { zone: 'utc' }).diff(DateTime.fromISO(from, { zone: 'utc' }), 'days').days),
  };
}
