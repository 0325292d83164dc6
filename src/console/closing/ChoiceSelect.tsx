import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { companiesQuery } from '../api/queries.ts';
import type { Choice } from './draft.ts';

/** Proposed ones first; typing looks further. Null is the default, told by `placeholder`. */
export function ChoiceSelect(props: {
  label: string;
  placeholder: string;
  field: string;
  proposed: readonly (Choice & { brand?: string | null })[];
  value: Choice | null;
  look: typeof companiesQuery;
  pick: (value: Choice | null) => void;
  error?: string | boolean | undefined;
  stop?: string | undefined;
}) {
  const { t } = useTranslation();
  const [words, setWords] = useState('');
  const [asked] = useDebouncedValue(words.trim(), 200);
  const known = [props.value, ...props.proposed].filter((one) => one !== null);
  const { data } = useQuery({ ...props.look(asked), enabled: asked.length >= 2 && !known.some(({ name }) => name === asked) });
  const all = [...new Map([...known, ...(data?.items ?? [])].map((one) => [one.id, one])).values()];
  return (
    <Select
      label={props.label}
      placeholder={props.placeholder}
      data-field={props.field}
      data-stop={props.stop}
      data={all.map(({ id, name, brand }: Choice & { brand?: string | null }) => ({ value: id, label: brand ? `${name} (${brand})` : name }))}
      value={props.value?.id ?? null}
      onChange={(id) => props.pick(all.find((one) => one.id === id) ?? null)}
      searchable
      clearable
      openOnFocus={false}
      clearButtonProps={{ 'aria-label': t('action.clear') }}
      searchValue={words}
      onSearchChange={setWords}
      nothingFoundMessage={t('closing.nothingFound')}
      error={props.error}
    />
  );
}
