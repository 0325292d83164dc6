/** The real server in this process, that can go away and come back on its own port with its own data. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { connectors } from '../../connectors/index.ts';
import type { ConversationDetail } from '../../src/api/contract.ts';
import { readConfig } from '../../src/config/config.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { listen } from '../../src/kit/simulator.ts';
import { type Running, startServer } from '../../src/main.ts';

export interface Product {
  readonly url: string;
  call<T>(method: string, path: string, body?: unknown): Promise<T>;
  bytes(path: string): Promise<Buffer>;
  /** All conversations of a channel, with their messages. */
  conversations(channel: string): Promise<readonly ConversationDetail[]>;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Stops for good and removes its data. */
  close(): Promise<void>;
}

export async function startProduct(channels: Readonly<Record<string, unknown>>): Promise<Product> {
  const folder = await mkdtemp(join(tmpdir(), 'deskbridge-day-'));
  const probe = await listen((_request, response) => void response.end());
  await probe.close();
  const { port } = new URL(probe.url);
  const file = join(folder, 'deskbridge.yaml');
  await writeFile(file, stringify({ channels, helpdesks: { desk: { connector: 'desk', title: 'Desk' } } }));
  const environment = readEnvironment({
    PORT: port,
    HOST: '127.0.0.1',
    DATA_DIR: join(folder, 'data'),
    DESKBRIDGE_CONFIG: file,
    MAPPINGS_DIR: join(import.meta.dirname, '../../mappings'),
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'silent',
    EGRESS_ALLOW_LOOPBACK: '1',
  });
  const begin = (): Promise<Running> => startServer(readConfig(environment, process.env), connectors);
  let running: Running | undefined = await begin();
  const url = `http://127.0.0.1:${port}`;
  const { token } = await running.auth.createToken({ name: 'day', role: 'admin' }, '');
  const fetched = async (method: string, path: string, body?: unknown): Promise<Response> => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return response;
  };
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => (await (await fetched(method, path, body)).json()) as T;
  return {
    url,
    call,
    bytes: async (path) => Buffer.from(await (await fetched('GET', path)).arrayBuffer()),
    async conversations(channel) {
      const found: ConversationDetail[] = [];
      let next: string | null = '';
      while (next !== null) {
        const page: { items: { id: string }[]; next: string | null } = await call(
          'GET',
          `/api/conversations?view=any&limit=100&channel=${channel}${next ? `&cursor=${next}` : ''}`,
        );
        for (const { id } of page.items) found.push(await call<ConversationDetail>('GET', `/api/conversations/${id}`));
        next = page.next;
      }
      return found;
    },
    async stop() {
      await running?.stop();
      running = undefined;
    },
    async start() {
      running ??= await begin();
    },
    async close() {
      await running?.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
