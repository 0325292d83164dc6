/** The calendar section of a mapping file. */
import { IANAZone } from 'luxon';
import { z } from 'zod';
import { endOfShifts, isDate, weekdaysOf } from './calendar.ts';
import { HOLIDAY_TYPES, sourceProblem } from './holidays.ts';
import { Name, PerHelpdesk } from './schema-parts.ts';

const Shifts = z
  .string()
  .refine((shifts) => endOfShifts(shifts) !== undefined, 'must be hours like 08:00-18:00, or several: 08:00-12:00, 13:00-18:00')
  .describe('"08:00-18:00", or several shifts with commas.');

const CalendarDate = z.string().refine(isDate, 'must be a date like 2027-02-08').describe('YYYY-MM-DD');

const HolidaySource = z
  .string()
  .superRefine((source, context) => {
    const message = sourceProblem(source);
    if (message) context.addIssue({ code: 'custom', message });
  })
  .describe('Country, country-state or country-state-region: BR, BR-SP, BR-SP-SP.');

const Holidays = z.strictObject({
  sources: z.array(HolidaySource).default([]).describe('United: a day that one of them knows is a holiday.'),
  types: z.array(z.enum(HOLIDAY_TYPES)).min(1).default(['public']),
  closed: z.array(CalendarDate).default([]).describe('Further days on which nobody works.'),
  short: z.record(CalendarDate, Shifts).default({}).describe('Days with hours of their own.'),
  known_until: CalendarDate.optional().describe('How far `closed` and `short` are kept; else the end of their last year.'),
  warn_when_less_than_days_known: z.int().min(1).max(730).optional(),
});

export const CalendarSection = z
  .strictObject({
    time_zone: z
      .string()
      .refine((zone) => IANAZone.isValidZone(zone), 'must be a time zone like America/Sao_Paulo')
      .describe('IANA name.'),
    hours: z
      .record(
        z.string().refine((range) => weekdaysOf(range) !== undefined, 'must be a weekday or a range of them, like mon-fri'),
        Shifts,
      )
      .describe('Working hours by weekday: mon-fri: "08:00-18:00". Days that are not named are not worked.'),
    saturday: z
      .strictObject({
        takes: z.array(Name).describe('Priorities for which Saturday is a working day; all others wait for the next.'),
        group: PerHelpdesk.optional().describe('The group that works on Saturdays.'),
      })
      .optional(),
    holidays: Holidays.optional(),
  })
  .superRefine((calendar, context) => {
    const days = Object.keys(calendar.hours).flatMap((range) => weekdaysOf(range) ?? []);
    const twice = days.find((day, index) => days.indexOf(day) !== index);
    if (twice) context.addIssue({ code: 'custom', path: ['hours'], message: `${twice} is named twice` });
    // A priority that Saturday does not take must find a day too, or it would wait for ever.
    const open = days.filter((day) => day !== 'sat' || !calendar.saturday);
    if (open.length === 0) context.addIssue({ code: 'custom', path: ['hours'], message: 'no weekday is worked for every priority' });
    const both = calendar.holidays?.closed.findIndex((date) => calendar.holidays?.short[date] !== undefined) ?? -1;
    if (both >= 0) context.addIssue({ code: 'custom', path: ['holidays', 'closed', both], message: 'is in `short` too' });
  })
  .describe('When the desk works.');
