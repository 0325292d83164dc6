/** Plays a scripted day: every vendor at once, webhooks that come twice and out of order, calls that fail, and the product going away three times. */
import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { simulatedChannels } from '../../connectors/simulators.ts';
import type { ConversationDetail } from '../../src/api/contract.ts';
import { type Listening, listen, type SimulatedChannel } from '../../src/kit/simulator.ts';
import { compareConversation, type DayFinding, type HeldConversation } from './compare.ts';
import { type Product, startProduct } from './product.ts';
import { type Abilities, type DayConversation, type DayStep, scriptDay } from './script.ts';

export interface ChannelReport {
  readonly channel: string;
  readonly conversations: number;
  readonly messages: number;
  readonly files: number;
  readonly replies: number;
  /** Replies of which a person is asked whether they arrived. */
  readonly asked: number;
  /** Posts beyond the first for a webhook: repeated by the vendor, or tried again while we were away. */
  readonly again: number;
}

export interface DayReport {
  readonly channels: readonly ChannelReport[];
  readonly findings: readonly DayFinding[];
  readonly outages: number;
}

export interface DayOptions {
  readonly seed: number;
  readonly conversations: number;
  /** Connectors to play; all that can be simulated unless given. */
  readonly only?: readonly string[];
  readonly outages?: number;
  say?(line: string): void;
}

interface Vendor {
  readonly account: SimulatedChannel;
  readonly api: Listening;
  posts: number;
}

/** The product is away this long: shorter than any vendor's patience. */
const awayMs = 1500;
const patienceMs = 120_000;
/** A file that failed three times is fetched again after two minutes, a chat that could not be read after five. */
const repairsMs = 360_000;

async function openVendors(options: DayOptions): Promise<ReadonlyMap<string, Vendor>> {
  const vendors = new Map<string, Vendor>();
  for (const [connector, make] of Object.entries(simulatedChannels)) {
    if (options.only && !options.only.includes(connector)) continue;
    const account = await make({ seed: options.seed, hurry: true });
    vendors.set(connector, { account, api: await listen(account.app), posts: 0 });
  }
  return vendors;
}

const abilitiesOf = ({ account }: Vendor): Abilities => ({
  edit: account.edit !== undefined,
  remove: account.remove !== undefined,
  react: account.react !== undefined,
  end: account.end !== undefined,
  agents: account.agents ?? true,
  files: account.files ?? true,
});

function unsettle({ account }: Vendor): void {
  account.webhooks?.chance('duplicate', 0.08);
  account.webhooks?.chance('hold', 0.08);
  account.dials.chance({ kind: 'rate-limited', retryAfterSeconds: 1 }, 0.02);
  account.dials.chance({ kind: 'error', when: 'before' }, 0.02);
  account.dials.chance({ kind: 'reset', when: 'before' }, 0.01);
  account.dials.chance({ kind: 'reset', when: 'after' }, 0.01);
}

const calm = ({ account }: Vendor): void => {
  account.webhooks?.clear();
  account.dials.clear();
};

