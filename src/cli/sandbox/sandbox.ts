/** The sandbox: the product on data of its own, helpdesks made up, and the demo day waiting to be closed. */
import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { connectors } from '../../../connectors/index.ts';
import { simulators } from '../../../connectors/simulators.ts';
import { readConfig } from '../../config/config.ts';
import { readEnvironment } from '../../config/environment.ts';
import { type Listening, listen } from '../../kit/simulator.ts';
import { type Running, startServer } from '../../main.ts';
import { connectorsFolder, type DemoDay, readDemoDay } from './demo-day.ts';
import { call, type Door, feed, lateOnes } from './feed.ts';
import { feedLater } from './later.ts';
import { demoPage } from './page.ts';
import { openVendors, sandboxFile, type Vendors } from './vendors.ts';

export interface SandboxOptions {
  /** Of the product; the simulators and the page take the next ones. 0 takes free ones. */
  readonly port: number;
  readonly host: string;
  readonly dataFolder: string;
  /** Goes on with the data of the last time; the made-up helpdesks begin anew all the same. */
  readonly keep: boolean;
  readonly logLevel: string;
}

export interface Sandbox {
  readonly url: string;
  readonly page: string;
  /** Addresses of the made-up helpdesks, by connector. */
  readonly helpdesks: Readonly<Record<string, string>>;
  /** Undefined where an agent of the last time is kept. */
  readonly signIn: { readonly email: string; readonly password: string } | undefined;
  stop(): Promise<void>;
}

/** The product's address stands in links and in the page, so it must be known before it starts. */
async function freePort(): Promise<number> {
  const taken = await listen((_request, response) => void response.end());
  await taken.close();
  return Number(new URL(taken.url).port);
}

async function startHelpdesks(day: DemoDay, port: number): Promise<ReadonlyMap<string, Listening>> {
  const started = new Map<string, Listening>();
  for (const [index, [name, make]] of Object.entries(simulators).entries()) {
    const account = await make();
    // One account holds the tickets that exist already; people are known in all.
    account.seed(index === 0 ? day : { ...day, tickets: [] });
    started.set(name, await listen(account.app, port === 0 ? 0 : port + 1 + index));
  }
  return started;
}

/** Its secrets are as made up as everything else, so they may stand in the file. */
async function writeConfig(folder: string, { config }: Vendors): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'deskbridge.yaml');
  await writeFile(file, stringify(config));
  return file;
}

async function firstAgent({ auth, setupLink }: Running): Promise<Sandbox['signIn']> {
  const link = setupLink?.split('/').at(-1);
  if (!link) return undefined;
  const signIn = { email: 'ana@sandbox.example', password: `sandbox-${randomBytes(4).toString('hex')}` };
  await auth.accept(link, { ...signIn, name: 'Ana Lima', locale: 'pt-BR' });
  return signIn;
}

/** Companies with a brand, which no message tells. */
async function knowCompanies(door: Door, { companies }: DemoDay): Promise<void> {
  for (const { name, brand } of companies.filter((company) => company.brand)) await call(door, 'POST', '/api/companies', { name, brand });
}

/** Everything that waits to be closed, on disk when it resolves. */
async function feedAll(door: Door, vendors: Vendors, day: DemoDay): Promise<void> {
  await knowCompanies(door, day);
  for (const conversation of day.conversations.filter(({ follows }) => follows === undefined)) await feed(door, vendors, conversation);
  await Promise.all([...vendors.accounts.values()].map((account) => account.settled()));
}

export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const day = readDemoDay();
  const helpdesks = await startHelpdesks(day, options.port);
  // Only now: a second sandbox stops at the ports of the first and leaves its data alone.
  if (!options.keep) await rm(options.dataFolder, { recursive: true, force: true });
  const port = options.port || (await freePort());
  const vendors = await openVendors(sandboxFile());
  const addresses = Object.fromEntries([...helpdesks].map(([name, { url }]) => [name, url]));
  const environment = readEnvironment({
    PORT: String(port),
    HOST: options.host,
    DATA_DIR: options.dataFolder,
    DESKBRIDGE_CONFIG: await writeConfig(options.dataFolder, vendors),
    MAPPINGS_DIR: join(connectorsFolder, '../mappings'),
    LOG_LEVEL: options.logLevel,
    EGRESS_ALLOW_LOOPBACK: 'true',
  });
  const variables = Object.fromEntries(Object.entries(addresses).map(([name, url]) => [`SANDBOX_${name.toUpperCase()}`, url]));
  const running = await startServer(readConfig(environment, variables), connectors);
  const url = `http://localhost:${running.port}`;
  const signIn = await firstAgent(running);
  const { token } = await running.auth.createToken({ name: 'sandbox', role: 'agent' }, '');
  const door = { url: `http://127.0.0.1:${running.port}`, token };
  vendors.hook(door.url);
  const leaving = new AbortController();
  if (signIn) await feedAll(door, vendors, day);
  const later = signIn ? lateOnes(day.conversations) : [];
  const writing = later.map((late) => feedLater(door, vendors, late, leaving.signal).catch(() => undefined));
  const page = await listen(demoPage(url), options.port === 0 ? 0 : port + 1 + helpdesks.size);
  return {
    url,
    page: page.url,
    helpdesks: addresses,
    signIn,
    async stop() {
      leaving.abort();
      await Promise.all(writing);
      await running.stop();
      await vendors.close();
      await Promise.all([...helpdesks.values(), page].map(({ close }) => close()));
    },
  };
}
