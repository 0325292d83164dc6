/** Finds what a mapping names in a helpdesk's schema: by id or label, whatever the case. */
import type { DeskChoice, DeskField, DeskSchema, DeskStatus, Json } from '../kit/index.ts';
import type { OutcomeMeaning } from './evaluate.ts';
import { sameText } from './fold.ts';
import type { FieldValue, StatusName } from './schema-values.ts';

export const findChoice = (choices: readonly DeskChoice[], name: string): DeskChoice | undefined =>
  choices.find(({ value }) => value === name) ?? choices.find(({ label }) => sameText(label, name)) ?? choices.find(({ value }) => sameText(value, name));

const RANKS = [['low'], ['normal', 'medium'], ['high'], ['urgent']] as const;

/** By name; else `medium` for `normal` and back; else, where a helpdesk has four under other names, by rank. */
export function findPriority(schema: DeskSchema, name: string): DeskChoice | undefined {
  const direct = findChoice(schema.priorities, name);
  if (direct) return direct;
  const rank = RANKS.findIndex((names) => names.some((one) => sameText(one, name)));
  const aliases = RANKS[rank] ?? [];
  const aliased = aliases.map((alias) => findChoice(schema.priorities, alias)).find((found) => found !== undefined);
  return aliased ?? (rank >= 0 && schema.priorities.length === RANKS.length ? schema.priorities[rank] : undefined);
}

export function findStatus(statuses: readonly DeskStatus[], name: StatusName): DeskStatus | undefined {
  if (typeof name !== 'string') {
    return statuses.find(
      ({ label, id, category }) => (sameText(label, name.custom) || id === name.custom) && (category === undefined || sameText(category, name.status)),
    );
  }
  return (
    statuses.find(({ id }) => id === name) ??
    statuses.find(({ label }) => sameText(label, name)) ??
    statuses.find(({ id }) => sameText(id, name)) ??
    statuses.find(({ category }) => category !== undefined && sameText(category, name))
  );
}

const MEANINGS: Readonly<Record<OutcomeMeaning, readonly DeskStatus['meaning'][]>> = {
  open: ['open'],
  pending: ['pending'],
  waiting: ['waiting', 'pending'],
  visit: ['hold', 'pending'],
  resolved: ['resolved'],
};

/** The helpdesk's status that means the nearest thing, for helpdesks that a mapping does not name. */
export const statusOfMeaning = (statuses: readonly DeskStatus[], meaning: OutcomeMeaning): DeskStatus | undefined =>
  MEANINGS[meaning].map((wanted) => statuses.find((status) => status.meaning === wanted)).find((found) => found !== undefined);

export const findField = (schema: DeskSchema, name: string): DeskField | undefined =>
  schema.fields.find((field) => field.name === name) ?? schema.fields.find((field) => sameText(field.name, name) || sameText(field.label, name));

/** A value as the field takes it, or what is wrong with it. */
export function fieldValue(field: DeskField, value: FieldValue): { readonly value: Json } | { readonly unknown: string } {
  const list = Array.isArray(value) ? value : [value];
  if (field.type === 'choice' || field.type === 'choices') {
    const found: string[] = [];
    for (const one of list) {
      const choice = findChoice(field.choices ?? [], String(one));
      if (!choice) return { unknown: String(one) };
      found.push(choice.value);
    }
    if (field.type === 'choices') return { value: found };
    return found.length === 1 ? { value: found[0] ?? null } : { unknown: list.join(', ') };
  }
  if (Array.isArray(value)) return { unknown: value.join(', ') };
  if (field.type === 'number') return Number.isFinite(Number(value)) && String(value).trim() !== '' ? { value: Number(value) } : { unknown: String(value) };
  if (field.type === 'checkbox')
    return typeof value === 'boolean' ? { value } : value === 'true' || value === 'false' ? { value: value === 'true' } : { unknown: String(value) };
  return { value: String(value) };
}
