/** Sign-in by better-auth on our own database, API tokens for programs, and one-time links that make agents. */
import { createHash, randomBytes } from 'node:crypto';
import { betterAuth } from 'better-auth';
import { fromNodeHeaders, toNodeHandler } from 'better-auth/node';
import type { Request, RequestHandler } from 'express';
import type { Log, Secret } from '../kit/index.ts';
import { addAgent } from '../people/agents.ts';
import { type AuditEntry, audit } from '../store/audit.ts';
import type { Store } from '../store/store.ts';
import { HttpProblem, problemBody } from './problem.ts';
import type { Viewer } from './viewer.ts';

export interface AuthParts {
  readonly store: Store;
  readonly secret: Secret;
  readonly publicUrl: string;
  /** False while PUBLIC_URL is not set: then the address that the browser used is taken as ours. */
  readonly publicUrlIsSet: boolean;
  readonly log: Log;
  now(): number;
  id(): string;
}

export interface Invitation {
  readonly role: 'agent' | 'admin';
  readonly name: string;
  readonly email: string;
}

/** Who asks; the installation itself when empty. */
type By = AuditEntry['actor'] | '';
const actorOf = (by: By): AuditEntry['actor'] => by || { kind: 'system', id: '' };

const invitationLifeMs = 7 * 86_400_000;
/** A token's last use is told to the minute: no call waits for it, and a busy program costs one write a minute. */
const lastUsedMs = 60_000;
const hash = (token: string): string => createHash('sha256').update(token).digest('hex');
export const newToken = (prefix: string): string => `${prefix}${randomBytes(32).toString('base64url')}`;

const ownOrigin = (request: globalThis.Request | undefined): string[] => {
  const host = request?.headers.get('host');
  return host ? [`http://${host}`, `https://${host}`] : [];
};

const signInProblem = (status: number): HttpProblem => {
  if (status === 429) return new HttpProblem(429, 'rate-limited', 'Too many attempts. Wait a minute and try again.');
  if (status === 401) return new HttpProblem(401, 'wrong-password', 'E-mail or password is wrong.');
  if (status === 403) return new HttpProblem(403, 'origin', 'This page is not at the address that the server knows as its own. Check PUBLIC_URL.');
  return status < 500 ? new HttpProblem(status, 'invalid', 'The request is not understood.') : new HttpProblem(500, 'internal', 'Something went wrong here.');
};

/** The library's answers in our shape; of a good one the cookie alone, since its body repeats the session's token where scripts could read it. */
function inOurShape(answer: globalThis.Response): globalThis.Response {
  const headers = new Headers({ 'cache-control': 'no-store' });
  for (const cookie of answer.headers.getSetCookie()) headers.append('set-cookie', cookie);
  if (answer.ok) return new Response(null, { status: 204, headers });
  const wait = answer.headers.get('x-retry-after');
  if (wait) headers.set('retry-after', wait);
  headers.set('content-type', 'application/problem+json; charset=utf-8');
  return new Response(JSON.stringify(problemBody(signInProblem(answer.status))), { status: answer.status, headers });
}

export type Auth = ReturnType<typeof createAuth>;

