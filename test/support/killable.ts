/** The real server in a process of its own that can be killed like a machine that loses power; and a wire to its mail server that says when. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { vi } from 'vitest';
import { stringify } from 'yaml';

const root = resolve(import.meta.dirname, '../..');

export interface Killable {
  /** An answer of the API, to an administrator. Throws past 2xx. */
  get<T>(path: string): Promise<T>;
  file(path: string): Promise<ReadableStream<Uint8Array>>;
  /** The most memory that the running process has held so far, in bytes. */
  peakMemory(): number;
  running(): boolean;
  /** kill -9 at once; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts on the same data; resolves when it is ready. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

/** As a person does it: the printed link, a password, and a token for programs. */
async function firstToken(url: string, setupLink: string): Promise<string> {
  const post = async (path: string, body: object, headers: Record<string, string> = {}): Promise<Response> => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url, ...headers },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return response;
  };
  const email = 'ana@academia.example';
  const password = 'a long enough password';
  await post(`/api/setup/${setupLink.split('/').at(-1)}`, { name: 'Ana', email, password, locale: 'en' });
  const signedIn = await post('/api/auth/sign-in/email', { email, password });
  const cookie = signedIn.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  return ((await (await post('/api/tokens', { name: 'journey', role: 'admin' }, { cookie, 'x-deskbridge': '1' })).json()) as { token: string }).token;
}

/** `config`: content of deskbridge.yaml. */
export async function startKillable(config: object): Promise<Killable> {
  const folder = await mkdtemp(join(tmpdir(), 'deskbridge-killable-'));
  const file = join(folder, 'deskbridge.yaml');
  await writeFile(file, stringify(config));
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const env = {
    PATH: process.env.PATH,
    PORT: String(port),
    DATA_DIR: join(folder, 'data'),
    DESKBRIDGE_CONFIG: file,
    EGRESS_ALLOW_LOOPBACK: '1',
    LOG_LEVEL: 'error',
  };
  let child: ChildProcess | undefined;
  let printed = '';
  const running = (): boolean => child !== undefined && child.exitCode === null && child.signalCode === null;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!child || !running()) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  const start = async (): Promise<void> => {
    printed = '';
    child = spawn(process.execPath, ['src/cli/deskbridge.ts', 'start'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (printed += text));
    await vi.waitUntil(() => printed.includes('is ready') || !running(), { timeout: 30_000, interval: 20 });
  };
  // The process must not outlive a test that was stopped.
  const atExit = (): void => void child?.kill('SIGKILL');
  process.once('exit', atExit);
  await start();
  // Printed after the line that says it is ready, and perhaps in another chunk.
  await vi.waitUntil(() => printed.includes('works once') && printed.endsWith('\n'), { timeout: 30_000, interval: 20 });
  const setupLink = /works once\): (\S+)/.exec(printed)?.[1];
  if (!setupLink) throw new Error(`the server printed no link:\n${printed}`);
  const authorization = `Bearer ${await firstToken(url, setupLink)}`;
  const ask = async (path: string): Promise<Response> => {
    const response = await fetch(url + path, { headers: { authorization } });
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return response;
  };
  return {
    get: async <T>(path: string) => (await (await ask(path)).json()) as T,
    async file(path) {
      const { body } = await ask(path);
      if (!body) throw new Error(`${path} has no body`);
      return body;
    },
    peakMemory: () => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child?.pid}/status`, 'utf8'))?.[1]) * 1024,
    running,
    kill: () => end('SIGKILL'),
    start,
    async stop() {
      await end('SIGTERM');
      process.off('exit', atExit);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface Wire {
  readonly port: number;
  /** Calls `then` at the `nth` command from now on that matches, before the command is passed on; nothing passes any more on that connection. */
  cutAt(command: RegExp, nth: number, then: () => unknown): void;
  stop(): Promise<void>;
}

/** A wire to a server that speaks in lines. */
export async function startWire(target: number): Promise<Wire> {
  let rule: { command: RegExp; left: number; then: () => unknown } | undefined;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = createConnection(target, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => [sockets.delete(socket), near.destroy(), far.destroy()]);
    }
    far.pipe(near);
    near.on('data', (bytes) => {
      for (const line of bytes.toString('latin1').split('\r\n')) {
        if (!rule?.command.test(line)) continue;
        rule.left -= 1;
        if (rule.left > 0) continue;
        const { then } = rule;
        rule = undefined;
        far.destroy();
        then();
        return;
      }
      far.write(bytes);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    cutAt(command, nth, then) {
      rule = { command, left: nth, then };
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
