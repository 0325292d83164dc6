/** Closings as the API shows them, with how far their deliveries are. */
import type { Kysely } from 'kysely';
import { type DeliveryShown, viewDelivery } from '../delivery/views.ts';
import type { OperationResult } from '../kit/index.ts';
import type { ClosingsTable, Database, DeliveriesTable } from '../store/schema.ts';
import type { Decision } from './decision.ts';

export interface ClosingShown {
  readonly id: string;
  readonly conversation: string;
  readonly agent: { readonly id: string; readonly name: string; readonly email: string } | null;
  readonly state: ClosingsTable['state'];
  readonly progress: 'held' | 'under-way' | 'done' | 'needs-you' | 'undone';
  readonly createdAt: number;
  readonly notBefore: number;
  readonly ends: boolean;
  readonly none: string | null;
  readonly title: string;
  readonly contact: string;
  readonly deliveries: DeliveryShown[];
  readonly tickets: {
    readonly helpdesk: string;
    readonly id: string;
    readonly number: string;
    readonly url: string;
    readonly via: 'follow-up' | 'successor' | 'new' | null;
  }[];
}

type Row = ClosingsTable & { readonly contact: string | null; readonly agent_name: string | null; readonly agent_email: string | null };

function progressOf(closing: ClosingsTable, deliveries: readonly DeliveriesTable[], now: number): ClosingShown['progress'] {
  if (closing.state === 'undone') return 'undone';
  if (deliveries.some(({ state }) => state === 'parked' || state === 'dead')) return 'needs-you';
  if (closing.state === 'held' && closing.not_before > now) return 'held';
  return deliveries.every(({ state }) => state === 'done') ? 'done' : 'under-way';
}

/** Each ticket once, in the order of the plan. */
export function ticketsOf(deliveries: readonly Pick<DeliveriesTable, 'target_kind' | 'result'>[]): ClosingShown['tickets'] {
  const results = deliveries.flatMap((row) => (row.target_kind === 'helpdesk' && row.result ? [JSON.parse(row.result) as OperationResult] : []));
  const tickets = new Map<string, ClosingShown['tickets'][number]>();
  for (const { ticket, via } of results) {
    const { helpdesk, id, number, url } = ticket;
    const key = `${helpdesk}\n${id}`;
    if (!tickets.has(key) || via) tickets.set(key, { helpdesk, id, number, url, via: via ?? null });
  }
  return [...tickets.values()];
}

function shown(row: Row, deliveries: readonly DeliveriesTable[], now: number): ClosingShown {
  const decision = JSON.parse(row.decision) as Decision;
  const views = deliveries.map(viewDelivery);
  return {
    id: row.id,
    conversation: row.conversation_id,
    agent: row.agent_id && row.agent_name !== null && row.agent_email !== null ? { id: row.agent_id, name: row.agent_name, email: row.agent_email } : null,
    state: row.state === 'held' && row.not_before <= now ? 'released' : row.state,
    progress: progressOf(row, deliveries, now),
    createdAt: row.created_at,
    notBefore: row.not_before,
    ends: row.ends === 1,
    none: row.none_reason,
    title: decision.parts.find(({ title }) => title)?.title ?? views.find(({ subject }) => subject)?.subject ?? '',
    contact: row.contact ?? '',
    deliveries: views,
    tickets: ticketsOf(deliveries),
  };
}

const base = (read: Kysely<Database>) =>
  read
    .selectFrom('closings')
    .innerJoin('conversations', 'conversations.id', 'closings.conversation_id')
    .leftJoin('contacts', 'contacts.id', 'conversations.contact_id')
    .leftJoin('agents', 'agents.id', 'closings.agent_id')
    .selectAll('closings')
    .select(['contacts.name as contact', 'agents.name as agent_name', 'agents.email as agent_email']);

async function withDeliveries(read: Kysely<Database>, rows: readonly Row[], now: number): Promise<ClosingShown[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const deliveries = await read.selectFrom('deliveries').selectAll().where('closing_id', 'in', ids).orderBy('seq').execute();
  return rows.map((row) =>
    shown(
      row,
      deliveries.filter(({ closing_id }) => closing_id === row.id),
      now,
    ),
  );
}

export async function viewClosing(read: Kysely<Database>, id: string, now: number): Promise<ClosingShown | undefined> {
  const rows = await base(read).where('closings.id', '=', id).execute();
  return (await withDeliveries(read, rows, now))[0];
}

/** Newest first; `agent` narrows to that agent's own. `before` is the id of the last one of the page before. */
export async function listClosings(
  read: Kysely<Database>,
  query: { agent?: string | undefined; before?: string | undefined; limit: number },
  now: number,
): Promise<ClosingShown[]> {
  let rows = base(read).orderBy('closings.id', 'desc').limit(query.limit);
  if (query.agent !== undefined) rows = rows.where('closings.agent_id', '=', query.agent);
  if (query.before !== undefined) rows = rows.where('closings.id', '<', query.before);
  return withDeliveries(read, await rows.execute(), now);
}
