import { Button, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeliveryView } from '../../api/contract.ts';
import { call } from '../api/client.ts';
import { problemText } from '../parts/problem-text.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Plain values of an operation with their paths: what a person can correct. Texts, files and identities stay as the plan had them. */
export function leavesOf(
  value: Json,
  path: readonly string[] = [],
): readonly { readonly path: readonly string[]; readonly value: string | number | boolean }[] {
  if (value === null) return [];
  if (typeof value !== 'object') return [{ path, value }];
  if (Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
}

export function withLeaf(value: Json, path: readonly string[], leaf: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return leaf;
  const object = value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as { readonly [key: string]: Json }) : {};
  return { ...object, [key]: withLeaf(object[key] ?? null, rest, leaf) };
}

const editable = (path: readonly string[]): boolean => path[0] === 'subject' || path[0] === 'values';

/** What was typed, in the kind that the value had. */
function retyped(was: string | number | boolean, typed: string): Json {
  if (typeof was === 'number') return Number.isFinite(Number(typed)) && typed.trim() !== '' ? Number(typed) : typed;
  if (typeof was === 'boolean') return typed === 'true';
  return typed;
}

export function EditOperation({ delivery, close }: { delivery: DeliveryView; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const operation = delivery.operation as Json;
  const leaves = leavesOf(operation).filter(({ path }) => editable(path));
  const refused = delivery.error?.field;
  const missing = refused && !leaves.some(({ path }) => path.at(-1) === refused) ? ['values', 'fields', refused] : undefined;
  const rows = [...leaves, ...(missing ? [{ path: missing, value: '' }] : [])];
  const [typed, type] = useState<Readonly<Record<string, string>>>({});
  const save = useMutation({
    mutationFn: () => {
      const changed = rows.filter(({ path }) => typed[path.join('.')] !== undefined);
      const next = changed.reduce<Json>((value, { path, value: was }) => withLeaf(value, path, retyped(was, typed[path.join('.')] ?? '')), operation);
      return call('PUT', `/deliveries/${delivery.id}`, { body: { operation: next } });
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['deliveries'] });
      close();
    },
  });
  return (
    <form
      className="edit-operation"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <p className="field-hint">{t('delivery.editHint')}</p>
      <div className="field-grid field-grid-2">
        {rows.map(({ path, value }) => {
          const name = path.join('.');
          const Input = String(value).length > 80 ? Textarea : TextInput;
          return (
            <Input
              key={name}
              label={path.filter((one) => one !== 'values' && one !== 'fields').join(' › ')}
              value={typed[name] ?? String(value)}
              error={path.at(-1) === refused ? delivery.error?.message : undefined}
              onChange={(event: { currentTarget: { value: string } }) => {
                const { value: text } = event.currentTarget;
                type((old) => ({ ...old, [name]: text }));
              }}
            />
          );
        })}
      </div>
      {save.error && (
        <p className="field-error" role="alert">
          {problemText(save.error)}
        </p>
      )}
      <div className="delivery-actions">
        <Button type="submit" loading={save.isPending}>
          {t('delivery.saveAndRetry')}
        </Button>
        <Button variant="subtle" color="gray" onClick={close}>
          {t('action.cancel')}
        </Button>
      </div>
    </form>
  );
}
