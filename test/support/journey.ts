/** Whole journeys: made-up helpdesks on real ports, the real server in this process, and the demo day's people and words. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { stringify } from 'yaml';
import { type FreshdeskSandbox, sandboxAccount as freshdeskAccount } from '../../connectors/freshdesk/simulator/sandbox.ts';
import { connectors } from '../../connectors/index.ts';
import { signedPost } from '../../connectors/webhook/sender.ts';
import { type ZendeskSandbox, sandboxAccount as zendeskAccount } from '../../connectors/zendesk/simulator/sandbox.ts';
import type { ClosingView, ConversationDetail, Preview, Proposal } from '../../src/api/contract.ts';
import { connectorsFolder, type DemoConversation, type DemoDay, readDemoDay } from '../../src/cli/sandbox/demo-day.ts';
import { feed } from '../../src/cli/sandbox/feed.ts';
import { openVendors, type SandboxFile, sandboxFile, type Vendors } from '../../src/cli/sandbox/vendors.ts';
import type { DecisionInput } from '../../src/closing/decision.ts';
import { readConfig } from '../../src/config/config.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { listen } from '../../src/kit/simulator.ts';
import { type Running, startServer } from '../../src/main.ts';

/** Thursday, 19 November 2026, 16:00 in São Paulo; the next day is a holiday. */
export const demoThursday = Date.parse('2026-11-19T16:00:00-03:00');
export const journeySecret = `whsec_${Buffer.from('the secret of the demo day').toString('base64')}`;
const patience = { timeout: 15_000, interval: 50 };

export interface Answer<T = unknown> {
  readonly status: number;
  readonly body: T;
}

export interface Journey {
  readonly url: string;
  /** An administrator's API token. */
  readonly token: string;
  readonly folder: string;
  readonly demo: DemoDay;
  /** Where the journey has them: by the channel's name. */
  readonly vendors: Vendors['accounts'];
  readonly freshdesk: FreshdeskSandbox['simulator'];
  readonly zendesk: ZendeskSandbox['simulator'];
  /** Of the simulators. */
  readonly addresses: { readonly freshdesk: string; readonly zendesk: string };
  /** Ids at the helpdesk of the tickets that existed before, by the demo day's keys. */
  readonly seeded: Readonly<Record<string, string>>;
  /** Moves the clock of server, simulators and senders on. */
  advance(ms: number): void;
  call<T>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer<T>>;
  /** Signed and sent to a channel's hook. */
  post(channel: string, payload: unknown, more?: { id?: string; now?: number; secret?: string }): Promise<{ status: number; body: string }>;
  conversation(number: number): DemoConversation;
  /** Brings one of the demo day's conversations in and returns it as an agent sees it. */
  play(number: number, only?: readonly string[]): Promise<ConversationDetail>;
  inbox(channel: string, view?: 'open' | 'ended' | 'any'): Promise<readonly { id: string }[]>;
  detail(id: string): Promise<ConversationDetail>;
  proposal(id: string): Promise<Proposal>;
  preview(id: string, decision: DecisionInput): Promise<Preview>;
  /** Previews, commits what was previewed, and waits until every delivery is done. Throws where something is missing. */
  close(id: string, decision: Omit<DecisionInput, 'covers'>): Promise<ClosingView>;
  /** As `close`, without waiting. */
  commit(id: string, decision: Omit<DecisionInput, 'covers'>): Promise<ClosingView>;
  settled(closing: string): Promise<ClosingView>;
  company(name: string): Promise<string>;
  stop(): Promise<void>;
}

export interface JourneyOptions {
  /** The demo day's channels by their vendors, made up; else all of them take signed posts. */
  readonly vendors?: boolean;
  /** Further keys of deskbridge.yaml. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly channels?: Readonly<Record<string, unknown>>;
  /** Further keys of deskbridge.yaml beside channels and helpdesks. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly mappings?: string;
  /** Where the clock begins, in epoch ms; the demo Thursday unless given. Servers of their own, such as Dovecot, know the real time alone. */
  readonly start?: number;
}

const posted = { connector: 'webhook', secret: { env: 'SANDBOX_SECRET' }, identitiesVerified: true };

/** The sandbox's helpdesks, with channels that tests can post to by themselves. */
function byPosts({ channels, ...rest }: SandboxFile): SandboxFile {
  const names = Object.entries(channels).map(([name, entry]) => [name, name === 'widget-site' ? entry : { ...posted, title: entry.title }] as const);
  return { ...rest, channels: Object.fromEntries(names) };
}

const none: Vendors = { accounts: new Map(), config: { channels: {} }, hook() {}, async close() {} };

/** The clock runs on from `start`, for everything in this process. */
function runClock(start: number): { advance(ms: number): void; restore(): void } {
  const real = Date.now;
  let offset = start - real();
  const spy = vi.spyOn(Date, 'now').mockImplementation(() => real.call(Date) + offset);
  return {
    advance(ms) {
      offset += ms;
    },
    restore: () => spy.mockRestore(),
  };
}

