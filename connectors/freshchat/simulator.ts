/**
 * A Freshchat account that behaves as its pages say, for tests and for the sandbox: state, checks, error bodies, limits, links that end, and webhooks signed
 * as Freshchat signs them. What the pages leave open it refuses with 501 and a sentence.
 */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import express, { type ErrorRequestHandler, type Express } from 'express';
import { createDials, createWebhookSender, faultable, type SimulatedChannel, type SimulatedMessage, type WebhookSender } from '../../src/kit/simulator.ts';
import { plain } from './plain.ts';
import { type Account, api } from './simulator/api.ts';
import { limits } from './simulator/limits.ts';
import { gone, Refusal, unknown } from './simulator/refusal.ts';
import { reportTexts } from './simulator/reports.ts';
import * as show from './simulator/show.ts';
import { agentOf, assign, type Conversation, createState, open, partOf, reopen, resolve, type State, say, store, userOf } from './simulator/state.ts';

interface Options {
  readonly now?: () => number;
  readonly token?: string;
  readonly account?: Partial<Account>;
  readonly perMinute?: number;
  /** Signed links live so long. */
  readonly linkMs?: number;
  /** Pauses between the five retries of a webhook are divided by it; how long the vendor's are is not known. */
  readonly hurry?: number;
}

export interface FreshchatSimulator extends SimulatedChannel {
  readonly app: Express;
  readonly state: State;
  readonly account: Account;
  readonly webhooks: WebhookSender;
  /** The public key as the admin page shows it. */
  readonly publicKey: string;
  sign(body: string | Buffer): string;
  hook(url: string): void;
  end(conversation: string, person: SimulatedMessage['person'], at?: number): Promise<void>;
  notes(conversation: string, person: SimulatedMessage['person']): readonly string[];
  /** The vendor's conversation of the script's. */
  conversation(name: string, person: SimulatedMessage['person']): Conversation;
  /** An agent takes an ended chat up again in the vendor's screen. */
  reopen(name: string, person: SimulatedMessage['person'], at?: number): void;
}

const retryMs = [1000, 5000, 30_000, 120_000, 600_000];

let pair: { publicKey: KeyObject; privateKey: KeyObject } | undefined;
/** One pair for all: making one takes longer than most tests. */
const keys = () => (pair ??= generateKeyPairSync('rsa', { modulusLength: 2048 }));

/** On one line, with a label that lies about the format, as the admin page shows it. */
const shownKey = (): string => {
  const base64 = keys().publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  return `-----BEGIN RSA PUBLIC KEY----- ${base64} -----END RSA PUBLIC KEY-----`;
};

const refuse: ErrorRequestHandler = (error, _request, response, _next) => {
  if (error instanceof Refusal) response.status(error.status).json(error.body());
  else response.status(500).json({ code: 500, status: 'INTERNAL_SERVER_ERROR', message: String(error) });
};

export function simulatedChannel(options: Options = {}): FreshchatSimulator {
  const now = options.now ?? Date.now;
  const token = options.token ?? 'simulator-token';
  const linkMs = options.linkMs ?? 300_000;
  const account: Account = { messagesBy: 'either', readsWithoutLink: 1, interactions: 'all', failingReports: false, ...options.account };
  const dials = createDials();
  const state = createState(now);
  const webhooks = createWebhookSender({ retryMs: retryMs.map((ms) => ms / (options.hurry ?? 1)), timeoutMs: 3000 });
  const sign_ = (body: string | Buffer): string => sign('RSA-SHA256', Buffer.from(body), keys().privateKey).toString('base64');
  state.tell((what) => {
    const body = JSON.stringify(show.webhook(state, what, account.interactions));
    const signature = sign_(body);
    webhooks.post((attempt) => ({
      body,
      headers: {
        'Content-Type': 'application/json',
        'X-Freshchat-Signature': signature,
        'X-Freshchat-Payload-Version': '1.0',
        'X-Retry-Count': String(attempt),
      },
    }));
  });

  let address = 'http://127.0.0.1';
  const links = linksTo(() => address, now, linkMs);
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
  app.use(
    faultable(dials, {
      tooMany: { code: 429, status: 'TOO_MANY_REQUESTS', message: 'The limit of requests is exceeded' },
      broken: { code: 503, status: 'SERVICE_UNAVAILABLE', message: 'Try again later' },
    }),
  );
  app.use('/v2', limits(now, options.perMinute ?? 600), needToken(token), api(state, account, links), (request) => {
    throw unknown(`${request.method} ${request.path}`);
  });
  app.get('/storage/:kind/:id', storage(state, now));
  app.use(refuse);
  // Any other path leads to the portal, which answers with a page.
  app.use((_request, response) => void response.type('html').send('<html><body>Freshworks</body></html>'));
  return {
    app,
    dials,
    state,
    account,
    webhooks,
    publicKey: shownKey(),
    sign: sign_,
    ...screen(state, now),
    hook: webhooks.to,
    settled: webhooks.settled,
    settings,
  };

  function settings(at: string) {
    address = at;
    return { address: at, token, webhookKey: shownKey(), actorAgentId: state.agents[0]?.id ?? '', reconcile: { enabled: false } };
  }
}

