/** Access tokens by client credentials (Zendesk, "Create Token for Grant Type"): cached in memory, renewed before they end, one renewal at a time. */
import { z } from 'zod';
import { ConnectorError, type Context, connectorError } from '../../src/kit/index.ts';
import { explain } from './errors.ts';
import type { ZendeskSettings } from './settings.ts';

/** Seconds asked for; the longest that the vendor grants is two days. */
const lifeSeconds = 86_400;
/** Renewed this long before the end, so that no call sets out with a token that dies on its way. */
const renewBeforeMs = 120_000;

const grant = z.looseObject({ access_token: z.string().min(1), expires_in: z.number().positive().nullish() });

export interface Tokens {
  /** The value of the Authorization header. */
  header(): Promise<string>;
  /** Forgets a header that was refused. False when a fresh one could not help. */
  refused(header: string): boolean;
}

export function createTokens(context: Pick<Context<ZendeskSettings>, 'http' | 'now' | 'settings'>): Tokens {
  const { oauth, apiToken, address } = context.settings;
  if (apiToken) {
    const header = `Basic ${Buffer.from(`${apiToken.email}/token:${apiToken.token.reveal()}`).toString('base64')}`;
    return { header: async () => header, refused: () => false };
  }
  if (!oauth) throw new ConnectorError('unauthorized', 'Zendesk: neither oauth nor apiToken is set');

  let held: { header: string; until: number } | undefined;
  let renewal: Promise<string> | undefined;

  async function renew(): Promise<string> {
    if (!oauth) throw new ConnectorError('unauthorized', 'Zendesk: oauth is not set');
    const body = {
      grant_type: 'client_credentials',
      client_id: oauth.clientId,
      client_secret: oauth.clientSecret.reveal(),
      scope: oauth.scope,
      expires_in: lifeSeconds,
    };
    const answer = await context.http.post<unknown>(`${address}/oauth/tokens`, body, { headers: { Accept: 'application/json' } }).catch((error: unknown) => {
      const failed = connectorError(error, 'Zendesk OAuth', context.now(), explain);
      // Asking for a token changes nothing that a retry could double.
      throw new ConnectorError(failed.status === 400 ? 'unauthorized' : failed.code, failed.message, {
        retry: failed.retry,
        effect: 'none',
        status: failed.status,
      });
    });
    const token = grant.safeParse(answer.data);
    if (!token.success) throw new ConnectorError('not-understood', 'Zendesk OAuth: the answer holds no access_token', { status: answer.status });
    const life = (token.data.expires_in ?? lifeSeconds) * 1000;
    held = { header: `Bearer ${token.data.access_token}`, until: context.now() + Math.max(life - renewBeforeMs, life / 2) };
    return held.header;
  }

  return {
    async header() {
      if (held && held.until > context.now()) return held.header;
      renewal ??= renew().finally(() => {
        renewal = undefined;
      });
      return renewal;
    },
    refused(header) {
      if (held?.header === header) held = undefined;
      return true;
    },
  };
}
