/** Deliveries as the API shows them. */
import type { Kysely } from 'kysely';
import type { OperationResult } from '../kit/index.ts';
import type { Database, DeliveriesTable } from '../store/schema.ts';

export interface DeliveryShown {
  readonly id: string;
  readonly closing: string | null;
  readonly conversation: string | null;
  readonly message: string | null;
  readonly target: string;
  readonly targetKind: 'helpdesk' | 'channel';
  readonly kind: string;
  readonly subject: string | null;
  readonly state: DeliveriesTable['state'];
  readonly dueAt: number;
  readonly attempts: number;
  readonly error: { readonly code: string; readonly message: string; readonly field: string | null } | null;
  readonly ticket: { readonly helpdesk: string; readonly number: string; readonly url: string } | null;
  readonly doubles: string[];
  readonly createdAt: number;
  readonly doneAt: number | null;
  readonly operation: unknown;
}

export function viewDelivery(row: DeliveriesTable): DeliveryShown {
  const operation = JSON.parse(row.operation) as { subject?: string; ifClosed?: { subject?: string } };
  const error = row.error ? (JSON.parse(row.error) as { code: string; message: string; field: string | null }) : null;
  const result = row.result ? (JSON.parse(row.result) as Partial<OperationResult>) : null;
  const ticket = result?.ticket;
  return {
    id: row.id,
    closing: row.closing_id,
    conversation: row.conversation_id,
    message: row.message_id,
    target: row.target,
    targetKind: row.target_kind,
    kind: row.kind,
    subject: operation.subject ?? operation.ifClosed?.subject ?? null,
    state: row.state,
    dueAt: row.due_at,
    attempts: row.attempts,
    error: error && { code: error.code, message: error.message, field: error.field },
    ticket: ticket ? { helpdesk: ticket.helpdesk, number: ticket.number, url: ticket.url } : null,
    doubles: row.doubles ? (JSON.parse(row.doubles) as string[]) : [],
    createdAt: row.created_at,
    doneAt: row.done_at,
    operation,
  };
}

export type DeliveryFilter = 'waiting' | 'parked' | 'dead' | 'done' | 'all';

/** Newest first. `before` is the id of the last one of the page before. */
export async function listDeliveries(
  read: Kysely<Database>,
  { state, before, limit }: { state: DeliveryFilter; before?: string | undefined; limit: number },
): Promise<DeliveryShown[]> {
  let query = read.selectFrom('deliveries').selectAll().orderBy('id', 'desc').limit(limit);
  if (before !== undefined) query = query.where('id', '<', before);
  if (state === 'waiting') query = query.where('state', 'in', ['waiting', 'running']);
  else if (state !== 'all') query = query.where('state', '=', state);
  return (await query.execute()).map(viewDelivery);
}
