/** For administrators: tokens, what was not understood, and how channels and helpdesks are doing. */
import { z } from 'zod';
import type { ChannelRuntime, Intake } from '../intake/intake.ts';
import { listQuarantine, replay } from '../intake/quarantine.ts';
import type { MappingProblem } from '../mapping/evaluate.ts';
import type { Mappings } from '../mapping/load.ts';
import type { ChannelWatch } from '../observe/channel-watch.ts';
import type { Drift } from '../observe/drift.ts';
import type { Health } from '../observe/health.ts';
import { audit } from '../store/audit.ts';
import type { Store } from '../store/store.ts';
import { actorOf } from './actor.ts';
import type { Auth } from './auth.ts';
import { health, page, session } from './contract.ts';
import { byId, decodeCursor, pageQuery, toPage } from './paging.ts';
import { notFound } from './problem.ts';
import { route } from './route.ts';

export interface AdminParts {
  readonly store: Store;
  readonly auth: Auth;
  readonly intake: Intake;
  readonly runtimes: ReadonlyMap<string, ChannelRuntime>;
  readonly health: Health;
  readonly watch: ChannelWatch;
  readonly mappings: Mappings;
  readonly drift: Pick<Drift, 'problems'>;
  now(): number;
}

const quarantined = z.object({ id: z.string(), channel: z.string(), receivedAt: z.number(), error: z.string(), payload: z.string() });
const token = z.object({ id: z.string(), name: z.string(), role: z.enum(['agent', 'admin']), createdAt: z.number(), lastUsedAt: z.number().nullable() });

export const adminRoutes = (parts: AdminParts) => [...connectorRoutes(parts), ...quarantineRoutes(parts), ...tokenRoutes(parts)];

const hearsNobody = { intakes: [], outages: [], silence: null, canary: null };

const place = z.object({ file: z.string(), line: z.number(), message: z.string() });
const placesOf = (problems: readonly MappingProblem[]) => problems.map(({ file, line, message }) => ({ file, line, message }));

const connectorRoutes = ({ health: connectors, mappings, drift, watch }: AdminParts) => [
  route({
    method: 'get',
    path: '/api/connectors',
    summary: 'How each channel and helpdesk is doing, whether every mapping file is in force, and whether it fits what its helpdesks say now',
    role: 'agent',
    answer: z.object({
      items: z.array(health),
      mappings: z.object({ problems: z.array(place), drift: z.array(place) }),
    }),
    handle: async () => ({
      items: await Promise.all(connectors.list().map(async (one) => ({ ...one, ...(one.kind === 'channel' ? await watch.of(one.name) : hearsNobody) }))),
      mappings: { problems: placesOf(mappings.current().problems), drift: placesOf(drift.problems()) },
    }),
  }),
  route({
    method: 'get',
    path: '/api/connectors/{name}/session',
    summary: 'The session of a channel, with the code that pairs its account while it is not paired',
    role: 'admin',
    params: z.object({ name: z.string() }),
    answer: session,
    async handle({ params }) {
      const found = watch.session(params.name);
      if (!found) throw notFound('session');
      const { state, detail = null, since, qr } = found;
      return { state, detail, since, qr: state === 'unpaired' ? (qr ?? null) : null };
    },
  }),
];

const quarantineRoutes = ({ store, intake, runtimes, now }: AdminParts) => [
  route({
    method: 'get',
    path: '/api/quarantine',
    summary: 'Arrivals that were kept but not understood, newest first',
    role: 'admin',
    query: pageQuery,
    answer: page(quarantined),
    async handle({ query }) {
      const cursor = decodeCursor(query.cursor, byId)?.[0];
      const found = await listQuarantine(store.read, { limit: query.limit + 1, ...(cursor === undefined ? {} : { cursor }) });
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
    path: '/api/quarantine/replay',
    summary: 'Reads them again, after an upgrade or a correction',
    role: 'admin',
    body: z.strictObject({ ids: z.array(z.string()).min(1).optional() }).default({}),
    answer: z.object({ replayed: z.number(), kept: z.array(z.string()) }),
    async handle({ body, viewer }) {
      const report = await replay({ store, intake, channels: runtimes, ids: body.ids ?? 'all' });
      await store.write((tx) =>
        audit(tx, {
          at: now(),
          actor: actorOf(viewer),
          action: 'quarantine.replay',
          subject: { kind: 'quarantine', id: 'all' },
          detail: { replayed: report.replayed, kept: report.kept.length },
        }),
      );
      return report;
    },
  }),
];

const tokenRoutes = ({ store, auth, now }: AdminParts) => [
  route({
    method: 'get',
    path: '/api/tokens',
    summary: 'API tokens in force',
    role: 'admin',
    answer: z.object({ items: z.array(token) }),
    async handle() {
      const rows = await store.read.selectFrom('api_tokens').selectAll().where('revoked_at', 'is', null).orderBy('created_at', 'desc').execute();
      return { items: rows.map(({ id, name, role, created_at, last_used_at }) => ({ id, name, role, createdAt: created_at, lastUsedAt: last_used_at })) };
    },
  }),
  route({
    method: 'post',
    path: '/api/tokens',
    summary: 'Makes an API token; it is shown once',
    role: 'admin',
    body: z.strictObject({ name: z.string().trim().min(1).max(80), role: z.enum(['agent', 'admin']).default('agent') }),
    answer: z.object({ id: z.string(), token: z.string() }),
    status: 201,
    handle: ({ body, viewer }) => auth.createToken(body, actorOf(viewer)),
  }),
  route({
    method: 'delete',
    path: '/api/tokens/{id}',
    summary: 'Revokes an API token at once',
    role: 'admin',
    params: z.object({ id: z.string() }),
    answer: null,
    async handle({ params, viewer }) {
      const revoked = await store.write(async (tx) => {
        const { numUpdatedRows } = await tx
          .updateTable('api_tokens')
          .set({ revoked_at: now() })
          .where('id', '=', params.id)
          .where('revoked_at', 'is', null)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) return false;
        await audit(tx, { at: now(), actor: actorOf(viewer), action: 'token.revoke', subject: { kind: 'token', id: params.id } });
        return true;
      });
      if (!revoked) throw notFound('token');
    },
  }),
];
