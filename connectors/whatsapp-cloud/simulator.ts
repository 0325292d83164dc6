/**
 * A WhatsApp Business account with one number, as Meta's pages describe it: Graph API with its checks, limits and error bodies, files that expire,
 * signed webhooks in batches with statuses after each send, customers with and without a number. What the pages leave open answers 501.
 */
import express, { type Request, type RequestHandler } from 'express';
import { createDials, faultable, type SimulatedChannel } from '../../src/kit/simulator.ts';
import { type Customers, createCustomers } from './simulator/customers.ts';
import { createHooks, type Hooks } from './simulator/hooks.ts';
import { files, media } from './simulator/media.ts';
import { outgoing } from './simulator/outgoing.ts';
import { graphError, Refusal, refuse, Unknown } from './simulator/refusal.ts';
import { createState, type State } from './simulator/state.ts';

interface WhatsappOptions {
  readonly now?: () => number;
  readonly seed?: number;
  /** Divides the pauses between the attempts of a webhook, which last a week at Meta. */
  readonly hurry?: number;
}

interface WhatsappSimulator extends SimulatedChannel {
  readonly state: State;
  readonly hooks: Hooks;
  readonly customers: Customers;
}

const accessToken = 'EAAJ-simulated-token';
const appSecret = 'simulated-app-secret';

const isToken = ({ headers }: Request): boolean => headers.authorization === `Bearer ${accessToken}`;

const needToken: RequestHandler = (request, _response, next) => {
  if (!isToken(request)) throw new Refusal(401, 190, 'Invalid OAuth access token - Cannot parse access token');
  next();
};

/** v20 and older have ended; versions that are not out yet are nobody's. */
const isVersion = (version: string): boolean => /^v2[1-6]\.0$/.test(version);

export function whatsappSimulator({ now = Date.now, seed = 1, hurry = 2_000 }: WhatsappOptions = {}): WhatsappSimulator {
  const dials = createDials({ seed });
  const state = createState(now);
  const hooks = createHooks(state, { appSecret, hurry, seed });
  let address: string | undefined;
  const customers = createCustomers(state, hooks, () => address);

  const graph = express.Router({ mergeParams: true });
  graph.use(needToken, outgoing(state, hooks));
  graph.get(`/${state.phoneNumberId}`, (_request, response) => {
    response.json({ verified_name: 'Suporte Academias', display_phone_number: `+${state.displayPhone}`, quality_rating: 'GREEN', id: state.phoneNumberId });
  });
  graph.get(`/${state.wabaId}/message_templates`, (request, response) => response.json(templatePage(state, request)));
  graph.use(media(state), (request) => {
    throw request.method === 'GET' && /^\/\d+$/.test(request.path)
      ? new Refusal(400, 100, `Unsupported get request. Object with ID '${request.path.slice(1)}' does not exist`, { subcode: 33 })
      : new Unknown(`${request.method} ${request.path} is not among the documented calls`);
  });

  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
  app.use(
    faultable(dials, {
      tooMany: graphError(new Refusal(429, 130429, 'Rate limit hit')),
      broken: graphError(new Refusal(503, 2, 'Service temporarily unavailable')),
    }),
  );
  app.use(/^\/(?<version>v\d+\.\d+)/, (request, response, next) => {
    const { version = '' } = request.params;
    if (!isVersion(version)) throw new Refusal(400, 2635, `You are calling a version of the API that does not work (${version})`);
    graph(request, response, next);
  });
  app.use(files(state, isToken));
  app.use((request) => {
    throw new Unknown(`${request.method} ${request.path} is not among the documented calls`);
  });
  app.use(refuse);

  return {
    app,
    dials,
    webhooks: hooks.sender,
    state,
    hooks,
    customers,
    settings(at) {
      address = at;
      return {
        phoneNumberId: state.phoneNumberId,
        wabaId: state.wabaId,
        accessToken,
        appSecret,
        verifyToken: 'simulated-verify-token',
        graph: at,
        language: 'pt-BR',
      };
    },
    hook: hooks.sender.to,
    write: async (message) => customers.write(message),
    edit: async (id, text) => customers.edit(id, text),
    remove: async (id) => customers.remove(id),
    react: async (id, emoji) => customers.react(id, emoji),
    settled: hooks.settled,
    shown(_conversation, person) {
      const customer = state.customer(person);
      return state.messages
        .filter((message) => message.customer === customer && !message.deleted && message.status !== 'failed')
        .map(({ id, from, text, files: shown }) => ({ id, from, text, files: shown }));
    },
  };
}

export const simulatedChannel = (options: WhatsappOptions = {}): SimulatedChannel => whatsappSimulator(options);

/** "Template management", Get templates: pages by cursor. */
function templatePage(state: State, { query }: Request): object {
  for (const name of Object.keys(query))
    if (!['status', 'limit', 'after', 'fields'].includes(name)) throw new Unknown(`the parameter "${name}" of the list of templates`);
  const found = state.templates.filter(({ status }) => query.status === undefined || status === query.status);
  const from = query.after === undefined ? 0 : Number(Buffer.from(String(query.after), 'base64').toString());
  // Fewer than asked for, as Meta may: whoever reads must follow the cursors.
  const limit = Math.min(Number(query.limit ?? 25), 2);
  const data = found
    .slice(from, from + limit)
    .map((template, index) => ({ category: 'UTILITY', id: String(594_425_479_261_000 + from + index), parameter_format: 'POSITIONAL', ...template }));
  const end = from + limit;
  const after = Buffer.from(String(end)).toString('base64');
  return {
    data,
    paging: {
      cursors: { before: 'MA==', after },
      ...(end < found.length && { next: `https://graph.facebook.com/v25.0/${state.wabaId}/message_templates?after=${after}` }),
    },
  };
}
