/** One call to Zendesk: its authorization, its limits, its warnings, and an answer whose shape was checked. */
import type { Readable } from 'node:stream';
import type { AxiosResponse } from 'axios';
import { z } from 'zod';
import { ConnectorError, type Context, connectorError, type Json } from '../../src/kit/index.ts';
import { explain } from './errors.ts';
import { createTokens } from './oauth.ts';
import type { ZendeskSettings } from './settings.ts';

export type JsonObject = { readonly [key: string]: Json | undefined };

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Below `/api/v2`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: JsonObject;
  /** Raw bytes of an upload; opened anew when the call is repeated. */
  readonly bytes?: { readonly mime: string; readonly size: number; open(): Promise<Readable> };
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Client {
  /** Throws ConnectorError; `not-understood` for an answer that does not have the shape. */
  call<T>(call: Call, shape: z.ZodType<T>): Promise<T>;
  /** False once a create was answered without `x-idempotency-lookup`: then its key proves nothing. */
  keysHonoured(): boolean;
  /** Every page of a cursor-paged list; `links.next` is always there, so `meta.has_more` decides. */
  pages<T>(
    path: string,
    key: string,
    item: z.ZodType<T>,
    query?: Call['query'],
  ): AsyncGenerator<{ readonly items: readonly T[]; readonly page: PageSideloads }>;
}

export const sideloads = z.looseObject({
  users: z.array(z.looseObject({ id: z.number(), name: z.string() })).optional(),
  organizations: z.array(z.looseObject({ id: z.number(), name: z.string() })).optional(),
});
export type PageSideloads = z.output<typeof sideloads>;

const paging = z.looseObject({ meta: z.looseObject({ has_more: z.boolean(), after_cursor: z.string().nullish() }).optional() });

/** The vendor's classes of limited calls, in the words of a budget; limits of one ticket are no budget of the account. */
const lanes: Readonly<Record<string, string>> = {
  'tickets-update': 'update',
  'ticket-request-create-by-user-and-ip': 'create',
  'tickets-index': 'list',
  'inflight-jobs': 'jobs',
};

function reportBudget(context: Context<ZendeskSettings>, headers: Readonly<Record<string, unknown>>): void {
  const number = (...names: readonly string[]): number => Number(names.map((name) => headers[name]).find((value) => value !== undefined) ?? Number.NaN);
  const now = context.now();
  const limit = number('x-rate-limit', 'ratelimit-limit', 'rate-limit');
  const remaining = number('x-rate-limit-remaining', 'ratelimit-remaining', 'rate-limit-remaining');
  const reset = number('ratelimit-reset', 'rate-limit-reset');
  // Without a reset the window is the documented minute.
  if (limit >= 0 && remaining >= 0) context.budget({ lane: 'account', limit, remaining, resetAt: now + (reset >= 0 ? reset : 60) * 1000 });
  for (const [name, value] of Object.entries(headers)) {
    const [, header = ''] = /^zendesk-rate-?limit-(.+)$/.exec(name) ?? [];
    const lane = lanes[header];
    const [, total, left, resets] = /total=(\d+);\s*remaining=(\d+);\s*resets=(\d+)/.exec(String(value)) ?? [];
    if (lane && total) context.budget({ lane, limit: Number(total), remaining: Number(left), resetAt: now + Number(resets) * 1000 });
  }
}

export function createClient(context: Context<ZendeskSettings>): Client {
  const tokens = createTokens(context);
  let keys = true;

  async function once(call: Call, authorization: string): Promise<AxiosResponse<unknown>> {
    const type = call.bytes
      ? { 'Content-Type': call.bytes.mime, 'Content-Length': String(call.bytes.size) }
      : call.body
        ? { 'Content-Type': 'application/json' }
        : {};
    return context.http.request<unknown>({
      method: call.method,
      url: `${context.settings.address}/api/v2${call.path}`,
      params: call.query,
      data: call.bytes ? await call.bytes.open() : call.body,
      headers: { Accept: 'application/json', ...type, ...call.headers, Authorization: authorization },
    });
  }

  async function send(call: Call): Promise<AxiosResponse<unknown>> {
    const authorization = await tokens.header();
    try {
      return await once(call, authorization);
    } catch (error) {
      const failed = connectorError(error, 'Zendesk', context.now(), explain);
      // A refused token did nothing, so the same call may go again with a new one.
      if (failed.status !== 401 || !tokens.refused(authorization)) throw error;
      return once(call, await tokens.header());
    }
  }

  async function call<T>(asked: Call, shape: z.ZodType<T>): Promise<T> {
    const answer = await send(asked).catch((error: unknown) => {
      throw connectorError(error, 'Zendesk', context.now(), explain);
    });
    reportBudget(context, answer.headers);
    const dropped = answer.headers['x-zendesk-api-warn'];
    if (dropped) context.log.warn({ path: asked.path, warning: String(dropped) }, 'Zendesk dropped a part of the request');
    if (asked.headers?.['Idempotency-Key']) keys &&= answer.headers['x-idempotency-lookup'] !== undefined;
    const body = shape.safeParse(answer.data);
    if (body.success) return body.data;
    throw new ConnectorError('not-understood', `Zendesk: ${asked.method} ${asked.path} was answered by something else`, {
      effect: asked.method === 'GET' ? 'none' : 'unclear',
      status: answer.status,
    });
  }

  async function* pages<T>(
    path: string,
    key: string,
    item: z.ZodType<T>,
    query: Call['query'] = {},
  ): AsyncGenerator<{ items: readonly T[]; page: PageSideloads }> {
    const shape = z
      .looseObject({ [key]: z.array(item) })
      .and(paging)
      .and(sideloads);
    for (let after: string | undefined; ; ) {
      const page = await call({ method: 'GET', path, query: { 'page[size]': 100, ...query, ...(after === undefined ? {} : { 'page[after]': after }) } }, shape);
      yield { items: page[key] as readonly T[], page };
      after = page.meta?.has_more ? (page.meta.after_cursor ?? undefined) : undefined;
      if (after === undefined) return;
    }
  }

  return { call, pages, keysHonoured: () => keys };
}
