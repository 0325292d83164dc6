/** What is not configured is not loaded: shown on the real server, by a hook that sees every module. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectors } from '../../connectors/index.ts';

const root = join(import.meta.dirname, '../..');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deskbridge-lazy-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** Starts the server in a process of its own, waits until it is ready, and returns all that it had loaded by then. */
async function loadedBy(name: string, config = ''): Promise<readonly string[]> {
  const list = join(folder, `${name}.txt`);
  const yaml = join(folder, `${name}.yaml`);
  await writeFile(yaml, config);
  const child = spawn(
    join(root, 'node_modules/.bin/node'),
    ['--import', pathToFileURL(join(root, 'test/support/loaded-modules.mjs')).href, join(root, 'src/cli/deskbridge.ts'), 'start'],
    {
      cwd: folder,
      env: {
        PATH: process.env.PATH ?? '',
        PORT: '0',
        HOST: '127.0.0.1',
        DATA_DIR: join(folder, name),
        MAPPINGS_DIR: join(root, 'mappings'),
        LOG_LEVEL: 'silent',
        LOADED_MODULES: list,
        ...(config ? { DESKBRIDGE_CONFIG: yaml } : {}),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  try {
    await new Promise<void>((resolve, reject) => {
      let said = '';
      child.stderr?.on('data', (text) => {
        said += text;
      });
      child.stdout?.on('data', () => resolve());
      child.once('exit', () => reject(new Error(`the server did not start: ${said}`)));
    });
    return (await readFile(list, 'utf8')).split('\n').map((url) => decodeURIComponent(url.replace(pathToFileURL(root).href, '')));
  } finally {
    await end(child);
  }
}

const used = ['chat-widget', 'desk'];
const unwanted = (loaded: readonly string[]): readonly string[] => {
  const folders = Object.keys(connectors).filter((id) => !used.includes(id));
  const packages = ['pg', 'axios', 'imapflow', 'mailparser', 'nodemailer'];
  const paths = [...folders.map((id) => `/connectors/${id}/`), ...packages.map((name) => `/node_modules/${name}/`), '/simulator'];
  return loaded.filter((url) => paths.some((path) => url.startsWith(path) || (path === '/simulator' && url.startsWith('/connectors/') && url.includes(path))));
};

describe('the server with its default configuration', () => {
  it('loads no file of a connector that is not configured, and none of the packages that only those need', async () => {
    const loaded = await loadedBy('default');
    expect(loaded.some((url) => url.startsWith('/connectors/chat-widget/index.ts'))).toBe(true);
    expect(loaded.some((url) => url.startsWith('/node_modules/express/'))).toBe(true);
    expect(unwanted(loaded)).toEqual([]);
  });

  it('would be seen to load one that is configured, with its packages', async () => {
    const secret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
    const email = `{ connector: email, address: a@b.example, name: A, imap: { host: 127.0.0.1, port: 9, tls: none, user: a, password: b }, smtp: { host: 127.0.0.1, port: 9, tls: none } }`;
    const found = unwanted(await loadedBy('more', `channels:\n  shop: { connector: webhook, secret: "${secret}" }\n  mail: ${email}\n`));
    expect(found).toContainEqual(expect.stringContaining('/connectors/webhook/index.ts'));
    expect(found).toContainEqual(expect.stringContaining('/node_modules/imapflow/'));
  });
});
