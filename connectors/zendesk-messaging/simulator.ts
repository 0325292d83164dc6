/**
 * A Zendesk account's messaging, as documented (Sunshine Conversations API v2, and of the Support API what a chat's ticket needs).
 * It is as strict as the documents; what they do not say it answers with 501 and a sentence.
 */
import express, { type ErrorRequestHandler, type Express, type Request } from 'express';
import {
  createDials,
  createWebhookSender,
  faultable,
  type ShownMessage,
  type SimulatedChannel,
  type SimulatedMessage,
  type SimulatedPerson,
} from '../../src/kit/simulator.ts';
import { conversationRoutes } from './simulator/conversations.ts';
import { fileRoutes, sendFile } from './simulator/files.ts';
import { Refusal, unknown } from './simulator/refusal.ts';
import { hookConversation, hookMessage, iso, shownUser } from './simulator/shapes.ts';
import { createState, type SimConversation, type SimMessage, switchboard } from './simulator/state.ts';
import { supportRoutes } from './simulator/support.ts';

export interface MessagingOptions {
  readonly now?: () => number;
  readonly seed?: number;
  /** How many times faster than the vendor failed webhooks come again. */
  readonly hurry?: number;
  /** Webhooks with profile, identities and client, or without them. */
  readonly includeFullUser?: boolean;
  /** Events in one POST; default 1. */
  readonly batch?: number;
  /** Keys of a custom integration may not read the app. */
  readonly scope?: 'app' | 'integration';
  /** Files can be read with the key alone. */
  readonly privateFiles?: boolean;
  /** Messages that a conversation can hold; the vendor's 30,000. */
  readonly messageLimit?: number;
  /** The webhook as it stands in the account. */
  readonly triggers?: readonly string[];
  /** More of our own settings. */
  readonly settings?: { readonly [key: string]: string | number | boolean };
}

export interface MessagingSimulator extends SimulatedChannel {
  readonly app: Express;
  /** Posts an event of any trigger to the webhook, as the vendor would. */
  tell(type: string, payload: object, at?: number): void;
  /** Vendor's id of a script's conversation. */
  idOf(conversation: string, person: SimulatedPerson): string;
  /** Name of the integration that is in control. */
  inControl(conversation: string, person: SimulatedPerson): string | undefined;
  /** The customer reads all that is there. */
  read(conversation: string, person: SimulatedPerson, at?: number): void;
  /** The customer presses "end chat". */
  leave(conversation: string, person: SimulatedPerson, at?: number): void;
  /** Stores a message without telling anybody: its webhook was lost. */
  whisper(message: SimulatedMessage): { readonly id: string };
  readonly key: { readonly id: string; readonly secret: string };
}

export const appId = '69b4c0deaaaaaaaaaaaaaaaa';
const integrationId = '5ef21b86e933b7355c11c703';
const key = { id: 'app_69b4c0debbbbbbbbbbbbbbbb', secret: 'simulated-key-secret' };
const hookSecret = 'simulated-webhook-secret';
/** Five attempts within a quarter of an hour, further and further apart ("Retry policy"). */
const pausesMs = [60_000, 120_000, 240_000, 480_000];
/** Answers after which the vendor tries no more ("Non-recoverable Errors"). */
const final = new Set([400, 401, 403, 404, 406]);

const refusals: ErrorRequestHandler = (error, _request, response, next) => {
  if (!(error instanceof Refusal)) return next(error);
  response.status(error.status).json({ errors: [{ code: error.code, title: error.message }] });
};