export async function playDay(options: DayOptions): Promise<DayReport> {
  const say = options.say ?? (() => {});
  const vendors = await openVendors(options);
  const product = await startProduct(
    Object.fromEntries([...vendors].map(([connector, { account, api }]) => [connector, { connector, title: connector, ...account.settings(api.url) }])),
  );
  try {
    for (const [connector, { account }] of vendors) account.hook?.(`${product.url}/hooks/${connector}`);
    const day = scriptDay({
      seed: options.seed,
      count: options.conversations,
      channels: new Map([...vendors].map(([name, vendor]) => [name, abilitiesOf(vendor)])),
    });
    say(`${day.conversations.length} conversations on ${vendors.size} channels, ${day.order.length} steps`);
    for (const vendor of vendors.values()) unsettle(vendor);
    const player = createPlayer(product, vendors, day.order.length);
    const outages = options.outages ?? 3;
    const pauses = new Set(Array.from({ length: outages }, (_, index) => Math.floor((day.order.length * (index + 1)) / (outages + 1))));
    const done = day.conversations.map(() => 0);
    let back: Promise<void> = Promise.resolve();
    for (const [turn, index] of day.order.entries()) {
      if (pauses.has(turn)) {
        await back;
        await product.stop();
        // The day goes on meanwhile.
        back = wait(awayMs).then(product.start);
        say(`step ${turn}: the product goes away`);
      }
      const conversation = day.conversations[index];
      const step = conversation?.steps[done[index] ?? 0];
      done[index] = (done[index] ?? 0) + 1;
      if (!conversation || !step) throw new Error('the order names a step that is not there');
      if (step.do === 'reply' || step.do === 'end') await back;
      await player.play(conversation, step, turn);
      if (turn > 0 && turn % 250 === 0) say(`${turn}/${day.order.length} steps`);
    }
    await back;
    for (const vendor of vendors.values()) calm(vendor);
    say('the day is over; what is under way comes to an end');
    await Promise.all([...vendors.values()].map(({ account }) => account.settled()));
    return await judge(product, vendors, day.conversations, outages);
  } finally {
    await product.close();
    for (const { account, api } of vendors.values()) {
      await account.close?.();
      await api.close();
    }
  }
}

