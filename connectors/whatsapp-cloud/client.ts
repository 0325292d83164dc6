/** The one file that talks to Meta: Graph API for messages, media and templates. The token goes to Meta's own hosts and nowhere else. */
import { Readable } from 'node:stream';
import { type AxiosResponse, isAxiosError } from 'axios';
import { z } from 'zod';
import { type BlobRef, ConnectorError, type Context, connectorError, type Json } from '../../src/kit/index.ts';
import { explain } from './errors.ts';
import { multipart } from './multipart.ts';
import type { WhatsappSettings } from './settings.ts';

/** A message as `POST /{phone_number_id}/messages` takes it. */
export type Outgoing = { readonly [key: string]: Json };
export type Sent = { readonly id: string; readonly phone: string | null; readonly user: string | null };

const sent = z.looseObject({
  contacts: z.array(z.looseObject({ wa_id: z.string().optional(), user_id: z.string().optional() })).default([]),
  messages: z.array(z.looseObject({ id: z.string().min(1) })).min(1),
});
const uploaded = z.looseObject({ id: z.string().min(1) });
const mediaInfo = z.looseObject({ url: z.url(), mime_type: z.string().optional(), sha256: z.string().optional(), file_size: z.coerce.number().optional() });
export type MediaInfo = z.output<typeof mediaInfo>;
const number = z.looseObject({ display_phone_number: z.string().optional(), verified_name: z.string().optional(), quality_rating: z.string().optional() });
const templatePage = z.looseObject({
  data: z.array(z.unknown()),
  paging: z.looseObject({ cursors: z.looseObject({ after: z.string().optional() }).optional(), next: z.string().optional() }).optional(),
});

export interface Client {
  send(message: Outgoing): Promise<Sent>;
  markRead(message: string): Promise<void>;
  /** Resolves to the media id, good for 30 days. */
  upload(file: BlobRef): Promise<string>;
  media(id: string): Promise<MediaInfo>;
  /** The bytes behind an address that Meta named. Throws `blocked` for a host that must not get the token. */
  bytes(url: string): Promise<Readable>;
  number(): Promise<z.output<typeof number>>;
  /** Message templates of a WhatsApp Business account, as Meta lists them. */
  templates(wabaId: string): Promise<readonly unknown[]>;
}

const vendor = 'WhatsApp';
/** Some of Meta's hosts are said to refuse libraries' own names. */
const userAgent = 'Deskbridge';
const uploadTimeoutMs = 5 * 60_000;
const mostPages = 20;

/** `*.fbsbx.com` is every host below. */
const fits = (host: string, rule: string): boolean => (rule.startsWith('*.') ? host.endsWith(rule.slice(1)) : host === rule);

export function createClient(context: Pick<Context<WhatsappSettings>, 'http' | 'settings' | 'now' | 'blobs'>): Client {
  const { http, settings, now, blobs } = context;
  const graph = new URL(settings.graph);
  const base = `${graph.origin}/${settings.graphVersion}`;
  const headers = () => ({ Authorization: `Bearer ${settings.accessToken.reveal()}`, 'User-Agent': userAgent });

  const failed = (error: unknown): ConnectorError => connectorError(error, vendor, now(), explain);

  function understood<T>(response: AxiosResponse, shape: z.ZodType<T>, write: boolean): T {
    const parsed = shape.safeParse(response.data);
    if (parsed.success) return parsed.data;
    throw new ConnectorError('not-understood', `${vendor}: ${settings.graph} answered in an unknown shape`, {
      effect: write ? 'unclear' : 'none',
      status: response.status,
    });
  }

  async function get<T>(path: string, shape: z.ZodType<T>, params: Readonly<Record<string, string>> = {}): Promise<T> {
    let response: AxiosResponse;
    try {
      response = await http.get(`${base}${path}`, { headers: headers(), params });
    } catch (error) {
      throw failed(error);
    }
    return understood(response, shape, false);
  }

  async function post<T>(path: string, body: unknown, shape: z.ZodType<T>, more: object = {}): Promise<T> {
    let response: AxiosResponse;
    try {
      response = await http.post(`${base}${path}`, body, { ...more, headers: { ...headers(), ...('headers' in more ? (more.headers as object) : {}) } });
    } catch (error) {
      throw failed(error);
    }
    return understood(response, shape, true);
  }

  /** A webhook or an answer names the address; only Meta's own hosts may get the token. */
  function guarded(url: string): URL {
    const address = URL.canParse(url) ? new URL(url) : undefined;
    const known = address?.origin === graph.origin || settings.mediaHosts.some((rule) => fits(address?.hostname ?? '', rule));
    if (address && address.protocol === graph.protocol && known) return address;
    throw new ConnectorError(
      'blocked',
      `${vendor}: the file lies at ${address?.host ?? 'no address'}, which is not among the \`mediaHosts\` of this channel, so it was not asked`,
      {
        // Once ops have added the host, the file can still be had for a week.
        retry: 'backoff',
      },
    );
  }

  return {
    async send(message) {
      const { contacts, messages } = await post(`/${settings.phoneNumberId}/messages`, message, sent);
      return { id: messages[0]?.id ?? '', phone: contacts[0]?.wa_id ?? null, user: contacts[0]?.user_id ?? null };
    },
    async markRead(message) {
      await post(`/${settings.phoneNumberId}/messages`, { messaging_product: 'whatsapp', status: 'read', message_id: message }, z.looseObject({}));
    },
    async upload(file) {
      const form = multipart({ messaging_product: 'whatsapp', type: file.mime }, file, await blobs.open(file.sha256));
      const more = {
        headers: { 'Content-Type': form.contentType, 'Content-Length': String(form.length) },
        maxBodyLength: form.length,
        timeout: uploadTimeoutMs,
      };
      return (await post(`/${settings.phoneNumberId}/media`, form.stream, uploaded, more)).id;
    },
    media: (id) => get(`/${encodeURIComponent(id)}`, mediaInfo, { phone_number_id: settings.phoneNumberId }),
    async bytes(url) {
      const address = guarded(url);
      try {
        const response = await http.get<Readable>(address.href, { headers: headers(), responseType: 'stream', maxContentLength: settings.maxFileMb * 2 ** 20 });
        return response.data;
      } catch (error) {
        if (isAxiosError(error) && error.response?.data instanceof Readable) error.response.data.destroy();
        throw connectorError(error, vendor, now());
      }
    },
    number: () => get(`/${settings.phoneNumberId}`, number),
    async templates(wabaId) {
      const all: unknown[] = [];
      let after: string | undefined;
      for (let page = 0; page < mostPages; page++) {
        const answer = await get(`/${wabaId}/message_templates`, templatePage, { status: 'APPROVED', limit: '100', ...(after === undefined ? {} : { after }) });
        all.push(...answer.data);
        after = answer.paging?.next === undefined ? undefined : answer.paging.cursors?.after;
        if (after === undefined) break;
      }
      return all;
    },
  };
}
