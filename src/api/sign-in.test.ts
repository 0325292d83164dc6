import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { quiet } from '../../test/support/context.ts';
import { password, startTestServer, type TestServer } from '../../test/support/server.ts';
import { sqliteTestStore } from '../../test/support/store.ts';
import { Secret } from '../kit/index.ts';
import { createAuth } from './auth.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const session = async (email: string, secret = password): Promise<{ cookie: string }> => ({
  cookie: (await server.signIn(email, secret)).headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; '),
});

describe('one-time links', () => {
  const newcomer = (email: string) => ({ method: 'POST', body: { name: 'New', email, password, locale: 'de' } });
  const invite = async (): Promise<string> => {
    const { body } = await server.call<{ link: string }>(server.admin, '/api/agents', { method: 'POST', body: { name: 'Bia', email: '', role: 'agent' } });
    return `/api/setup/${body.link.split('/').at(-1)}`;
  };

  it('make one agent and then nothing more', async () => {
    const link = await invite();
    expect((await server.call({}, link)).body).toEqual({ name: 'Bia', email: '', role: 'agent' });
    expect((await server.call({}, link, newcomer('one@desk.example'))).status).toBe(204);
    expect(await server.call({}, link, newcomer('two@desk.example'))).toMatchObject({ status: 404, body: { key: 'invitation-used' } });
    expect((await server.call({}, link)).status).toBe(404);
  });

  it('make one agent of two clicks at once', async () => {
    const link = await invite();
    const both = await Promise.all([server.call({}, link, newcomer('left@desk.example')), server.call({}, link, newcomer('right@desk.example'))]);
    expect(both.map(({ status }) => status).sort()).toEqual([204, 404]);
    const { body } = await server.call<{ items: { email: string }[] }>(server.admin, '/api/agents');
    expect(body.items.filter(({ email }) => email === 'left@desk.example' || email === 'right@desk.example')).toHaveLength(1);
  });

  it('stay good when the address is taken already', async () => {
    const link = await invite();
    expect(await server.call({}, link, newcomer('ROOT@desk.example'))).toMatchObject({
      status: 409,
      body: { key: 'email-taken', errors: [{ field: 'email' }] },
    });
    expect((await server.call({}, link, newcomer('free@desk.example'))).status).toBe(204);
  });

  it('expire after a week, and the first start’s die at the next start', async () => {
    const test = await sqliteTestStore();
    let now = 1_000;
    let ids = 0;
    const auth = createAuth({
      store: test.store,
      secret: new Secret('the secret of this test is long enough'),
      publicUrl: 'http://localhost',
      publicUrlIsSet: false,
      log: quiet,
      now: () => now,
      id: () => `id-${++ids}`,
    });
    const tokenOf = (link: string | undefined): string => link?.split('/').at(-1) ?? '';
    const first = tokenOf(await auth.setupLink());
    await expect(auth.invitation(first)).resolves.toMatchObject({ role: 'admin' });
    const second = tokenOf(await auth.setupLink());
    await expect(auth.invitation(first)).rejects.toMatchObject({ status: 404 });
    await expect(auth.accept(first, { name: 'X', email: 'x@desk.example', password, locale: 'en' })).rejects.toMatchObject({ status: 404 });
    now += 7 * 86_400_000;
    await expect(auth.invitation(second)).resolves.toMatchObject({ role: 'admin' });
    now += 1;
    await expect(auth.invitation(second)).rejects.toMatchObject({ key: 'invitation-used' });
    const third = tokenOf(await auth.setupLink());
    await auth.accept(third, { name: 'X', email: 'x@desk.example', password, locale: 'en' });
    await expect(auth.setupLink()).resolves.toBeUndefined();
    expect(await test.store.read.selectFrom('agents').select(['email', 'role']).execute()).toEqual([{ email: 'x@desk.example', role: 'admin' }]);
    await test.drop();
  });
});

