/** Serves the `routes` intakes: paths with parameters, any origin where the route says so, limits by address, uploads as streams. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ConnectorError, type RawRequest, type Route } from '../kit/index.ts';
import { answer, answerJson, answerTooLarge } from './answer.ts';
import { limitedStream, readBody } from './body.ts';
import { createExchange } from './exchange.ts';
import type { HookContext } from './hooks.ts';
import type { ChannelRuntime } from './intake.ts';
import { senderOf } from './rate.ts';

interface Match {
  readonly route: Route;
  readonly params: Record<string, string>;
}

const segments = (path: string): string[] => path.split('/').filter(Boolean);

function paramsOf(pattern: string, given: readonly string[]): Record<string, string> | undefined {
  const wanted = segments(pattern);
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith(':')) params[part.slice(1)] = value;
    else if (part !== value) return undefined;
  }
  return params;
}

function decoded(path: string): string[] | undefined {
  try {
    return segments(path).map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** Routes whose path fits, whatever their method. */
export function matches(channel: ChannelRuntime, path: string): readonly Match[] {
  const given = decoded(path);
  if (!given) return [];
  const routes = channel.connector.intake.flatMap((intake) => (intake.via === 'routes' ? intake.routes : []));
  return routes.flatMap((route) => {
    const params = paramsOf(route.path, given);
    return params ? [{ route, params }] : [];
  });
}

/** No cookies are ever involved, so any origin may read the answer; what counts as a credential travels in a header. */
const open = (route: Route | undefined): Record<string, string> =>
  route?.cors ? { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'Retry-After' } : {};

function preflight(response: ServerResponse, request: IncomingMessage, fitting: readonly Match[]): void {
  const shared = fitting.filter(({ route }) => route.cors);
  if (shared.length === 0) {
    answer(response, { status: 405, headers: { allow: fitting.map(({ route }) => route.method).join(', ') } });
    return;
  }
  const asked = String(request.headers['access-control-request-headers'] ?? '').replace(/[^\w\-, ]/g, '');
  answer(response, {
    status: 204,
    headers: {
      ...open(shared[0]?.route),
      'access-control-allow-methods': [...new Set(shared.map(({ route }) => route.method))].join(', '),
      ...(asked ? { 'access-control-allow-headers': asked } : {}),
      'access-control-max-age': '600',
      vary: 'Access-Control-Request-Headers',
    },
  });
}

export async function serveRoute(
  context: HookContext,
  channel: ChannelRuntime,
  raw: Omit<RawRequest, 'body'>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const fitting = matches(channel, raw.path);
  if (fitting.length === 0) return answerJson(response, 404, { error: 'there is nothing here' });
  if (request.method === 'OPTIONS') return preflight(response, request, fitting);
  const match = fitting.find(({ route }) => route.method === request.method);
  const headers = open(match?.route ?? fitting[0]?.route);
  if (!match) return answerJson(response, 405, { error: 'not this method' }, { ...headers, allow: fitting.map(({ route }) => route.method).join(', ') });
  const { route, params } = match;
  const wait = route.perMinute && context.rate.take(`${channel.name} ${route.method} ${route.path} ${senderOf(raw.remoteAddress)}`, route.perMinute);
  if (wait) return answerJson(response, 429, { error: 'too many calls' }, { ...headers, 'retry-after': String(wait) });
  if (route.streams && Number(request.headers['content-length']) > context.uploadBytes) {
    await readBody(request, context.uploadBytes);
    return answerTooLarge(request, response, headers);
  }
  const upload = route.streams ? limitedStream(request, context.uploadBytes) : undefined;
  const body = upload ? Buffer.alloc(0) : await readBody(request, context.bodyBytes);
  if (!body) return answerTooLarge(request, response, headers);
  const exchange = createExchange({ raw: { ...raw, body }, params, upload, channel, intake: context.intake, request, response, headers });
  try {
    await route.handle(exchange);
    if (!response.headersSent) answer(response, { status: 204, headers });
  } catch (error) {
    failed(context, channel, error, response, headers);
  } finally {
    upload?.destroy();
  }
}

const statusOf: Partial<Record<ConnectorError['code'], number>> = { 'too-large': 413, 'not-found': 404, refused: 400, unauthorized: 401, forbidden: 403 };

function failed(context: HookContext, channel: ChannelRuntime, error: unknown, response: ServerResponse, headers: Record<string, string>): void {
  const status = error instanceof ConnectorError ? (statusOf[error.code] ?? 503) : 503;
  if (status >= 500) context.log.error({ channel: channel.name, error: String(error) }, 'a route failed');
  if (response.headersSent) return void response.destroy();
  const text = error instanceof ConnectorError ? error.message : 'it could not be stored; please send it again';
  answerJson(response, status, { error: text }, { ...headers, ...(status === 503 ? { 'retry-after': '5' } : {}) });
}
