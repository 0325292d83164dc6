/** A plan in sentences of an agent's language, from the console's own texts: for those who close a conversation without the console. */
import type { i18n } from 'i18next';
import type { Sentences } from '../closing/outside.ts';
import { wordsOfLine, wordsOfMissing, wordsOfReason } from '../console/closing/plan-words.ts';

const load = {
  en: () => import('../console/locales/en.json', { with: { type: 'json' } }),
  'pt-BR': () => import('../console/locales/pt-BR.json', { with: { type: 'json' } }),
  de: () => import('../console/locales/de.json', { with: { type: 'json' } }),
  it: () => import('../console/locales/it.json', { with: { type: 'json' } }),
  es: () => import('../console/locales/es.json', { with: { type: 'json' } }),
} as const;
type Spoken = keyof typeof load;

/** The nearest language that we speak: `pt-PT` reads `pt-BR`, and what we do not know reads English. */
function nearest(locale: string): Spoken {
  const language = locale.toLowerCase().split('-')[0];
  return (Object.keys(load) as Spoken[]).find((known) => known.split('-')[0] === language) ?? 'en';
}

/** `2026-11-23` as people say it. */
function dayIn(language: Spoken, ymd: string, now: number): string {
  const at = /^\d{4}-\d\d-\d\d$/.test(ymd) ? Date.parse(ymd) : Number.NaN;
  if (Number.isNaN(at)) return ymd;
  const thisYear = new Date(at).getUTCFullYear() === new Date(now).getUTCFullYear();
  const format = new Intl.DateTimeFormat(language, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
    ...(thisYear ? {} : { year: 'numeric' as const }),
  });
  return format.format(at);
}

export interface PlanSentences {
  /** By an agent's locale. */
  in(locale: string): Promise<Sentences>;
}

/** Library and texts are read when somebody first asks for a language. */
export function createPlanSentences(now: () => number): PlanSentences {
  const spoken = new Map<Spoken, Promise<i18n>>();

  async function learn(language: Spoken): Promise<i18n> {
    const [{ default: i18next }, { default: texts }] = await Promise.all([import('i18next'), load[language]()]);
    const made = i18next.createInstance();
    await made.init({ lng: language, resources: { [language]: { translation: texts } }, interpolation: { escapeValue: false }, returnNull: false });
    return made;
  }

  return {
    async in(locale) {
      const language = nearest(locale);
      const known = spoken.get(language) ?? learn(language);
      spoken.set(language, known);
      const { t } = await known;
      const words = { t, day: (ymd: string) => dayIn(language, ymd, now()) };
      return {
        line: (line) => wordsOfLine(words, line),
        missing: (missing) => wordsOfMissing(words, missing),
        reason: (reason) => wordsOfReason(words, reason),
      };
    },
  };
}