describe('sign-in', () => {
  it('gives a cookie that scripts cannot read, and says nothing else', async () => {
    const answer = await server.signIn('root@desk.example', password);
    expect(answer).toMatchObject({ status: 204, body: '' });
    const [cookie = ''] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/HttpOnly/i);
    expect(cookie).toMatch(/SameSite=Lax/i);
    expect(cookie).not.toMatch(/Secure/i);
    expect((await server.call({ cookie: cookie.split(';')[0] ?? '' }, '/api/me')).body).toMatchObject({ name: 'Root', role: 'admin' });
  });

  it('refuses a wrong password and an unknown address in the same words', async () => {
    const [wrong, unknown] = [await server.signIn('root@desk.example', 'not the password'), await server.signIn('nobody@desk.example', password)];
    expect(wrong).toMatchObject({ status: 401, body: { status: 401, key: 'wrong-password' } });
    expect(wrong.headers.get('content-type')).toContain('application/problem+json');
    expect(wrong.headers.getSetCookie()).toEqual([]);
    expect(unknown.body).toEqual(wrong.body);
  });

  it('ends with sign-out at once', async () => {
    const who = await session('root@desk.example');
    expect((await server.call(who, '/api/me')).status).toBe(200);
    expect((await server.call(who, '/api/auth/sign-out', { method: 'POST', body: {}, headers: { origin: server.url } })).status).toBe(204);
    expect(await server.call(who, '/api/me')).toMatchObject({ status: 401, body: { key: 'sign-in' } });
  });

  it('opens nothing else of the library behind it', async () => {
    for (const [method, path] of [
      ['POST', 'sign-up/email'],
      ['GET', 'get-session'],
      ['POST', 'update-user'],
      ['POST', 'request-password-reset'],
      ['GET', 'ok'],
    ] as const)
      expect(await server.call(server.admin, `/api/auth/${path}`, { method, ...(method === 'POST' ? { body: {} } : {}) })).toMatchObject({
        status: 404,
        body: { key: 'not-found' },
      });
  });

  it('is refused to pages of other addresses, and open under each name of this machine while PUBLIC_URL is not set', async () => {
    const from = (base: string, origin: string) =>
      fetch(`${base}/api/auth/sign-in/email`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin, 'x-forwarded-for': '203.0.113.77' },
        body: JSON.stringify({ email: 'root@desk.example', password }),
      });
    const named = server.url.replace('127.0.0.1', 'localhost');
    expect((await from(server.url, server.url)).status).toBe(204);
    expect((await from(named, named)).status).toBe(204);
    const foreign = await from(server.url, 'https://evil.example');
    expect(foreign.status).toBe(403);
    expect(await foreign.json()).toMatchObject({ key: 'origin' });
    expect(foreign.headers.getSetCookie()).toEqual([]);
  });
});

