/** The rows that a plan becomes at commit. Pure: ids and times are handed in. */

import { ticketLane } from '../delivery/outcome.ts';
import { referencesOf, renameReferences } from '../delivery/references.ts';
import { channelRow } from '../delivery/replies.ts';
import type { TicketTarget } from '../kit/index.ts';
import type { ClosingMessagesTable, DeliveriesTable } from '../store/schema.ts';
import type { Plan, PlannedOperation } from './plan.ts';

export interface Commit {
  readonly closing: string;
  readonly conversation: { readonly id: string; readonly channel: string };
  readonly plan: Plan;
  readonly now: number;
  /** When the hold ends; `now` without one. */
  readonly due: number;
  /** The chat is open at the vendor, and its channel can end it there. */
  readonly endsAtVendor: boolean;
  /** A new UUIDv7. */
  id(): string;
}

const isTarget = (ticket: object): ticket is TicketTarget => 'operation' in ticket;

/** Operations on one ticket share a lane: the ticket's own, or for one that is yet to be opened its part's in this plan. */
function laneOf(operation: PlannedOperation, { plan, closing }: Commit): string {
  const { work, part, helpdesk } = operation;
  const inPlan = (name: string): string => `plan:${closing}:${name}`;
  if (work.kind === 'open') return inPlan(part);
  if (work.kind === 'link') return inPlan(`${helpdesk}/link`);
  if (!isTarget(work.ticket)) return ticketLane(work.ticket.helpdesk, work.ticket.id);
  const opens = work.ticket.operation;
  return inPlan(plan.operations.find(({ key }) => key === opens)?.part ?? part);
}

export function deliveryRows(commit: Commit): readonly DeliveriesTable[] {
  const { plan, closing, conversation, now, due } = commit;
  const ids = new Map(plan.operations.map(({ key }) => [key, commit.id()]));
  const idOf = (key: string): string => {
    const id = ids.get(key);
    if (!id) throw new Error(`the plan has no operation ${key}`);
    return id;
  };
  const rows = plan.operations.map((operation, seq): DeliveriesTable => {
    const work = renameReferences(operation.work, ids);
    const id = idOf(operation.key);
    const after = [...new Set([...operation.after.map(idOf), ...referencesOf(work)])];
    return {
      id,
      closing_id: closing,
      message_id: null,
      conversation_id: conversation.id,
      seq,
      target_kind: 'helpdesk',
      target: operation.helpdesk,
      kind: work.kind,
      operation: JSON.stringify({ id, revision: 1, ...work }),
      revision: 1,
      lane: laneOf(operation, commit),
      after: JSON.stringify(after),
      state: 'waiting',
      due_at: due,
      first_at: null,
      attempts: 0,
      error: null,
      result: null,
      created_at: now,
      done_at: null,
      doubles: null,
      swept_at: null,
    };
  });
  if (!plan.ends || !commit.endsAtVendor) return rows;
  return [...rows, channelRow({ kind: 'end' }, { id: commit.id(), conversation, now, due, seq: rows.length, closing })];
}

export const messageRows = ({ plan, closing }: Commit): readonly ClosingMessagesTable[] =>
  plan.accounting.map(({ part, message, how }) => ({ closing_id: closing, part, message_id: message, how }));
