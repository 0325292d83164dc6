/** The one file that talks to Freshchat: transport, bearer token, limits, errors. Freshchat API v2. */
import type { Readable } from 'node:stream';
import { type AxiosResponse, isAxiosError } from 'axios';
import { z } from 'zod';
import { ConnectorError, type Context, connectorError, type ErrorCode, type Json, type Retry, retryAfterMs } from '../../src/kit/index.ts';
import type { FreshchatSettings } from './settings.ts';

type Query = Readonly<Record<string, string | number>>;

export interface Client {
  /** `path` is below `/v2`. Throws ConnectorError; `not-understood` for a page, or a shape that is not the API's. */
  get<T>(path: string, shape: z.ZodType<T>, query?: Query): Promise<T>;
  /** Follows `link.href`, a path that begins with `/v2`. It never leads the token to another host. */
  follow<T>(href: string, shape: z.ZodType<T>): Promise<T>;
  post<T>(path: string, body: Json | FormData, shape: z.ZodType<T>): Promise<T>;
  put<T>(path: string, body: Json, shape: z.ZodType<T>): Promise<T>;
  /** Bytes behind a signed link. The token goes along only to the API's own host: storage refuses two authorizations. */
  bytes(url: string): Promise<Readable>;
}

/** A file, and a report, may have so many bytes. */
const largest = 50 * 2 ** 20;
/** A 429 that does not say when the count starts anew. */
const shortestPauseMs = 1000;

const body = z.looseObject({ message: z.string().nullish(), status: z.string().nullish(), error_message: z.string().nullish() });

const isHtml = (response: AxiosResponse): boolean =>
  /html/i.test(String(response.headers['content-type'] ?? '')) || (typeof response.data === 'string' && response.data.trimStart().startsWith('<'));

export function createClient(context: Context<FreshchatSettings>): Client {
  const { http, settings, now } = context;
  const origin = new URL(settings.address).origin;
  const authorization = (): Record<string, string> => ({ Authorization: `Bearer ${settings.token.reveal()}` });

  /** Epoch ms at which the count starts anew; the header has Unix seconds. */
  const resetAt = (response: AxiosResponse): number => Number(response.headers['x-ratelimit-reset'] ?? Number.NaN) * 1000;

  function report(response: AxiosResponse): void {
    const limit = Number(response.headers['x-ratelimit-limit'] ?? Number.NaN);
    const remaining = response.status === 429 ? 0 : Number(response.headers['x-ratelimit-remaining'] ?? Number.NaN);
    const reset = resetAt(response);
    if (Number.isFinite(limit) && Number.isFinite(remaining) && Number.isFinite(reset)) context.budget({ lane: 'account', limit, remaining, resetAt: reset });
  }

  const page = (status: number): ConnectorError =>
    new ConnectorError('not-understood', `Freshchat: ${settings.address} answered a web page, not the API; take the chat URL of the API token's page`, {
      status,
    });

  function waitFor(response: AxiosResponse): Retry {
    const told = retryAfterMs(response.headers['retry-after'], now()) ?? resetAt(response) - now();
    return Number.isFinite(told) ? { afterMs: Math.max(told, shortestPauseMs) } : 'backoff';
  }

  function failed(error: unknown, read: boolean): unknown {
    if (!isAxiosError(error) || !error.response) return connectorError(error, 'Freshchat', now());
    const { response } = error;
    report(response);
    if (isHtml(response) && response.status < 500 && response.status !== 429) return page(response.status);
    return connectorError(error, 'Freshchat', now(), (status, said) => {
      const parsed = body.safeParse(said).data;
      const message = parsed?.message ?? parsed?.error_message ?? parsed?.status;
      return {
        ...(message ? { message } : {}),
        ...(status === 429 ? { retry: waitFor(response) } : {}),
        ...(status === 400 && /not the latest conversation/i.test(message ?? '') ? { code: 'closed' as ErrorCode } : {}),
        ...(read ? { effect: 'none' as const } : {}),
      };
    });
  }

  async function call<T>(method: 'get' | 'post' | 'put', url: string, shape: z.ZodType<T>, more: { query?: Query; data?: Json | FormData }): Promise<T> {
    const read = method === 'get';
    let response: AxiosResponse;
    try {
      response = await http.request({
        method,
        url,
        headers: { Accept: 'application/json', ...authorization() },
        ...(more.query ? { params: more.query } : {}),
        ...(more.data === undefined ? {} : { data: more.data }),
      });
    } catch (error) {
      throw failed(error, read);
    }
    report(response);
    if (isHtml(response)) throw page(response.status);
    const parsed = shape.safeParse(response.data === '' ? {} : response.data);
    if (parsed.success) return parsed.data;
    throw new ConnectorError('not-understood', `Freshchat: ${method.toUpperCase()} ${new URL(url).pathname} was answered in an unknown shape`, {
      effect: read ? 'none' : 'unclear',
      status: response.status,
    });
  }

  return {
    get: (path, shape, query) => call('get', `${settings.address}/v2${path}`, shape, query ? { query } : {}),
    async follow(href, shape) {
      const url = new URL(href, origin);
      if (url.origin !== origin) throw new ConnectorError('not-understood', `Freshchat: the next page is said to be at ${url.host}, which is not the API`);
      return call('get', url.href, shape, {});
    },
    post: (path, data, shape) => call('post', `${settings.address}/v2${path}`, shape, { data }),
    put: (path, data, shape) => call('put', `${settings.address}/v2${path}`, shape, { data }),
    async bytes(url) {
      const own = new URL(url).origin === origin;
      try {
        const { data } = await http.get<Readable>(url, {
          responseType: 'stream',
          maxContentLength: largest,
          maxRedirects: own ? 0 : 3,
          headers: own ? authorization() : {},
        });
        return data;
      } catch (error) {
        if (isAxiosError(error)) (error.response?.data as Readable | undefined)?.destroy?.();
        throw connectorError(error, 'The file', now());
      }
    },
  };
}
