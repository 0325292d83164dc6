/** Deliveries: what is on its way, what stopped and why, and what a person can do about it. */
import { z } from 'zod';
import type { ActionResult, Actions } from '../delivery/actions.ts';
import { listDeliveries } from '../delivery/views.ts';
import type { Store } from '../store/store.ts';
import { actorOf } from './actor.ts';
import { delivery, page } from './contract.ts';
import { decodeCursor, byId as idCursor, pageQuery, toPage } from './paging.ts';
import { HttpProblem, notFound } from './problem.ts';
import { route } from './route.ts';

const byId = z.object({ id: z.string() });
const ticketRef = z.strictObject({ helpdesk: z.string(), id: z.string(), number: z.string(), url: z.string() });

function check(result: ActionResult): void {
  if (result === 'not-found') throw notFound('delivery');
  if (result === 'not-now') throw new HttpProblem(409, 'not-now', 'In its present state this cannot be done to the delivery.');
  if (result === 'unclear') throw new HttpProblem(409, 'still-unclear', 'Nobody can tell yet whether it arrived. Try again in a moment.');
  if (result === 'invalid') throw new HttpProblem(422, 'invalid', 'The operation does not fit: its kind, ticket and readers cannot be changed.');
}

export const deliveryRoutes = ({ store, actions }: { store: Store; actions: Actions }) => [
  route({
    method: 'get',
    path: '/api/deliveries',
    summary: 'Deliveries, newest first',
    role: 'agent',
    query: pageQuery.extend({ state: z.enum(['waiting', 'parked', 'dead', 'done', 'all']).default('all') }),
    answer: page(delivery),
    async handle({ query }) {
      const before = decodeCursor(query.cursor, idCursor)?.[0];
      const found = await listDeliveries(store.read, { state: query.state, before, limit: query.limit + 1 });
      return toPage(
        found,
        query.limit,
        ({ id }) => [id],
        (one) => one,
      );
    },
  }),
  route({
    method: 'post',
    path: '/api/deliveries/{id}/retry',
    summary: 'Once more, now',
    role: 'agent',
    params: byId,
    answer: null,
    handle: async ({ params, viewer }) => check(await actions.retry(params.id, actorOf(viewer))),
  }),
  route({
    method: 'post',
    path: '/api/deliveries/{id}/arrived',
    summary: 'A person saw that it did arrive; a new ticket must be named',
    role: 'agent',
    params: byId,
    body: z.strictObject({ ticket: ticketRef.optional() }).default({}),
    answer: null,
    handle: async ({ params, body, viewer }) => check(await actions.arrived(params.id, actorOf(viewer), body.ticket)),
  }),
  route({
    method: 'put',
    path: '/api/deliveries/{id}',
    summary: 'Corrects a stopped operation; what has arrived stays',
    role: 'agent',
    params: byId,
    body: z.strictObject({ operation: z.record(z.string(), z.json()) }),
    answer: null,
    handle: async ({ params, body, viewer }) => check(await actions.edit(params.id, body.operation, actorOf(viewer))),
  }),
];
