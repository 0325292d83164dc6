/** `update_many` and its jobs: queued, always safe updates, with results in their own order ("Job Statuses" of the API reference). */
import { Refusal, unknown } from './refusal.ts';
import { iso, type SimJob, type SimState } from './state.ts';
import { updateTicket } from './tickets.ts';
import type { Said } from './values.ts';

type Body = Record<string, unknown>;

function resultOf(state: SimState, said: Said, id: number, body: Body, queuedAt: number): Record<string, unknown> {
  const ticket = state.tickets.get(id);
  if (!ticket) return { action: 'update', status: 'Failed', success: false, id, error: 'TicketNotFound', details: 'Ticket does not exist' };
  const { additional_tags: added, remove_tags: removed, ...plain } = body;
  const tags = new Set([...ticket.tags, ...((added as string[] | undefined) ?? [])]);
  for (const tag of (removed as string[] | undefined) ?? []) tags.delete(tag);
  // Without a stamp of its own, a job goes by the time at which it was queued.
  const stamp = plain.updated_stamp === undefined && ticket.updated_at > queuedAt ? { updated_stamp: iso(queuedAt), safe_update: true } : {};
  try {
    updateTicket(state, said, ticket, { ...plain, ...stamp, ...(added || removed ? { tags: [...tags] } : {}) }, [], true);
    return { action: 'update', status: 'Updated', success: true, id };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const said = error.body as { error?: string; description?: string };
    return { action: 'update', status: 'Failed', success: false, id, error: said.error, details: said.description };
  }
}

export function queueUpdates(state: SimState, said: Said, ids: unknown, body: Body, runsAfterMs: number): { job: SimJob; tickets: number[] } {
  const batch = body.tickets as Body[] | undefined;
  const one = body.ticket as Body | undefined;
  if (!batch === !one) throw unknown('update_many with neither or both of `tickets` and `ticket`');
  const changes = batch
    ? batch.map((change) => ({ id: Number(change.id), change }))
    : String(ids ?? '')
        .split(',')
        .map((id) => ({ id: Number(id), change: one ?? {} }));
  if (changes.length > 100) throw new Refusal(400, { error: 'TooManyValues', description: 'Parameter  cannot specify more than 100 values', max_count: 100 });
  const open = [...state.jobs.values()].filter(({ status }) => status === 'queued').map(({ id }) => id);
  if (open.length >= 30)
    throw new Refusal(429, { error: 'TooManyJobs', description: 'Too many jobs are currently queued or running. Try again later.', current_job_ids: open });
  const queuedAt = state.second();
  const job: SimJob = {
    id: `V3-${state.id().toString(16).padStart(32, '0')}`,
    dueAt: state.now() + runsAfterMs,
    total: changes.length,
    status: 'queued',
    results: null,
    // The last comes first: who relies on the order of results finds out here.
    run: () => changes.map(({ id, change }) => resultOf(state, said, id, change, queuedAt)).reverse(),
  };
  state.jobs.set(job.id, job);
  return { job, tickets: changes.map(({ id }) => id) };
}

/** Does what is due. Called on every request, as jobs run whether or not somebody asks. */
export function runJobs(state: SimState): void {
  for (const job of state.jobs.values()) {
    if (job.status === 'completed' || job.dueAt > state.now()) continue;
    job.status = 'completed';
    job.results = job.run();
  }
}

export const shownJob = ({ id, total, status, results }: SimJob) => ({
  job_status: { id, url: `/api/v2/job_statuses/${id}.json`, total, progress: results ? total : null, status, message: null, results },
});
