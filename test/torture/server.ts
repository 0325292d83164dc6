/** The real server in a process of its own, which can be killed like a machine that loses power. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

export interface ServerUnderTest {
  readonly url: string;
  /** Resolves once the server answers `/readyz`; at once while it does. Rejects when it ended by itself. */
  up(): Promise<void>;
  /** Starts a new process. What becomes of it is told by `up`. */
  launch(): void;
  /** kill -9, now. */
  kill(): void;
  /** Resolves once the last process is gone. */
  gone(): Promise<void>;
  /** All that it printed. */
  output(): string;
  /** Processes that ended although nobody killed them. */
  readonly crashes: string[];
}

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });

/** Where the system has `setpriv`, the server also dies with a parent that was itself killed. */
const bound: readonly string[] = existsSync('/usr/bin/setpriv') ? ['/usr/bin/setpriv', '--pdeathsig', 'KILL'] : [];

/** `build` is the folder of the product: this one, or a copy with a planted fault. */
export async function serverUnderTest(options: { build: string; folder: string }): Promise<ServerUnderTest> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const log = join(options.folder, 'server.log');
  const out = openSync(log, 'a');
  const [file = process.execPath, ...args] = [...bound, process.execPath, join(options.build, 'src/cli/deskbridge.ts'), 'start'];
  const env = {
    PATH: process.env.PATH,
    PORT: String(port),
    HOST: '127.0.0.1',
    PUBLIC_URL: url,
    DATA_DIR: join(options.folder, 'data'),
    DESKBRIDGE_CONFIG: join(options.folder, 'deskbridge.yaml'),
    MAPPINGS_DIR: join(options.folder, 'mappings'),
    EGRESS_ALLOW_LOOPBACK: 'true',
    LOG_LEVEL: 'warn',
    // Hundreds of starts of the same files.
    NODE_COMPILE_CACHE: join(options.folder, 'cache'),
  };
  const crashes: string[] = [];
  let child: ChildProcess | undefined;
  let ended: Promise<void> = Promise.resolve();
  let gate = Promise.withResolvers<void>();
  let open = false;

  const answers = (): Promise<boolean> =>
    fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2000) }).then(
      ({ ok, body }) => body?.cancel().then(() => ok) ?? ok,
      () => false,
    );

  async function watch(own: ChildProcess): Promise<void> {
    while (child === own && !(await answers())) await wait(20);
    if (child !== own) return;
    open = true;
    gate.resolve();
  }

  /** A server that cannot run is not tortured further: whoever waits for it is told why. */
  function crash(what: string): void {
    child = undefined;
    crashes.push(what);
    if (open) gate = Promise.withResolvers<void>();
    open = false;
    gate.promise.catch(() => {});
    gate.reject(new Error(`${what}:\n${output().split('\n').slice(-30).join('\n')}`));
  }

  const output = (): string => readFileSync(log, 'utf8');
  const atExit = (): void => void child?.kill('SIGKILL');
  process.once('exit', atExit);

  return {
    url,
    crashes,
    up: () => gate.promise,
    launch() {
      const own = spawn(file, args, { cwd: options.build, env, stdio: ['ignore', out, out] });
      child = own;
      ended = new Promise((resolve) =>
        own.once('exit', (code, signal) => {
          if (child === own) crash(`the server ended by itself (${signal ?? code})`);
          resolve();
        }),
      );
      void watch(own);
    },
    kill() {
      const dying = child;
      if (!dying) return;
      child = undefined;
      // Whoever waits at a closed gate goes on waiting at it.
      if (open) gate = Promise.withResolvers<void>();
      open = false;
      dying.kill('SIGKILL');
    },
    gone: () => ended,
    output,
  };
}
