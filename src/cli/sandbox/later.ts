/** What a customer writes after the closing: it comes when the conversation before it was ended, as it would on the real day. */
import { setTimeout as wait } from 'node:timers/promises';
import type { DemoConversation } from './demo-day.ts';
import { call, type Door, feed } from './feed.ts';
import type { Vendors } from './vendors.ts';

const lookEveryMs = 2_000;
/** How long the customer takes to write again. */
const pauseMs = 5_000;

async function isOpen(door: Door, { channel, person }: DemoConversation): Promise<boolean> {
  const { items } = await call<{ items: { contact: { name: string } }[] }>(door, 'GET', `/api/conversations?view=open&limit=100&channel=${channel}`);
  return items.some(({ contact }) => contact.name === person.name);
}

/** Each message waits until nothing of the person's is open, that is until what came before it was ended. */
export async function feedLater(
  door: Door,
  vendors: Vendors,
  late: { conversation: DemoConversation; messages: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  for (const message of late.messages) {
    while (await isOpen(door, late.conversation)) await wait(lookEveryMs, undefined, { signal });
    await wait(pauseMs, undefined, { signal });
    await feed(door, vendors, late.conversation, Date.now(), [message]);
  }
}
