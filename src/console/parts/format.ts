/** Dates, times and sizes in the agent's language. */
import i18next from 'i18next';
import { languages } from '../i18n.ts';

const formats = new Map<string, Intl.DateTimeFormat>();
function format(at: number, options: Intl.DateTimeFormatOptions): string {
  const key = `${i18next.language} ${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(i18next.language in languages ? i18next.language : 'en', options);
    formats.set(key, found);
  }
  return found.format(at);
}

const startOfDay = (at: number): number => new Date(at).setHours(0, 0, 0, 0);
export const dayMs = 86_400_000;
export const sameDay = (a: number, b: number): boolean => startOfDay(a) === startOfDay(b);

export const timeOf = (at: number): string => format(at, { hour: '2-digit', minute: '2-digit' });
export const dateTimeOf = (at: number): string => format(at, { dateStyle: 'medium', timeStyle: 'short' });
const thisYear = (at: number): boolean => new Date(at).getFullYear() === new Date().getFullYear();
/** The time today, else with its date. */
export const momentOf = (at: number): string => (sameDay(at, Date.now()) ? timeOf(at) : dateTimeOf(at));
export const dayOf = (at: number): string =>
  format(at, { weekday: 'long', day: 'numeric', month: 'long', ...(thisYear(at) ? {} : { year: 'numeric' as const }) });
export const shortDayOf = (at: number): string =>
  format(at, { weekday: 'short', day: 'numeric', month: 'short', ...(thisYear(at) ? {} : { year: 'numeric' as const }) });

/** `2026-11-23` as people say it; anything else as it is. */
export function ymdText(ymd: string): string {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(ymd) ?? [];
  return year ? shortDayOf(new Date(Number(year), Number(month) - 1, Number(day)).getTime()) : ymd;
}

/** The time today, "yesterday", then the date: as short as a list needs. */
export function whenOf(at: number, now = Date.now()): string {
  const days = Math.round((startOfDay(now) - startOfDay(at)) / dayMs);
  if (days === 0) return timeOf(at);
  if (days === 1) return new Intl.RelativeTimeFormat(i18next.language, { numeric: 'auto' }).format(-1, 'day');
  return format(at, { day: 'numeric', month: 'short', ...(thisYear(at) ? {} : { year: 'numeric' as const }) });
}

export function agoOf(at: number, now = Date.now()): string {
  const minutes = Math.round((at - now) / 60_000);
  const [value, unit]: [number, Intl.RelativeTimeFormatUnit] =
    Math.abs(minutes) < 60 ? [minutes, 'minute'] : Math.abs(minutes) < 48 * 60 ? [Math.round(minutes / 60), 'hour'] : [Math.round(minutes / 1440), 'day'];
  return new Intl.RelativeTimeFormat(i18next.language, { numeric: 'auto', style: 'short' }).format(value, unit);
}

export function durationOf(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  const [value, unit] = minutes < 120 ? [minutes, 'minute'] : minutes < 48 * 60 ? [Math.round(minutes / 60), 'hour'] : [Math.round(minutes / 1440), 'day'];
  return new Intl.NumberFormat(i18next.language, { style: 'unit', unit: String(unit), unitDisplay: 'short' }).format(Number(value));
}

export function sizeOf(bytes: number): string {
  const [value, unit] = bytes < 1000 ? [bytes, 'byte'] : bytes < 1e6 ? [bytes / 1000, 'kilobyte'] : [bytes / 1e6, 'megabyte'];
  return new Intl.NumberFormat(i18next.language, { style: 'unit', unit: String(unit), unitDisplay: 'short', maximumFractionDigits: 1 }).format(Number(value));
}

export const clockOf = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, '0')}`;
export const listOf = (words: readonly string[]): string => new Intl.ListFormat(i18next.language, { type: 'conjunction' }).format(words);
