import { useTranslation } from 'react-i18next';
import { Keycap } from '../parts/Keycap.tsx';
import { type Action, keyOf } from '../parts/keys.ts';
import type { Way } from './draft.ts';

const ways: readonly (readonly [way: Way, action: Action])[] = [
  ['new', 'wayNew'],
  ['append', 'wayAppend'],
  ['split', 'waySplit'],
  ['none', 'wayNone'],
];

export function Ways({ way, topics, set }: { way: Way; topics: number; set: (way: Way) => void }) {
  const { t } = useTranslation();
  return (
    <fieldset className="ways">
      <legend className="visually-hidden">{t('closing.which')}</legend>
      {ways.map(([one, action]) => (
        <label key={one} className="way" data-chosen={way === one || undefined}>
          <input type="radio" name="way" className="visually-hidden" checked={way === one} onChange={() => set(one)} aria-keyshortcuts={keyOf(action)} />
          {t(`closing.way.${one}`)}
          {one === 'split' && topics > 1 && <span className="nav-count">{topics}</span>}
          <Keycap>{keyOf(action).toUpperCase()}</Keycap>
        </label>
      ))}
    </fieldset>
  );
}
