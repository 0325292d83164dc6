/**
 * A uTalk organization that behaves as what is known of its API and webhooks: the same message told again as its state changes, files without an address
 * at first, ends that no webhook reports. What is not known it refuses with 501 and a sentence.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import {
  createDials,
  createWebhookSender,
  faultable,
  type ShownMessage,
  type SimulatedChannel,
  type SimulatedMessage,
  type SimulatedPerson,
} from '../../src/kit/simulator.ts';
import { api, findOrMake } from './simulator/api.ts';
import { limits } from './simulator/limits.ts';
import { Refusal } from './simulator/refusal.ts';
import * as show from './simulator/show.ts';
import { type Chat, chatFor, createState, type Message, type Reopening, type State, type Template } from './simulator/state.ts';

export interface UtalkOptions {
  readonly now?: () => number;
  readonly seed?: number;
  /** Pauses between attempts of a webhook, in ms; how uTalk retries is not documented. */
  readonly retryMs?: readonly number[];
  /** How many looks at a message see its file without an address. */
  readonly mediaLooks?: number;
  readonly reopening?: Reopening;
  /** The channel's kind: `WhatsappBroker` takes free text at any time, `WhatsappCloudApi` does not. */
  readonly channelType?: string;
}

export interface SimulatedUtalk extends SimulatedChannel {
  readonly state: State;
  /** The customer's phone shows it: the message's state becomes Read. */
  read(id: string): void;
  /** An agent writes to the team in uTalk's own screen. */
  writeNote(conversation: string, person: SimulatedPerson, text: string): { readonly id: string };
  /** The chat goes to another member. */
  transfer(person: SimulatedPerson, member: string): void;
}

const token = 'utalk-simulator-token';
const hookSecret = 'simulated-hook-secret-0001';
const templates: readonly Template[] = [
  { id: 'Ztemplate_Visit1', body: 'Olá {{1}}, sobre o chamado {{2}}: podemos falar?' },
  { id: 'Ztemplate_Hello1', body: 'Olá! Aqui é do suporte.' },
];

const refuse: ErrorRequestHandler = (error, _request, response, _next) => {
  const status = error instanceof Refusal ? error.status : 500;
  response.status(status).json({ message: error instanceof Error ? error.message : String(error) });
};

const needToken: RequestHandler = (request, _response, next) => {
  if (request.headers.authorization === `Bearer ${token}`) return next();
  throw new Refusal(401, 'Unauthorized');
};

