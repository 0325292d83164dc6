/** Whatever goes wrong between us and a channel's vendor: each message comes in once and in order, and a customer never sees a reply of ours twice. */
import { describe, expect, it, vi } from 'vitest';
import type { ChannelDefinition } from '../../src/kit/index.ts';
import type { Fault, SimulatedChannel, SimulatedPerson, Where } from '../../src/kit/simulator.ts';
import { type ChannelHost, hostChannel } from '../support/channel-host.ts';

export interface FaultsSuite {
  readonly definition: ChannelDefinition;
  /** A fresh account whose clock is `now`. */
  account(now: () => number): SimulatedChannel | Promise<SimulatedChannel>;
  /** The vendor's call that makes a reply visible to the customer; absent for channels whose replies leave by other ways than HTTP. */
  readonly visible?: Pick<Where, 'method' | 'path'>;
  /** Longest text of one message at the vendor, where longer ones are sent in pieces. */
  readonly piece?: number;
  /** False where the vendor carries no files. */
  readonly files?: boolean;
}

const faults: Readonly<Record<string, Fault>> = {
  'a 429': { kind: 'rate-limited', retryAfterSeconds: 7 },
  'a 503 before the effect': { kind: 'error', when: 'before' },
  'a 502 after the effect': { kind: 'error', when: 'after', status: 502 },
  'a time-out before the effect': { kind: 'silence', when: 'before' },
  'a time-out after the effect': { kind: 'silence', when: 'after' },
  'a reset before the effect': { kind: 'reset', when: 'before' },
  'a reset after the effect': { kind: 'reset', when: 'after' },
};

const patient = 10_000;
/** Silence is waited for in real time. */
const impatient = 400;

const maria: SimulatedPerson = { id: 'maria', name: 'Maria Souza', email: 'maria@corpovivo.example', phone: '+5511930001001' };
const conversation = 'turnstile';

async function withHost(suite: FaultsSuite, timeoutMs: number, test: (host: ChannelHost) => Promise<void>): Promise<void> {
  const host = await hostChannel({ ...suite, timeoutMs });
  try {
    await test(host);
  } finally {
    await host.close();
  }
}

/** Somebody writes; resolves with our conversation. */
async function begun({ account, conversationWith, clock }: ChannelHost): Promise<string> {
  await account.write({ conversation, person: maria, text: 'a catraca não libera', at: clock.now() });
  return conversationWith('a catraca não libera');
}

const timesShown = ({ account }: ChannelHost, text: string): number =>
  account.shown(conversation, maria).filter((message) => message.from === 'business' && message.text.includes(text)).length;

export function describeFaults(suite: FaultsSuite): void {
  describe(`${suite.definition.id} between faults`, () => {
    arrivalTests(suite);
    if (suite.visible && suite.definition.capabilities.reply) replyTests({ ...suite, visible: suite.visible });
  });
}

