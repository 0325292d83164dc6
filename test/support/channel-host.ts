/** One channel in the real intake and the real delivery, over a store of its own and a clock that tests move: what the contract suites let a vendor's simulator talk to. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { v7 } from 'uuid';
import { expect, vi } from 'vitest';
import { addReply } from '../../src/conversations/writing.ts';
import { queueReply } from '../../src/delivery/replies.ts';
import { createHooks } from '../../src/intake/hooks.ts';
import { createIntake } from '../../src/intake/intake.ts';
import { startSessions } from '../../src/intake/sessions.ts';
import { type Channel, type ChannelDefinition, createHttp } from '../../src/kit/index.ts';
import { listen, type SimulatedChannel } from '../../src/kit/simulator.ts';
import type { MessagesTable } from '../../src/store/schema.ts';
import { quiet, type TestClock, testContext } from './context.ts';
import { openPlace, type Place } from './deliveries.ts';

export interface ChannelHost {
  readonly channel: Channel;
  readonly account: SimulatedChannel;
  readonly place: Place;
  readonly clock: TestClock;
  /** Every message that is stored, in the order in which agents read them. */
  messages(): Promise<readonly MessagesTable[]>;
  /** Resolves with the conversation once its message with this text is stored. */
  conversationWith(text: string): Promise<string>;
  /** An agent replies; resolves with the message's id. */
  reply(conversation: string, text: string): Promise<string>;
  /** Delivers with as many attempts and pauses as it takes; resolves with what became of the message. */
  settle(message: string): Promise<MessagesTable['sending']>;
  close(): Promise<void>;
}

export interface HostOptions {
  readonly definition: ChannelDefinition;
  account(now: () => number): SimulatedChannel | Promise<SimulatedChannel>;
  /** For the connector's HTTP. */
  readonly timeoutMs: number;
}

const name = 'under-test';
/** No vendor's trouble in these tests lasts longer. */
const attemptsAtMost = 40;

export async function hostChannel({ definition, account: make, timeoutMs }: HostOptions): Promise<ChannelHost> {
  const place = await openPlace();
  const { store, clock } = place;
  const account = await make(clock.now);
  const vendor = await listen(account.app);
  const settings = definition.settings.parse(account.settings(vendor.url));
  const http = createHttp({ egress: { allow: ['127.0.0.0/8', '::1/128'] }, timeoutMs });
  const context = testContext(settings, { name, now: clock.now, http, blobs: store.blobs });
  const channel = definition.create(context);
  const runtime = { name, connector: channel };
  const intake = createIntake({ store, now: clock.now, id: () => v7(), log: quiet });
  const hooks = createHooks({ channels: new Map([[name, runtime]]), intake, now: clock.now, log: quiet });
  const server = createServer((request, response) => void (hooks(request, response) || response.writeHead(404).end()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  account.hook?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/${name}`);
  const sessions = startSessions({ channels: [runtime], intake, store, now: clock.now, log: quiet, firstPauseMs: 20 });
  const engine = place.engine({ channels: { [name]: channel } });
  await engine.start();

  const sending = async (message: string) =>
    (await store.read.selectFrom('messages').select('sending').where('id', '=', message).executeTakeFirstOrThrow()).sending;
  const messages = () => store.read.selectFrom('messages').selectAll().orderBy('at').orderBy('vendor_order').orderBy('arrived_at').orderBy('id').execute();

  return {
    channel,
    account,
    place,
    clock,
    messages,
    conversationWith: (text) =>
      vi.waitFor(
        async () => {
          const found = (await messages()).find((message) => message.text.includes(text));
          expect(found, `a message with "${text}"`).toBeDefined();
          return found?.conversation_id ?? '';
        },
        { timeout: 20_000, interval: 20 },
      ),
    async reply(conversation, text) {
      const id = v7();
      const fresh = { id, conversation, agent: { id: 'a1', name: 'Ana Lima' }, text, files: [], at: clock.now(), newId: () => v7() };
      await store.write(async (tx) => {
        expect(await addReply(tx, fresh)).toBe('added');
        await queueReply(tx, { delivery: v7(), message: { id, kind: 'public' }, conversation: { id: conversation, channel: name }, now: clock.now() });
      });
      return id;
    },
    async settle(message) {
      for (let attempt = 0; attempt < attemptsAtMost; attempt += 1) {
        await engine.idle();
        const state = await sending(message);
        if (state !== 'queued') return state;
        const next = await store.read
          .selectFrom('deliveries')
          .select(['due_at'])
          .where('message_id', '=', message)
          .where('state', '=', 'waiting')
          .executeTakeFirst();
        clock.set(Math.max(clock.now() + 1, next?.due_at ?? 0));
      }
      throw new Error(`the reply is still queued after ${attemptsAtMost} attempts`);
    },
    async close() {
      await sessions.stop();
      await engine.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await account.close?.();
      await vendor.close();
      await place.close();
    },
  };
}
