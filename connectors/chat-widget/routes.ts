/** The widget's HTTP side, below `/hooks/<channel>`. Every answer that tells something of a visitor needs that visitor's token in `Authorization`. */
import { z } from 'zod';
import { ConnectorError, type Context, type Exchange, type Json, type Route } from '../../src/kit/index.ts';
import { cleanName, keepFile, ownFiles, visibleFile } from './files.ts';
import { streamThread } from './live.ts';
import { messageId, type StoredMessage } from './normalize.ts';
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
    name: z.string().trim().max(120).optional(),
    email: z.email().max(320).optional(),
  })
  .refine(({ text, files }) => text !== '' || files.length > 0, 'a message needs text or a file');

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
    route('GET', '/config', 120, async (exchange) => exchange.json(200, shown(settings))),
    route('POST', '/session', 20, async (exchange) => exchange.json(201, await admit(context))),
    route(
      'POST',
      '/messages',
      120,
      withToken((exchange, visitor) => postMessage(context, exchange, visitor)),
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

const shown = ({ title, greeting, color, language, askName, askEmail, maxFileBytes }: WidgetSettings): Json => ({
  ...(title !== undefined && { title }),
  ...(greeting !== undefined && { greeting }),
  color,
  language,
  askName,
  askEmail,
  maxFileBytes,
});

/** Answers only once the message is committed: until then the widget keeps it and sends it again under the same id. */
async function postMessage(context: Context<WidgetSettings>, exchange: Exchange, visitor: Visitor): Promise<void> {
  const message = posted.safeParse(readJson(exchange.request.body));
  if (!message.success) return exchange.json(422, { error: 'message', detail: z.prettifyError(message.error) });
  const { id, text, name, email } = message.data;
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
    files,
  };
  const outcome = await exchange.accept(visitor.proof, payload, messageId(visitor.id, id));
  exchange.json(outcome.state === 'repeated' ? 200 : 201, { id });
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
