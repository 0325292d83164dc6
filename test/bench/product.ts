/** The product as it really runs: `npm start` in its own process, on a data folder of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { stringify } from 'yaml';
import { freePort, processorMs, residentMb } from './processes.ts';

export interface Product {
  readonly url: string;
  readonly database: string;
  /** Milliseconds from spawn to the first 200 of /readyz. */
  readonly readyAfterMs: number;
  /** Processor time until then: what a busy machine cannot stretch much. */
  readonly readyAfterProcessorMs: number;
  residentMb(): number;
  /** Makes the first administrator by the printed link, and a token for programs. */
  token(): Promise<string>;
  stop(): Promise<void>;
}

export interface ProductOptions {
  /** deskbridge.yaml; the default configuration without it. */
  readonly config?: object;
  readonly mapping?: object;
  /** Nothing was compiled by an earlier start: the first one after an installation. */
  readonly cold?: boolean;
}

const repository = join(import.meta.dirname, '../..');
const startPatienceMs = 60_000;

async function untilReady(url: string, alive: () => boolean): Promise<void> {
  const until = performance.now() + startPatienceMs;
  while (alive() && performance.now() < until) {
    const ready = await fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    await wait(5);
  }
  throw new Error('the product did not become ready');
}

export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  const folder = await mkdtemp(join(tmpdir(), 'deskbridge-bench-'));
  await mkdir(join(folder, 'mappings'));
  if (options.mapping) await writeFile(join(folder, 'mappings/bench.yaml'), stringify(options.mapping));
  if (options.config) await writeFile(join(folder, 'deskbridge.yaml'), stringify(options.config));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const environment = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    // So that a profiler or a flag can be given to the product as well.
    NODE_OPTIONS: process.env.NODE_OPTIONS,
    PORT: String(port),
    HOST: '127.0.0.1',
    DATA_DIR: join(folder, 'data'),
    LOG_LEVEL: 'error',
    EGRESS_ALLOW_LOOPBACK: '1',
    ...(options.cold ? { NODE_DISABLE_COMPILE_CACHE: '1' } : {}),
    ...(options.config ? { DESKBRIDGE_CONFIG: join(folder, 'deskbridge.yaml') } : {}),
    ...(options.mapping ? { MAPPINGS_DIR: join(folder, 'mappings') } : {}),
  };
  const from = performance.now();
  const child = spawn(process.execPath, [join(repository, 'src/cli/bin.mjs'), 'start'], { cwd: repository, env: environment });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  await untilReady(url, () => child.exitCode === null).catch(async (error: Error) => {
    await stop();
    throw new Error(`${error.message}:\n${printed}`);
  });
  const readyAfterMs = performance.now() - from;
  return {
    url,
    readyAfterMs,
    readyAfterProcessorMs: processorMs(child.pid ?? 0),
    database: join(folder, 'data/deskbridge.sqlite'),
    residentMb: () => residentMb(child.pid ?? 0),
    token: () => makeToken(url, () => /\/setup\/(\S+)/.exec(printed)?.[1]),
    stop,
  };
}

async function post(url: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response;
}

async function makeToken(url: string, printedLink: () => string | undefined): Promise<string> {
  let link = printedLink();
  for (let tries = 0; !link && tries < 200; tries += 1, link = printedLink()) await wait(10);
  if (!link) throw new Error('the product printed no set-up link');
  const who = { email: 'bench@example.com', password: 'a password for the bench' };
  await post(`${url}/api/setup/${link}`, { ...who, name: 'Bench', locale: 'en' });
  const signedIn = await post(`${url}/api/auth/sign-in/email`, who, { origin: url });
  const cookie = signedIn.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
  const made = (await (await post(`${url}/api/tokens`, { name: 'bench', role: 'admin' }, { cookie, origin: url, 'x-deskbridge': '1' })).json()) as {
    token: string;
  };
  return made.token;
}