export function createAuth(parts: AuthParts) {
  const { store } = parts;
  const auth = betterAuth({
    appName: 'Deskbridge',
    baseURL: parts.publicUrl,
    basePath: '/api/auth',
    secret: parts.secret.reveal(),
    database: { db: store.kysely, type: store.engine },
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 10 },
    trustedOrigins: (request) => (parts.publicUrlIsSet ? [parts.publicUrl] : [parts.publicUrl, ...ownOrigin(request)]),
    telemetry: { enabled: false },
    rateLimit: { enabled: true, window: 60, max: 100, customRules: { '/sign-in/email': { window: 60, max: 10 } } },
    // A disabled agent gets no session, and hears no more than a wrong password would tell.
    databaseHooks: { session: { create: { before: async ({ userId }) => ((await isIn(userId)) ? undefined : false) } } },
    advanced: {
      useSecureCookies: parts.publicUrl.startsWith('https:'),
      ipAddress: { ipAddressHeaders: ['x-deskbridge-client'] },
      // Said aloud, because the library drops both checks by itself where NODE_ENV is "test".
      disableOriginCheck: false,
      disableCSRFCheck: false,
    },
    // Its messages alone: what stands beside them may be an address or a request.
    logger: { level: 'warn', log: (_level, message) => parts.log.warn({ from: 'sign-in' }, message) },
  });
  const marking = new Set<string>();

  async function isIn(agent: string): Promise<boolean> {
    return (await store.read.selectFrom('agents').select('id').where('id', '=', agent).where('disabled_at', 'is', null).executeTakeFirst()) !== undefined;
  }

  async function bySession(request: Request): Promise<Viewer | undefined> {
    if (!request.headers.cookie) return undefined;
    const found = await auth.api.getSession({ headers: fromNodeHeaders(request.headers) });
    if (!found) return undefined;
    const agent = await store.read.selectFrom('agents').selectAll().where('id', '=', found.user.id).where('disabled_at', 'is', null).executeTakeFirst();
    return (
      agent && { id: agent.id, name: agent.name, email: agent.email, role: agent.role, locale: agent.locale, teams: JSON.parse(agent.teams), by: 'session' }
    );
  }

  async function byToken(token: string): Promise<Viewer | undefined> {
    const found = await store.read.selectFrom('api_tokens').selectAll().where('hash', '=', hash(token)).where('revoked_at', 'is', null).executeTakeFirst();
    if (!found) return undefined;
    if (parts.now() - (found.last_used_at ?? 0) >= lastUsedMs) markUsed(found.id);
    return { id: found.id, name: found.name, email: null, role: found.role, locale: 'en', teams: [], by: 'token' };
  }

  function markUsed(id: string): void {
    if (marking.has(id)) return;
    marking.add(id);
    store
      .write(async (tx) => void (await tx.updateTable('api_tokens').set({ last_used_at: parts.now() }).where('id', '=', id).execute()))
      .catch((error: unknown) => parts.log.warn({ err: error }, 'the use of a token could not be noted'))
      .finally(() => marking.delete(id));
  }

  return {
    /** Sign-in and sign-out. */
    handler: toNodeHandler(async (request: globalThis.Request) => inOurShape(await auth.handler(request))) as unknown as RequestHandler,

    async viewer(request: Request): Promise<Viewer | undefined> {
      const token = /^bearer\s+(\S+)$/i.exec(request.get('authorization') ?? '')?.[1];
      return token === undefined ? bySession(request) : byToken(token);
    },

    /** A link that makes one agent, once. The link is shown to whoever asked and stored as a hash only. */
    async invite(invitation: Invitation, by: By = ''): Promise<string> {
      const token = newToken('');
      const value = JSON.stringify({ ...invitation, expiresAt: parts.now() + invitationLifeMs });
      await store.write(async (tx) => {
        await tx
          .insertInto('settings')
          .values({ name: `invitation:${hash(token)}`, value })
          .execute();
        await audit(tx, {
          at: parts.now(),
          actor: actorOf(by),
          action: 'invite',
          subject: { kind: 'invitation', id: hash(token).slice(0, 16) },
          detail: { role: invitation.role },
        });
      });
      return `${parts.publicUrl}/setup/${token}`;
    },

    async invitation(token: string): Promise<Invitation> {
      const row = await store.read
        .selectFrom('settings')
        .selectAll()
        .where('name', '=', `invitation:${hash(token)}`)
        .executeTakeFirst();
      const value = row && (JSON.parse(row.value) as Invitation & { expiresAt: number });
      if (!value || value.expiresAt < parts.now())
        throw new HttpProblem(404, 'invitation-used', 'This link was used already or has expired. Ask for a new one.');
      return { role: value.role, name: value.name, email: value.email };
    },

    /** Makes the agent and uses the link up, both or neither; two clicks make one agent. */
    async accept(token: string, input: { name: string; email: string; password: string; locale: string }): Promise<void> {
      const { role } = await this.invitation(token);
      const context = await auth.$context;
      const email = input.email.toLowerCase();
      const password = await context.password.hash(input.password);
      const at = parts.now();
      const time = new Date(at).toISOString();
      await store.write(async (tx) => {
        const used = await tx
          .deleteFrom('settings')
          .where('name', '=', `invitation:${hash(token)}`)
          .executeTakeFirst();
        if (Number(used.numDeletedRows) !== 1) throw new HttpProblem(404, 'invitation-used', 'This link was used already or has expired. Ask for a new one.');
        if (await tx.selectFrom('user').select('id').where('email', '=', email).executeTakeFirst())
          throw new HttpProblem(409, 'email-taken', 'There is an agent with this e-mail address already.', { errors: [{ field: 'email', message: 'taken' }] });
        const user = parts.id();
        await tx.insertInto('user').values({ id: user, name: input.name, email, emailVerified: 1, image: null, createdAt: time, updatedAt: time }).execute();
        const nothing = { accessToken: null, refreshToken: null, idToken: null, accessTokenExpiresAt: null, refreshTokenExpiresAt: null, scope: null };
        await tx
          .insertInto('account')
          .values({ id: parts.id(), accountId: user, providerId: 'credential', userId: user, password, createdAt: time, updatedAt: time, ...nothing })
          .execute();
        await addAgent(tx, { id: user, name: input.name, email, role, locale: input.locale }, at);
        await audit(tx, { at, actor: { kind: 'agent', id: user }, action: 'join', subject: { kind: 'agent', id: user }, detail: { role } });
      });
    },

    /** The first start: nobody can sign in yet, so a link for the first administrator is printed. Earlier unused ones stop working. */
    async setupLink(): Promise<string | undefined> {
      if (await store.read.selectFrom('agents').select('id').limit(1).executeTakeFirst()) return undefined;
      await store.write(async (tx) => void (await tx.deleteFrom('settings').where('name', 'like', 'invitation:%').execute()));
      return this.invite({ role: 'admin', name: '', email: '' });
    },

    /** The token is returned once and stored as a hash. */
    async createToken(input: { name: string; role: 'agent' | 'admin' }, by: By = ''): Promise<{ id: string; token: string }> {
      const token = newToken('db_');
      const id = parts.id();
      await store.write(async (tx) => {
        await tx
          .insertInto('api_tokens')
          .values({ id, name: input.name, hash: hash(token), role: input.role, created_at: parts.now(), last_used_at: null, revoked_at: null })
          .execute();
        await audit(tx, {
          at: parts.now(),
          actor: actorOf(by),
          action: 'create-token',
          subject: { kind: 'token', id },
          detail: { role: input.role },
        });
      });
      return { id, token };
    },
  };
}