describe('attempts', () => {
  const attempt = (headers: Record<string, string>) => server.signIn('nobody@desk.example', 'wrong password', headers);

  it('are counted by the address that the proxy in front saw, whatever a caller claims beside it', async () => {
    const tries: number[] = [];
    for (let n = 0; n < 11; n += 1) tries.push((await attempt({ 'x-forwarded-for': `10.0.0.${n}, 203.0.113.5`, 'x-deskbridge-client': `10.1.1.${n}` })).status);
    expect(tries).toEqual([...Array<number>(10).fill(401), 429]);
    const refused = await attempt({ 'x-forwarded-for': '203.0.113.5' });
    expect(refused).toMatchObject({ status: 429, body: { key: 'rate-limited' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await attempt({ 'x-forwarded-for': '203.0.113.6:4711' })).status).toBe(401);
    expect((await server.signIn('root@desk.example', password, { 'x-forwarded-for': '203.0.113.7' })).status).toBe(204);
  });

  it('cannot be spread over made-up addresses where no proxy is trusted', async () => {
    const bare = await startTestServer({ environment: { TRUST_PROXY: '0' } });
    const tries: number[] = [];
    for (let n = 0; n < 11; n += 1)
      tries.push(
        (await bare.signIn('nobody@desk.example', 'wrong password', { 'x-forwarded-for': `10.0.0.${n}`, 'x-deskbridge-client': `10.1.1.${n}` })).status,
      );
    expect(tries.at(-1)).toBe(429);
    await bare.stop();
  });
});

describe('roles', () => {
  it('keep agents out of what is for administrators', async () => {
    const ana = await server.agent('Ana');
    for (const [method, path] of [
      ['GET', '/api/tokens'],
      ['POST', '/api/tokens'],
      ['DELETE', '/api/tokens/x'],
      ['POST', '/api/agents'],
      ['PUT', `/api/agents/${ana.id}`],
      ['GET', '/api/quarantine'],
      ['POST', '/api/quarantine/replay'],
    ] as const)
      expect(await server.call(ana, path, { method, ...(method === 'GET' ? {} : { body: {} }) })).toMatchObject({ status: 403, body: { key: 'forbidden' } });
    expect((await server.call(ana, '/api/agents')).status).toBe(200);
  });

  it('end with the agent: a disabled one is out at once, and cannot come back until let in', async () => {
    const rui = await server.agent('Rui');
    const set = (disabled: boolean) => server.call(server.admin, `/api/agents/${rui.id}`, { method: 'PUT', body: { disabled } });
    expect((await set(true)).status).toBe(204);
    expect((await server.call(rui, '/api/me')).status).toBe(401);
    const refused = await server.signIn(rui.email, password);
    expect(refused).toMatchObject({ status: 401, body: { key: 'wrong-password' } });
    expect(refused.headers.getSetCookie()).toEqual([]);
    expect((await set(false)).status).toBe(204);
    expect((await server.call(rui, '/api/me')).status).toBe(401);
    expect((await server.call(await session(rui.email), '/api/me')).status).toBe(200);
  });

  it('change at once, for the session that is open', async () => {
    const eva = await server.agent('Eva');
    expect((await server.call(eva, '/api/tokens')).status).toBe(403);
    await server.call(server.admin, `/api/agents/${eva.id}`, { method: 'PUT', body: { role: 'admin', teams: ['n1'] } });
    expect((await server.call(eva, '/api/tokens')).status).toBe(200);
    await server.call(server.admin, `/api/agents/${eva.id}`, { method: 'PUT', body: { role: 'agent' } });
    expect((await server.call(eva, '/api/tokens')).status).toBe(403);
  });

  it('never leave a house without an administrator, not even by a program', async () => {
    const { body: token } = await server.call<{ token: string }>(server.admin, '/api/tokens', { method: 'POST', body: { name: 'ops', role: 'admin' } });
    const { body: me } = await server.call<{ id: string }>(server.admin, '/api/me');
    const change = (body: object) => server.call({ token: token.token }, `/api/agents/${me.id}`, { method: 'PUT', body });
    expect(await change({ disabled: true })).toMatchObject({ status: 409, body: { key: 'last-admin' } });
    expect(await change({ role: 'agent' })).toMatchObject({ status: 409 });
    expect(await server.call(server.admin, `/api/agents/${me.id}`, { method: 'PUT', body: { role: 'agent' } })).toMatchObject({
      body: { key: 'not-yourself' },
    });
    expect((await server.call(server.admin, '/api/agents/nobody', { method: 'PUT', body: { disabled: true } })).status).toBe(404);
  });
});

describe('a session’s writes', () => {
  it('need the header that a form of another site cannot send', async () => {
    const { cookie = '' } = server.admin;
    const bare = await fetch(`${server.url}/api/tokens`, { method: 'POST', headers: { cookie, 'content-type': 'application/json' }, body: '{"name":"x"}' });
    expect(bare.status).toBe(403);
    expect(await bare.json()).toMatchObject({ status: 403, detail: expect.stringContaining('X-Deskbridge') });
    const { body } = await server.call<{ items: { name: string }[] }>(server.admin, '/api/tokens');
    expect(body.items.some(({ name }) => name === 'x')).toBe(false);
  });
});

describe('API tokens', () => {
  const create = async (name: string): Promise<{ id: string; token: string }> =>
    (await server.call<{ id: string; token: string }>(server.admin, '/api/tokens', { method: 'POST', body: { name } })).body;

  it('are shown once, kept as a hash, and note their last use', async () => {
    const { id, token } = await create('reports');
    expect(token).toMatch(/^db_[\w-]{43}$/);
    expect((await server.call({}, '/api/me', { headers: { authorization: `bearer ${token}` } })).body).toMatchObject({ name: 'reports', role: 'agent' });
    const listed = await vi.waitFor(async () => {
      const { body } = await server.call<{ items: { id: string; lastUsedAt: number | null }[] }>(server.admin, '/api/tokens');
      const one = body.items.find((each) => each.id === id);
      expect(one?.lastUsedAt).toBeGreaterThan(Date.now() - 60_000);
      return JSON.stringify(body);
    });
    expect(listed).not.toContain(token);
    expect(listed).not.toContain(createHash('sha256').update(token).digest('hex'));
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(`${server.folder}/data/deskbridge.sqlite`, { readOnly: true });
    const [row] = database.prepare('SELECT * FROM api_tokens WHERE id = ?').all(id);
    database.close();
    expect(row?.hash).toBe(createHash('sha256').update(token).digest('hex'));
    expect(JSON.stringify(row)).not.toContain(token);
  });

  it('are dead the moment they are revoked', async () => {
    const { id, token } = await create('short-lived');
    expect((await server.call({ token }, '/api/me')).status).toBe(200);
    expect((await server.call(server.admin, `/api/tokens/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await server.call({ token }, '/api/me')).status).toBe(401);
    expect((await server.call(server.admin, `/api/tokens/${id}`, { method: 'DELETE' })).status).toBe(404);
  });

  it('count instead of a session that is sent beside them', async () => {
    expect((await server.call({ ...server.admin, token: 'db_wrong' }, '/api/me')).status).toBe(401);
  });
});

describe('PUBLIC_URL', () => {
  it('by https makes cookies secure, asks for HSTS, and lets in pages of that address alone', async () => {
    const secure = await startTestServer({ environment: { PUBLIC_URL: 'https://desk.example.com/' } });
    expect(secure.running.setupLink).toMatch(/^https:\/\/desk\.example\.com\/setup\/[\w-]+$/);
    const from = (origin: string) => secure.signIn('root@desk.example', password, { origin });
    const own = await from('https://desk.example.com');
    expect(own.status).toBe(204);
    expect(own.headers.getSetCookie()[0]).toMatch(/^__Secure-.*; Secure/);
    expect(own.headers.get('strict-transport-security')).toMatch(/max-age=\d{7,}/);
    expect(own.headers.get('content-security-policy')).toContain('upgrade-insecure-requests');
    expect((await from(secure.url)).status).toBe(403);
    expect((await from('https://desk.example.com.evil.example')).status).toBe(403);
    await secure.stop();
  });

  it('by http sends no HSTS', async () => {
    const plain = await server.call({}, '/healthz/x');
    expect(plain.headers.get('strict-transport-security')).toBeNull();
    expect(plain.headers.get('content-security-policy')).not.toContain('upgrade-insecure-requests');
  });
});
