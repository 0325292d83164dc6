/** Public holidays of country, state and city together. The only file that knows the library they come from. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { HolidaysTypes } from 'date-holidays';
import { DateTime } from 'luxon';
import { parse } from 'yaml';
import { didYouMean } from './suggest.ts';

export const HOLIDAY_TYPES = ['public', 'bank', 'school', 'optional', 'observance'] as const;
export type HolidayType = (typeof HOLIDAY_TYPES)[number];

/** `sources` are country, country-state or country-state-region codes: BR, BR-SP, BR-SP-SP. */
export interface HolidayRule {
  readonly sources: readonly string[];
  readonly types: readonly HolidayType[];
}

const require = createRequire(import.meta.url);

type Library = typeof import('date-holidays').default;
let library: Library | undefined;

/** Its data take 20 MB of memory, which a calendar without holidays does not pay. */
function load(): Library {
  library ??= require('date-holidays') as Library;
  return library;
}

interface Place {
  readonly states?: Places;
  readonly regions?: Places;
}
type Places = Readonly<Record<string, Place>>;

const within = (places: Places | undefined, key: string): Place | undefined => (places && Object.hasOwn(places, key) ? places[key] : undefined);

let lastRead: { readonly country: string; readonly places: Places } | undefined;

function readCountry(country: string): Places {
  if (lastRead?.country === country) return lastRead.places;
  const file = join(dirname(require.resolve('date-holidays/package.json')), 'data/countries', `${country}.yaml`);
  const places = existsSync(file) ? (parse(readFileSync(file, 'utf8')) as { holidays: Places }).holidays : {};
  lastRead = { country, places };
  return places;
}

/**
 * Whether the library's own file of the country names the place. It costs a few milliseconds where the library costs 100 and 20 MB, and the mappings of
 * channels that nobody configured are checked as well. False only means that the library must be asked.
 */
export function namedInData(source: string): boolean {
  const [country = '', state, region, more] = source.split('-');
  if (!/^[A-Z]{2}$/.test(country) || more !== undefined) return false;
  const whole = within(readCountry(country), country);
  const inCountry = state === undefined ? whole : within(whole?.states, state);
  return (region === undefined ? inCountry : within(inCountry?.regions, region)) !== undefined;
}

/** What is wrong with a source, or undefined. The library itself would silently know no holidays. */
export function sourceProblem(source: string): string | undefined {
  if (namedInData(source)) return undefined;
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
