/** The widget's HTTP side, below `/hooks/<channel>`. Every answer that tells something of a visitor needs that visitor's token in `Authorization`. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ConnectorError, type Context, type Exchange, type Json, type Route } from '../../src/kit/index.ts';
import { cleanName, keepFile, ownFiles, visibleFile } from './files.ts';
import { openingsFrom } from './hours.ts';
import { languages } from './languages.ts';
import { streamThread } from './live.ts';
import { messageId, type StoredMessage, type StoredRead } from './normalize.ts';
import { readAnswers } from './pre-chat.ts';
import type { WidgetSettings } from './settings.ts';
import { admit, recognise, type Visitor } from './visitors.ts';

export const maxTextLength = 10_000;

const posted = z
  .object({
    id: z.uuid(),
    text: z
      .string()
      .max(maxTextLength)
      // PostgreSQL cannot keep a NUL in text, and no browser lets anybody type one.
      .transform((text) => text.replaceAll('\0', '').trim())
      .default(''),
    files: z
      .array(z.object({ id: z.uuid() }))
      .max(10)
      .default([]),
  })
  .refine(({ text, files }) => text !== '' || files.length > 0, 'a message needs text or a file');

/** Who the visitor says they are, and what they answered before the first message. */
const claimed = z.object({
  name: z.string().trim().max(120).optional(),
  email: z.email().max(320).optional(),
  answers: z.record(z.string(), z.string()).default({}),
  language: z.enum(languages).default('en'),
});

const seen = z.object({ ids: z.array(z.uuid()).min(1).max(50) });

type Handler = (exchange: Exchange) => Promise<void>;

export function widgetRoutes(context: Context<WidgetSettings>): readonly Route[] {
  const { settings } = context;
  /** The browser enforces this on other sites' scripts; programs outside browsers are held back by tokens and rate limits alone. */
  const fromAllowedSite =
    (handle: Handler): Handler =>
    async (exchange) => {
      const { origin } = exchange.request.headers;
      if (settings.allowedOrigins && origin !== undefined && !settings.allowedOrigins.includes(origin)) return fail(exchange, 403, 'origin');
      return handle(exchange);
    };
  const withToken =
    (handle: (exchange: Exchange, visitor: Visitor) => Promise<void>): Handler =>
    async (exchange) => {
      const visitor = await recognise(context, exchange.request);
      return visitor ? handle(exchange, visitor) : fail(exchange, 401, 'token');
    };
  const route = (method: Route['method'], path: string, perMinute: number, handle: Handler, more: Partial<Route> = {}): Route => ({
    method,
    path,
    cors: true,
    perMinute,
    ...more,
    handle: fromAllowedSite(handle),
  });
  return [
    route('GET', '/config', 120, async (exchange) => exchange.json(200, shown(settings, context.now()))),
    route('POST', '/session', 20, async (exchange) => exchange.json(201, await admit(context))),
    route(
      'POST',
      '/messages',
      120,
      withToken((exchange, visitor) => postMessage(context, exchange, visitor)),
    ),
    route(
      'POST',
      '/read',
      120,
      withToken((exchange, visitor) => postRead(context, exchange, visitor)),
    ),
    route(
      'POST',
      '/typing',
      60,
      withToken(async (exchange, { id }) => {
        context.live.typing(id);
        exchange.answer({ status: 204 });
      }),
    ),
    route(
      'PUT',
      '/files',
      30,
      withToken((exchange, visitor) => putFile(context, exchange, visitor)),
      { streams: true },
    ),
    route(
      'GET',
      '/files/:id',
      240,
      withToken((exchange, visitor) => getFile(context, exchange, visitor)),
    ),
    route(
      'GET',
      '/stream',
      60,
      withToken((exchange, { id }) => streamThread(context, id, exchange, exchange.request.query.get('after') ?? undefined)),
    ),
  ];
}

const fail = (exchange: Exchange, status: number, error: string): void => exchange.json(status, { error });

function shown(settings: WidgetSettings, now: number): Json {
  const { title, greeting, color, corner, scheme, radius, language, askName, askEmail, preChat, hours, maxFileBytes } = settings;
  const questions = preChat.map(({ key, kind, label, required, choices }) => ({ key, kind, required, ...(label && { label }), ...(choices && { choices }) }));
  return {
    ...(title !== undefined && { title }),
    ...(greeting !== undefined && { greeting }),
    color,
    corner,
    scheme,
    radius,
    language,
    askName,
    askEmail: preChat.some(({ kind }) => kind === 'email') ? 'no' : askEmail,
    preChat: questions,
    ...(hours && { hours: { ...openingsFrom(hours, now) } }),
    maxFileBytes,
  };
}

