/** Makes the tickets of a split point at each other in one call ("Update Many Tickets", batch): a private comment each, as safe updates in a job. */
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { ConnectorError, type InternalText, type LinkOperation, needRef, type Step, type TicketRef } from '../../src/kit/index.ts';
import type { JsonObject } from './client.ts';
import { fitComment } from './comment.ts';
import { closedError, type Desk } from './desk.ts';
import { jobShape, ticketShape } from './shapes.ts';
import { stampOf, writeComment } from './write.ts';

type LinkBody = { readonly tickets: readonly JsonObject[] };
/** Tickets of which nobody said that the batch reached them, as when somebody changed them first: each is looked at, and written alone if need be. */
type Linked = { readonly unsure: readonly number[] };

const empty: InternalText = { kind: 'internal', blocks: [] };

async function batchBody(desk: Desk, operation: LinkOperation, tickets: readonly TicketRef[]): Promise<LinkBody> {
  const shape = z.looseObject({ tickets: z.array(ticketShape) });
  const read = await desk.client.call({ method: 'GET', path: '/tickets/show_many', query: { ids: tickets.map(({ id }) => id).join(',') } }, shape);
  const line = await desk.markers.line(operation.id);
  return {
    tickets: tickets.map((ref, i) => {
      const current = read.tickets.find(({ id }) => String(id) === ref.id);
      if (!current) throw new ConnectorError('not-found', `Zendesk has no ticket #${ref.number}.`);
      if (current.status === 'closed') throw closedError(ref.number);
      const { html } = fitComment(operation.notes[i] ?? empty, line);
      return { id: current.id, comment: { html_body: html, public: false }, metadata: { deskbridge: operation.id }, ...stampOf(current) };
    }),
  };
}

/** Waits for a job's end, a minute at most, and returns the tickets that it says it updated; results come in any order. */
async function jobEnds(desk: Desk, id: string): Promise<readonly unknown[]> {
  for (const pause of [0, 200, 500, 1000, 2000, 4000, 8000, 16_000, 30_000]) {
    await wait(pause);
    const { job_status: job } = await desk.client.call({ method: 'GET', path: `/job_statuses/${encodeURIComponent(id)}` }, jobShape);
    if (!['completed', 'failed', 'killed'].includes(job.status)) continue;
    const results = Array.isArray(job.results) ? job.results : [job.results];
    return results.filter((result) => result?.success === true).map((result) => result?.id);
  }
  throw new ConnectorError('unavailable', 'Zendesk: the job that links the tickets is still queued', { retry: 'backoff' });
}

async function sendBatch(desk: Desk, tickets: readonly TicketRef[], body: LinkBody): Promise<Linked> {
  const { job_status: job } = await desk.client.call({ method: 'PUT', path: '/tickets/update_many', body }, jobShape);
  try {
    const updated = await jobEnds(desk, job.id);
    return { unsure: tickets.map(({ id }) => Number(id)).filter((id) => !updated.includes(id)) };
  } catch (error) {
    // The job was taken: whatever the look said, it may still run.
    if (error instanceof ConnectorError) throw new ConnectorError(error.code, error.message, { retry: error.retry, effect: 'unclear', status: error.status });
    throw error;
  }
}

export async function link(desk: Desk, operation: LinkOperation, step: Step): Promise<TicketRef> {
  const tickets = operation.tickets.map((target) => needRef(target));
  const first = needRef(tickets[0]);
  const { unsure } = await step<LinkBody, Linked>('link', {
    body: () => batchBody(desk, operation, tickets),
    send: (body) => sendBatch(desk, tickets, body),
    // A batch of which nothing was heard is not repeated: each ticket is looked at by a step of its own.
    find: async () => ({ unsure: tickets.map(({ id }) => Number(id)) }),
    // Long enough for what landed in the second of a stamp to be seen; what comes later fails by its stamp.
    settleMs: 2000,
  });
  for (const [i, { id }] of tickets.entries()) {
    if (!unsure.includes(Number(id))) continue;
    const write = { ticket: id, operation: operation.id, text: operation.notes[i] ?? empty, files: [], mayHaveArrived: true };
    await writeComment(desk, write, step, `link-${id}`);
  }
  return first;
}
