import { NativeSelect, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ChannelView } from '../../api/contract.ts';

type Template = ChannelView['templates'][number];

export interface Filled {
  readonly id: string;
  readonly values: readonly string[];
}

export const nothingFilled: Filled = { id: '', values: [] };

/** What the customer will read, with gaps where a value is not typed yet. */
const wordsOf = ({ body }: Template, values: readonly string[]): string =>
  body.replace(/\{\{\s*(\d+)\s*\}\}/g, (_whole, place: string) => values[Number(place) - 1]?.trim() || '…');

/** The template with its words once every value is there. */
export function completeTemplate(templates: readonly Template[], { id, values }: Filled): { id: string; values: string[]; text: string } | undefined {
  const chosen = templates.find((template) => template.id === id);
  const typed = Array.from({ length: chosen?.values ?? 0 }, (_, place) => values[place]?.trim() ?? '');
  return chosen && typed.every(Boolean) ? { id, values: typed, text: wordsOf(chosen, typed) } : undefined;
}

/** A template that the vendor approved, its values, and what they make of it. */
export function TemplateForm({ templates, filled, change }: { templates: readonly Template[]; filled: Filled; change: (filled: Filled) => void }) {
  const { t } = useTranslation();
  const chosen = templates.find(({ id }) => id === filled.id);
  if (templates.length === 0) return <p className="field-none">{t('template.none')}</p>;
  return (
    <div className="template-form">
      <NativeSelect
        label={t('template.choose')}
        value={filled.id}
        onChange={(event) => change({ id: event.currentTarget.value, values: [] })}
        data={[{ value: '', label: '' }, ...templates.map(({ id, name, language }) => ({ value: id, label: `${name} (${language})` }))]}
      />
      {chosen && chosen.values > 0 && (
        <div className="template-values">
          {Array.from({ length: chosen.values }, (_, place) => `${chosen.id} ${place + 1}`).map((key, place) => (
            <TextInput
              key={key}
              label={t('template.value', { number: place + 1 })}
              value={filled.values[place] ?? ''}
              maxLength={1000}
              onChange={(event) => {
                const { value } = event.currentTarget;
                change({ ...filled, values: Array.from({ length: chosen.values }, (_, at) => (at === place ? value : (filled.values[at] ?? ''))) });
              }}
            />
          ))}
        </div>
      )}
      {chosen && (
        <figure className="template-preview">
          <figcaption>{t('template.preview')}</figcaption>
          <p aria-live="polite">{wordsOf(chosen, filled.values)}</p>
        </figure>
      )}
    </div>
  );
}
