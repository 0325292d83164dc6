/** Values of a plan in the words of Zendesk's ticket object ("Tickets", JSON format). */
import { DateTime } from 'luxon';
import { ConnectorError, type Json, type TicketValues } from '../../src/kit/index.ts';
import type { JsonObject } from './client.ts';
import { type Facts, fieldId } from './facts.ts';
import type { ZendeskTicket } from './shapes.ts';

const system = new Set(['new', 'open', 'pending', 'hold', 'solved']);

async function statusOf(facts: Facts, status: string): Promise<JsonObject> {
  if (system.has(status)) return { status };
  const custom = (await facts.customStatuses()).find(({ id }) => String(id) === status);
  if (!custom) throw new ConnectorError('refused', `Zendesk has no status "${status}" that can be set.`, { field: 'status' });
  // The category and the exact status must agree, so they always travel together.
  return { status: custom.status_category, custom_status_id: custom.id };
}

function dueAt(due: NonNullable<TicketValues['due']>, type: string | null | undefined): JsonObject {
  if (type !== 'task')
    throw new ConnectorError('refused', 'Zendesk keeps a due date on tickets of type task alone; name a date field in the mapping.', { field: 'due' });
  return { due_at: new Date(due.at).toISOString() };
}

/** `current` is the ticket as it stands, or nothing for a new one. Tags are added to those that stand there, never replaced. */
export async function ticketValues(facts: Facts, values: TicketValues, current?: ZendeskTicket): Promise<JsonObject> {
  const { status, priority, group, assignee, type, tags, due, fields } = values;
  const custom: { id: number; value: Json }[] = [];
  for (const [name, value] of Object.entries(fields ?? {})) if (value !== undefined) custom.push({ id: await fieldId(facts, name), value });
  if (due && due.field !== 'due')
    custom.push({ id: await fieldId(facts, due.field.custom), value: DateTime.fromMillis(due.at, { zone: due.zone }).toISODate() });
  return {
    ...(status === undefined ? {} : await statusOf(facts, status)),
    ...(priority === undefined ? {} : { priority }),
    ...(group === undefined ? {} : { group_id: Number(group) }),
    ...(assignee === undefined ? {} : { assignee_id: Number(assignee) }),
    ...(type === undefined ? {} : { type }),
    ...(tags === undefined ? {} : { tags: [...new Set([...(current?.tags ?? []), ...tags])] }),
    ...(due?.field === 'due' ? dueAt(due, type ?? current?.type) : {}),
    ...(custom.length ? { custom_fields: custom } : {}),
  };
}

/** Whether a ticket already holds what an update wanted. */
export function holds(ticket: ZendeskTicket, wanted: JsonObject): boolean {
  return Object.entries(wanted).every(([key, value]) => {
    if (key === 'updated_stamp' || key === 'safe_update' || key === 'metadata') return true;
    if (key === 'tags') return (value as readonly string[]).every((tag) => ticket.tags.includes(tag.toLowerCase()));
    if (key === 'due_at') return Date.parse(String(ticket.due_at)) === Date.parse(String(value));
    if (key === 'custom_fields')
      return (value as readonly { id: number; value: Json }[]).every(({ id, value: each }) =>
        ticket.custom_fields.some((field) => field.id === id && field.value === each),
      );
    return ticket[key] === value;
  });
}
