/** What a customer writes after the closing: it comes when the conversation before it was ended, as it would on the real day. */
import { setTimeout as wait } from 'node:timers/promises';
import type { DemoConversation } from './demo-day.ts';
import { type Door, feedByWebhook } from './feed.ts';

const lookEveryMs = 2_000;
/** How long the customer takes to write again. */
const pauseMs = 5_000;

async function openOnes(door: Door, channel: string): Promise<number> {
  const response = await fetch(`${door.url}/api/conversations?view=open&channel=${channel}`, { headers: { authorization: `Bearer ${door.token}` } });
  return ((await response.json()) as { items: unknown[] }).items.length;
}

/** Each message waits until nothing of its channel is open, that is until what came before it was ended. */
export async function feedLater(door: Door, conversation: DemoConversation, signal: AbortSignal): Promise<void> {
  for (const message of conversation.messages) {
    while ((await openOnes(door, conversation.channel)) > 0) await wait(lookEveryMs, undefined, { signal });
    await wait(pauseMs, undefined, { signal });
    await feedByWebhook(door, conversation, Date.now(), [message.id]);
  }
}
