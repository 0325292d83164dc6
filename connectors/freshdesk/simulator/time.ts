/** Time entries of the simulated account. "Time Entries". */
import { Router } from 'express';
import { readBody } from './body.ts';
import { page, readQuery } from './lists.ts';
import { type FieldError, invalid, unknown } from './refusal.ts';
import * as show from './show.ts';
import type { State } from './state.ts';
import { changeable, ticketAt } from './tickets.ts';

const kinds = { agent_id: 'number', billable: 'boolean', note: 'string', time_spent: 'string', executed_at: 'string', timer_running: 'boolean' } as const;

function check(state: State, given: Record<string, unknown>): void {
  const errors: FieldError[] = [];
  for (const [field, value] of Object.entries(given)) {
    if (field === 'start_time') throw unknown('timers');
    const kind = (kinds as Record<string, string>)[field];
    if (!kind) errors.push({ field, message: 'Unexpected/invalid field in request', code: 'invalid_field' });
    else if (typeof value !== kind)
      errors.push({ field, message: `Value set is of type ${typeof value}.It should be a/an ${kind}`, code: 'datatype_mismatch' });
  }
  if (typeof given.time_spent === 'string' && !/^\d{2,}:[0-5]\d$/.test(given.time_spent))
    errors.push({ field: 'time_spent', message: "It should be in the 'hh:mm' format", code: 'invalid_value' });
  if (typeof given.executed_at === 'string' && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(given.executed_at))
    errors.push({ field: 'executed_at', message: 'It should be in the combined date and time ISO8601 format', code: 'invalid_value' });
  if (typeof given.agent_id === 'number' && !state.agents.some(({ id }) => id === given.agent_id))
    errors.push({ field: 'agent_id', message: 'There is no agent matching the given agent_id', code: 'invalid_value' });
  if (errors.length) throw invalid(errors);
  // Both would start a timer, and stop the one that the agent has running.
  if (given.time_spent === undefined || given.timer_running === true) throw unknown('timers');
}

export function timeSheets(state: State): Router {
  const router = Router();
  router.get('/tickets/:id/time_entries', (request, response) => {
    const ticket = ticketAt(state, request);
    const query = readQuery(request, ['page', 'per_page']);
    const rows = state.timeEntries.filter(({ ticket_id }) => ticket_id === ticket.id);
    response.json(page(request, response, rows, query).map(show.timeEntry));
  });
  router.post('/tickets/:id/time_entries', async (request, response) => {
    const ticket = changeable(ticketAt(state, request));
    const { attributes } = await readBody(request);
    check(state, attributes);
    const at = state.now();
    const one = {
      id: state.nextId(),
      ticket_id: ticket.id,
      agent_id: Number(attributes.agent_id ?? state.agents[0]?.id),
      billable: attributes.billable !== false,
      note: typeof attributes.note === 'string' ? attributes.note : null,
      time_spent: String(attributes.time_spent),
      executed_at: typeof attributes.executed_at === 'string' ? Date.parse(attributes.executed_at) : at,
      created_at: at,
    };
    state.timeEntries.push(one);
    ticket.updated_at = at;
    response.status(201).json(show.timeEntry(one));
  });
  return router;
}
