/**
 * A Zendesk account that behaves as documented (Support API v2): OAuth, idempotency keys, safe updates, closed tickets, uploads, jobs, limits.
 * It is as strict as the documents; what they do not say it answers with 501 and a sentence.
 */
import express, { type ErrorRequestHandler, type Express, type Response, Router } from 'express';
import { createDials, type Dials, faultable } from '../../src/kit/simulator.ts';
import { type Access, type Credentials, createAccess } from './simulator/access.ts';
import { runJobs } from './simulator/jobs.ts';
import { createLimiter, type Limits } from './simulator/limits.ts';
import { mergeAndDelete } from './simulator/merges.ts';
import { ticketPage } from './simulator/page.ts';
import { accountReads, type ReadOptions, ticketReads } from './simulator/reads.ts';
import { Refusal, unknown } from './simulator/refusal.ts';
import { shownUser } from './simulator/shown.ts';
import { createState, needTicket, type SimState, type SimTicket, type SimUser } from './simulator/state.ts';
import { createTicket } from './simulator/tickets.ts';
import { anonymous } from './simulator/users.ts';
import { json, otherWrites, ticketWrites, type WriteOptions } from './simulator/writes.ts';

export interface ZendeskSimulatorOptions extends Partial<WriteOptions>, Partial<ReadOptions> {
  readonly now?: () => number;
  readonly dials?: Dials;
  readonly credentials?: Credentials;
  readonly limits?: Partial<Limits>;
  readonly customStatuses?: boolean;
  /** The dropdown "Produto" must be set to solve a ticket. */
  readonly requiredOnSolve?: boolean;
  /** Whether a merge closes its sources, which the documents leave open: without it a merge is refused. */
  readonly mergeCloses?: boolean;
}

export interface ZendeskSimulator {
  readonly app: Express;
  readonly dials: Dials;
  readonly state: SimState;
  readonly access: Access;
  readonly credentials: Credentials;
  addUser(user: Partial<SimUser> & { readonly name: string }): SimUser;
  addOrganization(name: string): { readonly id: number; readonly name: string };
  /** A ticket as `POST /tickets` would make it, without a call. */
  addTicket(body: Record<string, unknown>): SimTicket;
  /** Each ticket and comment that holds the text, named once. A ticket's description is its first comment. */
  places(text: string): string[];
  /** All that requesters can read: subjects, public comments and the mails about them. */
  requesterSees(): string;
}

const defaults = { clientId: 'deskbridge', clientSecret: 'simulated-client-secret' };

const answer = (response: Response, refusal: Refusal): void => {
  response.status(refusal.status).set(refusal.headers);
  if (typeof refusal.body === 'string') response.type('text/plain').send(refusal.body);
  else response.json(refusal.body);
};

const refusals: ErrorRequestHandler = (error, _request, response, next) => {
  if (error instanceof Refusal) return answer(response, error);
  if (error instanceof SyntaxError) return answer(response, new Refusal(400, { error: 'Unprocessable', description: 'The body is not JSON' }));
  next(error);
};

function api(state: SimState, access: Access, options: ZendeskSimulatorOptions): Router {
  const router = Router();
  // "Suffix .json is optional" (Requests), except for webhooks, which refuse it.
  router.use((request, _response, next) => {
    if (!request.path.startsWith('/webhooks')) request.url = request.url.replace(/^([^?]*)\.json(?=\?|$)/, '$1');
    next();
  });
  const limiter = createLimiter({ account: 700, updates: 100, perTicket: 30, ...options.limits }, state.now);
  router.use((request, response, next) => {
    limiter.account(response);
    const scopes = access.scopesOf(request);
    const me = request.path === '/users/me';
    // A caller that nobody knows is told 200 here: the trap of every health check.
    if (me) return void response.json(scopes ? { user: shownUser(state.acting) } : anonymous);
    if (!scopes) throw new Refusal(401, { error: "Couldn't authenticate you" });
    access.check(scopes, request.method, request.path.split('/')[1] ?? '');
    next();
  });
  const read: ReadOptions = { searchLagMs: options.searchLagMs ?? 0, commentMetadata: options.commentMetadata ?? true };
  const write: WriteOptions = {
    language: options.language ?? 'en',
    idempotency: options.idempotency ?? true,
    jobsAfterMs: options.jobsAfterMs ?? 0,
    suspended: options.suspended,
  };
  ticketReads(router, state, read);
  accountReads(router, state);
  ticketWrites(router, state, limiter, write);
  mergeAndDelete(router, state, { jobsAfterMs: write.jobsAfterMs, closes: options.mergeCloses });
  otherWrites(router, state, limiter);
  router.use((request) => {
    throw unknown(`${request.method} ${request.path}`);
  });
  return router;
}

function views(state: SimState): Pick<ZendeskSimulator, 'places' | 'requesterSees' | 'addUser' | 'addOrganization' | 'addTicket'> {
  const tickets = () => [...state.tickets.values()];
  return {
    places: (text) =>
      tickets().flatMap(({ id, comments, custom_fields: fields, ...ticket }) => [
        ...(JSON.stringify([ticket, [...fields]]).includes(text) ? [`ticket ${id}`] : []),
        ...comments.filter(({ plain }) => plain.includes(text)).map((comment) => `comment ${comment.id} of ticket ${id}`),
      ]),
    requesterSees: () =>
      [
        ...tickets().flatMap(({ subject, comments }) => [subject, ...comments.filter((each) => each.public).map(({ html }) => html)]),
        ...state.mails.map(({ html }) => html),
      ].join('\n'),
    addUser(user) {
      const added: SimUser = { id: state.id(), email: null, phone: null, external_id: null, role: 'end-user', organization_id: null, ...user };
      state.users.set(added.id, added);
      return added;
    },
    addOrganization(name) {
      const added = { id: state.id(), name, external_id: null };
      state.organizations.set(added.id, added);
      return added;
    },
    addTicket: (body) => createTicket(state, { language: 'en' }, { comment: { body: 'Seeded', public: false }, ...body }, []),
  };
}

export function zendeskSimulator(options: ZendeskSimulatorOptions = {}): ZendeskSimulator {
  const now = options.now ?? Date.now;
  const dials = options.dials ?? createDials();
  const credentials = options.credentials ?? defaults;
  const access = createAccess(credentials, now);
  const state = createState({ now, customStatuses: options.customStatuses ?? true, requiredOnSolve: options.requiredOnSolve ?? false });
  const app = express();
  app.disable('x-powered-by').set('query parser', 'extended');
  app.use(faultable(dials, { tooMany: 'Number of allowed API requests per minute exceeded', broken: { error: 'unavailable' } }));
  app.use((_request, _response, next) => {
    runJobs(state);
    next();
  });
  app.post('/oauth/tokens', (request, response) => {
    const { status, body } = access.grant(json(request));
    response.status(status).json(body);
  });
  app.get('/agent/tickets/:id', (request, response) => void response.type('html').send(ticketPage(state, needTicket(state, request.params.id))));
  app.use('/api/v2', api(state, access, options));
  app.use(refusals);
  return { app, dials, state, access, credentials, ...views(state) };
}
