/** Reads messages of a conversation, newest first, page after page. */
import { type Context, type Json, UnknownPayload } from '../../src/kit/index.ts';
import type { Client } from './client.ts';
import type { Cycle } from './cycles.ts';
import { messageOf } from './normalize.ts';
import type { Threads } from './threads.ts';
import { type Message, page } from './wire.ts';

/** More than any chat has; a list that never ends is a fault. */
const mostPages = 2000;

export interface Reading {
  readonly client: Client;
  readonly threads: Threads;
  readonly log: Context<unknown>['log'];
}

/** `raw` is the message as the vendor gave it. `from` in epoch ms. */
export async function* messagesOf(
  { client, threads, log }: Reading,
  conversation: string,
  from?: number,
): AsyncGenerator<{ readonly message: Message; readonly raw: Json }> {
  const query = { page: 1, items_per_page: 50, ...(from === undefined ? {} : { from_time: new Date(from).toISOString() }) };
  let answer = await threads.withEither(conversation, (id) => client.get(`/conversations/${encodeURIComponent(id)}/messages`, page, query));
  for (let pages = 1; ; pages++) {
    for (const raw of answer.messages) {
      const message = messageOf(raw);
      if (message)
        yield {
          message: message.conversation_id === undefined ? { ...message, conversation_id: conversation } : message,
          raw: withConversation(raw, conversation),
        };
      else log.warn({ conversation }, 'a message in the list has an unknown shape and is left out');
    }
    const href = answer.link?.href;
    if (!href || answer.messages.length === 0) return;
    if (pages >= mostPages) throw new UnknownPayload(`the messages of ${conversation} never end`);
    answer = await client.follow(href, page);
  }
}

const withConversation = (raw: Json, conversation: string): Json =>
  typeof raw === 'object' && raw !== null && !Array.isArray(raw) && !('conversation_id' in raw) ? { ...(raw as object), conversation_id: conversation } : raw;

/** One message, read anew; undefined where it is not there (any more). */
export async function oneMessage(
  reading: Reading,
  at: { readonly conversation: string; readonly message: string; readonly at: number },
): Promise<Message | undefined> {
  // A second of room, since what `from_time` does with equal times is not documented.
  for await (const { message } of messagesOf(reading, at.conversation, at.at - 1000)) if (message.id === at.message) return message;
  return undefined;
}

/**
 * All messages of one cycle. With interactions: those that carry one of them. Without: from its end back to the resolution before it, as the vendor's own
 * code does. Both stop there, so that a long history is not read again each time.
 */
export async function messagesOfCycle(reading: Reading, conversation: string, cycle: Cycle): Promise<readonly Message[]> {
  const found: Message[] = [];
  let interactions = cycle.interactions;
  for await (const { message } of messagesOf(reading, conversation)) {
    const { interaction_id: interaction, created_time: at } = message;
    if (interactions.length > 0 && interaction !== undefined) {
      if (interactions.includes(interaction)) found.push(message);
      else if (at < cycle.firstAt) break;
      continue;
    }
    if (cycle.endedAt !== null && at > cycle.endedAt) continue;
    // The resolution that ended this one comes first, and the one before it ends the list.
    if (message.meta_data?.isResolved && at < (cycle.endedAt ?? Number.POSITIVE_INFINITY) && found.some(({ meta_data }) => !meta_data?.isResolved)) break;
    found.push(message);
    // The list knows what the webhook did not say.
    if (interactions.length === 0 && interaction !== undefined) {
      interactions = [interaction];
      await reading.threads.adopt(conversation, cycle.thread, interaction);
    }
  }
  return found;
}
