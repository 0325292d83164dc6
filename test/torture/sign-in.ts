/** An API token, made as an administrator makes one: set-up link, sign-in, token. */
import { setTimeout as wait } from 'node:timers/promises';
import type { ServerUnderTest } from './server.ts';

/** The server answers a moment before it prints. */
async function printedLink(server: ServerUnderTest): Promise<string> {
  for (let look = 0; look < 100; look += 1) {
    const [, invitation] = /\/setup\/([\w-]+)\n/.exec(server.output()) ?? [];
    if (invitation) return invitation;
    await wait(50);
  }
  throw new Error(`the server printed no set-up link:\n${server.output()}`);
}

export async function makeToken(server: ServerUnderTest): Promise<string> {
  const invitation = await printedLink(server);
  const account = { email: 'ana@suporte.example', password: 'uma senha bem longa' };
  const post = async (path: string, body: object, headers: Record<string, string> = {}): Promise<Response> => {
    const response = await fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: server.url, 'x-deskbridge': '1', ...headers },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return response;
  };
  await post(`/api/setup/${invitation}`, { ...account, name: 'Ana', locale: 'en' });
  const session = await post('/api/auth/sign-in/email', account);
  const cookie = session.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  const answer = await post('/api/tokens', { name: 'torture', role: 'admin' }, { cookie });
  return ((await answer.json()) as { token: string }).token;
}
