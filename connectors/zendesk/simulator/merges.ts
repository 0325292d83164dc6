/** Merging tickets, in a job ("Merge Tickets into Target Ticket"), and deleting them, after which nobody finds them ("Delete Ticket"). */
import type { Router } from 'express';
import { shownJob } from './jobs.ts';
import { unknown } from './refusal.ts';
import { needTicket, type SimJob, type SimState, type SimTicket } from './state.ts';
import { addComment } from './tickets.ts';
import { json } from './writes.ts';

export interface MergeOptions {
  readonly jobsAfterMs: number;
  readonly closes: boolean | undefined;
}

type Body = Record<string, unknown>;

/** A ticket is private when its first comment is; one private ticket makes all comments of a merge private. */
const isPublic = (tickets: readonly SimTicket[]): boolean => tickets.every(({ comments }) => comments[0]?.public === true);

function merge(state: SimState, target: SimTicket, sources: readonly SimTicket[], body: Body): void {
  const open = isPublic([target, ...sources]);
  const files = sources.flatMap(({ comments }) => comments.flatMap(({ attachments }) => attachments));
  addComment(state, target, { body: body.target_comment, public: open && body.target_comment_is_public === true }, {}, files);
  for (const source of sources) {
    addComment(state, source, { body: body.source_comment, public: open && body.source_comment_is_public === true }, {});
    Object.assign(source, { status: 'closed', updated_at: state.second() });
  }
  target.updated_at = state.second();
}

export function mergeAndDelete(router: Router, state: SimState, options: MergeOptions): void {
  router.post('/tickets/:id/merge', (request, response) => {
    if (options.closes !== true) throw unknown('what becomes of the sources of a merge');
    const target = needTicket(state, request.params.id);
    const body = json(request);
    if (!Array.isArray(body.ids) || !body.ids.length) throw unknown('a merge without ids');
    if (!body.target_comment || !body.source_comment) throw unknown('the words of a merge that names no comments');
    const sources = body.ids.map((id) => needTicket(state, id));
    if (sources.includes(target)) throw unknown('what a ticket gets that is merged into itself');
    if ([target, ...sources].some(({ status }) => status === 'closed')) throw unknown('the refusal of a merge with a closed ticket');
    const job: SimJob = {
      id: `V3-${state.id().toString(16).padStart(32, '0')}`,
      dueAt: state.now() + options.jobsAfterMs,
      total: sources.length,
      status: 'queued',
      results: null,
      run() {
        merge(state, target, sources, body);
        return [{ action: 'merge', status: 'Completed', success: true, id: target.id }];
      },
    };
    state.jobs.set(job.id, job);
    response.json(shownJob(job));
  });
  router.delete('/tickets/:id', (request, response) => {
    state.tickets.delete(needTicket(state, request.params.id).id);
    response.status(204).end();
  });
}
