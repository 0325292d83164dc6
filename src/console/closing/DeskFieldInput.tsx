import { Checkbox, MultiSelect, Select, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Proposal } from '../../api/contract.ts';
import type { Fields } from './draft.ts';

export type DeskField = Proposal['helpdesks'][number]['fields'][number];
type Value = Fields[string];

const asText = (value: Value | undefined): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

/** A field of the helpdesk, in its words and of its kind. `undefined` leaves it to the mapping. */
export function DeskFieldInput(props: {
  field: DeskField;
  value: Value | undefined;
  set: (value: Value | undefined) => void;
  error: string | undefined;
  byMapping: { readonly value: string; readonly reason: string } | undefined;
  stop: string | undefined;
}) {
  const { field, value, set, error, byMapping, stop } = props;
  const { t } = useTranslation();
  const choices = field.choices ?? [];
  const filled = choices.find((one) => one.value === byMapping?.value)?.label ?? byMapping?.value;
  const shared = {
    label: field.label,
    error,
    'data-field': `fields.${field.name}`,
    'data-stop': stop,
    title: byMapping?.reason,
    placeholder: filled ?? (field.required === 'never' ? '' : t('closing.needed')),
  };
  if (field.type === 'checkbox')
    return (
      <Checkbox
        className="desk-checkbox"
        label={field.label}
        error={error}
        data-field={`fields.${field.name}`}
        title={byMapping?.reason}
        checked={value === undefined ? byMapping?.value === 'true' : value === true}
        onChange={(event) => set(event.currentTarget.checked)}
      />
    );
  if (field.type === 'choice')
    return (
      <Select
        {...shared}
        data={choices.map((one) => ({ ...one }))}
        searchable
        clearable
        openOnFocus={false}
        value={asText(value) || null}
        onChange={(one) => set(one ?? undefined)}
      />
    );
  if (field.type === 'choices')
    return (
      <MultiSelect
        {...shared}
        data={choices.map((one) => ({ ...one }))}
        searchable
        value={Array.isArray(value) ? value.map(String) : []}
        onChange={(all) => set(all.length ? all : undefined)}
      />
    );
  if (field.type === 'long-text')
    return <Textarea {...shared} autosize minRows={2} maxRows={6} value={asText(value)} onChange={(event) => set(event.currentTarget.value || undefined)} />;
  if (field.type === 'number')
    return <TextInput {...shared} inputMode="decimal" value={asText(value)} onChange={(event) => set(numberOf(event.currentTarget.value))} />;
  return (
    <TextInput
      {...shared}
      type={field.type === 'date' ? 'date' : 'text'}
      max={field.type === 'date' ? '9999-12-31' : undefined}
      description={field.type === 'date' && value === undefined ? filled : undefined}
      value={asText(value)}
      onChange={(event) => set(event.currentTarget.value || undefined)}
    />
  );
}

/** A number once it is one; until then what is being typed. */
function numberOf(typed: string): Value | undefined {
  if (typed.trim() === '') return undefined;
  const value = Number(typed.replace(',', '.'));
  return Number.isFinite(value) && !/[.,]$/.test(typed) ? value : typed;
}
