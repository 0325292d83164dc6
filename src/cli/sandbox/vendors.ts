/** The vendors of the sandbox's channels, made up: each configured channel whose connector can be simulated gets an account of its own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { simulatedChannels } from '../../../connectors/simulators.ts';
import { type Listening, listen, type SimulatedChannel } from '../../kit/simulator.ts';
import { connectorsFolder } from './demo-day.ts';

interface Entry {
  readonly connector: string;
  readonly [key: string]: unknown;
}

export interface SandboxFile {
  readonly channels: Readonly<Record<string, Entry>>;
  readonly [section: string]: unknown;
}

export interface Vendors {
  /** By the channel's name. */
  readonly accounts: ReadonlyMap<string, SimulatedChannel>;
  /** The sandbox's configuration with the accounts' settings filled in. */
  readonly config: SandboxFile;
  /** Tells each vendor where its webhooks go. */
  hook(product: string): void;
  close(): Promise<void>;
}

export const sandboxFile = (): SandboxFile => parse(readFileSync(join(connectorsFolder, 'sandbox.yaml'), 'utf8')) as SandboxFile;

/** `hurry`: vendors try again within seconds. What an entry sets itself goes before what its account would set. */
export async function openVendors(file: SandboxFile, options: { hurry?: boolean } = {}): Promise<Vendors> {
  const accounts = new Map<string, SimulatedChannel>();
  const apis: Listening[] = [];
  const channels: Record<string, Entry> = {};
  for (const [name, entry] of Object.entries(file.channels)) {
    const account = await simulatedChannels[entry.connector]?.({ hurry: options.hurry ?? true });
    if (!account) {
      channels[name] = entry;
      continue;
    }
    const api = await listen(account.app);
    accounts.set(name, account);
    apis.push(api);
    channels[name] = { ...account.settings(api.url), ...entry };
  }
  return {
    accounts,
    config: { ...file, channels },
    hook(product) {
      for (const [name, account] of accounts) account.hook?.(`${product}/hooks/${name}`);
    },
    async close() {
      for (const account of accounts.values()) await account.close?.();
      await Promise.all(apis.map((api) => api.close()));
    },
  };
}
