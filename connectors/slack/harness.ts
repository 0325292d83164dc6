/** The connector between a made-up workspace and an intake in memory, behind the real door for hooks: what its tests stand on. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHooks } from '../../src/intake/hooks.ts';
import type { Accept } from '../../src/intake/intake.ts';
import {
  arrival,
  type Channel,
  type ClosingChoice,
  type ClosingForm,
  type ClosingPreview,
  type Closings,
  type InboundEvent,
  type IntakeOutcome,
  type Json,
  type Session,
} from '../../src/kit/index.ts';
import { listen } from '../../src/kit/simulator.ts';
import { memoryRecords, quiet, type TestClock, testClock, testContext } from '../../test/support/context.ts';
import slack from './index.ts';
import { settings } from './settings.ts';
import { type SimulatedSlack, type SlackOptions, simulatedChannel } from './simulator.ts';

export interface Harness {
  readonly slack: SimulatedSlack;
  readonly channel: Channel;
  readonly clock: TestClock;
  readonly closings: FakeClosings;
  /** Payloads that were committed, repeats left out. */
  readonly committed: Json[];
  /** All that they meant, in order of commit. */
  readonly events: InboundEvent[];
  /** Held before each commit. */
  beforeCommit: () => Promise<void>;
  readonly url: string;
  close(): Promise<void>;
}

export interface HarnessOptions extends SlackOptions {
  readonly form?: Partial<ClosingForm>;
}

