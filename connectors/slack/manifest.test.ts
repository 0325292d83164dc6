/** The manifest asks for what the code uses: no event without a scope, no call without one, no press without a listener. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { wordsFor } from './closing/words.ts';
import { events, manifest, methods, neededScopes } from './manifest-parts.ts';
import { languages } from './settings.ts';

const run = (...args: readonly string[]) => promisify(execFile)(process.execPath, [new URL('./manifest.ts', import.meta.url).pathname, ...args]);
const url = 'https://desk.example.com/hooks/slack';

/** The connector's own source: no tests, no made-up workspace. */
const source = ['./', './closing/']
  .flatMap((folder) => readdirSync(new URL(folder, import.meta.url)).map((name) => `${folder}${name}`))
  .filter((name) => name.endsWith('.ts') && !/test|harness|simulator|manifest/.test(name))
  .map((name) => readFileSync(new URL(name, import.meta.url), 'utf8'))
  .join('\n');

it('has a scope for every method that the code calls, and none for others', () => {
  const called = new Set([...source.matchAll(/'((?:auth|users|conversations|chat|files|views)\.(?!slack\.com)[A-Za-z.]+)'/g)].map(([, name]) => name));
  expect([...called].sort()).toEqual(Object.keys(methods).sort());
});

it('subscribes to what the normalizer and the cache read', () => {
  for (const name of Object.keys(events).filter((each) => !each.startsWith('message.'))) expect(source, name).toContain(`'${name}'`);
});

it('points everything at one address, or at none in Socket Mode', () => {
  const posted = manifest({ url, name: 'Deskbridge', command: '/ticket', showAgentName: true });
  expect(posted).toMatchObject({
    features: { slash_commands: [{ command: '/ticket', url }], shortcuts: [{ type: 'message', callback_id: 'deskbridge_close' }] },
    settings: {
      event_subscriptions: { request_url: url },
      interactivity: { is_enabled: true, request_url: url, message_menu_options_url: url },
      socket_mode_enabled: false,
    },
  });
  const socket = manifest({ url: undefined, name: 'Deskbridge', command: '/ticket', showAgentName: false });
  expect(JSON.stringify(socket)).not.toContain('url');
  expect(socket.settings.socket_mode_enabled).toBe(true);
  expect(socket.oauth_config.scopes.bot).toEqual(neededScopes({ showAgentName: false }));
  expect(socket.oauth_config.scopes.bot).not.toContain('chat:write.customize');
});

it('is printed by the command, which says what it lacks', async () => {
  expect(JSON.parse((await run('--url', url)).stdout)).toEqual(manifest({ url, name: 'Deskbridge', command: '/ticket', showAgentName: true }));
  expect(JSON.parse((await run('--socket', '--command', '/chamado')).stdout)).toMatchObject({ features: { slash_commands: [{ command: '/chamado' }] } });
  await expect(run()).rejects.toMatchObject({ stderr: expect.stringContaining('either --url or --socket') });
  await expect(run('--url', 'http://desk.example.com')).rejects.toMatchObject({ stderr: expect.stringContaining('https://desk.example.com/hooks/slack') });
});

it.each(languages)('has words for the dialogs in %s, as short as Slack wants them', (language) => {
  const words = wordsFor(language);
  for (const key of ['title', 'check', 'file', 'cancel', 'close', 'next'] as const) expect(words[key].length, key).toBeLessThanOrEqual(24);
  for (const key of ['wayNew', 'wayAppend', 'wayTopics', 'resolve', 'toBeAgreed', 'keepOpen', 'yes'] as const)
    expect(words[key].length, key).toBeLessThanOrEqual(75);
  if (language !== 'en') expect(Object.entries(words).filter(([key, text]) => text === wordsFor('en')[key as keyof typeof words])).toEqual([]);
});
