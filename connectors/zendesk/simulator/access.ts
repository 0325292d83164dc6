/** Tokens and rights: client credentials, bearer tokens with a life and scopes, the legacy API token, and the Anonymous user of `users/me`. */
import { randomBytes } from 'node:crypto';
import type { Request } from 'express';
import { Refusal, unknown } from './refusal.ts';

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Scopes that the client may ask for; any when empty. */
  readonly allowedScopes?: readonly string[];
  readonly apiToken?: { readonly email: string; readonly token: string };
}

export interface Access {
  /** `POST /oauth/tokens`. */
  grant(body: Record<string, unknown>): { status: number; body: unknown };
  /** The scopes of the caller, or undefined for nobody. */
  scopesOf(request: Request): readonly string[] | undefined;
  /** Throws 403 when the scopes do not reach. */
  check(scopes: readonly string[], method: string, resource: string): void;
  /** Every token dies, as when an admin revokes them. */
  revoke(): void;
}

export function createAccess(credentials: Credentials, now: () => number): Access {
  const tokens = new Map<string, { scopes: readonly string[]; expiresAt: number }>();

  return {
    grant(body) {
      if (body.grant_type !== 'client_credentials') throw unknown('any grant but client_credentials');
      if (body.client_id !== credentials.clientId || body.client_secret !== credentials.clientSecret)
        throw new Refusal(401, { error: 'invalid_client', error_description: 'Client authentication failed' });
      if (typeof body.scope !== 'string') throw unknown('a token request whose scope is not one string');
      const expiresIn = body.expires_in === undefined ? undefined : Number(body.expires_in);
      if (expiresIn !== undefined && !(expiresIn >= 300 && expiresIn <= 172_800))
        throw new Refusal(400, { error: 'invalid_request', error_description: 'expires_in must be between 300 and 172800' });
      const scopes = body.scope.split(' ').filter(Boolean);
      if (credentials.allowedScopes && scopes.some((scope) => !credentials.allowedScopes?.includes(scope)))
        throw new Refusal(400, { error: 'invalid_scope', error_description: 'The requested scope is invalid' });
      const token = randomBytes(20).toString('hex');
      tokens.set(token, { scopes, expiresAt: expiresIn === undefined ? Number.POSITIVE_INFINITY : now() + expiresIn * 1000 });
      const life = expiresIn === undefined ? {} : { expires_in: expiresIn };
      return { status: 201, body: { access_token: token, token_type: 'bearer', scope: body.scope, ...life } };
    },
    scopesOf(request) {
      const [kind, value = ''] = (request.headers.authorization ?? '').split(' ');
      if (kind === 'Bearer') {
        const token = tokens.get(value);
        return token && token.expiresAt > now() ? token.scopes : undefined;
      }
      const legacy = credentials.apiToken;
      if (kind !== 'Basic' || !legacy) return undefined;
      return Buffer.from(value, 'base64').toString() === `${legacy.email}/token:${legacy.token}` ? ['read', 'write'] : undefined;
    },
    check(scopes, method, resource) {
      const right = method === 'GET' ? 'read' : 'write';
      if (scopes.includes(right) || scopes.includes(`${resource}:${right}`)) return;
      throw new Refusal(403, { error: 'Forbidden', description: 'You do not have access to this page. Please contact the account owner of this help desk.' });
    },
    revoke: () => tokens.clear(),
  };
}
