/** A private note on a ticket that no closing asked for: it goes as any operation does, in the ticket's own order. */
import { ticketLane } from '../delivery/outcome.ts';
import type { InternalText, NoteOperation, TicketRef } from '../kit/index.ts';
import type { DeliveriesTable } from '../store/schema.ts';

export function noteRow(made: {
  id: string;
  conversation: string;
  ticket: TicketRef;
  note: InternalText;
  /** Deliveries that must be done first. */
  after: readonly string[];
  now: number;
}): DeliveriesTable {
  const operation: NoteOperation = { id: made.id, revision: 1, kind: 'note', ticket: made.ticket, note: made.note, files: [] };
  return {
    id: made.id,
    closing_id: null,
    message_id: null,
    conversation_id: made.conversation,
    seq: 0,
    target_kind: 'helpdesk',
    target: made.ticket.helpdesk,
    kind: operation.kind,
    operation: JSON.stringify(operation),
    revision: 1,
    lane: ticketLane(made.ticket.helpdesk, made.ticket.id),
    after: JSON.stringify(made.after),
    state: 'waiting',
    due_at: made.now,
    first_at: null,
    attempts: 0,
    error: null,
    result: null,
    created_at: made.now,
    done_at: null,
    doubles: null,
    swept_at: null,
  };
}
