/** Closings: what the dialog opens with, the plan before anything is sent, the commit, and taking it back. */
import { z } from 'zod';
import type { Closings } from '../closing/commit.ts';
import type { Plan } from '../closing/plan.ts';
import { listClosings, viewClosing } from '../closing/views.ts';
import type { Store } from '../store/store.ts';
import { actorOf } from './actor.ts';
import { closing, closingRequest, type Preview, page, preview, previewRequest, proposal } from './contract.ts';
import { decodeCursor, byId as idCursor, pageQuery, toPage } from './paging.ts';
import { HttpProblem, notFound } from './problem.ts';
import { type ProposalParts, proposalView } from './proposal-view.ts';
import { route } from './route.ts';
import type { Viewer } from './viewer.ts';

export interface ClosingRouteParts extends ProposalParts {
  readonly store: Store;
  readonly closings: Closings;
  /** Of an agent's closings; API closings are not held. */
  readonly holdSeconds: number;
}

const byId = z.object({ id: z.string() });

const previewView = (plan: Plan): Preview => ({
  digest: plan.digest,
  covers: plan.covers,
  ends: plan.ends,
  missing: plan.missing.map((one) => ({ ...one, reason: { ...one.reason, values: { ...one.reason.values } } })),
  lines: plan.lines.map((line) => ({ ...line, values: { ...line.values } })),
  why: plan.why.map((why) => ({ ...why })),
  accounting: plan.accounting.map((one) => ({ ...one })),
  operations: plan.operations.map(({ key, part, helpdesk, work, after }) => ({ key, part, helpdesk, kind: work.kind, after: [...after] })),
});

/** Programs that use a person's API token plan as that token: no team, so no rule of a team fires. */
const planViewer = ({ id, name, email, teams }: Viewer) => ({ id, name, email, teams });

export const closingRoutes = (parts: ClosingRouteParts) => [...deciding(parts), ...afterwards(parts)];

const deciding = (parts: ClosingRouteParts) => [
  route({
    method: 'get',
    path: '/api/conversations/{id}/proposal',
    summary: 'What the closing dialog opens with; nothing in it is decided',
    role: 'agent',
    params: byId,
    answer: proposal,
    async handle({ params, viewer }) {
      const view = await proposalView(parts, params.id, planViewer(viewer));
      if (!view) throw notFound('conversation');
      return view;
    },
  }),
  route({
    method: 'post',
    path: '/api/conversations/{id}/closings/preview',
    summary: 'The plan of a decision, with what is missing; nothing is sent',
    role: 'agent',
    params: byId,
    body: previewRequest,
    answer: preview,
    async handle({ params, body, viewer }) {
      const plan = await parts.closings.preview({ conversation: params.id, decision: body.decision, viewer: planViewer(viewer) });
      if (!plan) throw notFound('conversation');
      return previewView(plan);
    },
  }),
  route({
    method: 'post',
    path: '/api/conversations/{id}/closings',
    summary: 'Commits the plan that was previewed, if it is still the same',
    role: 'agent',
    params: byId,
    headers: z.object({ 'Idempotency-Key': z.string().min(1).max(255) }),
    body: closingRequest,
    answer: closing,
    status: 201,
    async handle({ params, body, viewer, request, response }) {
      const idempotencyKey = request.get('idempotency-key');
      if (!idempotencyKey || idempotencyKey.length > 255)
        throw new HttpProblem(400, 'idempotency-key', 'Send a header Idempotency-Key of at most 255 characters.');
      const held = viewer.by === 'session';
      const result = await parts.closings.commit({
        conversation: params.id,
        decision: body.decision,
        digest: body.digest,
        viewer: planViewer(viewer),
        actor: actorOf(viewer),
        source: held ? 'console' : 'api',
        idempotencyKey: `${viewer.id}:${idempotencyKey}`,
        holdMs: held ? parts.holdSeconds * 1000 : 0,
      });
      if (result.is === 'not-found') throw notFound('conversation');
      if (result.is === 'key-reused') throw new HttpProblem(422, 'key-reused', 'This Idempotency-Key was used for another decision.');
      if (result.is === 'missing') {
        const errors = result.plan.missing.map(({ part, field, reason }) => ({ field: part ? `${part}.${field}` : field, message: reason.key }));
        throw new HttpProblem(422, 'missing', 'Something is missing.', { errors, extra: { preview: previewView(result.plan) } });
      }
      if (result.is === 'changed')
        throw new HttpProblem(409, 'plan-changed', 'The plan is not the one that was shown any more.', {
          extra: { preview: previewView(result.plan), closings: result.closings },
        });
      response.status(result.repeated ? 200 : 201);
      return viewClosing(parts.store.read, result.closing, parts.now());
    },
  }),
];

const afterwards = ({ store, closings, now }: ClosingRouteParts) => {
  const view = async (id: string) => {
    const found = await viewClosing(store.read, id, now());
    if (!found) throw notFound('closing');
    return found;
  };
  const ended = (result: 'ok' | 'not-found' | 'too-late'): void => {
    if (result === 'not-found') throw notFound('closing');
    if (result === 'too-late') throw new HttpProblem(409, 'too-late', 'It is under way already; correct it with a new closing.');
  };
  return [
    route({
      method: 'get',
      path: '/api/closings',
      summary: 'Closings, newest first',
      role: 'agent',
      query: pageQuery.extend({ mine: z.stringbool().default(false) }),
      answer: page(closing),
      async handle({ query, viewer }) {
        const before = decodeCursor(query.cursor, idCursor)?.[0];
        const found = await listClosings(store.read, { agent: query.mine ? viewer.id : undefined, before, limit: query.limit + 1 }, now());
        return toPage(
          found,
          query.limit,
          ({ id }) => [id],
          (one) => one,
        );
      },
    }),
    route({
      method: 'get',
      path: '/api/closings/{id}',
      summary: 'One closing and how far it is',
      role: 'agent',
      params: byId,
      answer: closing,
      handle: ({ params }) => view(params.id),
    }),
    route({
      method: 'delete',
      path: '/api/closings/{id}',
      summary: 'Takes it back, draft and all, before any step started',
      role: 'agent',
      params: byId,
      answer: closing,
      async handle({ params, viewer }) {
        ended(await closings.undo(params.id, actorOf(viewer)));
        return view(params.id);
      },
    }),
    route({
      method: 'post',
      path: '/api/closings/{id}/now',
      summary: 'Ends the hold',
      role: 'agent',
      params: byId,
      answer: closing,
      async handle({ params, viewer }) {
        ended(await closings.now(params.id, actorOf(viewer)));
        return view(params.id);
      },
    }),
  ];
};
