/** One call to the Conversations API: its key, its limits, its errors, and an answer whose shape was checked. */
import { createHmac } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { AxiosResponse } from 'axios';
import { z } from 'zod';
import { ConnectorError, type Context, connectorError, type Json } from '../../src/kit/index.ts';
import type { MessagingSettings } from './settings.ts';

type JsonObject = { readonly [key: string]: Json | undefined };

export interface Call {
  readonly method: 'GET' | 'POST';
  /** Below `/v2/apps/<appId>`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: JsonObject;
  /** A file as multipart/form-data; opened anew when the call is repeated. */
  readonly file?: { readonly name: string; readonly mime: string; read(): Promise<Buffer> };
}

export interface Client {
  /** Throws ConnectorError; `not-understood` for an answer that does not have the shape. */
  call<T>(call: Call, shape: z.ZodType<T>): Promise<T>;
  /** Streams a file of a message. Only the vendor's own host is shown our key. */
  download(url: string): Promise<Readable>;
}

const vendor = 'Zendesk Messaging';
/** The longest that an upload may be, and thus a file ("Request Size Limits"). */
export const maxFileBytes = 50 * 2 ** 20;
/** A file's address may lead on to the storage behind it. */
const hops = 3;

const base64url = (value: string | Buffer): string => Buffer.from(value).toString('base64url');

/** HS256 with the key's id as `kid` and the scope `app` ("Authentication"); lives for five minutes. */
function token({ keyId, keySecret }: MessagingSettings, now: number): string {
  const head = base64url(JSON.stringify({ alg: 'HS256', typ: 'JWT', kid: keyId }));
  const claims = base64url(JSON.stringify({ scope: 'app', iat: Math.floor(now / 1000), exp: Math.floor(now / 1000) + 300 }));
  return `${head}.${claims}.${base64url(createHmac('sha256', keySecret.reveal()).update(`${head}.${claims}`).digest())}`;
}

const authorization = (settings: MessagingSettings, now: number): string =>
  settings.auth === 'jwt' ? `Bearer ${token(settings, now)}` : `Basic ${Buffer.from(`${settings.keyId}:${settings.keySecret.reveal()}`).toString('base64')}`;

const failure = z.looseObject({ errors: z.array(z.looseObject({ code: z.string().optional(), title: z.string().optional() })).min(1) });

/** `{"errors":[{"code","title"}]}`; a conversation that holds 30,000 messages is locked for good (423). */
const explain: NonNullable<Parameters<typeof connectorError>[3]> = (status, body) => {
  const said = failure.safeParse(body);
  if (!said.success) {
    const foreign = status < 500 && status !== 429 && status !== 401 && status !== 403;
    return foreign ? { message: `HTTP ${status} without the API's words`, code: 'not-understood', retry: 'never' } : undefined;
  }
  const [first] = said.data.errors;
  const message = [first?.title, first?.code && `(${first.code})`].filter(Boolean).join(' ').slice(0, 500);
  return { ...(message ? { message } : {}), ...(status === 423 ? { code: 'closed', retry: 'never', effect: 'none' } : {}) };
};

export function createClient(context: Context<MessagingSettings>): Client {
  const { settings, http, now } = context;
  const own = new URL(settings.address).origin;

  async function bodyOf({ body, file }: Call): Promise<unknown> {
    if (!file) return body;
    const form = new FormData();
    form.set('source', new Blob([new Uint8Array(await file.read())], { type: file.mime || 'application/octet-stream' }), file.name);
    return form;
  }

  async function call<T>(asked: Call, shape: z.ZodType<T>): Promise<T> {
    const answer = await http
      .request<unknown>({
        method: asked.method,
        url: `${settings.address}/v2/apps/${encodeURIComponent(settings.appId)}${asked.path}`,
        params: asked.query,
        data: await bodyOf(asked),
        headers: { Accept: 'application/json', ...(asked.body ? { 'Content-Type': 'application/json' } : {}), Authorization: authorization(settings, now()) },
      })
      .catch((error: unknown) => {
        throw connectorError(error, vendor, now(), explain);
      });
    const body = shape.safeParse(answer.data);
    if (body.success) return body.data;
    throw new ConnectorError('not-understood', `${vendor}: ${asked.method} ${asked.path} was answered by something else`, {
      effect: asked.method === 'GET' ? 'none' : 'unclear',
      status: answer.status,
    });
  }

  const fetchFile = (url: string): Promise<AxiosResponse<Readable>> =>
    http.get<Readable>(url, {
      responseType: 'stream',
      maxContentLength: maxFileBytes,
      maxRedirects: 0,
      validateStatus: (status) => status < 400,
      headers: new URL(url).origin === own ? { Authorization: authorization(settings, now()) } : {},
    });

  async function download(url: string): Promise<Readable> {
    let at = url;
    for (let hop = 0; hop <= hops; hop += 1) {
      const { data, status, headers } = await fetchFile(at).catch((error: unknown) => {
        throw connectorError(error, `${vendor}, a file`, now());
      });
      if (status < 300) return data;
      data.destroy();
      const next = typeof headers.location === 'string' && URL.canParse(headers.location, at) ? new URL(headers.location, at) : undefined;
      if (!next || !/^https?:$/.test(next.protocol)) break;
      at = next.href;
    }
    throw new ConnectorError('not-found', `${vendor}: the file's address leads nowhere`);
  }

  return { call, download };
}
