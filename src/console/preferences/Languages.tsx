import { useTranslation } from 'react-i18next';
import { type Language, languages, switchLanguage } from '../i18n.ts';

/** Languages in their own words, on the pages before sign-in. */
export function Languages() {
  const { t, i18n } = useTranslation();
  return (
    <nav className="gate-languages" aria-label={t('settings.language')}>
      {(Object.entries(languages) as [Language, string][]).map(([code, name]) => (
        <button key={code} type="button" lang={code} aria-pressed={i18n.language === code} onClick={() => void switchLanguage(code)}>
          {name}
        </button>
      ))}
    </nav>
  );
}
