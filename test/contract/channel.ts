/** The contract of every channel, as one suite that each connector's tests call with its own payloads and signer. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  arrival,
  type Channel,
  type ChannelDefinition,
  fetchedByUs,
  type InboundEvent,
  type InternalText,
  type Json,
  type PublicMessage,
  type RawRequest,
  type ReplyContext,
  type Step,
} from '../../src/kit/index.ts';
import { testStep } from '../support/context.ts';

export interface ChannelSuite {
  readonly definition: ChannelDefinition;
  /** A channel with working settings. */
  make(): Channel | Promise<Channel>;
  /** Folder of the recorded payloads: `x.json` beside the events that it becomes, `x.expected.json`. */
  readonly fixtures: URL;
  /** Kinds and shapes that the connector does not know: each must throw, so that it is kept in quarantine. */
  readonly unknown: readonly Json[];
  /** Webhook intakes: signs a body as the vendor does at `now` (epoch ms). */
  signed?(body: Buffer, now: number): RawRequest;
  /** The sender proves itself by a shared token, which says nothing about the bytes: then a request with any other token must be refused. */
  readonly token?: true;
}

/** Fixed, so that expectations may hold it. 2026-11-19 12:00 UTC. */
export const receivedAt = Date.parse('2026-11-19T12:00:00Z');

const read = (file: URL): Json => JSON.parse(readFileSync(file, 'utf8')) as Json;

interface Fixture {
  readonly name: string;
  readonly payload: Json;
  readonly expected: readonly InboundEvent[];
}

function fixturesIn(folder: URL): readonly Fixture[] {
  const at = folder.href.endsWith('/') ? folder : new URL(`${folder.href}/`);
  const names = readdirSync(fileURLToPath(at)).filter((name) => name.endsWith('.json') && !name.endsWith('.expected.json'));
  return names.map((name) => ({
    name: name.replace(/\.json$/, ''),
    payload: read(new URL(name, at)),
    expected: read(new URL(name.replace(/\.json$/, '.expected.json'), at)) as unknown as readonly InboundEvent[],
  }));
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const inner of Object.values(Object.freeze(value))) deepFreeze(inner);
  return value;
}

async function eventsOf(channel: Channel, payload: Json): Promise<readonly InboundEvent[]> {
  const stored = arrival(fetchedByUs(), payload, receivedAt);
  return channel.normalize((await channel.unpack?.(stored)) ?? stored);
}

export function describeChannel(suite: ChannelSuite): void {
  describe(`${suite.definition.id} keeps the contract of a channel`, () => {
    afterEach(() => void vi.useRealTimers());
    fixtureTests(suite);
    unknownTests(suite);
    if (suite.signed) doorTests({ ...suite, signed: suite.signed });
    visibilityTests(suite);
  });
}

function fixtureTests(suite: ChannelSuite): void {
  const fixtures = fixturesIn(suite.fixtures);

  it('has recorded payloads to be judged by', () => {
    expect(fixtures.length).toBeGreaterThan(0);
  });

  it.each(fixtures)('turns the payload $name into the expected events', async ({ payload, expected }) => {
    expect(await eventsOf(await suite.make(), payload)).toEqual(expected);
  });

  it.each(fixtures)('normalizes $name purely: frozen input, and the same events whatever the clock says', async ({ payload }) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2001-01-01') });
    const channel = await suite.make();
    const before = await eventsOf(channel, deepFreeze(structuredClone(payload)));
    vi.setSystemTime(Date.parse('2031-06-01'));
    expect(await eventsOf(channel, deepFreeze(structuredClone(payload)))).toStrictEqual(before);
  });

  it.each(fixtures)('makes events of $name that survive storage as JSON, with whole times and named threads', async ({ payload }) => {
    const events = await eventsOf(await suite.make(), payload);
    expect(JSON.parse(JSON.stringify(events))).toEqual(events);
    for (const event of events) {
      expect(Number.isSafeInteger(event.at)).toBe(true);
      expect(event.thread).not.toBe('');
    }
  });
}

function unknownTests(suite: ChannelSuite): void {
  it.each(suite.unknown.map((payload) => ({ payload, shown: JSON.stringify(payload).slice(0, 80) })))(
    'throws at what it does not know, so that it is kept: $shown',
    async ({ payload }) => {
      const channel = await suite.make();
      await expect(eventsOf(channel, payload)).rejects.toThrow();
    },
  );
}

function doorTests(suite: ChannelSuite & Required<Pick<ChannelSuite, 'signed'>>): void {
  const now = receivedAt;
  const body = Buffer.from('{"something":"sent"}');
  const webhooks = async () => {
    const { intake } = await suite.make();
    const found = intake.filter((one) => one.via === 'webhook');
    expect(found.length).toBeGreaterThan(0);
    return found;
  };

  it('lets in what the vendor signed', async () => {
    for (const { verify } of await webhooks()) expect(verify(suite.signed(body, now), now)).toBeDefined();
  });

  it('refuses what nobody signed', async () => {
    // A token may be a part of the address.
    const bare = suite.token ? { path: '/' } : {};
    for (const { verify } of await webhooks()) {
      expect(verify({ ...suite.signed(body, now), headers: {}, query: new URLSearchParams(), ...bare }, now)).toBeUndefined();
    }
  });

  it.runIf(suite.token)('refuses every other token', async () => {
    const signed = suite.signed(body, now);
    const headers = Object.fromEntries(Object.entries(signed.headers).map(([name, value]) => [name, `${value}x`]));
    const query = new URLSearchParams([...signed.query].map(([name, value]) => [name, `${value}x`]));
    const path = signed.path === '/' ? '/' : `${signed.path}x`;
    for (const { verify } of await webhooks()) expect(verify({ ...signed, headers, query, path }, now)).toBeUndefined();
  });

  it.skipIf(suite.token)('refuses a wrong signature: the bytes are others than those signed', async () => {
    const signed = suite.signed(body, now);
    for (const { verify } of await webhooks()) expect(verify({ ...signed, body: Buffer.from('{"something":"else"}') }, now)).toBeUndefined();
  });
}

function visibilityTests(suite: ChannelSuite): void {
  const internal: InternalText = { kind: 'internal', blocks: [{ type: 'paragraph', text: 'cliente difícil' }] };
  const to: ReplyContext = { message: 'm1', thread: 't1', replyToken: 'r1', subject: undefined, to: [], earlier: [], agent: 'Ana' };

  it('cannot be handed internal text: the type of send refuses it', () => {
    // Checked by tsc: should `send` ever take internal text, the line below becomes an error.
    // @ts-expect-error internal text is no public message
    const misuse = (channel: Channel, step: Step) => channel.send(internal, to, step);
    expect(misuse).toBeTypeOf('function');
  });

  it('refuses internal text even where somebody got around the type, before anything is sent', async () => {
    const channel = await suite.make();
    const forced = { ...internal, text: 'cliente difícil', files: [] } as unknown as PublicMessage;
    const sent: string[] = [];
    const spying: Step = (name, effect) => {
      sent.push(name);
      return testStep()(name, effect);
    };
    await expect((async () => channel.send(forced, to, spying))()).rejects.toThrow(/internal/i);
    expect(sent).toEqual([]);
  });
}
