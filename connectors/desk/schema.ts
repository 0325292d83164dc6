/** What the built-in desk knows: its statuses, priorities and fields; and the check that values keep to them. */
import { ConnectorError, type DeskSchema, type DeskStatus, type Json, type TicketValues } from '../../src/kit/index.ts';
import type { DeskSettings } from './settings.ts';

const statuses: readonly DeskStatus[] = [
  { id: 'new', label: 'New', meaning: 'new', timer: true },
  { id: 'open', label: 'Open', meaning: 'open', timer: true },
  { id: 'pending', label: 'Pending', meaning: 'pending', timer: true },
  { id: 'waiting', label: 'Waiting for customer', meaning: 'waiting', timer: true },
  { id: 'hold', label: 'On-site visit', meaning: 'hold', timer: true },
  { id: 'resolved', label: 'Resolved', meaning: 'resolved', timer: true },
  { id: 'closed', label: 'Closed', meaning: 'closed', timer: true },
];

const priorities = [
  { value: 'low', label: 'Low' },
  { value: 'normal', label: 'Normal' },
  { value: 'high', label: 'High' },
  { value: 'urgent', label: 'Urgent' },
];

export const deskSchema = (settings: DeskSettings): DeskSchema => ({
  fields: settings.fields.map(({ choices, ...field }) => ({
    ...field,
    ...(choices ? { choices: choices.map((value) => ({ value, label: value })) } : {}),
  })),
  statuses,
  priorities,
  groups: settings.groups.map((name) => ({ value: name, label: name })),
  agents: [],
});

const refused = (field: string, message: string): ConnectorError => new ConnectorError('refused', message, { field });

const given = (value: Json | undefined): boolean =>
  value !== undefined && value !== null && value !== '' && value !== false && !(Array.isArray(value) && !value.length);

/** Throws `refused` with the field's name for a value that the desk has no meaning for. */
export function checkValues(schema: DeskSchema, values: TicketValues): void {
  if (values.status !== undefined && !schema.statuses.some(({ id }) => id === values.status))
    throw refused('status', `The desk has no status "${values.status}".`);
  if (values.priority !== undefined && !schema.priorities.some(({ value }) => value === values.priority))
    throw refused('priority', `The desk has no priority "${values.priority}".`);
  // Where nobody listed groups, any name is one.
  if (values.group !== undefined && schema.groups.length > 0 && !schema.groups.some(({ value }) => value === values.group))
    throw refused('group', `The desk has no group "${values.group}".`);
  for (const field of schema.fields) {
    const value = values.fields?.[field.name];
    if (!given(value) || !field.choices) continue;
    const chosen = field.type === 'choices' && Array.isArray(value) ? value : [value];
    const known = chosen.every((each) => field.choices?.some((choice) => choice.value === each));
    if (!known) throw refused(field.name, `${field.label} has no choice "${chosen.join(', ')}".`);
  }
}

/** Throws `refused` naming the first field that the ticket, as it would become, still needs. */
export function checkRequired(schema: DeskSchema, status: string, fields: { readonly [name: string]: Json }): void {
  const ends = status === 'resolved' || status === 'closed';
  const missing = schema.fields.find((field) => (field.required === 'always' || (field.required === 'to-resolve' && ends)) && !given(fields[field.name]));
  if (missing) throw refused(missing.name, `${missing.label} is required${missing.required === 'to-resolve' ? ' when a ticket is resolved' : ''}.`);
}
