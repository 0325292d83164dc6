/** The account's fields as a schema. Freshdesk API v2, "List All Ticket Fields". */
import type { DeskChoice, DeskField, DeskSchema, Json } from '../../src/kit/index.ts';
import type { FreshdeskSettings } from './settings.ts';
import { statusesOf } from './statuses.ts';
import type { WireField } from './wire.ts';

const types: Readonly<Record<string, DeskField['type']>> = {
  custom_text: 'text',
  custom_paragraph: 'long-text',
  custom_number: 'number',
  custom_decimal: 'number',
  custom_checkbox: 'checkbox',
  custom_date: 'date',
  custom_dropdown: 'choice',
  custom_multi_select_dropdown: 'choices',
};

/** Freshdesk's own fields: the name that values use, which is not always the field's. Those that every ticket gets from its operation are left out. */
const own: Readonly<Record<string, { name: string; always: boolean }>> = {
  default_ticket_type: { name: 'type', always: true },
  default_product: { name: 'product_id', always: true },
  default_group: { name: 'group', always: false },
  default_agent: { name: 'assignee', always: false },
  default_company: { name: 'company', always: false },
};

const isMap = (value: Json | undefined): value is { readonly [key: string]: Json } => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Both shapes: a list of labels, or label -> id. */
export function choicesOf(choices: Json | undefined): DeskChoice[] {
  if (Array.isArray(choices)) return (choices as readonly Json[]).filter((one) => typeof one === 'string').map((label) => ({ value: label, label }));
  if (isMap(choices)) return Object.entries(choices).map(([label, id]) => ({ value: String(id), label }));
  return [];
}

const requiredOf = (field: WireField): DeskField['required'] => (field.required_for_agents ? 'always' : field.required_for_closure ? 'to-resolve' : 'never');

type Branch = readonly [label: string, below: Json];

/** A nested field's choices are a list of one-key maps, or one map; the last level is a list of labels. */
function branches(choices: Json): Branch[] {
  if (Array.isArray(choices)) return (choices as readonly Json[]).flatMap((one) => (typeof one === 'string' ? [[one, []] as const] : branches(one)));
  return isMap(choices) ? Object.entries(choices) : [];
}

/** Each level is a field of its own, which counts only while the level above has a choice with something below. */
function nested(field: WireField): DeskField[] {
  const required = requiredOf(field);
  const levels = [...(field.nested_ticket_fields ?? [])].sort((a, b) => a.level - b.level);
  const flat: DeskField[] = [];
  let above: Branch[] = branches(field.choices ?? []);
  flat.push({ name: field.name, label: field.label, type: 'choice', required, choices: unique(above) });
  let parent = field.name;
  for (const { name, label } of levels) {
    const opening = above.filter(([, below]) => branches(below).length > 0);
    above = opening.flatMap(([, below]) => branches(below));
    if (above.length === 0) break;
    flat.push({
      name,
      label: label || name,
      type: 'choice',
      required,
      when: { field: parent, values: unique(opening).map(({ value }) => value) },
      choices: unique(above),
    });
    parent = name;
  }
  return flat;
}

const unique = (list: readonly Branch[]): DeskChoice[] => [...new Set(list.map(([label]) => label))].map((label) => ({ value: label, label }));

function fieldsOf(field: WireField): DeskField[] {
  const required = requiredOf(field);
  const label = field.label || field.name;
  if (field.type === 'nested_field') return nested({ ...field, label });
  const known = own[field.type];
  if (known && !known.always && required === 'never') return [];
  if (!known && field.type.startsWith('default_')) return [];
  const choices = choicesOf(field.choices);
  const type = known ? (choices.length ? 'choice' : 'text') : (types[field.type] ?? 'text');
  const choosable = (type === 'choice' || type === 'choices') && choices.length > 0;
  if (known?.always && !choosable && required === 'never') return [];
  return [
    { name: known?.name ?? field.name, label, type: type.startsWith('choice') && !choosable ? 'text' : type, required, ...(choosable ? { choices } : {}) },
  ];
}

export function schemaOf(fields: readonly WireField[], settings: FreshdeskSettings): DeskSchema {
  const choices = (type: string): DeskChoice[] => choicesOf(fields.find((field) => field.type === type)?.choices);
  return {
    fields: fields.filter(({ name }) => name !== settings.markerField).flatMap(fieldsOf),
    statuses: statusesOf(fields, settings),
    priorities: choices('default_priority').sort((a, b) => Number(a.value) - Number(b.value)),
    groups: choices('default_group'),
    agents: choices('default_agent').map(({ value, label }) => ({ id: value, name: label, email: null })),
  };
}
