/** The one file that talks to Freshdesk: transport, rate headers, paging, and the calls that write. Freshdesk API v2. */
import { type AxiosResponse, isAxiosError } from 'axios';
import type { z } from 'zod';
import { ConnectorError, type Context, connectorError, type Json, retryAfterMs } from '../../src/kit/index.ts';
import { explain, filesTooLarge, lacksFeature } from './explain.ts';
import { type Files, multipart } from './multipart.ts';
import type { FreshdeskSettings } from './settings.ts';
import * as wire from './wire.ts';

/** Rendered for the requester's eyes. The kind goes with the text down to the call, so that an internal one fits no public place. */
export type PublicHtml = { readonly kind: 'public'; readonly html: string };
export type InternalHtml = { readonly kind: 'internal'; readonly html: string };
export type Attributes = { readonly [name: string]: Json };
/** Its note is for agents alone. */
export type TimeSpent = { readonly kind: 'internal'; readonly attributes: Attributes };

type Method = 'get' | 'post' | 'put';
type Query = Readonly<Record<string, string | number>>;
/** Freshdesk's classes of calls, "Rate Limit". */
type Lane = 'create' | 'update' | 'list' | 'other';

interface Call<T> {
  readonly method: Method;
  readonly path: string;
  readonly query?: Query;
  readonly body?: Json | FormData;
  readonly shape: z.ZodType<T>;
  /** A refusal that is an answer: what the caller gets instead of an error. */
  otherwise?(status: number, body: unknown): T | undefined;
}

export interface Client {
  get<T>(path: string, shape: z.ZodType<T>, query?: Query): Promise<T>;
  /** Page after page, as long as the Link header names a next one; at most `maxPages`. */
  pages<T>(path: string, shape: z.ZodType<T[]>, query: Query, maxPages?: number): AsyncIterable<T[]>;
  /** Resolves to the ticket's id, or null when the files were refused for their size. */
  createTicket(description: PublicHtml, attributes: Attributes, files: Files): Promise<number | null>;
  updateTicket(id: string, attributes: Attributes): Promise<number>;
  createNote(ticket: string, note: InternalHtml, files: Files): Promise<number | null>;
  createReply(ticket: string, reply: PublicHtml, files: Files): Promise<number | null>;
  createTimeEntry(ticket: string, entry: TimeSpent): Promise<number>;
  /** False when the account's plan has no summaries. */
  putSummary(ticket: string, summary: InternalHtml): Promise<boolean>;
}

/** Freshdesk lists up to 300 pages. */
const lastPage = 300;

function laneOf(method: Method, path: string): Lane {
  if (path === '/tickets') return method === 'post' ? 'create' : 'list';
  return method === 'put' && /^\/tickets\/\d+$/.test(path) ? 'update' : 'other';
}

const isHtml = (response: AxiosResponse): boolean =>
  /html/i.test(String(response.headers['content-type'] ?? '')) || (typeof response.data === 'string' && response.data.trimStart().startsWith('<'));

