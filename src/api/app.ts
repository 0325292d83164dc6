/** The Express application: security headers, API, reference, metrics, pages. It listens nowhere; main does. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import express, { type Express, type Request, Router } from 'express';
import type { Log } from '../kit/index.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Store } from '../store/store.ts';
import { type AdminParts, adminRoutes } from './admin.ts';
import { type ClosingRouteParts, closingRoutes } from './closings.ts';
import { type ConversationParts, conversationRoutes } from './conversations.ts';
import { deliveryRoutes } from './deliveries.ts';
import { streamEvents } from './events.ts';
import { fileRoutes } from './files.ts';
import { openApiDocument } from './openapi.ts';
import { pages, securityHeaders } from './pages.ts';
import { type PeopleParts, peopleRoutes } from './people.ts';
import { answerProblems, unknownCall } from './problem.ts';
import { reference } from './reference.ts';
import { mount, type RouteSpec, route } from './route.ts';
import { type StartingParts, startingRoutes } from './starting.ts';
import { ticketRoutes } from './tickets.ts';

export interface AppParts extends AdminParts, ClosingRouteParts, ConversationParts, PeopleParts, StartingParts {
  readonly store: Store;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly publicUrl: string;
  readonly trustedHops: number;
  readonly version: string;
  /** Why the server is not ready, in words; empty when it is. */
  notReady(): Promise<readonly string[]>;
}

/** Every call of the API, for Express and for the OpenAPI document. */
export const allRoutes = (parts: AppParts): readonly RouteSpec[] => [
  ...peopleRoutes(parts),
  ...conversationRoutes(parts),
  ...startingRoutes(parts),
  ...closingRoutes(parts),
  ...ticketRoutes(parts),
  ...deliveryRoutes(parts),
  ...fileRoutes(parts),
  ...adminRoutes(parts),
  route({
    method: 'get',
    path: '/api/events',
    summary: 'Server-sent events, resumable by Last-Event-ID',
    role: 'agent',
    answer: 'stream',
    handle: ({ request, response }) =>
      streamEvents({ store: parts.store, typing: parts.typing, mayGoOn: async () => (await parts.auth.viewer(request)) !== undefined }, request, response),
  }),
];

function probes(parts: AppParts): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  router.get('/readyz', async (_request, response) => {
    const reasons = await parts.notReady();
    // Anybody may ask, so no words of vendors here: those are for people who signed in.
    const connectors = parts.health.list().map(({ name, kind, state, sending }) => ({ name, kind, state, sending: sending.state }));
    response.status(reasons.length ? 503 : 200).json({ status: reasons.length ? 'not ready' : 'ready', reasons, connectors });
  });
  router.get('/metrics', async (_request, response) => {
    response.type(parts.metrics.registry.contentType).send(await parts.metrics.registry.metrics());
  });
  return router;
}

/** Some proxies add the port, and an address of a local network may carry its interface; a limit by address needs neither. */
const plainAddress = (address = ''): string =>
  address
    .replace(/^\[(.*)\](:\d+)?$/, '$1')
    .replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1')
    .replace(/%.*$/, '');

export function createApp(parts: AppParts): Express {
  const app = express();
  app.disable('x-powered-by').set('trust proxy', parts.trustedHops).set('query parser', 'simple');
  app.use(probes(parts));
  app.use(securityHeaders(parts.publicUrl.startsWith('https:')));
  app.use((request, _response, next) => {
    // Sign-in limits its attempts by this address, and sessions note it; nobody else may set it.
    request.headers['x-deskbridge-client'] = plainAddress(request.ip);
    next();
  });
  // Nothing else of the sign-in library is open: what it offers beyond this has no rules of ours yet.
  app.post(['/api/auth/sign-in/email', '/api/auth/sign-out'], parts.auth.handler);
  const specs = allRoutes(parts);
  const api = Router();
  mount(api, specs, {
    authenticate: (request: Request) => parts.auth.viewer(request),
    answered: (route, status, seconds) => parts.metrics.requests.observe({ route, status }, seconds),
  });
  app.use(api);
  app.use('/api/docs', reference(dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))));
  app.get('/api/openapi.json', (_request, response) => void response.json(openApiDocument(specs, parts.version)));
  app.use('/api', unknownCall);
  app.use(pages());
  app.use(answerProblems(parts.log));
  return app;
}
