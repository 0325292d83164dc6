/**
 * One update of one ticket ("Update Ticket" with `safe_update`): comment, status and fields in a single call.
 * The stamp makes a late duplicate fail with 409; the marker in the comment then tells whether the first one arrived.
 */
import type { BlobRef, InternalText, PublicText, Step, TicketValues } from '../../src/kit/index.ts';
import type { JsonObject } from './client.ts';
import { fitComment } from './comment.ts';
import { closedError, type Desk, deletedError, hasStatus, readTicket, staleError } from './desk.ts';
import { oneTicket, type ZendeskTicket } from './shapes.ts';
import { uploadAll } from './uploads.ts';
import { holds, ticketValues } from './values.ts';

export interface CommentWrite {
  readonly ticket: string;
  readonly operation: string;
  /** Whether the customer reads it is decided by its type, here and nowhere else. */
  readonly text: InternalText | PublicText;
  readonly files: readonly BlobRef[];
  readonly values?: TicketValues | undefined;
  /** An earlier call may have written it: then the marker is looked for before anything is sent. */
  readonly mayHaveArrived?: boolean;
}

type UpdateBody = { readonly id: number; readonly ticket: JsonObject };
/** Null: it was there already, and there is nothing to send. */
type CommentBody = { readonly id: number; readonly ticket: JsonObject | null };
type Done = { readonly id: number };

/**
 * `updated_at` has whole seconds, so a duplicate could pass its own stamp within the second of the ticket's last change.
 * A look two seconds later sees what landed in that second, and the stamp stops what lands later.
 */
const settleMs = 2000;

export const stampOf = (ticket: ZendeskTicket): JsonObject => ({ updated_stamp: ticket.updated_at, safe_update: true });

/** Reads the ticket right before it is written: its stamp, its tags, and whether it still takes changes. */
async function readOpen(desk: Desk, id: string): Promise<ZendeskTicket> {
  const ticket = await readTicket(desk, id);
  if (ticket.status === 'closed') throw closedError(id);
  if (ticket.status === 'deleted') throw deletedError(id);
  return ticket;
}

async function put(desk: Desk, { id, ticket }: UpdateBody): Promise<void> {
  try {
    await desk.client.call({ method: 'PUT', path: `/tickets/${id}`, body: { ticket } }, oneTicket);
  } catch (error) {
    // The words of "closed" are in the acting user's language, so the ticket itself is asked.
    if (hasStatus(error, 422) && error.field === 'status' && (await readTicket(desk, id)).status === 'closed') throw closedError(id);
    throw error;
  }
}

async function commentBody(desk: Desk, write: CommentWrite, step: Step, name: string): Promise<CommentBody> {
  // The stamp first, then the look: what lands in between is seen, and what lands later makes the stamp stale.
  const current = await readOpen(desk, write.ticket);
  if (write.mayHaveArrived && (await desk.markers.find(current.id, write.operation)).length) return { id: current.id, ticket: null };
  const values = await ticketValues(desk.facts, write.values ?? {}, current);
  const { html, overflow } = fitComment(write.text, await desk.markers.line(write.operation));
  const uploads = await uploadAll(desk, step, name, write.files, overflow);
  const comment = { html_body: html, public: write.text.kind === 'public', ...(uploads.length ? { uploads } : {}) };
  return { id: current.id, ticket: { comment, ...values, metadata: { deskbridge: write.operation }, ...stampOf(current) } };
}

export async function writeComment(desk: Desk, write: CommentWrite, step: Step, name: string): Promise<void> {
  const id = Number(write.ticket);
  const arrived = async (): Promise<Done | undefined> => ((await desk.markers.find(id, write.operation)).length ? { id } : undefined);
  await step<CommentBody, Done>(name, {
    body: () => commentBody(desk, write, step, name),
    async send({ ticket }) {
      if (ticket === null) return { id };
      try {
        await put(desk, { id, ticket });
      } catch (error) {
        if (!hasStatus(error, 409)) throw error;
        const done = await arrived();
        if (done) return done;
        throw staleError(id);
      }
      await desk.markers.learn(id, write.operation);
      return { id };
    },
    find: arrived,
    settleMs,
  });
}

/** Values alone: there is no comment to carry a marker, and setting them again changes nothing. */
export async function writeValues(desk: Desk, ticket: string, values: TicketValues, step: Step): Promise<void> {
  await step<UpdateBody, Done>('update', {
    async body() {
      const current = await readOpen(desk, ticket);
      return { id: current.id, ticket: { ...(await ticketValues(desk.facts, values, current)), ...stampOf(current) } };
    },
    async send(body) {
      try {
        await put(desk, body);
      } catch (error) {
        if (!hasStatus(error, 409)) throw error;
        if (!holds(await readTicket(desk, body.id), body.ticket)) throw staleError(body.id);
      }
      return { id: body.id };
    },
    safeForMs: Number.POSITIVE_INFINITY,
  });
}
