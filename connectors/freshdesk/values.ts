/** Ticket values in Freshdesk's attributes. Freshdesk API v2, "Create a Ticket", "Update a Ticket". */
import { DateTime } from 'luxon';
import { ConnectorError, type Json, type TicketValues } from '../../src/kit/index.ts';
import type { Attributes } from './client.ts';
import type { Desk } from './desk.ts';
import { timerRuns } from './statuses.ts';

/** Attributes that take a number where the schema, like every schema, lists texts. */
const numeric = new Set(['product_id', 'company_id', 'group_id', 'responder_id', 'email_config_id', 'source', 'status', 'priority']);

const asNumber = (value: string): number => {
  const number = Number(value);
  if (!Number.isFinite(number)) throw new ConnectorError('refused', `Freshdesk: ${value} is not an id of Freshdesk`);
  return number;
};

function fieldAttributes(fields: NonNullable<TicketValues['fields']>): Attributes {
  const custom: Record<string, Json> = {};
  const own: Record<string, Json> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name.startsWith('cf_')) custom[name] = value;
    else own[name] = numeric.has(name) && typeof value === 'string' ? asNumber(value) : value;
  }
  return { ...own, ...(Object.keys(custom).length ? { custom_fields: custom } : {}) };
}

/** Refused here rather than at Freshdesk, so that the reason is plain: a plan that got this far was made with another `timerStatuses`. */
async function checkTimer(desk: Desk, status: string | undefined): Promise<void> {
  if (status === undefined || desk.context.settings.timerStatuses === undefined) return;
  if (await timerRuns(desk, status)) return;
  const message = 'Freshdesk: the SLA timer of this status does not run, so it takes no due date; give the mapping a date field for it';
  throw new ConnectorError('refused', message, { field: 'due_by' });
}

async function dueAttributes(desk: Desk, due: NonNullable<TicketValues['due']>, status: string | undefined): Promise<Attributes> {
  if (due.field !== 'due') return { custom_fields: { [due.field.custom]: DateTime.fromMillis(due.at, { zone: due.zone }).toISODate() } };
  await checkTimer(desk, status);
  const at = iso(due.at);
  // Freshdesk takes both or neither, and the first response must not be due after the resolution.
  return { due_by: at, fr_due_by: at };
}

/** As Freshdesk writes times: whole seconds, UTC. */
export const iso = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');

export async function attributesOf(desk: Desk, values: TicketValues): Promise<Attributes> {
  const due = values.due ? await dueAttributes(desk, values.due, values.status) : {};
  const fields = fieldAttributes(values.fields ?? {});
  const custom = { ...(fields.custom_fields as Attributes | undefined), ...(due.custom_fields as Attributes | undefined) };
  return {
    ...(values.status === undefined ? {} : { status: asNumber(values.status) }),
    ...(values.priority === undefined ? {} : { priority: asNumber(values.priority) }),
    ...(values.group === undefined ? {} : { group_id: asNumber(values.group) }),
    ...(values.assignee === undefined ? {} : { responder_id: asNumber(values.assignee) }),
    ...(values.type === undefined ? {} : { type: values.type }),
    ...(values.tags === undefined ? {} : { tags: values.tags.map((tag) => tag.slice(0, 32)) }),
    ...fields,
    ...due,
    ...(Object.keys(custom).length ? { custom_fields: custom } : {}),
  };
}