export async function startJourney(options: JourneyOptions = {}): Promise<Journey> {
  const clock = runClock(options.start ?? demoThursday);
  const folder = await mkdtemp(join(tmpdir(), 'deskbridge-journey-'));
  const [fresh, zen, demo] = [freshdeskAccount(), zendeskAccount(), readDemoDay()];
  const [freshServer, zenServer] = [await listen(fresh.app), await listen(zen.app)];
  const seeded = fresh.seed(demo);
  zen.seed({ ...demo, tickets: [] });
  const vendors = options.vendors ? await openVendors(sandboxFile()) : none;
  const config = options.vendors ? vendors.config : byPosts(sandboxFile());
  const file = join(folder, 'deskbridge.yaml');
  await writeFile(file, stringify({ ...config, ...options.settings, channels: { ...config.channels, ...options.channels } }));
  const environment = readEnvironment({
    PORT: '0',
    HOST: '127.0.0.1',
    DATA_DIR: join(folder, 'data'),
    DESKBRIDGE_CONFIG: file,
    MAPPINGS_DIR: options.mappings ?? join(connectorsFolder, '../mappings'),
    LOG_LEVEL: 'silent',
    EGRESS_ALLOW_LOOPBACK: '1',
  });
  const variables = { SANDBOX_SECRET: journeySecret, SANDBOX_FRESHDESK: freshServer.url, SANDBOX_ZENDESK: zenServer.url };
  const running = await startServer(readConfig(environment, variables), connectors);
  const { token } = await running.auth.createToken({ name: 'journey', role: 'admin' }, '');
  vendors.hook(`http://127.0.0.1:${running.port}`);
  return {
    vendors: vendors.accounts,
    token,
    folder,
    demo,
    seeded,
    addresses: { freshdesk: freshServer.url, zendesk: zenServer.url },
    freshdesk: fresh.simulator,
    zendesk: zen.simulator,
    advance: clock.advance,
    ...calls(running, token, demo, vendors),
    async stop() {
      await running.stop();
      await vendors.close();
      await Promise.all([freshServer.close(), zenServer.close()]);
      clock.restore();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Calls = Omit<Journey, 'vendors' | 'addresses' | 'token' | 'folder' | 'demo' | 'seeded' | 'freshdesk' | 'zendesk' | 'advance' | 'stop'>;

function calls(running: Running, token: string, demo: DemoDay, vendors: Vendors): Calls {
  const url = `http://127.0.0.1:${running.port}`;
  const call = async <T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text ? JSON.parse(text) : null) as T };
  };
  const good = async <T>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<T> => {
    const answer = await call<T>(method, path, body, headers);
    if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const detail = (id: string): Promise<ConversationDetail> => good('GET', `/api/conversations/${id}`);
  const inbox = async (channel: string, view = 'open') =>
    (await good<{ items: { id: string }[] }>('GET', `/api/conversations?view=${view}&channel=${channel}`)).items;
  const conversation = (number: number): DemoConversation => {
    const found = demo.conversations.find((one) => one.number === number);
    if (!found) throw new Error(`the demo day has no conversation ${number}`);
    return found;
  };
  /** The newest conversation of the channel that holds all of it: who wrote is known, and every file is there. */
  async function heard(played: DemoConversation, words: readonly string[]): Promise<ConversationDetail> {
    for (const { id } of await inbox(played.channel, 'any')) {
      const found = await detail(id);
      const said = words.every((word) => found.messageList.some(({ text }) => text.includes(word)));
      if (!said) continue;
      const waiting = found.messageList.some(({ files }) => files.some(({ state }) => state === 'waiting'));
      const contact = demo.contacts.find(({ name }) => name === played.person.name);
      if (waiting || (contact?.company !== undefined && played.person.verified !== false && found.contactDetail.companies.length === 0))
        throw new Error('something is still on its way');
      if (played.ended !== undefined && found.state !== 'ended') throw new Error('its end is still on its way');
      return found;
    }
    throw new Error(`conversation ${played.number} did not arrive`);
  }
  const preview = (id: string, decision: DecisionInput): Promise<Preview> => good('POST', `/api/conversations/${id}/closings/preview`, { decision });
  const commit: Journey['commit'] = async (id, rest) => {
    const decision = { covers: (await detail(id)).messageList.at(-1)?.id ?? '', ...rest };
    const { digest, missing } = await preview(id, decision);
    if (missing.length) throw new Error(`missing: ${JSON.stringify(missing)}`);
    return good<ClosingView>('POST', `/api/conversations/${id}/closings`, { decision, digest }, { 'idempotency-key': crypto.randomUUID() });
  };
  const settled: Journey['settled'] = (id) =>
    vi.waitFor(async () => {
      const closing = await good<ClosingView>('GET', `/api/closings/${id}`);
      if (closing.progress !== 'done')
        throw new Error(`${closing.progress}: ${JSON.stringify(closing.deliveries.map(({ kind, state, error }) => [kind, state, error]))}`);
      return closing;
    }, patience);
  return {
    url,
    call,
    conversation,
    detail,
    inbox,
    preview,
    commit,
    settled,
    post: (channel, payload, { id = crypto.randomUUID(), now, secret = journeySecret } = {}) =>
      signedPost({ url: `${url}/hooks/${channel}`, secret, id, payload, now: now ?? Date.now() }),
    async play(number, only) {
      const played = conversation(number);
      await feed({ url, token }, vendors, played, Date.now(), only);
      await vendors.accounts.get(played.channel)?.settled();
      const words = played.messages.filter(({ id, late }) => (only ? only.includes(id) : !late)).map(({ text }) => text);
      return vi.waitFor(() => heard(played, words), patience);
    },
    proposal: (id) => good('GET', `/api/conversations/${id}/proposal`),
    close: async (id, decision) => settled((await commit(id, decision)).id),
    async company(name) {
      const brand = demo.companies.find((one) => one.name === name)?.brand ?? null;
      return (await good<{ id: string }>('POST', '/api/companies', { name, brand })).id;
    },
  };
}

/** Ids of the messages whose text begins so, in the order asked. */
export const idsOf = (conversation: ConversationDetail, ...beginnings: readonly string[]): string[] =>
  beginnings.map((beginning) => {
    const found = conversation.messageList.find(({ text }) => text.startsWith(beginning));
    if (!found) throw new Error(`nobody said "${beginning}"`);
    return found.id;
  });
