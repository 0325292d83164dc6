import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { connectors } from '../../connectors/index.ts';
import { hookSecret } from '../../test/support/server.ts';
import { startServer } from '../main.ts';
import { readConfig } from './config.ts';
import { ConfigError, readEnvironment } from './environment.ts';
import { listen } from './listen.ts';
import { configuredConnectors } from './settings.ts';
import { createShutdown } from './shutdown.ts';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deskbridge-config-'));
  file = join(folder, 'deskbridge.yaml');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const environment = (more: Readonly<Record<string, string>> = {}) =>
  readEnvironment({ DATA_DIR: join(folder, 'data'), LOG_LEVEL: 'silent', DESKBRIDGE_CONFIG: file, ...more });

async function config(text: string, variables: Readonly<Record<string, string>> = {}, more: Readonly<Record<string, string>> = {}) {
  await writeFile(file, text);
  return readConfig(environment(more), variables);
}

/** Everything that is wrong, without the folder's name. */
async function problems(text: string, variables: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
  try {
    await configuredConnectors(await config(text, variables), connectors);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((problem) => problem.replace(`${file}:`, ''));
  }
}

describe('deskbridge.yaml', () => {
  it('needs not be there: a chat widget and the built-in desk', async () => {
    const found = await configuredConnectors(readConfig(readEnvironment({ DATA_DIR: folder }), {}), connectors);
    expect(found.map(({ name, definition }) => [name, definition.id])).toEqual([
      ['site-chat', 'chat-widget'],
      ['desk', 'desk'],
    ]);
  });

  it('tells every problem at once, each with its line', async () => {
    const text = `
hold_secs: 3
channels:
  shop:
    connector: webhok
  Bad Name: { connector: webhook }
  hook:
    connector: webhook
    secret: { env: HOOK_SECRET }
    toleranceSecond: 5
  late:
    connector: webhook
    secret: { file: /nowhere/secret }
    toleranceSeconds: soon
helpdesks:
  wrong:
    connector: chat-widget
  shop: { connector: desk }
`;
    expect(await problems(text)).toEqual([
      '9: channels.hook.secret: the environment variable HOOK_SECRET is not set',
      '13: channels.late.secret: the file /nowhere/secret does not exist',
      '6: channels.Bad Name: use lower-case letters, digits and dashes',
      expect.stringMatching(/^2: hold_secs: unknown key "hold_secs"; did you mean "hold_seconds"\?$/),
      '18: helpdesks.shop: a channel has this name already',
      '5: channels.shop.connector: there is no connector "webhok"; did you mean "webhook"?',
      '10: channels.hook.toleranceSecond: unknown key "toleranceSecond"; did you mean "toleranceSeconds"?',
      '14: channels.late.toleranceSeconds: must be a number, but is "soon"',
      '17: helpdesks.wrong.connector: "chat-widget" is a channel, so it belongs under channels',
    ]);
  });

  it('says where something is missing, and takes an empty variable for none', async () => {
    expect(await problems('channels:\n  shop:\n    connector: webhook\n')).toEqual(['2: channels.shop.secret: is missing']);
    expect(await problems('channels:\n  shop: { connector: webhook, secret: { env: S } }\n', { S: '' })).toEqual([
      '2: channels.shop.secret: the environment variable S is not set',
    ]);
    expect(await problems('channels:\n  shop:\n    title: Shop\n')).toEqual(['2: channels.shop.connector: is missing']);
    expect(await problems('channels:\n  shop: webhook\n')).toEqual(['2: channels.shop: must be a map, but is "webhook"']);
  });

  it('is good with its secrets in the environment or in files', async () => {
    const secret = join(folder, 'secret');
    await writeFile(secret, `${hookSecret}\n`);
    const text = `channels:\n  one: { connector: webhook, secret: { env: S } }\n  two: { connector: webhook, secret: [{ env: S }, { file: ${secret} }] }\n`;
    expect(await problems(text, { S: hookSecret })).toEqual([]);
    const [one] = await configuredConnectors(await config(text, { S: hookSecret }), connectors);
    expect(JSON.stringify(one)).not.toContain(hookSecret);
  });

  it('that is no YAML, or is not there though it is named, is a sentence', async () => {
    await expect(config('channels: [')).rejects.toThrow(/deskbridge\.yaml:1: /);
    expect(() => readConfig(environment({ DESKBRIDGE_CONFIG: join(folder, 'gone.yaml') }), {})).toThrow('does not exist or is empty');
  });

  it('whose settings a connector cannot work with is told with the connector’s place, and nothing stays open', async () => {
    const text = 'channels:\n  shop:\n    connector: webhook\n    secret: whsec_c2hvcnQ=\n';
    await expect(startServer(await config(text), connectors)).rejects.toThrow(/deskbridge\.yaml:2: channels\.shop: a Standard Webhooks secret is whsec_/);
    const running = await startServer(await config('', {}, { PORT: '0', DESKBRIDGE_CONFIG: '' }), connectors);
    await running.stop();
  });
});

