/** Internal comments on tickets that may have moved since they were planned: merged into another, closed for good, or deleted. */
import { type AppendOperation, ConnectorError, type NoteOperation, needRef, type OperationResult, type Step, type TicketRef } from '../../src/kit/index.ts';
import type { Desk } from './desk.ts';
import { isDeleted, successorOf } from './moved.ts';
import { openTicket } from './open.ts';
import { writeParts } from './parts.ts';
import type { CommentWrite } from './write.ts';

/** A chain of merges is followed this far; whoever merges in a circle ends it. */
const maxMerges = 5;

const hasCode = (error: unknown, code: ConnectorError['code']): boolean => error instanceof ConnectorError && error.code === code;

type Written = { readonly ticket: TicketRef; readonly failed?: unknown };

/** Writes to the ticket or to what it was merged into. `failed`: why the last of them took nothing, and `ticket` is that one. */
async function writeOrFollow(desk: Desk, first: TicketRef, write: Omit<CommentWrite, 'ticket'>, step: Step, name: string): Promise<Written> {
  let ticket = first;
  for (let merges = 0; ; merges++) {
    try {
      // Each ticket has a step of its own: what was sent to one must never be taken for sent to another.
      await writeParts(desk, { ...write, ticket: ticket.id }, step, merges === 0 ? name : `${name}-${ticket.id}`);
      return { ticket };
    } catch (error) {
      const next = hasCode(error, 'closed') && merges < maxMerges ? await successorOf(desk, ticket.id) : undefined;
      if (!next) return { ticket, failed: error };
      ticket = next;
    }
  }
}

const successor = (first: TicketRef, ticket: TicketRef): OperationResult => (ticket.id === first.id ? { ticket: first } : { ticket, via: 'successor' });

export async function append(desk: Desk, operation: AppendOperation, step: Step): Promise<OperationResult> {
  const { id, revision, note, files, values, asPlanned, ifClosed } = operation;
  const { ticket, failed } = await writeOrFollow(desk, operation.ticket, { operation: id, text: note, files, values }, step, 'append');
  if (failed === undefined) return successor(operation.ticket, ticket);
  if (!ifClosed) throw failed;
  // One step for both: a follow-up that may have been opened must not be opened again because its source is deleted since.
  const open = (more: { followUpOf?: TicketRef }) => openTicket(desk, { ...ifClosed, id, revision, ...more }, step, 'follow-up');
  if (hasCode(failed, 'closed')) return { ticket: await open({ followUpOf: ticket }), via: 'follow-up' };
  if (hasCode(failed, 'not-found') && (await isDeleted(desk, ticket.id, asPlanned !== undefined))) return { ticket: await open({}), via: 'new' };
  throw failed;
}

export async function addNote(desk: Desk, operation: NoteOperation, step: Step): Promise<OperationResult> {
  const first = needRef(operation.ticket);
  const { ticket, failed } = await writeOrFollow(desk, first, { operation: operation.id, text: operation.note, files: operation.files }, step, 'note');
  if (failed !== undefined) throw failed;
  return successor(first, ticket);
}