function replyTests(suite: FaultsSuite & Required<Pick<FaultsSuite, 'visible'>>): void {
  const { findsSent } = suite.definition.capabilities;

  it.each(Object.entries(faults))('shows a reply once, or once and a question, when %s strikes it', async (_name, fault) => {
    await withHost(suite, fault.kind === 'silence' ? impatient : patient, async (host) => {
      const chat = await begun(host);
      host.account.dials.set(fault, suite.visible);
      const sending = await host.settle(await host.reply(chat, 'O técnico chega às 15h.'));
      expect(
        host.account.dials.calls.some((call) => call.fault === fault.kind),
        'the fault struck',
      ).toBe(true);
      const shown = timesShown(host, 'O técnico chega às 15h.');
      if (sending === 'sent') expect(shown).toBe(1);
      else {
        expect(sending).toBe('unclear');
        expect(findsSent, 'a channel that can look never asks a person').toBe(false);
        expect('when' in fault, 'what certainly had no effect asks nobody').toBe(true);
        expect(shown).toBeLessThanOrEqual(1);
      }
    });
  });

  it('never lets a failure that is asked about repeat what the customer has: no second send by itself, however late', async () => {
    await withHost(suite, patient, async (host) => {
      const chat = await begun(host);
      host.account.dials.set({ kind: 'reset', when: 'after' }, suite.visible);
      await host.settle(await host.reply(chat, 'uma vez só'));
      host.clock.advance(80 * 3_600_000);
      await host.place.engine({ channels: { 'under-test': host.channel } }).idle();
      expect(timesShown(host, 'uma vez só')).toBe(1);
    });
  });

  const { piece } = suite;
  if (piece === undefined) return;
  it.each([0, 1])('sends a text that is longer than the vendor takes in pieces, each once, when the answer to piece %i is lost', async (skip) => {
    await withHost(suite, patient, async (host) => {
      const chat = await begun(host);
      const words = Array.from({ length: 3 }, (_, index) => `parte${index} ${'x'.repeat(piece - 20)}`);
      host.account.dials.set({ kind: 'error', when: 'before' }, { ...suite.visible, skip });
      expect(await host.settle(await host.reply(chat, words.join('\n\n')))).toBe('sent');
      for (let index = 0; index < 3; index += 1) expect(timesShown(host, `parte${index} `), `piece ${index}`).toBe(1);
    });
  });
}

function arrivalTests(suite: FaultsSuite): void {
  const people = Array.from(
    { length: 4 },
    (_, index): SimulatedPerson => ({ id: `p${index}`, name: `Pessoa ${index}`, phone: `+551193000100${index}`, email: `p${index}@gym.example` }),
  );

  it('stores what comes twice or out of order once, and in the order in which it was written', async () => {
    await withHost(suite, patient, async (host) => {
      host.account.webhooks?.chance('duplicate', 0.3);
      host.account.webhooks?.chance('hold', 0.3);
      const said: string[] = [];
      for (let turn = 0; turn < 6; turn += 1)
        for (const person of people) {
          host.clock.advance(1000);
          const text = `${person.id} diz ${turn}`;
          said.push(text);
          await host.account.write({ conversation: `c-${person.id}`, person, text, at: host.clock.now() });
        }
      await host.account.settled();
      const stored = await vi.waitFor(
        async () => {
          const found = (await host.messages()).filter(({ text }) => / diz \d/.test(text));
          expect(found.length).toBeGreaterThanOrEqual(said.length);
          return found;
        },
        { timeout: 20_000, interval: 50 },
      );
      expect(stored.map(({ text }) => text.trim())).toEqual(said);
      for (const person of people)
        expect(new Set(stored.filter(({ text }) => text.startsWith(`${person.id} `)).map((message) => message.conversation_id)).size, person.id).toBe(1);
    });
  });

  if (suite.files === false) return;
  it('keeps a file whole although its message comes twice', async () => {
    await withHost(suite, patient, async (host) => {
      host.account.webhooks?.chance('duplicate', 1);
      const bytes = Buffer.from('%PDF-1.4 nota fiscal');
      const files = [{ name: 'nota.pdf', mime: 'application/pdf', bytes }];
      await host.account.write({ conversation, person: maria, text: 'segue a nota', at: host.clock.now(), files });
      await host.conversationWith('segue a nota');
      await host.account.settled();
      const rows = await vi.waitFor(
        async () => {
          const found = await host.place.store.read.selectFrom('attachments').selectAll().execute();
          expect(found).toHaveLength(1);
          return found;
        },
        { timeout: 20_000, interval: 50 },
      );
      const [row] = rows;
      const stream = row?.sha256 ? await host.place.store.blobs.open(row.sha256) : await host.channel.download?.(JSON.parse(row?.ref ?? '{}'));
      const chunks: Buffer[] = [];
      for await (const chunk of stream ?? []) chunks.push(chunk as Buffer);
      expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    });
  });
}
