/** Everything that is measured runs in a process of its own, so that neither side pays for the other's work. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** A process that answers one message with one message. */
export interface Peer {
  readonly pid: number;
  ask<Answer>(message: object): Promise<Answer>;
  stop(): Promise<void>;
}

async function ended(child: ChildProcess): Promise<never> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  throw new Error(`${child.spawnargs.at(-1)} ended with ${signal ?? code}`);
}

/** Starts a file of this folder; it says one message when it is ready, which is `hello`. */
export async function startPeer<Hello>(file: string, ...args: readonly string[]): Promise<Peer & { readonly hello: Hello }> {
  const child = fork(join(import.meta.dirname, file), args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], serialization: 'advanced', execArgv: [] });
  const end = ended(child);
  end.catch(() => {});
  const next = async (): Promise<unknown> => (await Promise.race([once(child, 'message'), end]))[0];
  const hello = (await next()) as Hello;
  return {
    hello,
    pid: child.pid ?? 0,
    async ask<Answer>(message: object) {
      const answer = next();
      child.send(message);
      return (await answer) as Answer;
    },
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGKILL');
      await end.catch(() => {});
    },
  };
}

/** In a peer: says hello, then answers each message. */
export function serve<Message, Answer>(hello: object, handle: (message: Message) => Promise<Answer> | Answer): void {
  const send = (message: unknown): void => void process.send?.(message);
  process.on('message', async (message) => send(await handle(message as Message)));
  process.once('disconnect', () => process.exit());
  send(hello);
}

/** Resident megabytes of a process, or NaN where the system does not tell. */
export function residentMb(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1024;
  } catch {
    return Number.NaN;
  }
}

/** Milliseconds of processor time that a process has had, or NaN where the system does not tell. Linux counts in hundredths of a second. */
export function processorMs(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
