/** uTalk's API v1 as its pages have it: every path ends with a slash, and every call names the organization. */
import { type Request, Router } from 'express';
import { z } from 'zod';
import { Refusal, unknown } from './refusal.ts';
import * as show from './show.ts';
import { type Chat, chatFor, type Message, type Reopening, type State, type StoredFile } from './state.ts';

export interface Actions {
  readonly state: State;
  readonly reopening: Reopening;
  /** Looks of a new file that see no address yet. */
  readonly mediaLooks: number;
  address(request: Request): string;
  add(chat: Chat, message: Partial<Message> & Pick<Message, 'source'>): Message;
  close(chat: Chat, at: number): void;
}

const phone = z.string().regex(/^\+[1-9]\d{1,14}$/, 'must be a phone in E.164, with plus');
const organizationId = z.string();

/** Strict: a name that the pages do not have is refused. */
const bodies = {
  message: z.strictObject({
    organizationId,
    chatId: z.string(),
    message: z.string().nullish(),
    isPrivate: z.boolean().nullish(),
    skipReassign: z.boolean().nullish(),
    prefix: z.string().nullish(),
    replyToMessageId: z.string().nullish(),
    file: z.string().nullish(),
  }),
  template: z.strictObject({
    organizationId,
    toPhone: phone,
    fromPhone: phone,
    templateId: z.string(),
    params: z.array(z.string()),
    contactName: z.string().nullish(),
    fileId: z.string().nullish(),
    skipReassign: z.boolean().nullish(),
  }),
  contact: z.strictObject({ organizationId, phoneNumber: phone, name: z.string().nullish() }),
  chat: z.strictObject({ organizationId, channelId: z.string(), contactId: z.string() }),
  change: z.strictObject({
    open: z.boolean().nullish(),
    private: z.boolean().nullish(),
    mute: z.boolean().nullish(),
    waiting: z.boolean().nullish(),
    channelId: z.string().nullish(),
    memberId: z.string().nullish(),
    sectorId: z.string().nullish(),
  }),
};

function readBody<T>(request: Request, shape: z.ZodType<T>): T {
  let json: unknown;
  try {
    json = JSON.parse((request.body as Buffer).toString('utf8'));
  } catch {
    throw new Refusal(400, 'The body is not JSON');
  }
  const parsed = shape.safeParse(json);
  if (parsed.success) return parsed.data;
  const strange = parsed.error.issues.find(({ code }) => code === 'unrecognized_keys');
  throw strange ? unknown(strange.message) : new Refusal(400, z.prettifyError(parsed.error));
}

function needQuery(request: Request, allowed: readonly string[]): Record<string, string> {
  const given = Object.entries(request.query).map(([name, value]) => [name, String(value)] as const);
  const strange = given.find(([name]) => !allowed.includes(name));
  if (strange) throw unknown(`the query ${strange[0]}`);
  return Object.fromEntries(given);
}

function whole(text: string | undefined, otherwise: number, most: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new Refusal(400, `${text} is no number up to ${most}`);
}

const need = <T>(found: T | undefined, what: string): T => {
  if (found === undefined) throw new Refusal(404, `${what} was not found`);
  return found;
};

