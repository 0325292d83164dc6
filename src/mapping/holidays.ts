/** Public holidays of country, state and city together. The only file that knows the library they come from. */
import { createRequire } from 'node:module';
import type { HolidaysTypes } from 'date-holidays';
import { DateTime } from 'luxon';
import { didYouMean } from './suggest.ts';

export const HOLIDAY_TYPES = ['public', 'bank', 'school', 'optional', 'observance'] as const;
export type HolidayType = (typeof HOLIDAY_TYPES)[number];

/** `sources` are country, country-state or country-state-region codes: BR, BR-SP, BR-SP-SP. */
export interface HolidayRule {
  readonly sources: readonly string[];
  readonly types: readonly HolidayType[];
}

type Library = typeof import('date-holidays').default;
let library: Library | undefined;

/** Its data take 20 MB of memory, which a calendar without holidays does not pay. */
function load(): Library {
  library ??= createRequire(import.meta.url)('date-holidays') as Library;
  return library;
}

/** What is wrong with a source, or undefined. The library itself would silently know no holidays. */
export function sourceProblem(source: string): string | undefined {
  const [country = '', state, region, more] = source.split('-');
  const Holidays = load();
  const lists: readonly (readonly [string | undefined, () => Record<string, string> | undefined])[] = [
    [country, () => new Holidays().getCountries()],
    [state, () => new Holidays().getStates(country)],
    [region, () => new Holidays().getRegions(country, state ?? '')],
  ];
  let found = '';
  for (const [part, list] of lists) {
    if (part === undefined) break;
    const known = Object.keys(list() ?? {});
    if (!known.includes(part)) {
      const full = known.map((code) => (found ? `${found}-${code}` : code));
      return `no holidays are known for "${source}"${didYouMean(source, full)}`;
    }
    found = found ? `${found}-${part}` : part;
  }
  return more === undefined ? undefined : `"${source}" has more than country, state and region`;
}

/** All local days of a holiday. `date` is its first day in the country's own time; start and end tell how many follow. */
function daysOf(holiday: HolidaysTypes.Holiday): readonly string[] {
  const first = holiday.date.slice(0, 10);
  const days = Math.max(1, Math.round((holiday.end.getTime() - holiday.start.getTime()) / 86_400_000));
  return Array.from({ length: days }, (_, n) => DateTime.fromISO(first, { zone: 'utc' }).plus({ days: n }).toFormat('yyyy-MM-dd'));
}

/** Names the holiday that a day is, in the country's language, or undefined. Sources are united. Years are read once. */
export function holidaysOf(rule: HolidayRule | undefined): (ymd: string) => string | undefined {
  if (!rule || rule.sources.length === 0) return () => undefined;
  const { sources, types } = rule;
  const years = new Map<string, ReadonlyMap<string, string>>();
  const read = (year: string): ReadonlyMap<string, string> => {
    const Holidays = load();
    const names = new Map<string, string>();
    for (const source of sources) {
      const [country = '', state = '', region = ''] = source.split('-');
      for (const holiday of new Holidays(country, state, region).getHolidays(Number(year))) {
        if (!types.some((type) => type === holiday.type)) continue;
        for (const day of daysOf(holiday)) if (!names.has(day)) names.set(day, holiday.name);
      }
    }
    years.set(year, names);
    return names;
  };
  return (ymd) => {
    const year = ymd.slice(0, 4);
    return (years.get(year) ?? read(year)).get(ymd);
  };
}
