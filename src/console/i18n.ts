/** Texts in five languages; each is its own file, loaded when it is first chosen. English fills gaps. */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import en from './locales/en.json' with { type: 'json' };

export const languages = { en: 'English', 'pt-BR': 'Português (Brasil)', de: 'Deutsch', it: 'Italiano', es: 'Español' } as const;
export type Language = keyof typeof languages;

type Texts = { readonly default: object };
const load: Record<Exclude<Language, 'en'>, () => Promise<Texts>> = {
  'pt-BR': () => import('./locales/pt-BR.json', { with: { type: 'json' } }),
  de: () => import('./locales/de.json', { with: { type: 'json' } }),
  it: () => import('./locales/it.json', { with: { type: 'json' } }),
  es: () => import('./locales/es.json', { with: { type: 'json' } }),
};

const storageKey = 'deskbridge-language';
const isLanguage = (value: string | null): value is Language => value !== null && value in languages;

/** The nearest language that we speak: `pt-PT` reads `pt-BR`, `de-AT` reads `de`. */
export function nearestLanguage(wanted: readonly string[]): Language {
  for (const one of wanted) {
    const found = Object.keys(languages).find((known) => known.split('-')[0] === one.toLowerCase().split('-')[0]);
    if (found && isLanguage(found)) return found;
  }
  return 'en';
}

function remembered(): Language {
  const stored = localStorage.getItem(storageKey);
  return isLanguage(stored) ? stored : nearestLanguage(navigator.languages);
}

export async function switchLanguage(language: Language): Promise<void> {
  if (language !== 'en' && !i18next.hasResourceBundle(language, 'translation')) {
    const { default: texts } = await load[language]();
    i18next.addResourceBundle(language, 'translation', texts);
  }
  localStorage.setItem(storageKey, language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

export async function startTexts(): Promise<void> {
  await i18next.use(initReactI18next).init({
    resources: { en: { translation: en } },
    lng: 'en',
    fallbackLng: 'en',
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  await switchLanguage(remembered());
}
