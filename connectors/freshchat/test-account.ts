/** A channel on a simulated account, for the tests: webhooks go through the connector's own door, and events are collected as the core would take them. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { arrival, type Channel, type Context, fetchedByUs, type InboundEvent, type Json, type RawRequest } from '../../src/kit/index.ts';
import { listen } from '../../src/kit/simulator.ts';
import { memoryRecords, type TestClock, testClock, testContext } from '../../test/support/context.ts';
import freshchat from './index.ts';
import { type FreshchatSettings, settings } from './settings.ts';
import { type FreshchatSimulator, simulatedChannel } from './simulator.ts';

export interface TestAccount {
  readonly channel: Channel;
  readonly account: FreshchatSimulator;
  readonly clock: TestClock;
  readonly url: string;
  /** Everything that came in by webhooks, in order of arrival. */
  readonly events: InboundEvent[];
  readonly requests: RawRequest[];
  /** Events of one payload, as the core reads it. */
  read(payload: Json): Promise<readonly InboundEvent[]>;
  close(): Promise<void>;
}

export async function testAccount(
  options: {
    readonly simulator?: Parameters<typeof simulatedChannel>[0];
    readonly settings?: { readonly [key: string]: Json };
    readonly context?: Partial<Context<FreshchatSettings>>;
    /** The statuses that our door answers with first. */
    readonly statuses?: readonly number[];
  } = {},
): Promise<TestAccount> {
  const clock = testClock();
  const account = simulatedChannel({ now: clock.now, hurry: 60_000, ...options.simulator });
  const vendor = await listen(account.app);
  const configured = settings.parse({ ...account.settings(vendor.url), ...options.settings });
  const channel = freshchat.create(testContext(configured, { now: clock.now, records: memoryRecords(), ...options.context }));
  const events: InboundEvent[] = [];
  const requests: RawRequest[] = [];
  const read = async (payload: Json): Promise<readonly InboundEvent[]> => {
    const stored = arrival(fetchedByUs(), payload, clock.now());
    return channel.normalize((await channel.unpack?.(stored)) ?? stored);
  };
  const door = channel.intake.find((one) => one.via === 'webhook');
  const server = createServer(async (request, response) => {
    const raw: RawRequest = {
      method: 'POST',
      path: '/',
      query: new URLSearchParams(),
      headers: request.headers as Record<string, string>,
      body: await buffer(request),
      remoteAddress: '127.0.0.1',
    };
    requests.push(raw);
    const status = options.statuses?.[requests.length - 1];
    if (status !== undefined) return void response.writeHead(status).end();
    if (!door?.verify(raw, clock.now())) return void response.writeHead(401).end();
    events.push(...(await read(JSON.parse(raw.body.toString()) as Json)));
    response.writeHead(200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  account.hook(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return {
    ...{ channel, account, clock, url: vendor.url, events, requests, read },
    async close() {
      await account.settled();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await vendor.close();
    },
  };
}