export function createClient(context: Context<FreshdeskSettings>): Client {
  const { http, settings, now } = context;
  const auth = { username: settings.apiKey.reveal(), password: 'X' };

  /** Freshdesk tells the account's total a minute and what remains of it; with a 429 only how long to wait. */
  function report(lane: Lane, response: AxiosResponse): void {
    const limit = Number(response.headers['x-ratelimit-total'] ?? Number.NaN);
    const wait = response.status === 429 ? (retryAfterMs(response.headers['retry-after'], now()) ?? 60_000) : undefined;
    const remaining = wait === undefined ? Number(response.headers['x-ratelimit-remaining'] ?? Number.NaN) : 0;
    if (!Number.isFinite(remaining) || (!Number.isFinite(limit) && wait === undefined)) return;
    context.budget({ lane, limit: Number.isFinite(limit) ? limit : 0, remaining, resetAt: now() + (wait ?? 60_000) });
  }

  const notUnderstood = (what: string, write: boolean, status: number): ConnectorError =>
    new ConnectorError('not-understood', `Freshdesk: ${what}`, { effect: write ? 'unclear' : 'none', status });

  function failed(error: unknown, lane: Lane): unknown {
    if (isAxiosError(error) && error.response) {
      const { response } = error;
      context.log.debug({ status: response.status, request: response.headers['x-request-id'] }, 'freshdesk refused');
      report(lane, response);
      if (isHtml(response) && response.status < 500 && response.status !== 429)
        return notUnderstood(`${settings.address} answered a web page, not the API`, false, response.status);
    }
    return connectorError(error, 'Freshdesk', now(), explain);
  }

  async function call<T>({ method, path, query, body, shape, otherwise }: Call<T>): Promise<{ data: T; more: boolean }> {
    const lane = laneOf(method, path);
    const write = method !== 'get';
    let response: AxiosResponse;
    try {
      const address = `${settings.address}/api/v2${path}`;
      response = await http.request({
        method,
        url: address,
        auth,
        headers: { Accept: 'application/json' },
        ...(body === undefined ? {} : { data: body }),
        ...(query ? { params: query } : {}),
      });
    } catch (error) {
      const instead = isAxiosError(error) && error.response ? otherwise?.(error.response.status, error.response.data) : undefined;
      if (instead === undefined) throw failed(error, lane);
      if (isAxiosError(error) && error.response) report(lane, error.response);
      return { data: instead, more: false };
    }
    report(lane, response);
    if (isHtml(response)) throw notUnderstood(`${settings.address} answered a web page, not the API`, write, response.status);
    const parsed = shape.safeParse(response.data);
    if (!parsed.success) throw notUnderstood(`${method.toUpperCase()} ${path} was answered in an unknown shape`, write, response.status);
    return { data: parsed.data, more: /rel="?next"?/.test(String(response.headers.link ?? '')) };
  }

  /** One POST; null when only the size of the files was refused, so that the caller can go on without them. */
  async function post(path: string, attributes: Attributes, files: Files): Promise<number | null> {
    const body = files.length ? await multipart(attributes, files, context.blobs) : attributes;
    const { data } = await call<{ id: number | null }>({
      method: 'post',
      path,
      body,
      shape: wire.created,
      otherwise: (status, answer) => (files.length > 0 && filesTooLarge(status, answer) ? { id: null } : undefined),
    });
    return data.id;
  }

  return {
    get: async (path, shape, query) => (await call({ method: 'get', path, shape, ...(query ? { query } : {}) })).data,
    async *pages(path, shape, query, maxPages = lastPage) {
      for (let page = 1; page <= maxPages; page += 1) {
        const { data, more } = await call({ method: 'get', path, shape, query: { ...query, page } });
        yield data;
        if (!more) return;
      }
    },
    createTicket: (description, attributes, files) => post('/tickets', { ...attributes, description: description.html }, files),
    updateTicket: async (id, attributes) => (await call({ method: 'put', path: `/tickets/${id}`, body: attributes, shape: wire.created })).data.id,
    createNote: (ticket, note, files) => post(`/tickets/${ticket}/notes`, { body: note.html, private: true }, files),
    createReply: (ticket, reply, files) => post(`/tickets/${ticket}/reply`, { body: reply.html }, files),
    createTimeEntry: async (ticket, { attributes }) =>
      (await call({ method: 'post', path: `/tickets/${ticket}/time_entries`, body: attributes, shape: wire.created })).data.id,
    async putSummary(ticket, { html }) {
      const { data } = await call<object | 'absent'>({
        method: 'put',
        path: `/tickets/${ticket}/summary`,
        body: { body: html },
        shape: wire.summary,
        otherwise: (status, answer) => (lacksFeature(status, answer) ? 'absent' : undefined),
      });
      return data !== 'absent';
    },
  };
}