const needToken =
  (token: string): express.RequestHandler =>
  (request, _response, next) => {
    if (request.headers.authorization === `Bearer ${token}`) return next();
    throw new Refusal(401, 'UNAUTHENTICATED', 'The token is missing, wrong or revoked');
  };

/** Storage is at another host than the API; here another name of the same machine. */
function linksTo(address: () => string, now: () => number, linkMs: number): show.Links {
  const link = (path: string): string => {
    const url = new URL(path, address());
    url.hostname = 'localhost';
    const expires = String(now() + linkMs);
    return `${url.href}?expires=${expires}&signature=${show.signatureOf(path, expires)}`;
  };
  return { of: ({ id }) => link(`/storage/files/${id}`), ofText: (name) => link(`/storage/reports/${name}`) };
}

const storage =
  (state: State, now: () => number): express.RequestHandler =>
  (request, response) => {
    const { expires = '', signature } = request.query as Record<string, string>;
    // Storage refuses two ways of authorization.
    if (request.headers.authorization) return void response.status(400).type('xml').send('<Error><Code>InvalidArgument</Code></Error>');
    if (signature !== show.signatureOf(request.path, expires) || Number(expires) < now())
      return void response.status(403).type('xml').send('<Error><Code>AccessDenied</Code></Error>');
    const { kind, id } = request.params as { kind: string; id: string };
    const text = kind === 'reports' ? reportTexts.get(state)?.get(id) : undefined;
    if (text !== undefined) return void response.type('csv').send(text);
    const file = state.files.find((one) => one.id === id);
    if (!file) throw gone('file');
    response.set('content-type', file.mime).send(file.bytes);
  };

/** What customers and agents do in the widget and in the vendor's own screen. */
function screen(state: State, now: () => number) {
  const named = new Map<string, Conversation>();
  const key = (name: string, { id }: SimulatedMessage['person']): string => `${name}\n${id}`;
  function conversation(name: string, person: SimulatedMessage['person']): Conversation {
    const found = named.get(key(name, person));
    if (!found) throw new Error(`nobody has written in ${name} yet`);
    return found;
  }
  const textsOf = (parts: readonly { readonly [kind: string]: unknown }[]): string =>
    parts.flatMap((part) => (part.text ? [plain((part.text as { content: string }).content)] : [])).join('\n');

  return {
    conversation,
    async write({ conversation: name, person, text, at = now(), files = [], agent }: SimulatedMessage): Promise<{ id: string }> {
      const user = userOf(state, person);
      const known = named.get(key(name, person));
      const chat = known ?? open(state, user, at);
      named.set(key(name, person), chat);
      const author = agent === undefined ? undefined : agentOf(state, agent);
      if (chat.status === 'resolved') reopen(state, chat, at, author ? 'agent' : 'user', author?.id ?? user.id);
      if (author && chat.agent !== author.id) assign(state, chat, at, author.id);
      const words = text === '' ? [] : [{ text: { content: text } }];
      const parts = [...words, ...files.map((file) => partOf(store(state, file)))];
      const { id } = say(state, chat, at, { actor: author ? 'agent' : 'user', actorId: author?.id ?? user.id, type: 'normal', parts });
      return { id };
    },
    async end(name: string, person: SimulatedMessage['person'], at = now()): Promise<void> {
      const chat = conversation(name, person);
      if (chat.agent === null) assign(state, chat, at, agentOf(state, 'Ana Lima').id);
      resolve(state, chat, at, 'agent');
    },
    reopen(name: string, person: SimulatedMessage['person'], at = now()): void {
      reopen(state, conversation(name, person), at, 'agent', agentOf(state, 'Ana Lima').id);
    },
    shown(name: string, person: SimulatedMessage['person']) {
      const { messages } = conversation(name, person);
      return messages
        .filter(({ type }) => type === 'normal')
        .map(({ id, actor, parts }) => ({
          id,
          from: actor === 'user' ? ('customer' as const) : ('business' as const),
          text: textsOf(parts),
          files: parts.flatMap((part) => {
            const stored = Object.values(part).map((value) => (value as { stored?: string }).stored)[0];
            return state.files.filter((file) => file.id === stored).map((file) => ({ name: file.name, bytes: file.bytes }));
          }),
        }));
    },
    notes(name: string, person: SimulatedMessage['person']) {
      return conversation(name, person)
        .messages.filter(({ type }) => type === 'private')
        .map(({ parts }) => textsOf(parts));
    },
  };
}