const kindOf = (mime: string): string => (/^(image|audio|video)\//.exec(mime)?.[1] ?? 'document').replace(/^./, (first) => first.toUpperCase());

function fileOf(dataAddress: string, looks: number): { file: StoredFile; messageType: string } {
  const match = /^data:([^;,]+);base64,([A-Za-z0-9+/]+=*)$/.exec(dataAddress);
  if (!match) throw new Refusal(400, 'file must be a data URI in base64');
  const [, mime = '', bytes = ''] = match;
  return { file: { name: '', mime, bytes: Buffer.from(bytes, 'base64'), looks }, messageType: kindOf(mime) };
}

export function api(actions: Actions): Router {
  const { state } = actions;
  const router = Router({ strict: true });
  /** Each look at a message brings its file nearer to having an address. */
  const shown = (request: Request, message: Message): object => {
    const ready = message.file !== null && message.file.looks <= 0;
    if (message.file) message.file.looks -= 1;
    return show.message(message, show.file(message, actions.address(request), ready));
  };
  const shownChat = (request: Request, chat: Chat): object => {
    const last = state.messages.findLast((message) => message.chat === chat.id);
    return show.chat(state, chat, last ? show.message(last, show.file(last, actions.address(request), false)) : null);
  };
  const chatAt = (request: Request): Chat =>
    need(
      state.chats.find(({ id }) => id === request.params.id),
      'The chat',
    );

  router.get('/members/me/', (_request, response) => void response.json({ id: state.member, organizations: [{ id: state.organization, name: 'Suporte' }] }));
  router.use((request, _response, next) => {
    const given =
      request.method === 'POST'
        ? (JSON.parse((request.body as Buffer).toString('utf8') || '{}') as { organizationId?: unknown }).organizationId
        : request.query.organizationId;
    if (given === undefined) throw new Refusal(400, 'The OrganizationId field is required.');
    if (given !== state.organization) throw new Refusal(403, 'You are not a member of this organization');
    next();
  });
  router.get('/channels/', (_request, response) => void response.json(state.channels));
  router.get('/webhooks/ranges/', (_request, response) => void response.json(['127.0.0.1/32', '20.195.10.1/32']));

  router.get('/chats/', (request, response) => {
    const query = needQuery(request, ['organizationId', 'ChatState', 'Order', 'Skip', 'Take']);
    if (query.ChatState !== 'Open' && query.ChatState !== 'Closed') throw unknown(`the chat state ${query.ChatState}`);
    const rows = state.chats.filter(({ open }) => open === (query.ChatState === 'Open')).toSorted((a, b) => b.eventAt - a.eventAt);
    const skip = whole(query.Skip, 0, 100_000);
    const page = rows.slice(skip, skip + whole(query.Take, 50, 100));
    response.json({ items: (query.Order === 'Asc' ? page.toReversed() : page).map((chat) => shownChat(request, chat)), page: { skip } });
  });
  router.post('/chats/', (request, response) => {
    const { channelId, contactId } = readBody(request, bodies.chat);
    need(
      state.channels.find(({ id }) => id === channelId),
      'The channel',
    );
    need(
      state.contacts.find(({ id }) => id === contactId),
      'The contact',
    );
    response.json(shownChat(request, chatFor(state, contactId, channelId, actions.reopening, state.now())));
  });
  router.get('/chats/:id/', (request, response) => {
    const { includeMessages } = needQuery(request, ['organizationId', 'includeMessages']);
    const chat = chatAt(request);
    const latest = state.messages.filter((message) => message.chat === chat.id).slice(-whole(includeMessages, 0, 100) || Number.POSITIVE_INFINITY);
    response.json({ ...shownChat(request, chat), latestMessages: latest.map((message) => shown(request, message)) });
  });
  router.put('/chats/:id/', (request, response) => {
    const change = readBody(request, bodies.change);
    const chat = chatAt(request);
    if (change.open !== false) throw unknown('a change of a chat other than closing it');
    actions.close(chat, state.now());
    response.json(shownChat(request, chat));
  });
  router.get('/chats/:id/relative-messages/', (request, response) => {
    const query = needQuery(request, ['organizationId', 'FromEventUTC', 'Direction', 'Take']);
    if (query.Direction !== 'TakeAfter') throw unknown(`the direction ${query.Direction}`);
    const from = Date.parse(query.FromEventUTC ?? '');
    if (Number.isNaN(from)) throw new Refusal(400, 'FromEventUTC must be a time');
    const chat = chatAt(request);
    const messages = state.messages.filter((message) => message.chat === chat.id && message.at > from).toSorted((a, b) => a.at - b.at);
    response.json({
      messages: messages.slice(0, whole(query.Take, 50, 100)).map((message) => shown(request, message)),
      hasMessagesBeforeAllowedOrganizationPlan: false,
    });
  });

  router.post('/messages/', (request, response) => {
    const body = readBody(request, bodies.message);
    const chat = need(
      state.chats.find(({ id }) => id === body.chatId),
      'The chat',
    );
    const given = body.file ? fileOf(body.file, actions.mediaLooks) : { file: null, messageType: 'Text' };
    if (!body.message && !given.file) throw new Refusal(400, 'The Message field is required.');
    const message = actions.add(chat, {
      source: 'Member',
      member: state.member,
      content: body.message ?? null,
      isPrivate: body.isPrivate ?? false,
      prefix: body.prefix ?? null,
      inReplyTo: body.replyToMessageId ?? null,
      ...given,
    });
    response.json(shown(request, message));
  });
  router.post('/template-messages/simplified/', (request, response) => {
    const body = readBody(request, bodies.template);
    const template = need(
      state.templates.find(({ id }) => id === body.templateId),
      'The template',
    );
    const channel = need(
      state.channels.find(({ phoneNumber }) => phoneNumber === body.fromPhone),
      'The channel',
    );
    const wanted = new Set(template.body.match(/\{\{\d+\}\}/g) ?? []).size;
    if (body.params.length !== wanted) throw new Refusal(400, `The template takes ${wanted} params`);
    const contact = findOrMake(state, body.toPhone, body.contactName ?? null).contact;
    const chat = chatFor(state, contact.id, channel.id, actions.reopening, state.now());
    const content = template.body.replace(/\{\{(\d+)\}\}/g, (_whole, number) => body.params[Number(number) - 1] ?? '');
    response.json(shown(request, actions.add(chat, { source: 'Member', member: state.member, content, templateId: template.id })));
  });
  router.get(
    '/messages/:id/',
    (request, response) =>
      void response.json(
        shown(
          request,
          need(
            state.messages.find(({ id }) => id === request.params.id),
            'The message',
          ),
        ),
      ),
  );

  router.post('/contacts/', (request, response) => {
    const { phoneNumber, name } = readBody(request, bodies.contact);
    const { contact, alreadyExisted } = findOrMake(state, phoneNumber, name ?? null);
    response.json({ alreadyExisted, contact: show.contact(contact) });
  });
  router.get('/contacts/phone/', (request, response) => {
    const { phoneNumber } = needQuery(request, ['organizationId', 'phoneNumber']);
    response.json(
      show.contact(
        need(
          state.contacts.find((contact) => contact.phoneNumber === phoneNumber),
          'The contact',
        ),
      ),
    );
  });
  router.use((request) => {
    throw unknown(`${request.method} ${request.path}`);
  });
  return router;
}

export function findOrMake(state: State, phoneNumber: string, name: string | null): { contact: State['contacts'][number]; alreadyExisted: boolean } {
  const known = state.contacts.find((contact) => contact.phoneNumber === phoneNumber);
  if (known) {
    known.name ??= name;
    return { contact: known, alreadyExisted: true };
  }
  const contact = { id: state.newId(), name, phoneNumber, group: false };
  state.contacts.push(contact);
  return { contact, alreadyExisted: false };
}
