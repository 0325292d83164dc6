/** Says when somebody is back, while nobody is there. The server told the openings ahead as times, so nothing here knows of zones or holidays. */
import type { Openings } from './api.ts';
import { fill, type Words } from './words.ts';

/** Undefined while somebody is there, and where nothing is known. The time is the visitor's own. */
export function awayText(hours: Openings | undefined, now: number, words: Words, language: string): string | undefined {
  if (!hours || now >= hours.until) return undefined;
  const next = hours.open.find(([, to]) => to > now)?.[0];
  if (next === undefined) return words.away;
  if (next <= now) return undefined;
  const time = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' }).format(next);
  return `${words.away} ${whenText(next, now, time, words, language)}`;
}

function whenText(next: number, now: number, time: string, words: Words, language: string): string {
  const tomorrow = new Date(now);
  tomorrow.setDate(tomorrow.getDate() + 1);
  const day = new Date(next).toDateString();
  if (day === new Date(now).toDateString()) return fill(words.backToday, { time });
  if (day === tomorrow.toDateString()) return fill(words.backTomorrow, { time });
  const date = new Intl.DateTimeFormat(language, { weekday: 'long', day: 'numeric', month: 'long' }).format(next);
  return fill(words.backOn, { date, time });
}
