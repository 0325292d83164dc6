/** The product as a newcomer runs it: built, then `deskbridge start` in a process of its own on an empty data folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'vite';
import { vi } from 'vitest';
import { stringify } from 'yaml';

const root = resolve(import.meta.dirname, '../../..');

const builds = [
  { config: 'vite.console.ts', sources: 'src/console', result: 'dist/console/index.html' },
  { config: 'vite.widget.ts', sources: 'connectors/chat-widget/browser', result: 'dist/widget/widget.js' },
] as const;

const changedAt = (path: string): number => (existsSync(path) ? statSync(path).mtimeMs : 0);

function isStale({ config, sources, result }: (typeof builds)[number]): boolean {
  const built = changedAt(join(root, result));
  const files = readdirSync(join(root, sources), { recursive: true, encoding: 'utf8' }).map((name) => join(root, sources, name));
  return [join(root, config), ...files].some((file) => changedAt(file) >= built);
}

/** Held while one of several test files builds; the others wait, then find nothing stale. */
const lock = join(tmpdir(), 'deskbridge-build.lock');
const lockLifeMs = 90_000;

function takeLock(): void {
  if (existsSync(lock) && Date.now() - changedAt(lock) > lockLifeMs) rmSync(lock, { force: true });
  closeSync(openSync(lock, 'wx'));
}

/** Builds console and widget where they are missing or older than their sources. */
export async function buildWhatIsStale(): Promise<void> {
  await vi.waitFor(takeLock, { timeout: lockLifeMs + 5000, interval: 100 });
  try {
    for (const one of builds.filter(isStale))
      await build({ root: one.config === 'vite.console.ts' ? join(root, 'src/console') : root, configFile: join(root, one.config), logLevel: 'error' });
  } finally {
    rmSync(lock, { force: true });
  }
}

function freePort(): Promise<number> {
  return new Promise((settle, refuse) => {
    const server = createServer();
    server.once('error', refuse);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address ? settle(address.port) : refuse(new Error('no port'))));
    });
  });
}

export interface Product {
  readonly url: string;
  readonly folder: string;
  /** For the first administrator, as it was printed. */
  readonly setupLink: string;
  /** Everything that was printed so far. */
  output(): string;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** The same data, the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface ProductOptions {
  /** Content of deskbridge.yaml; without it there is no such file, as on a newcomer's machine. */
  readonly config?: object;
  /** Fills a folder of mappings that takes the place of the product's own. */
  readonly mappings?: (folder: string) => Promise<void>;
}

export async function startProduct({ config, mappings }: ProductOptions = {}): Promise<Product> {
  await buildWhatIsStale();
  const folder = await mkdtemp(join(tmpdir(), 'deskbridge-newcomer-'));
  const port = await freePort();
  const file = join(folder, 'deskbridge.yaml');
  if (config) await writeFile(file, stringify(config));
  const mappingsFolder = join(folder, 'mappings');
  if (mappings) await mkdir(mappingsFolder).then(() => mappings(mappingsFolder));
  const { PATH, HOME } = process.env;
  const environment = {
    ...(PATH ? { PATH } : {}),
    ...(HOME ? { HOME } : {}),
    PORT: String(port),
    DATA_DIR: join(folder, 'data'),
    ...(config ? { DESKBRIDGE_CONFIG: file } : {}),
    ...(mappings ? { MAPPINGS_DIR: mappingsFolder } : {}),
  };
  let child: ChildProcess;
  let printed = '';

  async function launch(): Promise<void> {
    const mine = spawn(process.execPath, ['src/cli/deskbridge.ts', 'start'], { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    child = mine;
    const from = printed.length;
    for (const stream of [mine.stdout, mine.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
    await vi.waitFor(
      () => {
        if (mine.exitCode !== null) return;
        const told = printed.slice(from);
        // The first start goes on to print the link; later ones have none.
        if (!told.includes('Deskbridge is ready: ') || (from === 0 && !told.includes('/setup/'))) throw new Error(`not ready yet:\n${printed.slice(from)}`);
      },
      { timeout: 30_000, interval: 20 },
    );
    if (mine.exitCode !== null) throw new Error(`the server ended:\n${printed.slice(from)}`);
  }
  async function end(signal: NodeJS.Signals): Promise<void> {
    const mine = child;
    if (mine.exitCode !== null || mine.signalCode !== null) return;
    const gone = new Promise((settle) => mine.once('exit', settle));
    mine.kill(signal);
    await gone;
  }

  await launch();
  const url = /ready: (\S+)/.exec(printed)?.[1];
  const setupLink = /works once\): (\S+)/.exec(printed)?.[1];
  if (!url || !setupLink) throw new Error(`no address or no link was printed:\n${printed}`);
  return {
    url,
    folder,
    setupLink,
    output: () => printed,
    kill: () => end('SIGKILL'),
    restart: launch,
    async stop() {
      await end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
