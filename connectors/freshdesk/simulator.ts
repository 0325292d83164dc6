/**
 * A Freshdesk account that behaves as its API pages say, for tests and for the sandbox: state, checks, error bodies, limits, and the fault dials.
 * What the pages leave open it refuses with 501 and a sentence.
 */
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { createDials, type Dials, faultable } from '../../src/kit/simulator.ts';
import { conversations } from './simulator/conversations.ts';
import { agents, type Field, gymFields } from './simulator/fields.ts';
import { limits, type Plan } from './simulator/limits.ts';
import { people } from './simulator/people.ts';
import { Refusal, unknown } from './simulator/refusal.ts';
import { createState, type State } from './simulator/state.ts';
import { tickets } from './simulator/tickets.ts';
import { timeSheets } from './simulator/time.ts';

interface FreshdeskSimulatorOptions {
  readonly now?: () => number;
  /** What stands before `:X` in the basic authorization. */
  readonly apiKey?: string;
  readonly dials?: Dials;
  /** The account's ticket fields; a gym support desk's unless given. */
  readonly fields?: readonly Field[];
  readonly account?: Partial<Account>;
}

/** What an admin of the account can switch; may be changed while the simulator runs. */
export interface Account {
  plan: Plan;
  /** The key's agent is an admin, who may list agents. */
  admin: boolean;
  summaries: boolean;
  multipleCompanies: boolean;
  /** Ids of the statuses whose SLA timer runs. */
  timerStatuses: number[];
}

export interface FreshdeskSimulator {
  readonly app: Express;
  readonly state: State;
  readonly account: Account;
  readonly dials: Dials;
  /** Everything that requesters can read: portal and mails. */
  requesterSees(): string;
  /** Each ticket, summary and conversation that holds the text, named once. */
  places(text: string): string[];
}

const needKey =
  (apiKey: string): RequestHandler =>
  (request, _response, next) => {
    const given = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
    // The password is any dummy text, but the colon must be there.
    if (given.startsWith(`${apiKey}:`)) return next();
    throw new Refusal(401, { code: 'invalid_credentials', message: 'You have to be logged in to perform this action.' });
  };

const needAccept: RequestHandler = (request, _response, next) => {
  const accept = request.headers.accept ?? '*/*';
  if (/application\/json|\*\/\*/.test(accept)) return next();
  throw new Refusal(406, { message: 'Accept header should be application/json or */*' });
};

const refuse: ErrorRequestHandler = (error, _request, response, _next) => {
  if (!(error instanceof Refusal)) {
    response.status(500).json({ code: 'simulator_error', message: String(error) });
    return;
  }
  response.status(error.status);
  if (error.body === undefined) response.end();
  else response.json(error.body);
};

export function freshdeskSimulator(options: FreshdeskSimulatorOptions = {}): FreshdeskSimulator {
  const now = options.now ?? Date.now;
  const dials = options.dials ?? createDials();
  const fields = options.fields ?? gymFields;
  const account: Account = { plan: 'enterprise', admin: true, summaries: true, multipleCompanies: false, timerStatuses: [2], ...options.account };
  const state = createState(now, agents);

  const api = express.Router();
  api.use(
    needKey(options.apiKey ?? 'simulator-key'),
    limits(() => account.plan, now),
    needAccept,
  );
  api.get('/ticket_fields', (request, response) => {
    const { type } = request.query;
    response.json(fields.filter((field) => type === undefined || field.type === type));
  });
  const rules = () => ({
    fields,
    timerStatuses: account.timerStatuses,
    multipleCompanies: account.multipleCompanies,
    companies: state.companies.map(({ id }) => id),
  });
  api.use(
    people(state, () => account.admin),
    tickets(state, rules),
    conversations(state, () => account.summaries),
    timeSheets(state),
  );
  api.use((request) => {
    throw unknown(`${request.method} ${request.path}`);
  });

  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
  app.use(
    faultable(dials, {
      tooMany: { message: 'You have exceeded the limit of requests per minute' },
      broken: { code: 'internal_error', message: 'Something went wrong' },
    }),
  );
  app.use('/api/v2', api);
  // A wrong path leads to the portal, which answers with a page.
  app.use((_request, response) => void response.status(404).type('html').send('<html><body>The page you are looking for does not exist</body></html>'));
  app.use(refuse);

  return { app, state, account, dials, requesterSees: () => requesterSees(state), places: (text) => places(state, text) };
}

function requesterSees({ tickets: all, conversations: entries, mails }: State): string {
  const open = entries.filter((entry) => !entry.private);
  return [...all.flatMap(({ subject, description }) => [subject, description]), ...open.map(({ body }) => body), ...mails.map(({ body }) => body)].join('\n');
}

function places({ tickets: all, conversations: entries, timeEntries }: State, text: string): string[] {
  return [
    ...all.filter(({ summary: _summary, attachments: _files, ...rest }) => JSON.stringify(rest).includes(text)).map(({ id }) => `ticket ${id}`),
    ...all.filter(({ summary }) => summary?.includes(text)).map(({ id }) => `summary of ${id}`),
    ...entries.filter(({ body }) => body.includes(text)).map(({ id, ticket_id }) => `conversation ${id} of ${ticket_id}`),
    ...timeEntries.filter(({ note }) => note?.includes(text)).map(({ id, ticket_id }) => `time entry ${id} of ${ticket_id}`),
  ];
}