function createPlayer(product: Product, vendors: ReadonlyMap<string, Vendor>, steps: number) {
  const ids = new Map<string, string>();
  // A second and a half apart: some vendors know whole seconds only, and the day ends now.
  const start = Date.now() - steps * 1500;

  async function conversationOf(key: string, channel: string): Promise<string> {
    const until = Date.now() + patienceMs;
    for (;;) {
      const { items } = await product.call<{ items: { id: string; lastText: string }[] }>('GET', `/api/conversations?view=any&limit=100&channel=${channel}`);
      for (const { id } of items) {
        const { messageList, state } = await product.call<ConversationDetail>('GET', `/api/conversations/${id}`);
        if (state === 'open' && messageList.some(({ text }) => text.includes(`[${key}]`))) return id;
      }
      if (Date.now() > until) throw new Error(`the message ${key} did not arrive`);
      await wait(100);
    }
  }

  async function answered({ channel, steps: all }: DayConversation): Promise<void> {
    const first = all.find((one) => one.do === 'write');
    if (first?.do !== 'write' || !all.some((one) => one.do === 'reply')) return;
    const id = await conversationOf(first.key, channel);
    const until = Date.now() + patienceMs;
    for (;;) {
      const { messageList } = await product.call<ConversationDetail>('GET', `/api/conversations/${id}`);
      if (messageList.every(({ sending }) => sending !== 'queued')) return;
      if (Date.now() > until) throw new Error(`an answer in the conversation of ${first.key} is still on its way`);
      await wait(100);
    }
  }

  return {
    async play(conversation: DayConversation, step: DayStep, turn: number): Promise<void> {
      const vendor = vendors.get(conversation.channel);
      if (!vendor) throw new Error(`nobody plays ${conversation.channel}`);
      const { account } = vendor;
      const at = start + turn * 1500;
      if (step.do === 'write') {
        const { name, person } = conversation;
        const { id } = await account.write({ conversation: name, person, text: step.text, files: step.files, at, agent: step.agent ? 'Ana Lima' : undefined });
        vendor.posts += 1;
        ids.set(step.key, id);
      } else if (step.do === 'reply') {
        const first = conversation.steps.find((one) => one.do === 'write');
        const id = await conversationOf(first?.do === 'write' ? first.key : '', conversation.channel);
        await product.call('POST', `/api/conversations/${id}/messages`, { id: crypto.randomUUID(), kind: 'public', text: step.text });
      } else if (step.do === 'end') {
        // An answer that arrives after the end takes the chat up again, as it should: nobody ends one while an answer is on its way.
        await answered(conversation);
        // An end happens now: vendors that tell of none are asked for what was closed lately.
        await account.end?.(conversation.name, conversation.person);
      } else {
        const id = ids.get(step.of) ?? '';
        if (step.do === 'edit') await account.edit?.(id, step.text);
        else if (step.do === 'remove') await account.remove?.(id);
        else await account.react?.(id, step.emoji);
      }
    },
  };
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

async function held(product: Product, detail: ConversationDetail): Promise<HeldConversation> {
  const messages = [];
  for (const { id: message, text, deletedAt, files, sending, reactions } of detail.messageList) {
    const stored = [];
    for (const { id, name, state } of files)
      if (state === 'stored') stored.push({ name, sha256: sha256(await product.bytes(`/api/messages/${message}/files/${id}`)) });
    messages.push({ conversation: detail.id, text, deleted: deletedAt !== null, files: stored, reactions: reactions.length, sending });
  }
  return { id: detail.id, state: detail.state, messages };
}

/** Files still on their way, and replies that no attempt has settled, by name. */
const underWay = (details: readonly ConversationDetail[]): readonly string[] =>
  details
    .flatMap(({ messageList }) => messageList)
    .flatMap(({ text, files, sending }) => [
      ...(sending === 'queued' ? [`the reply "${text}"`] : []),
      ...files.filter(({ state }) => state === 'waiting').map(({ name }) => `the file ${name}`),
    ]);

async function judge(product: Product, vendors: ReadonlyMap<string, Vendor>, conversations: readonly DayConversation[], outages: number): Promise<DayReport> {
  const channels: ChannelReport[] = [];
  const findings: DayFinding[] = [];
  for (const [channel, { account, posts }] of vendors) {
    const mine = conversations.filter((one) => one.channel === channel);
    const judged = await settledFindings(product, channel, account, mine);
    findings.push(...judged.findings);
    const steps = mine.flatMap((one) => one.steps);
    const replies = steps.filter((step) => step.do === 'reply').length;
    channels.push({
      channel,
      conversations: mine.length,
      messages: steps.filter((step) => step.do === 'write').length,
      files: steps.reduce((sum, step) => sum + (step.do === 'write' ? step.files.length : 0), 0),
      replies,
      asked: judged.asked,
      again: Math.max(0, (account.webhooks?.attempts ?? 0) - posts),
    });
  }
  return { channels, findings, outages };
}

/** Looks until nothing is missing or patience ends: repairs, downloads and retries take their time. */
async function settledFindings(
  product: Product,
  channel: string,
  account: SimulatedChannel,
  mine: readonly DayConversation[],
): Promise<{ findings: readonly DayFinding[]; asked: number }> {
  const until = Date.now() + repairsMs;
  for (;;) {
    const details = await product.conversations(channel);
    const late = underWay(details);
    const findings =
      late.length > 0 ? [{ kind: 'lost' as const, what: `${channel}: still under way: ${late.join(', ')}` }] : await compared(product, account, mine, details);
    const asked = details.flatMap(({ messageList }) => messageList).filter(({ sending }) => sending === 'unclear').length;
    if (findings.every(({ kind }) => kind === 'doubled') || Date.now() > until) return { findings, asked };
    await wait(500);
  }
}

async function compared(
  product: Product,
  account: SimulatedChannel,
  mine: readonly DayConversation[],
  details: readonly ConversationDetail[],
): Promise<readonly DayFinding[]> {
  const all = await Promise.all(details.map((detail) => held(product, detail)));
  return mine.flatMap((conversation) => {
    const seen = account.shown(conversation.name, conversation.person).filter(({ from }) => from === 'business');
    const keys = conversation.steps.flatMap((step) => (step.do === 'reply' ? [step.key] : []));
    const files = new Map(
      conversation.steps.flatMap((step) =>
        step.do === 'write' && step.files.length ? [[step.key, step.files.map(({ bytes }) => sha256(bytes))] as const] : [],
      ),
    );
    const shown = new Map(keys.map((key) => [key, seen.filter(({ text }) => text.includes(`[${key}]`)).length]));
    const chosen = all.filter(({ messages }) =>
      messages.some(({ text }) => conversation.steps.some((step) => 'key' in step && text.includes(`[${step.key}]`))),
    );
    return compareConversation({ conversation, files, shown }, chosen);
  });
}