export function simulatedChannel(options: MessagingOptions = {}): MessagingSimulator {
  const { now = Date.now, seed = 1, hurry = 1, includeFullUser = true, batch = 1 } = options;
  const dials = createDials({ seed });
  const state = createState();
  const sender = createWebhookSender({
    seed,
    retryMs: pausesMs.map((pause) => pause / hurry),
    timeoutMs: 20_000,
    judge: (status) => (status >= 200 && status < 300 ? 'taken' : final.has(status) ? 'final' : 'again'),
  });
  let target: string | undefined;
  let waiting: object[] = [];
  const triggers = options.triggers ?? ['conversation:message', 'conversation:read', 'switchboard:passControl', 'switchboard:releaseControl'];

  function post(): void {
    const events = waiting;
    waiting = [];
    if (events.length === 0) return;
    const body = JSON.stringify({ app: { id: appId }, webhook: { id: '69b4c0decccccccccccccccc', version: 'v2' }, events });
    sender.post(() => ({ headers: { 'content-type': 'application/json', 'x-api-key': hookSecret }, body }));
  }

  function tell(type: string, payload: object, at = now()): void {
    waiting.push({ id: state.id(), createdAt: iso(at), type, payload });
    if (waiting.length >= batch) post();
  }

  function add(conversation: SimConversation, message: Omit<SimMessage, 'id'>, quiet = false): SimMessage {
    const added = { id: state.id(), ...message };
    conversation.messages.push(added);
    if (!quiet)
      tell(
        'conversation:message',
        { conversation: hookConversation(conversation), message: hookMessage(added, conversation.user, includeFullUser) },
        added.received,
      );
    return added;
  }

  const app = express();
  app.disable('x-powered-by').set('query parser', 'simple');
  app.use(
    faultable(dials, {
      tooMany: { errors: [{ code: 'too_many_requests', title: 'Too many requests' }] },
      broken: { errors: [{ code: 'internal_error', title: 'Internal error' }] },
    }),
  );
  supportRoutes(app, state, 'simulated-support-token');
  fileRoutes(app, state, { appId, key, now, privateFiles: options.privateFiles ?? false });
  conversationRoutes(app, state, {
    appId,
    key,
    now,
    scope: options.scope ?? 'app',
    limit: options.messageLimit ?? 30_000,
    webhooks: () =>
      target ? [{ id: '69b4c0decccccccccccccccc', version: 'v2', target, triggers, secret: hookSecret, includeFullUser, includeFullSource: true }] : [],
    add,
    tell: (type, conversation, more) => tell(type, { conversation: hookConversation(conversation), ...more }),
  });
  app.use((request: Request) => {
    throw unknown(`${request.method} ${request.path}`);
  });
  app.use(refusals);

  /** An end comes by several signals at once: the activity's message and the switchboard. */
  function finish(conversation: SimConversation, activity: string, author: SimMessage['author'], at: number): void {
    add(conversation, { received: at, author, activity: { type: activity }, content: { type: 'text', text: activity }, source: { type: 'zd:agentWorkspace' } });
    conversation.ticket = undefined;
    conversation.active = undefined;
    tell(
      'switchboard:releaseControl',
      { conversation: hookConversation(conversation), ...(activity === 'ticket:closed' ? { reason: 'ticketClosed' } : {}) },
      at,
    );
  }

  let origin = 'http://simulator';

  function write(message: SimulatedMessage, quiet: boolean): { id: string } {
    const conversation = state.conversation(message.conversation, message.person);
    conversation.active ??= switchboard[1];
    state.openTicket(conversation);
    const author: SimMessage['author'] = message.agent
      ? { type: 'business', subtypes: ['agent'], displayName: message.agent }
      : { type: 'user', userId: conversation.user.id, displayName: message.person.name ?? '' };
    const base = { received: message.at ?? now(), author, source: { type: message.agent ? 'zd:agentWorkspace' : 'web', integrationId } };
    const [first, ...rest] = message.files ?? [];
    const text = message.text === '' ? {} : { text: message.text };
    const content = first ? { ...sendFile(state, first, origin), ...text } : { type: 'text', text: message.text };
    const added = add(conversation, { ...base, content }, quiet);
    for (const file of rest) add(conversation, { ...base, content: sendFile(state, file, origin) }, quiet);
    return { id: added.id };
  }

  return {
    app,
    dials,
    webhooks: sender,
    key,
    settings(address) {
      origin = address;
      return { address: `${address}/sc`, appId, keyId: key.id, keySecret: key.secret, webhookSecret: hookSecret, ...options.settings };
    },
    hook(url) {
      target = url;
      sender.to(url);
    },
    tell,
    idOf: (conversation, person) => state.conversation(conversation, person).id,
    inControl: (conversation, person) => state.conversation(conversation, person).active?.name,
    write: async (message) => write(message, false),
    whisper: (message) => write(message, true),
    async end(name, person, at = now()) {
      finish(state.conversation(name, person), 'ticket:closed', { type: 'business', subtypes: ['activity'] }, at);
    },
    leave(name, person, at = now()) {
      const conversation = state.conversation(name, person);
      finish(conversation, 'conversation:endedByUser', { type: 'user', userId: conversation.user.id, subtypes: ['activity'] }, at);
    },
    read(name, person, at = now()) {
      const conversation = state.conversation(name, person);
      const author = { type: 'user', userId: conversation.user.id, user: shownUser(conversation.user, includeFullUser) };
      tell('conversation:read', { conversation: hookConversation(conversation), activity: { type: 'conversation:read', author, source: { type: 'web' } } }, at);
    },
    async settled() {
      post();
      await sender.settled();
    },
    shown: (name, person) =>
      state.conversation(name, person).messages.flatMap(({ id, author, content }): ShownMessage[] => {
        if (!content) return [];
        const file = typeof content.mediaUrl === 'string' ? state.files.get(content.mediaUrl.split('/').at(-2) ?? '') : undefined;
        const text = typeof content.text === 'string' ? content.text : '';
        return [{ id, from: author.type === 'user' ? 'customer' : 'business', text, files: file ? [{ name: file.name, bytes: file.bytes }] : [] }];
      }),
  };
}