describe('the environment', () => {
  it('tells every variable that is wrong', () => {
    const read = () => readEnvironment({ PORT: '70000', TRUST_PROXY: 'yes', PUBLIC_URL: 'desk.example.com', LOG_LEVEL: 'loud', DATABASE_URL: 'mysql://x' });
    expect(read).toThrow(ConfigError);
    for (const name of ['PORT', 'TRUST_PROXY', 'PUBLIC_URL', 'LOG_LEVEL', 'DATABASE_URL']) expect(read).toThrow(`environment: ${name}: `);
  });

  it('takes an address of our own alone: no path', () => {
    expect(() => readEnvironment({ PUBLIC_URL: 'https://example.com/desk' })).toThrow('must have no path');
    expect(readConfig(readEnvironment({ PUBLIC_URL: 'https://desk.example.com/' }), {}).publicUrl).toBe('https://desk.example.com');
  });

  it('with a folder of mappings that is not there is told with the rest', async () => {
    const gone = await config('channels:\n  shop: { connector: nothing }\n', {}, { MAPPINGS_DIR: join(folder, 'none') });
    await expect(startServer(gone, connectors)).rejects.toMatchObject({
      problems: [expect.stringContaining('MAPPINGS_DIR'), expect.stringContaining('"nothing"')],
    });
  });
});

describe('a start that fails', () => {
  it('says that the port is in use, and leaves nothing running', async () => {
    const taken = createServer();
    const port = await listen(taken, { HOST: '127.0.0.1', PORT: 0 });
    const wanted = await config('hold_seconds: 5\n', {}, { HOST: '127.0.0.1', PORT: String(port) });
    const watchers = (): number => process.getActiveResourcesInfo().filter((resource) => resource === 'FSEventWrap').length;
    const before = watchers();
    await expect(startServer(wanted, connectors)).rejects.toMatchObject({ problems: [`Port ${port} is in use. Set PORT to another one.`] });
    await vi.waitFor(() => expect(watchers()).toBe(before));
    await new Promise((resolve) => taken.close(resolve));
    const running = await startServer(wanted, connectors);
    expect(running.port).toBe(port);
    await running.stop();
  });

  it('says that the address is not this machine’s, or that the data cannot be kept', async () => {
    await expect(startServer(await config('hold_seconds: 5\n', {}, { HOST: '203.0.113.1', PORT: '0' }), connectors)).rejects.toThrow(
      '203.0.113.1 is no address of this machine',
    );
    const blocked = await config('hold_seconds: 5\n', {}, { DATA_DIR: join(file, 'below-a-file'), PORT: '0' });
    await expect(startServer(blocked, connectors)).rejects.toThrow(/The folder .*below-a-file of DATA_DIR cannot be used/);
    const away = await config('hold_seconds: 5\n', {}, { DATABASE_URL: 'postgres://deskbridge:hunter2@127.0.0.1:9/x', PORT: '0' });
    await expect(startServer(away, connectors)).rejects.toThrow(/^The database of DATABASE_URL cannot be used: (?!.*hunter2)/);
  });

  it('stops what was started in reverse, each once', async () => {
    const shutdown = createShutdown();
    const stopped: string[] = [];
    shutdown.add(async () => void stopped.push('store'));
    shutdown.add(() => void stopped.push('server'));
    await Promise.all([shutdown.run(), shutdown.run()]);
    expect(stopped).toEqual(['server', 'store']);
  });
});