export function simulatedChannel(options: UtalkOptions = {}): SimulatedUtalk {
  const { now = Date.now, seed = 1, retryMs = [1000, 5000, 30_000], mediaLooks = 0, reopening = 'same', channelType = 'WhatsappBroker' } = options;
  const dials = createDials({ seed });
  const webhooks = createWebhookSender({ seed, retryMs, timeoutMs: 10_000 });
  const state = createState(now, templates);
  const [channel] = state.channels;
  if (!channel) throw new Error('a uTalk organization without a channel');
  state.channels[0] = { ...channel, channelType };

  /** The chat as it stands now, with the message in question as its last; an id of its own for every event, repeats included. */
  function tell(message: Message, type = 'Message'): void {
    const chat = state.chats.find(({ id }) => id === message.chat);
    if (!chat) return;
    const content = show.chat(state, chat, show.message(message, show.file(message, '', false)));
    const body = { type, eventDate: show.time(now()), payload: { type: 'Chat', content } };
    webhooks.post(() => ({
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(show.pascal({ ...body, eventId: state.newId() })),
      path: `/${hookSecret}`,
    }));
  }

  function add(chat: Chat, given: Partial<Message> & Pick<Message, 'source'>): Message {
    const at = given.at ?? now();
    const message: Message = {
      id: state.newId(),
      chat: chat.id,
      content: null,
      prefix: null,
      messageType: 'Text',
      messageState: given.source === 'Contact' ? 'Sent' : 'Processing',
      isPrivate: false,
      member: null,
      templateId: null,
      inReplyTo: null,
      file: null,
      edit: null,
      ...given,
      at,
    };
    state.messages.push(message);
    // Somebody who writes into a closed chat takes it up again.
    if (!chat.open) Object.assign(chat, { open: true, closedAt: null });
    chat.eventAt = Math.max(chat.eventAt, at);
    tell(message);
    if (message.source !== 'Contact') become(message, 'Sent');
    return message;
  }

  function become(message: Message, messageState: string): void {
    message.messageState = messageState;
    tell(message);
  }

  function close(chat: Chat, at: number): void {
    Object.assign(chat, { open: false, closedAt: at, eventAt: Math.max(chat.eventAt, at) });
  }

  const phoneOf = (person: SimulatedPerson): string =>
    person.phone ??
    `+55119${[...person.id]
      .reduce((sum, one) => (sum * 31 + one.charCodeAt(0)) % 100_000_000, 7)
      .toString()
      .padStart(8, '0')}`;
  const contactOf = (person: SimulatedPerson) => findOrMake(state, phoneOf(person), person.name ?? null).contact;
  const chatOf = (person: SimulatedPerson, at: number): Chat => chatFor(state, contactOf(person).id, state.channels[0]?.id ?? '', reopening, at);
  const messagesOf = (person: SimulatedPerson): readonly Message[] => {
    const chats = new Set(state.chats.filter(({ contact }) => contact === contactOf(person).id).map(({ id }) => id));
    return state.messages.filter((message) => chats.has(message.chat)).toSorted((a, b) => a.at - b.at);
  };
  const need = (id: string): Message => {
    const message = state.messages.find((one) => one.id === id);
    if (!message) throw new Error(`there is no message ${id}`);
    return message;
  };

  /** WhatsApp shows a file as a message of its own; the words stand with the first. */
  async function write({ person, text, at, files = [], agent }: SimulatedMessage): Promise<{ id: string }> {
    const when = at ?? now();
    const chat = chatOf(person, when);
    const author = agent === undefined ? ({ source: 'Contact' } as const) : ({ source: 'Member', member: 'ZmemberOther___1', prefix: `*${agent}:*` } as const);
    const [first, ...more] = files;
    const kind = (mime: string): string => (/^(image|audio|video)\//.exec(mime)?.[1] ?? 'document').replace(/^./, (letter) => letter.toUpperCase());
    const withFile = (file: NonNullable<typeof first>): Partial<Message> => ({
      messageType: kind(file.mime),
      file: { name: file.name, mime: file.mime, bytes: file.bytes, looks: mediaLooks },
    });
    const { id } = add(chat, { ...author, content: text, at: when, ...(first ? withFile(first) : {}) });
    for (const file of more) add(chat, { ...author, at: when, ...withFile(file) });
    return { id };
  }

  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple').set('strict routing', true);
  app.use(faultable(dials, { tooMany: { message: 'Too many requests' }, broken: { message: 'Internal error' } }));
  app.get('/media/:message/:name', (request, response) => {
    // A public link: S3 refuses credentials that it does not know.
    if (request.headers.authorization !== undefined) return void response.status(400).type('xml').send('<Error><Code>InvalidArgument</Code></Error>');
    const { file } = need(request.params.message);
    if (!file) return void response.status(403).type('xml').send('<Error><Code>AccessDenied</Code></Error>');
    response.type(file.mime).send(file.bytes);
  });
  app.use('/api/v1', needToken, limits(now), api({ state, reopening, mediaLooks, address: (request) => `http://${request.headers.host}`, add, close }));
  app.use((_request, response) => void response.status(404).type('html').send('<html><body>uTalk</body></html>'));
  app.use(refuse);

  return {
    app: (request: IncomingMessage, response: ServerResponse) => void app(request, response),
    state,
    dials,
    webhooks,
    settings: (address) => ({
      token,
      hookSecret,
      address: `${address}/api/v1`,
      mediaHosts: [new URL(address).host],
      templates: templates.map(({ id, body }) => ({ id, name: id, body })),
      closedEverySeconds: 5,
      repairEverySeconds: 30,
      settleSeconds: 1,
    }),
    hook: webhooks.to,
    write,
    async edit(id, text) {
      const message = need(id);
      message.edit = { content: text, at: now() };
      message.content = text;
      tell(message);
    },
    async end(_conversation, person, at = now()) {
      const chat = state.chats.findLast(({ contact }) => contact === contactOf(person).id);
      if (chat) close(chat, at);
    },
    settled: webhooks.settled,
    shown: (_conversation, person): readonly ShownMessage[] =>
      messagesOf(person)
        .filter(({ isPrivate }) => !isPrivate)
        .map(({ id, source, content, file }) => ({
          id,
          from: source === 'Contact' ? 'customer' : 'business',
          text: content ?? '',
          files: file ? [{ name: file.name, bytes: file.bytes }] : [],
        })),
    notes: (_conversation, person) =>
      messagesOf(person)
        .filter(({ isPrivate }) => isPrivate)
        .map(({ content }) => content ?? ''),
    read: (id) => become(need(id), 'Read'),
    writeNote(_conversation, person, text) {
      const { id } = add(chatOf(person, now()), { source: 'Member', member: 'ZmemberOther___1', content: text, isPrivate: true });
      return { id };
    },
    transfer(person, member) {
      const chat = chatOf(person, now());
      Object.assign(chat, { member, eventAt: now() });
      const last = state.messages.findLast((message) => message.chat === chat.id);
      if (last) tell(last, 'MemberTransfer');
    },
  };
}
