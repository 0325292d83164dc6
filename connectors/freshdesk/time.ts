/** Time entries. Freshdesk API v2, "Time Entries"; agents by e-mail: "List All Agents", which only an admin's key may read. */
import { z } from 'zod';
import { ConnectorError, type LogTimeOperation, type Step, type TimeEntry, toText } from '../../src/kit/index.ts';
import type { TimeSpent } from './client.ts';
import type { Desk } from './desk.ts';
import { lineOf } from './marker.ts';
import { iso } from './values.ts';
import * as wire from './wire.ts';

async function timeEntries(desk: Desk, ticket: string): Promise<wire.WireTimeEntry[]> {
  const all: wire.WireTimeEntry[] = [];
  for await (const page of desk.client.pages(`/tickets/${ticket}/time_entries`, z.array(wire.timeEntry), {})) all.push(...page);
  return all;
}

const marked = async (desk: Desk, ticket: string, operation: string): Promise<wire.WireTimeEntry[]> =>
  (await timeEntries(desk, ticket)).filter(({ note }) => note?.includes(lineOf(operation)));

export const timeTraces = async (desk: Desk, ticket: string, operation: string): Promise<string[]> =>
  (await marked(desk, ticket, operation)).map(({ id }) => String(id));

const isAgent = (agent: z.output<typeof wire.agent>, email: string): boolean => agent.contact?.email?.toLowerCase() === email.toLowerCase();

async function agentId(desk: Desk, email: string): Promise<number> {
  // The key's own agent may always be read, so a key without admin rights can still log its own time.
  const candidates = await desk.client.get('/agents', z.array(wire.agent), { email }).catch(async (error: unknown) => {
    if (error instanceof ConnectorError && error.code === 'forbidden') return [await desk.client.get('/agents/me', wire.agent)];
    throw error;
  });
  const found = candidates.find((agent) => isAgent(agent, email));
  if (found) return found.id;
  throw new ConnectorError('refused', `Freshdesk: no agent with the e-mail address ${email} is known to this API key; an admin’s key sees all agents`, {
    field: 'agent',
  });
}

const hoursAndMinutes = (minutes: number): string => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

function minutesOf(spent: string): number {
  const [hours = 0, minutes = 0] = spent.split(':').map(Number);
  return hours * 60 + minutes;
}

/** Without `timer_running: false` Freshdesk could start a timer, which would stop the agent's own. */
export async function logTime(desk: Desk, operation: LogTimeOperation, step: Step): Promise<void> {
  const ticket = operation.ticket.id;
  await step<TimeSpent, number>('time', {
    body: async () => ({
      kind: 'internal',
      attributes: {
        agent_id: await agentId(desk, operation.agent),
        time_spent: hoursAndMinutes(operation.minutes),
        billable: operation.billable,
        timer_running: false,
        executed_at: iso(operation.at),
        note: `${toText(operation.note)}\n${lineOf(operation.id)}`,
      },
    }),
    send: (body) => desk.client.createTimeEntry(ticket, body),
    find: async () => (await marked(desk, ticket, operation.id))[0]?.id,
    settleMs: desk.context.settings.settleSeconds * 1000,
  });
}

/** Undefined where the account's plan has no time sheets. */
export async function readTime(desk: Desk, ticket: string, names: ReadonlyMap<string, string>): Promise<TimeEntry[] | undefined> {
  try {
    return (await timeEntries(desk, ticket)).map((entry) => ({
      id: String(entry.id),
      agent: names.get(String(entry.agent_id)) ?? '',
      minutes: minutesOf(entry.time_spent),
      billable: entry.billable,
      note: entry.note ?? '',
      at: entry.executed_at ?? entry.created_at,
    }));
  } catch (error) {
    if (error instanceof ConnectorError && (error.code === 'not-found' || error.code === 'forbidden')) return undefined;
    throw error;
  }
}
