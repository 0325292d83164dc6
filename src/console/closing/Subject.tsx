import { Autocomplete } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { retitle } from './draft.ts';
import type { PartProps } from './part-props.ts';

/** Titles that ops keep, then what the customer said; anything may be typed. */
export function Subject({ part, change, wrong, why }: PartProps) {
  const { t } = useTranslation();
  const { titles } = change.closing.proposal.mapping;
  const data = useMemo(() => [...new Set(titles.map(({ title }) => title).filter(Boolean))], [titles]);
  const becomes = why('subject')?.value;
  const set = (title: string): void => {
    const kept = titles.find((one) => one.title === title);
    change.part((old) => retitle(old, title, kept?.topic ?? old.topic));
  };
  return (
    <div className="field">
      <Autocomplete
        label={t('closing.subject')}
        data={data}
        value={part.title}
        onChange={set}
        data-stop="title"
        data-field="title"
        openOnFocus={false}
        maxLength={200}
        error={wrong('title') ?? wrong('subject')}
        onFocus={(event) => event.currentTarget.select()}
        description={becomes && becomes !== part.title ? t('closing.subjectBecomes', { subject: becomes }) : undefined}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
      />
    </div>
  );
}
