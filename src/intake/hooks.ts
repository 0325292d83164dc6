/** `/hooks/{channel}` and what lies below: the door for vendors and widgets, on plain node:http, mounted before everything else for speed. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log, RawRequest } from '../kit/index.ts';
import { answerJson } from './answer.ts';
import type { ChannelRuntime, Intake } from './intake.ts';
import { createRateLimit, type RateLimit } from './rate.ts';
import { remoteAddress } from './remote.ts';
import { serveRoute } from './routes.ts';
import { serveWebhook, type Webhook } from './webhooks.ts';

export interface HooksOptions {
  readonly channels: ReadonlyMap<string, ChannelRuntime>;
  readonly intake: Intake;
  readonly now: () => number;
  readonly log: Log;
  readonly limits?: {
    /** Default 10 MB. */
    readonly bodyBytes?: number;
    /** For routes that stream; default 50 MB. */
    readonly uploadBytes?: number;
  };
  /** TRUST_PROXY: how many proxies of ours stand before us; default 0. */
  readonly trustedHops?: number;
}

export interface HookContext {
  readonly intake: Intake;
  readonly now: () => number;
  readonly log: Log;
  readonly bodyBytes: number;
  readonly uploadBytes: number;
  readonly rate: RateLimit;
}

/** Handles the request and returns true, or returns false for a path that is not a hook. */
export type Hooks = (request: IncomingMessage, response: ServerResponse) => boolean;

const prefix = '/hooks/';

export function createHooks(options: HooksOptions): Hooks {
  const context: HookContext = {
    intake: options.intake,
    now: options.now,
    log: options.log,
    bodyBytes: options.limits?.bodyBytes ?? 10 * 2 ** 20,
    uploadBytes: options.limits?.uploadBytes ?? 50 * 2 ** 20,
    rate: createRateLimit(options.now),
  };
  return (request, response) => {
    if (!request.url?.startsWith(prefix)) return false;
    serve(context, options, request, response).catch((error: unknown) => {
      options.log.error({ error: String(error) }, 'a hook failed and nothing was acknowledged');
      if (response.headersSent || request.socket.destroyed) response.destroy();
      else answerJson(response, 503, { error: 'it could not be stored; please send it again' }, { 'retry-after': '5' });
    });
    return true;
  };
}

async function serve(context: HookContext, options: HooksOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { name, path, query } = target(request.url ?? '');
  const channel = options.channels.get(name);
  if (!channel) {
    request.resume();
    return answerJson(response, 404, { error: 'there is no such channel' });
  }
  const head: Omit<RawRequest, 'body'> = {
    method: request.method ?? '',
    path,
    query: new URLSearchParams(query),
    headers: headersOf(request),
    remoteAddress: remoteAddress(request, options.trustedHops ?? 0),
  };
  const webhook = channel.connector.intake.find((intake): intake is Webhook => intake.via === 'webhook' && (path === '/' || intake.below === true));
  return webhook ? serveWebhook(context, channel, webhook, head, request, response) : serveRoute(context, channel, head, request, response);
}

/** Splits `/hooks/name/rest?query`; a name that cannot be decoded is nobody's. */
function target(url: string): { name: string; path: string; query: string } {
  const [address = '', query = ''] = url.split('?', 2);
  const below = address.slice(prefix.length);
  const end = below.indexOf('/');
  const name = end < 0 ? below : below.slice(0, end);
  return { name: decodeName(name), path: end < 0 ? '/' : below.slice(end), query };
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return '';
  }
}

/** Node joins what repeats, except for cookies, which nobody here reads. */
function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  return headers;
}
