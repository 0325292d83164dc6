/** Opening hours: when somebody is there to answer. Messages are taken at any hour; outside of these the widget says when somebody is back. */
import { DateTime, IANAZone } from 'luxon';
import { z } from 'zod';

const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const dayMinutes = 24 * 60;

/** ISO weekdays (1 is Monday) of `mon`, `mon-fri` or `sat-mon`; undefined for anything else. */
function weekdaysOf(range: string): readonly number[] | undefined {
  const [first, last, ...more] = range.split('-').map((name) => dayNames.indexOf(name));
  if (first === undefined || first < 0 || (last !== undefined && last < 0) || more.length > 0) return undefined;
  const length = (((last ?? first) - first + 7) % 7) + 1;
  return Array.from({ length }, (_, index) => ((first + index) % 7) + 1);
}

interface Shift {
  /** Minutes after midnight. An end past 24:00 is on the next day. */
  readonly from: number;
  readonly to: number;
}

const time = '(?:[01]\\d|2[0-3]):[0-5]\\d';
const oneShift = new RegExp(`^(${time})-(${time}|24:00)$`);
const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

/** `08:00-12:00, 13:00-18:00`. One that ends before it begins goes on after midnight. Undefined for what is no such text. */
function shiftsOf(text: string): readonly Shift[] | undefined {
  const shifts = text.split(',').map((part): Shift | undefined => {
    const [, begin, end] = oneShift.exec(part.trim()) ?? [];
    if (begin === undefined || end === undefined || begin === end) return undefined;
    const [from, to] = [minutesOf(begin), minutesOf(end)];
    return { from, to: to > from ? to : to + dayMinutes };
  });
  return shifts.every((shift) => shift !== undefined) ? shifts : undefined;
}

const isDate = (text: string): boolean => /^\d{4}-\d\d-\d\d$/.test(text) && DateTime.fromISO(text).isValid;

export const hoursSchema = z
  .strictObject({
    zone: z
      .string()
      .refine((zone) => IANAZone.isValidZone(zone), 'must be a time zone like America/Sao_Paulo')
      .describe('Time zone of the hours, for example `America/Sao_Paulo`'),
    week: z
      .record(
        z.string().refine((range) => weekdaysOf(range) !== undefined, 'must be a weekday or a range of them, like mon-fri'),
        z.string().refine((shifts) => shiftsOf(shifts) !== undefined, 'must be hours like 08:00-18:00, or several: 08:00-12:00, 13:00-18:00'),
      )
      .refine((week) => Object.keys(week).length > 0, 'needs at least one weekday')
      .describe('Hours by weekday: `mon-fri: "08:00-12:00, 13:00-18:00"`. Days that are not named are closed'),
    closed: z.array(z.string().refine(isDate, 'must be a date like 2026-12-25')).default([]).describe('Dates on which nobody is there, as YYYY-MM-DD'),
  })
  .superRefine(({ week }, context) => {
    const days = Object.keys(week).flatMap((range) => weekdaysOf(range) ?? []);
    const twice = days.find((day, index) => days.indexOf(day) !== index);
    if (twice !== undefined) context.addIssue({ code: 'custom', path: ['week'], message: `${dayNames[twice - 1]} is named twice` });
  });
export type Hours = z.output<typeof hoursSchema>;

/** What a browser needs to tell for some time, without knowing of zones. All in epoch ms. */
export interface Openings {
  /** From and to, in order, none touching the next. Those that are over are left out. */
  readonly open: readonly (readonly [number, number])[];
  /** Nothing is said of later times. */
  readonly until: number;
}

const toldDays = 14;
const soughtDays = 366;

/** The openings of the next two weeks; where there is none, on to the first one within a year. */
export function openingsFrom({ zone, week, closed }: Hours, now: number): Openings {
  const shifts = new Map<number, readonly Shift[]>();
  for (const [range, text] of Object.entries(week)) for (const day of weekdaysOf(range) ?? []) shifts.set(day, shiftsOf(text) ?? []);
  const today = DateTime.fromMillis(now, { zone }).startOf('day');
  const open: [number, number][] = [];
  // The day before may have a shift that goes on after midnight.
  for (let ahead = -1; ahead < soughtDays; ahead += 1) {
    const day = today.plus({ days: ahead });
    if (ahead >= toldDays && open.length > 0) return { open, until: day.toMillis() };
    if (closed.includes(day.toISODate() ?? '')) continue;
    const spans = (shifts.get(day.weekday) ?? []).map(({ from, to }) => [at(day, from), at(day, to)] as const);
    for (const [from, to] of spans.sort(([a], [b]) => a - b)) if (to > now) append(open, from, to);
  }
  return { open, until: today.plus({ days: soughtDays }).toMillis() };
}

/** By the clock on the wall, so that a day of 23 or 25 hours opens at its usual time. */
function at(day: DateTime, minutes: number): number {
  const date = day.plus({ days: Math.floor(minutes / dayMinutes) });
  return date.set({ hour: Math.floor((minutes % dayMinutes) / 60), minute: minutes % 60 }).toMillis();
}

function append(open: [number, number][], from: number, to: number): void {
  const last = open.at(-1);
  if (last && from <= last[1]) last[1] = Math.max(last[1], to);
  else if (to > from) open.push([from, to]);
}
