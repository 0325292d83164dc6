/** The ticket that a chat already is, from the Support API: the one question that the Conversations API cannot answer. */
import { z } from 'zod';
import { ConnectorError, type Context, connectorError, type TicketRef } from '../../src/kit/index.ts';
import type { MessagingSettings } from './settings.ts';

const grant = z.looseObject({ access_token: z.string().min(1), expires_in: z.number().positive().nullish() });
const found = z.looseObject({ ticket: z.looseObject({ id: z.union([z.number(), z.string()]).transform(String) }) });
const me = z.looseObject({ user: z.looseObject({ id: z.number().nullish() }) });

/** Seconds asked for. */
const lifeSeconds = 3600;
/** Renewed this long before the end. */
const marginMs = 120_000;
const vendor = 'Zendesk Support';

export interface Support {
  /** The conversation's active ticket; undefined when there is none (yet, or any more). */
  ticketOf(conversation: string): Promise<TicketRef | undefined>;
  /** Throws when the credentials do not work. */
  check(): Promise<void>;
}

export function createSupport({ settings, http, now }: Context<MessagingSettings>): Support | undefined {
  const { support, helpdesk } = settings;
  if (!support || !helpdesk) return undefined;
  const { address, clientId, clientSecret, scope } = support;
  let held: { readonly header: string; readonly until: number } | undefined;

  async function header(): Promise<string> {
    if (held && held.until > now()) return held.header;
    const body = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret.reveal(), scope, expires_in: lifeSeconds };
    const { data } = await http.post<unknown>(`${address}/oauth/tokens`, body, { headers: { Accept: 'application/json' } }).catch((error: unknown) => {
      const failed = connectorError(error, vendor, now());
      throw failed.status === 400 ? new ConnectorError('unauthorized', failed.message, { status: 400 }) : failed;
    });
    const token = grant.safeParse(data);
    if (!token.success) throw new ConnectorError('not-understood', `${vendor}: the answer holds no access_token`);
    held = { header: `Bearer ${token.data.access_token}`, until: now() + Math.max(0, (token.data.expires_in ?? lifeSeconds) * 1000 - marginMs) };
    return held.header;
  }

  async function get<T>(path: string, shape: z.ZodType<T>): Promise<T> {
    const { data } = await http
      .get<unknown>(`${address}/api/v2${path}`, { headers: { Accept: 'application/json', Authorization: await header() } })
      .catch((error: unknown) => {
        const failed = connectorError(error, vendor, now());
        if (failed.status === 401) held = undefined;
        throw failed;
      });
    const read = shape.safeParse(data);
    if (!read.success) throw new ConnectorError('not-understood', `${vendor}: GET ${path} was answered by something else`);
    return read.data;
  }

  return {
    async ticketOf(conversation) {
      const path = `/tickets/messaging/conversations/${encodeURIComponent(conversation)}/ticket`;
      const answer = await get(path, found).catch((error: unknown) => {
        if (error instanceof ConnectorError && error.code === 'not-found') return undefined;
        throw error;
      });
      const id = answer?.ticket.id;
      return id === undefined ? undefined : { helpdesk, id, number: id, url: `${address}/agent/tickets/${id}` };
    },
    async check() {
      // Whoever is not known is answered 200 too, as nobody.
      const { user } = await get('/users/me.json', me);
      if (user.id == null) throw new ConnectorError('unauthorized', `${vendor}: the credentials are not known`);
    },
  };
}
