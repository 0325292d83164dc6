/** `npm run sandbox` as a newcomer meets it: the day waits in the inbox, the sign-in works, the page has the widget. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readDemoDay } from '../../src/cli/sandbox/demo-day.ts';
import { type Sandbox, startSandbox } from '../../src/cli/sandbox/sandbox.ts';

let folder: string;
let sandbox: Sandbox;
let cookie = '';
const start = (keep: boolean) => startSandbox({ port: 0, host: '127.0.0.1', dataFolder: join(folder, 'sandbox-data'), keep, logLevel: 'silent' });
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deskbridge-sandbox-'));
  sandbox = await start(false);
});
afterAll(async () => {
  await sandbox.stop();
  await rm(folder, { recursive: true, force: true });
});

async function signIn(): Promise<boolean> {
  const response = await fetch(`${sandbox.url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: sandbox.url },
    body: JSON.stringify(sandbox.signIn),
  });
  cookie = response.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  return response.ok;
}
const get = async <T>(path: string): Promise<T> => (await (await fetch(sandbox.url + path, { headers: { cookie } })).json()) as T;
const inbox = async () => (await get<{ items: { id: string; channel: string }[] }>('/api/conversations?view=open&limit=50')).items;

describe('the sandbox', () => {
  it('lets the printed agent in', async () => {
    expect(sandbox.signIn?.email).toBe('ana@sandbox.example');
    expect(await signIn()).toBe(true);
    expect(await get('/api/me')).toMatchObject({ name: 'Ana Lima', locale: 'pt-BR' });
  });

  it('has the day’s conversations waiting, each on its channel, and what comes later not yet', async () => {
    const waiting = readDemoDay().conversations.filter(({ follows, ended }) => follows === undefined && ended === undefined);
    expect(waiting.map(({ number }) => number)).toEqual([1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 14]);
    expect((await inbox()).map(({ channel }) => channel).sort()).toEqual(waiting.map(({ channel }) => channel).sort());
  });

  it('has the chat that was ended at its vendor without a ticket in the list of those', async () => {
    // Names come after the webhooks.
    await vi.waitFor(async () => {
      const { items } = await get<{ items: object[] }>('/api/conversations?view=unfiled');
      expect(items).toMatchObject([{ channel: 'freshchat', contact: { name: 'Diego' } }]);
    });
  });

  it('proposes what the day is about: a split for Maria, Ana’s ticket for Ana', async () => {
    const of = async (channel: string, count: number): Promise<string[]> =>
      Promise.all(
        (await inbox())
          .filter((one) => one.channel === channel)
          .slice(0, count)
          .map(async ({ id }) => (await get<{ way: string }>(`/api/conversations/${id}/proposal`)).way),
      );
    expect((await of('freshchat', 2)).sort()).toEqual(['new', 'split']);
    expect(await of('utalk', 1)).toEqual(['append']);
  });

  it('has every helpdesk and mapping in order', async () => {
    const { mappings } = await get<{ mappings: { problems: unknown[] } }>('/api/connectors');
    expect(mappings.problems).toEqual([]);
    for (const address of Object.values(sandbox.helpdesks)) expect((await fetch(address)).status).toBeLessThan(500);
  });

  it('serves a page of another origin with the widget on it', async () => {
    expect(new URL(sandbox.page).origin).not.toBe(sandbox.url);
    expect(await (await fetch(sandbox.page)).text()).toContain(`<script src="${sandbox.url}/widget.js" data-channel="widget-site"`);
  });

  it('goes on with the same data where it is told to keep them, and begins anew otherwise', async () => {
    const before = (await inbox()).length;
    await sandbox.stop();
    const { signIn: same } = sandbox;
    sandbox = { ...(await start(true)), signIn: same };
    expect(await signIn()).toBe(true);
    expect((await inbox()).length).toBe(before);
    await sandbox.stop();
    sandbox = await start(false);
    expect(sandbox.signIn?.password).not.toBe(same?.password);
  });
});
