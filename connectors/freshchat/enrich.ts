/** Fetches what webhooks leave out: names and addresses, the topic, and at the end of a chat all of its messages, so that a lost webhook loses nothing. */
import type { InboundEvent, MessageEvent } from '../../src/kit/index.ts';
import type { Directory } from './directory.ts';
import { messagesOfCycle, oneMessage, type Reading } from './messages.ts';
import { type Ask, messageEvents } from './normalize.ts';
import type { Sent } from './sent.ts';

interface Enriching extends Reading {
  readonly directory: Directory;
  readonly sent: Sent;
  readonly scope: string;
  readonly topicAsSubject: boolean;
}

const without = <E extends InboundEvent>({ enrich: _done, ...event }: E): E => event as E;

export async function enrich(event: InboundEvent, parts: Enriching): Promise<readonly InboundEvent[]> {
  const ask = event.enrich as Ask | undefined;
  if (ask?.ask === 'author' && event.type === 'message') return [await withAuthor(event, ask, parts)];
  if (ask?.ask === 'agent' && event.type === 'assigned' && event.agent) return [without({ ...event, agent: await parts.directory.fill(event.agent) })];
  if (ask?.ask === 'messages' && event.type === 'ended') return afterEnd(event, ask.conversation, parts);
  return [];
}

async function withAuthor(event: MessageEvent, ask: Ask & { ask: 'author' }, parts: Enriching): Promise<MessageEvent> {
  if (!ask.interaction) {
    const read = await oneMessage(parts, { conversation: ask.conversation, message: event.id, at: event.at });
    if (read?.interaction_id !== undefined) await parts.threads.adopt(ask.conversation, event.thread, read.interaction_id);
  }
  const from = await parts.directory.fill(event.from);
  const topic = parts.topicAsSubject && event.subject === undefined && ask.topic !== null ? await parts.directory.topic(ask.topic) : undefined;
  return without({ ...event, from, ...(topic === undefined ? {} : { subject: topic }) });
}

/** Every message of the thread, oldest first, and the end once more with the name of who made it, unless the chat was taken up again meanwhile. */
async function afterEnd(event: InboundEvent & { type: 'ended' }, conversation: string, parts: Enriching): Promise<readonly InboundEvent[]> {
  const { cycles } = await parts.threads.row(conversation);
  const cycle = cycles.find(({ thread }) => thread === event.thread);
  if (!cycle) return [];
  const at = { conversation, thread: event.thread, also: null, ends: null };
  const events: InboundEvent[] = [];
  const authors = new Map<string, MessageEvent['from']>();
  for (const message of (await messagesOfCycle(parts, conversation, cycle)).toReversed()) {
    await parts.sent.claim(conversation, message);
    for (const one of messageEvents(message, at, parts.scope)) {
      if (one.type !== 'message') events.push(one);
      else {
        const from = authors.get(one.from.id) ?? (await parts.directory.fill(one.from, { fresh: true }));
        authors.set(one.from.id, from);
        events.push(without({ ...one, from }));
      }
    }
  }
  const by = event.by && (await parts.directory.fill(event.by));
  return [...events, ...(by && cycle.endedAt === event.at ? [without({ ...event, by })] : [])];
}
