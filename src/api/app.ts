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
import { ticketRoutes } from './tickets.ts';

export interface AppParts extends AdminParts, ClosingRouteParts, ConversationParts, PeopleParts {
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
    handle: ({ request, response }) => streamEvents(parts.store, request, response),
  }),
];

function probes(parts: AppParts): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  router.get('/readyz', async (_request, response) => {
    const reasons = await parts.notReady();
    response
      .status(reasons.length ? 503 : 200)
      .json({ status: reasons.length ? 'not ready' : 'ready', reasons, connectors: parts.health.list().map(({ name, state }) => ({ name, state })) });
  });
  router.get('/metrics', async (_request, response) => {
    response.type(parts.metrics.registry.contentType).send(await parts.metrics.registry.metrics());
  });
  return router;
}

export function createApp(parts: AppParts): Express {
  const app = express();
  app.disable('x-powered-by').set('trust proxy', parts.trustedHops).set('query parser', 'simple');
  app.use(probes(parts));
  app.use(securityHeaders(parts.publicUrl.startsWith('https:')));
  app.use('/api/auth', (request, _response, next) => {
    // Sign-in limits its attempts by this address; nobody else may set it.
    request.headers['x-deskbridge-client'] = request.ip ?? '';
    next();
  });
  app.all('/api/auth/{*path}', parts.auth.handler);
  const specs = allRoutes(parts);
  const authenticate = (request: Request) => parts.auth.viewer(request);
  app.use('/api', express.json({ limit: '10mb' }));
  const api = Router();
  mount(api, specs, authenticate);
  app.use(api);
  app.use('/api/docs', reference(dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))));
  app.get('/api/openapi.json', (_request, response) => void response.json(openApiDocument(specs, parts.version)));
  app.use('/api', unknownCall);
  app.use(pages());
  app.use(answerProblems(parts.log));
  return app;
}
