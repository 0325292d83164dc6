/** Outgoing HTTP: one axios instance a connector, with time-outs, size limits, keep-alive and the egress guard; and the one classification of its failures. */
import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import type { AxiosError, AxiosInstance, AxiosStatic, GenericAbortSignal } from 'axios';
import { type EgressRules, guardedLookup, refuseLiteral } from './egress.ts';
import { ConnectorError, type Effect, type ErrorCode, type Retry } from './errors.ts';

export interface HttpOptions {
  readonly egress: EgressRules;
  /** Milliseconds for one whole call; default 20,000. */
  readonly timeoutMs?: number;
  /** Largest answer in bytes; default 10 MB. */
  readonly maxResponseBytes?: number;
  /** Largest request in bytes; default 60 MB (uploads). */
  readonly maxRequestBytes?: number;
}

/** By its mark, so that reading a failure does not load the library. */
const isAxiosError = (error: unknown): error is AxiosError =>
  typeof error === 'object' && error !== null && 'isAxiosError' in error && error.isAxiosError === true;

/** Every status resolves as a rejected AxiosError past 2xx; hand that to `connectorError`. Nothing that changes anything is retried here: steps decide. */
export function createHttp(options: HttpOptions): AxiosInstance {
  const lookup = guardedLookup(options.egress);
  // A server's word on how long it keeps a connection is heeded only where there is a limit of our own.
  const agent = { keepAlive: true, maxSockets: 64, timeout: longestIdleMs, lookup };
  // Loaded when a connector first needs it: the default configuration reaches out to nobody and is spared 18 MB.
  const axios: AxiosStatic = createRequire(import.meta.url)('axios');
  const instance = axios.create({
    timeout: options.timeoutMs ?? 20_000,
    maxContentLength: options.maxResponseBytes ?? 10 * 2 ** 20,
    maxBodyLength: options.maxRequestBytes ?? 60 * 2 ** 20,
    maxRedirects: 0,
    proxy: false,
    httpAgent: new http.Agent(agent),
    httpsAgent: new https.Agent(agent),
    // A connector that follows redirects (downloads) cannot be led into a private network by one.
    beforeRedirect: (next: { href?: string }) => refuseLiteral(next.href ?? '', options.egress),
    headers: { 'User-Agent': 'Deskbridge' },
  });
  instance.interceptors.request.use((config) => {
    refuseLiteral(instance.getUri(config), options.egress);
    if (config.timeout && config.responseType !== 'stream') config.signal = withDeadline(config.signal, config.timeout);
    return config;
  });
  // Again on a connection of its own, within the first one's deadline.
  const fresh = { httpAgent: new http.Agent({ lookup }), httpsAgent: new https.Agent({ lookup }) };
  instance.interceptors.response.use(undefined, (error: unknown) =>
    isAxiosError(error) && error.config && wasClosedMeanwhile(error) ? instance.request({ ...error.config, ...fresh }) : Promise.reject(error),
  );
  return instance;
}

/** Above every call's time-out, so that it ends no call. */
const longestIdleMs = 15 * 60_000;

/** A read that was sent just as the server closed the connection it had kept: no fault of anybody's, and nothing happens twice. */
const wasClosedMeanwhile = ({ code, config, request, response }: AxiosError): boolean =>
  response === undefined &&
  (code === 'ECONNRESET' || code === 'EPIPE') &&
  /^(get|head)$/i.test(config?.method ?? '') &&
  (request as { reusedSocket?: boolean } | undefined)?.reusedSocket === true;

/** Axios' own time-out restarts with every byte that trickles in; a call as a whole must end too. */
function withDeadline(signal: GenericAbortSignal | undefined, timeoutMs: number): AbortSignal {
  const deadline = AbortSignal.timeout(timeoutMs);
  return signal instanceof AbortSignal ? AbortSignal.any([signal, deadline]) : deadline;
}

/** Seconds or an HTTP date, as `Retry-After` allows; milliseconds from now. */
export function retryAfterMs(value: unknown, now: number): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value).trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  // Date.parse reads almost anything as some date ("-5" is one), and a date in the past would mean "at once, for ever".
  const date = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Failures before the first byte of the request went out. */
const notSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

interface Classified {
  readonly code: ErrorCode;
  readonly retry: Retry;
  readonly effect: Effect;
}

function classify(status: number, retryAfter: number | undefined): Classified {
  if (status === 401) return { code: 'unauthorized', retry: 'never', effect: 'none' };
  if (status === 403) return { code: 'forbidden', retry: 'never', effect: 'none' };
  if (status === 404 || status === 410) return { code: 'not-found', retry: 'never', effect: 'none' };
  if (status === 408 || status === 425) return { code: 'unavailable', retry: 'backoff', effect: status === 408 ? 'unclear' : 'none' };
  if (status === 409) return { code: 'conflict', retry: 'backoff', effect: 'unclear' };
  if (status === 413) return { code: 'too-large', retry: 'never', effect: 'none' };
  if (status === 429) return { code: 'rate-limited', retry: retryAfter === undefined ? 'backoff' : { afterMs: retryAfter }, effect: 'none' };
  if (status >= 500) return { code: 'unavailable', retry: retryAfter === undefined ? 'backoff' : { afterMs: retryAfter }, effect: 'unclear' };
  if (status >= 300 && status < 400) return { code: 'not-understood', retry: 'never', effect: 'none' };
  return { code: 'refused', retry: 'never', effect: 'none' };
}

/** The egress guard speaks from inside the connection or a redirect, so its refusal arrives wrapped. */
function guardsRefusal(error: Error): ConnectorError | undefined {
  for (let inner: unknown = error.cause; inner instanceof Error; inner = inner.cause) if (inner instanceof ConnectorError) return inner;
  return undefined;
}

/**
 * What a failed call means. `explain` reads the vendor's own error body: the words to show, the field that it names, or a finer code.
 * The request and its headers never enter the message.
 */
export function connectorError(
  error: unknown,
  vendor: string,
  now: number,
  explain?: (status: number, body: unknown) => { message?: string; field?: string; code?: ErrorCode; retry?: Retry; effect?: Effect } | undefined,
): ConnectorError {
  if (error instanceof ConnectorError) return error;
  if (!isAxiosError(error))
    return new ConnectorError('unavailable', `${vendor}: ${error instanceof Error ? error.message : String(error)}`, { retry: 'backoff', effect: 'unclear' });
  const refusal = guardsRefusal(error);
  if (refusal) return refusal;
  const response = error.response;
  if (!response && error.code === 'ERR_BAD_REQUEST') return new ConnectorError('too-large', `${vendor}: the request is larger than we send`);
  if (!response) {
    const none = notSent.has(error.code ?? '');
    return new ConnectorError('unavailable', `${vendor} did not answer (${error.code ?? 'no code'})`, { retry: 'backoff', effect: none ? 'none' : 'unclear' });
  }
  const base = classify(response.status, retryAfterMs(response.headers['retry-after'], now));
  const said = explain?.(response.status, response.data);
  return new ConnectorError(said?.code ?? base.code, `${vendor}: ${said?.message ?? `HTTP ${response.status}`}`, {
    retry: said?.retry ?? base.retry,
    effect: said?.effect ?? base.effect,
    field: said?.field,
    status: response.status,
  });
}