export async function startHarness(options: HarnessOptions = {}): Promise<Harness> {
  const clock = testClock();
  const account = simulatedChannel({ now: clock.now, minuteMs: 1, ...options });
  const vendor = await listen(account.app);
  const events: InboundEvent[] = [];
  const committed: Json[] = [];
  const keys = new Set<string>();
  const closings = fakeClosings(events, options.form ?? {});
  const history = {
    messages: async (thread: string) =>
      (messagesOf(events, thread) as { id: string; at: number; text: string }[]).map((message) => ({
        id: message.id,
        externalId: message.id,
        at: message.at,
        from: 'contact' as const,
        author: '',
        text: message.text,
        deleted: false,
        files: [],
      })),
    watch: () => () => {},
  };
  const context = testContext(settings.parse(account.settings(vendor.url)), {
    name: 'slack',
    now: clock.now,
    closings: closings.port,
    history,
    records: memoryRecords(),
  });
  const channel = slack.create(context);

  const harness = { beforeCommit: async () => {} };
  async function accept({ payload, deliveryKey, proof }: Pick<Accept, 'payload' | 'deliveryKey' | 'proof'>): Promise<IntakeOutcome> {
    await harness.beforeCommit();
    if (deliveryKey !== undefined && keys.has(deliveryKey)) return { arrival: 'a', state: 'repeated' };
    if (deliveryKey !== undefined) keys.add(deliveryKey);
    committed.push(payload);
    const came = arrival(proof, payload, clock.now());
    try {
      const read = channel.normalize((await channel.unpack?.(came)) ?? came);
      for (const event of read) if (event.type !== 'message' || !events.some((known) => known.type === 'message' && known.id === event.id)) events.push(event);
      return { arrival: 'a', state: 'stored' };
    } catch {
      return { arrival: 'a', state: 'quarantined' };
    }
  }

  const hooks = createHooks({
    channels: new Map([['slack', { name: 'slack', connector: channel }]]),
    intake: {
      accept,
      quarantine: async () => ({ arrival: 'a', state: 'quarantined' }),
      again: async () => ({ arrival: 'a', state: 'stored' }),
      enriched: async () => {},
      forgetPeople() {},
    },
    now: clock.now,
    log: quiet,
  });
  const server = createServer((request, response) => void (hooks(request, response) || response.writeHead(404).end()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/slack`;
  account.hook?.(url);
  const stop = new AbortController();
  const sessions = channel.intake.flatMap((intake) => (intake.via === 'session' ? [intake.run(sessionOf(accept, stop.signal))] : []));

  return Object.assign(harness, {
    slack: account,
    channel,
    clock,
    closings,
    committed,
    events,
    url,
    async close() {
      stop.abort();
      await Promise.all(sessions);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await account.close();
      await vendor.close();
    },
  });
}

const messagesOf = (events: readonly InboundEvent[], thread: string) =>
  events.filter((event) => event.type === 'message' && event.thread === thread).sort((a, b) => a.at - b.at);

function sessionOf(accept: (input: Pick<Accept, 'payload' | 'deliveryKey' | 'proof'>) => Promise<IntakeOutcome>, signal: AbortSignal): Session {
  return {
    cursor: undefined,
    emit: (payload, { key } = {}) => accept({ payload, deliveryKey: key, proof: {} as Accept['proof'] }),
    state() {},
    signal,
  };
}

export interface FakeClosings {
  readonly port: Closings;
  readonly agents: Map<string, { id: string; name: string; locale: string }>;
  /** What was filed, by key. */
  readonly filed: Map<string, ClosingChoice>;
  readonly searched: string[];
  form: Partial<ClosingForm>;
  missing: (choice: ClosingChoice) => ClosingPreview['missing'];
  /** Held before a preview. */
  beforePreview: () => Promise<void>;
}

export const ticket = (number: string, subject: string): ClosingForm['candidates'][number] => ({
  helpdesk: 'desk',
  id: `id-${number}`,
  number,
  subject,
  status: 'Aberto',
  why: 'mesma academia',
});

const lines = ({ parts, ends }: ClosingChoice): string[] => [
  ...parts.map((part) => `${part.target.kind === 'new' ? 'New' : `Add to ${part.target.id}`}: ${part.title} (${part.messages.length})`),
  ends ? 'The conversation ends' : 'The conversation goes on',
];

/** The closing port over what came in: a conversation a thread, named like it. Its digest is what it was asked, so anything else is a change. */
function fakeClosings(events: readonly InboundEvent[], form: Partial<ClosingForm>): FakeClosings {
  const agents = new Map<string, { id: string; name: string; locale: string }>();
  const filed = new Map<string, ClosingChoice>();
  const isFiled = (id: string): boolean => [...filed.values()].some(({ parts }) => parts.some(({ messages }) => messages.includes(id)));
  const fake: FakeClosings = { port: {} as Closings, agents, filed, searched: [], form, missing: () => [], beforePreview: async () => {} };
  const previewOf = (choice: ClosingChoice): ClosingPreview => ({
    digest:
      JSON.stringify([choice, messagesOf(events, choice.conversation).length]).length.toString(36) +
      hash(JSON.stringify([choice, messagesOf(events, choice.conversation).length])),
    lines: lines(choice),
    missing: fake.missing(choice),
  });
  const port: Closings = {
    agent: async (email) => agents.get(email),
    find: async (thread) => (messagesOf(events, thread).length > 0 ? { conversation: thread, open: true } : undefined),
    async form(conversation) {
      const messages = messagesOf(events, conversation).flatMap((event) =>
        event.type === 'message' && !isFiled(event.id)
          ? [{ id: event.id, externalId: event.id, author: event.from.name ?? event.from.id, text: event.text }]
          : [],
      );
      const part = {
        topic: null,
        title: '',
        summary: '',
        target: { kind: 'new' },
        status: null,
        date: null,
        impact: null,
        group: null,
        served: null,
        fields: {},
      } as const;
      return {
        conversation,
        messages,
        parts: [{ key: 'p1', ...part, messages: messages.map(({ id }) => id) }],
        titles: [],
        statuses: [
          { key: 'solved', label: 'Resolvido', date: null },
          { key: 'visit', label: 'Visita', date: { label: 'Dia da visita', mayBeUnknown: true } },
        ],
        impacts: [{ id: 'down', label: 'A academia parou' }],
        helpdesks: [{ name: 'desk', title: 'Desk', groups: [], fields: [] }],
        candidates: [],
        companies: [],
        link: 'https://desk.example/conversations/1?end=true',
        ...fake.form,
      };
    },
    async search(words) {
      fake.searched.push(words);
      return [ticket('77', `found by ${words}`)];
    },
    async preview(choice) {
      await fake.beforePreview();
      return previewOf(choice);
    },
    async commit(choice, { digest, key }) {
      const earlier = filed.get(key);
      if (earlier) {
        if (JSON.stringify(earlier) !== JSON.stringify(choice)) throw new Error('this key was used for another decision');
        return { is: 'committed', closing: key };
      }
      const preview = previewOf(choice);
      if (preview.missing.length > 0) return { is: 'missing', preview };
      if (preview.digest !== digest) return { is: 'changed', preview };
      filed.set(key, choice);
      return { is: 'committed', closing: key };
    },
  };
  return Object.assign(fake, { port });
}

const hash = (text: string): string => {
  let sum = 0;
  for (const letter of text) sum = (Math.imul(sum, 31) + (letter.codePointAt(0) ?? 0)) | 0;
  return String(sum >>> 0);
};
