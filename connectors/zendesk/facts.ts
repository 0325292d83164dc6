/** The account's set-up, kept for ten minutes: fields, statuses, groups, agents; and the schema made of it ("Ticket Fields", "Custom Ticket Statuses"). */
import { z } from 'zod';
import { ConnectorError, type Context, type DeskChoice, type DeskField, type DeskSchema, type DeskStatus, type StatusMeaning } from '../../src/kit/index.ts';
import type { Client } from './client.ts';
import { fieldShape, statusShape, userList, type ZendeskField, type ZendeskStatus } from './shapes.ts';

const keptMs = 10 * 60_000;

export interface Facts {
  fields(): Promise<readonly ZendeskField[]>;
  /** Custom statuses that are in use; empty where the account has none. */
  customStatuses(): Promise<readonly ZendeskStatus[]>;
  schema(): Promise<DeskSchema>;
}

const systemTypes = new Set(['subject', 'description', 'status', 'custom_status', 'tickettype', 'priority', 'group', 'assignee', 'basic_priority']);

const types: Readonly<Record<string, DeskField['type']>> = {
  text: 'text',
  regexp: 'text',
  partialcreditcard: 'text',
  textarea: 'long-text',
  checkbox: 'checkbox',
  date: 'date',
  integer: 'number',
  decimal: 'number',
  tagger: 'choice',
  multiselect: 'choices',
};

const meanings: Readonly<Record<string, StatusMeaning>> = { new: 'new', open: 'open', pending: 'pending', hold: 'hold', solved: 'resolved', closed: 'closed' };

const closed: DeskStatus = { id: 'closed', label: 'Closed', meaning: 'closed', category: 'closed' };

function customStatus(status: ZendeskStatus): DeskStatus {
  // A status that an account adds to "pending" is how it tells apart what waits for the customer.
  const meaning = status.status_category === 'pending' && !status.default ? 'waiting' : (meanings[status.status_category] ?? 'open');
  return { id: String(status.id), label: status.agent_label, meaning, category: status.status_category };
}

function systemStatuses(fields: readonly ZendeskField[]): DeskStatus[] {
  const field = fields.find(({ type }) => type === 'status');
  const listed = field?.system_field_options ?? ['new', 'open', 'pending', 'hold', 'solved'].map((value) => ({ name: value, value }));
  return listed
    .filter(({ value }) => value in meanings && value !== 'closed' && (value !== 'hold' || field?.sub_type_id === 1))
    .map(({ name, value }) => ({ id: value, label: name, meaning: meanings[value] ?? 'open', category: value }));
}

/** The key where a field has one, since that is what ops can read and write; else the id. */
export const fieldName = ({ id, key }: Pick<ZendeskField, 'id' | 'key'>): string => key || String(id);

function deskField(field: ZendeskField): DeskField[] {
  const type = types[field.type];
  if (!field.active || systemTypes.has(field.type) || !type) return [];
  const choices = field.custom_field_options?.map(({ value, name }): DeskChoice => ({ value, label: name }));
  const chosen = type === 'choice' || type === 'choices';
  if (chosen && !choices?.length) return [];
  return [{ name: fieldName(field), label: field.title, type, required: field.required ? 'to-resolve' : 'never', ...(chosen && choices ? { choices } : {}) }];
}

const priorities: readonly DeskChoice[] = [
  { value: 'low', label: 'Low' },
  { value: 'normal', label: 'Normal' },
  { value: 'high', label: 'High' },
  { value: 'urgent', label: 'Urgent' },
];

export function createFacts(client: Client, context: Pick<Context<unknown>, 'now'>): Facts {
  const kept = <T>(load: () => Promise<T>): (() => Promise<T>) => {
    let held: { at: number; value: Promise<T> } | undefined;
    return () => {
      if (held && context.now() - held.at < keptMs) return held.value;
      const value = load();
      held = { at: context.now(), value };
      value.catch(() => {
        held = undefined;
      });
      return value;
    };
  };

  async function all<T>(path: string, key: string, shape: z.ZodType<T>): Promise<T[]> {
    const items: T[] = [];
    for await (const page of client.pages(path, key, shape)) items.push(...page.items);
    return items;
  }

  const fields = kept(() => all('/ticket_fields', 'ticket_fields', fieldShape));
  const customStatuses = kept(async () => {
    // The field is there only where the account has switched custom statuses on.
    if (!(await fields()).some(({ type, active }) => type === 'custom_status' && active)) return [];
    const list = await client.call({ method: 'GET', path: '/custom_statuses' }, z.looseObject({ custom_statuses: z.array(statusShape) }));
    return list.custom_statuses.filter(({ active }) => active);
  });

  async function agents(): Promise<DeskSchema['agents']> {
    const found: { id: string; name: string; email: string | null }[] = [];
    for (const role of ['agent', 'admin'])
      for (let page = 1; page <= 100; page++) {
        const list = await client.call({ method: 'GET', path: '/users/search', query: { query: `role:${role}`, page, per_page: 100 } }, userList);
        found.push(...list.users.filter(({ active }) => active !== false).map(({ id, name, email }) => ({ id: String(id), name, email: email ?? null })));
        if (!list.next_page) break;
      }
    return found;
  }

  async function schema(): Promise<DeskSchema> {
    const named = z.looseObject({ id: z.number(), name: z.string() });
    const [known, custom, groups, people] = [await fields(), await customStatuses(), await all('/groups', 'groups', named), await agents()];
    const statuses = [...(custom.length ? custom.map(customStatus) : systemStatuses(known)), closed];
    return {
      fields: known.flatMap(deskField),
      statuses,
      priorities,
      groups: groups.map(({ id, name }) => ({ value: String(id), label: name })),
      agents: people,
    };
  }

  return { fields, customStatuses, schema };
}

/** A field by its id, its title or its key, as mappings write it. Throws `refused` with that name. */
export async function fieldId(facts: Facts, name: string): Promise<number> {
  if (/^\d+$/.test(name)) return Number(name);
  const same = (text: string | null | undefined): boolean => text?.toLowerCase() === name.toLowerCase();
  const field = (await facts.fields()).find(({ title, key, active }) => active && (same(title) || same(key)));
  if (!field) throw new ConnectorError('refused', `Zendesk has no ticket field "${name}".`, { field: name });
  return field.id;
}