/** Answers only once the message is committed: until then the widget keeps it and sends it again under the same id. */
async function postMessage(context: Context<WidgetSettings>, exchange: Exchange, visitor: Visitor): Promise<void> {
  const body = readJson(exchange.request.body);
  const message = posted.safeParse(body);
  if (!message.success) return exchange.json(422, { error: 'message', detail: z.prettifyError(message.error) });
  const profile = readProfile(context.settings, body);
  // Told apart, because the widget then sends the words without it: they are worth more than the form.
  if ('problem' in profile) return exchange.json(422, { error: 'profile', detail: profile.problem });
  const { id, text } = message.data;
  const { name, email, answers } = profile;
  const files = await ownFiles(
    context,
    visitor.id,
    message.data.files.map((file) => file.id),
  );
  if (!files) return fail(exchange, 422, 'file');
  const payload: StoredMessage = {
    kind: 'message',
    channel: context.name,
    visitor: visitor.id,
    id,
    at: context.now(),
    text,
    ...(name && { name }),
    ...(email && { email }),
    ...(answers.length > 0 && { answers: [...answers] }),
    files,
  };
  const outcome = await exchange.accept(visitor.proof, payload, messageId(visitor.id, id));
  exchange.json(outcome.state === 'repeated' ? 200 : 201, { id });
}

function readProfile({ preChat }: WidgetSettings, body: unknown) {
  const profile = claimed.safeParse(body);
  if (!profile.success) return { problem: z.prettifyError(profile.error) };
  const { name, email, answers, language } = profile.data;
  const read = readAnswers(preChat, answers, language);
  return 'problem' in read ? read : { name, email, answers: read.answers };
}

/** The history port's longest page: what a visitor can have before their eyes. */
const recent = 200;

/** "These I have seen." Ids of messages that are not in the visitor's own conversation say nothing. */
async function postRead(context: Context<WidgetSettings>, exchange: Exchange, visitor: Visitor): Promise<void> {
  const body = seen.safeParse(readJson(exchange.request.body));
  if (!body.success) return exchange.json(422, { error: 'ids', detail: z.prettifyError(body.error) });
  const history = await context.history.messages(visitor.id, { limit: recent });
  const messages = history.flatMap(({ id, from, externalId }) => (from !== 'contact' && externalId !== null && body.data.ids.includes(id) ? [externalId] : []));
  if (messages.length > 0) {
    const payload: StoredRead = { kind: 'read', channel: context.name, visitor: visitor.id, at: context.now(), messages };
    const digest = createHash('sha256').update(messages.join(' ')).digest('base64url');
    await exchange.accept(visitor.proof, payload, `${visitor.id}:read:${digest}`);
  }
  exchange.answer({ status: 204 });
}

function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

async function putFile(context: Context<WidgetSettings>, exchange: Exchange, visitor: Visitor): Promise<void> {
  const { headers, query } = exchange.request;
  if (!exchange.upload) return fail(exchange, 422, 'file');
  if (Number(headers['content-length'] ?? 0) > context.settings.maxFileBytes) return fail(exchange, 413, 'too-large');
  try {
    const given = { name: query.get('name') ?? '', mime: headers['content-type'] ?? '' };
    exchange.json(201, await keepFile(context, visitor.id, exchange.upload, given));
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    if (error.code === 'too-large') return fail(exchange, 413, 'too-large');
    if (error.code === 'refused') return fail(exchange, 422, 'file');
    throw error;
  }
}

/** The same answer for a file that is not there and for somebody else's: ids tell nothing. */
async function getFile(context: Context<WidgetSettings>, exchange: Exchange, visitor: Visitor): Promise<void> {
  const file = await visibleFile(context, visitor.id, exchange.params.id ?? '');
  if (!file) return fail(exchange, 404, 'file');
  exchange.file({ stream: await context.blobs.open(file.sha256), mime: file.mime, name: cleanName(file.name), ...(file.size > 0 && { size: file.size }) });
}
