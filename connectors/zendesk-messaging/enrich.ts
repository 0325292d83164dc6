/** What webhooks leave out: the whole transcript once a chat has ended, and the ticket that Zendesk keeps it as. */
import { z } from 'zod';
import { type Context, type InboundEvent, type Json, UnknownPayload } from '../../src/kit/index.ts';
import type { Client } from './client.ts';
import { endsChat, messageEvents } from './normalize.ts';
import type { MessagingSettings } from './settings.ts';
import type { Support } from './support.ts';
import { type Message, message, messageList } from './wire.ts';

const asked = z.union([z.object({ transcript: z.string(), at: z.number() }), z.object({ ticket: z.string() })]);

/** Pages of 100: the longest conversation that the vendor keeps. */
const pages = 300;
const day = 86_400_000;
/** A chat that was no ticket a moment ago is asked about again after this. */
const askAgainMs = 60_000;
/** The vendor's two signals of one end come within seconds; a marker older than this before our end is an earlier chat's. */
const sameEndMs = 60_000;

const tooLateMs = 10 * 60_000;

type Known = { readonly ticket: Json; readonly askedAt: number; readonly endedAt: number | null };

interface Parts {
  readonly context: Context<MessagingSettings>;
  readonly client: Client;
  readonly support: Support | undefined;
}

export async function enrich(event: InboundEvent, parts: Parts): Promise<readonly InboundEvent[]> {
  const wish = asked.safeParse(event.enrich);
  if (!wish.success) return [];
  if ('ticket' in wish.data) return ticketEvents(wish.data.ticket, event.at, parts, false);
  const { transcript, at } = wish.data;
  return [...(await transcriptEvents(transcript, at, parts)), ...(await ticketEvents(transcript, at, parts, true))];
}

/** The lost ones among a chat's messages. What is known already is repeated, which changes nothing. */
async function transcriptEvents(thread: string, endedAt: number, { context, client }: Parts): Promise<InboundEvent[]> {
  const { settings, log } = context;
  if (settings.transcriptDays === 0) return [];
  const from = endedAt - settings.transcriptDays * day;
  const events: InboundEvent[] = [];
  for await (const one of newestFirst(thread, client)) {
    const read = message.safeParse(one);
    if (!read.success) {
      log.warn({ thread, why: z.prettifyError(read.error) }, 'a listed message is not understood and left out of the transcript');
      continue;
    }
    const { received, id } = read.data;
    if (received > endedAt + sameEndMs) continue;
    // The end of the chat before this one: older messages are that one's.
    if (received < from || (endsChat(read.data) && received < endedAt - sameEndMs)) break;
    if (endsChat(read.data) || read.data.deleted) continue;
    events.unshift(...understood(thread, read.data, id, context));
  }
  return events;
}

function understood(thread: string, one: Message, id: string, { settings, log }: Context<MessagingSettings>): readonly InboundEvent[] {
  try {
    return messageEvents(thread, one, settings);
  } catch (error) {
    if (!(error instanceof UnknownPayload)) throw error;
    log.warn({ thread, message: id, why: error.message }, 'a listed message is not understood and left out of the transcript');
    return [];
  }
}

/** Messages of a conversation, the latest first. The list's first page is its end; `links.prev` or the cursor leads backwards. */
export async function* newestFirst(thread: string, client: Client): AsyncGenerator<unknown> {
  let before: string | undefined;
  for (let page = 0; page < pages; page += 1) {
    const query = before === undefined ? {} : { 'page[before]': before };
    const list = await client.call({ method: 'GET', path: `/conversations/${encodeURIComponent(thread)}/messages`, query }, messageList);
    yield* list.messages.toReversed();
    const next = list.meta?.hasMore ? (list.meta.beforeCursor ?? cursorOf(list.links?.prev)) : undefined;
    if (!next || next === before) return;
    before = next;
  }
}

const cursorOf = (link: string | null | undefined): string | undefined =>
  (link && URL.canParse(link, 'https://zendesk.example') && new URL(link, 'https://zendesk.example').searchParams.get('page[before]')) || undefined;

/**
 * The ticket is asked for until there is one, then remembered: at the end of the chat the vendor does not tell it any more.
 * After an end the next message asks anew, for the next chat is another ticket.
 */
async function ticketEvents(thread: string, at: number, { context, support }: Parts, isEnd: boolean): Promise<InboundEvent[]> {
  if (!support) return [];
  const { records, now } = context;
  const known = await records.get<Known>('tickets', thread);
  const current = known && (known.endedAt === null || at <= known.endedAt) ? known : undefined;
  const fresh = current && (current.ticket !== null || now() - current.askedAt < askAgainMs);
  // Long after an end, the vendor would tell the ticket of the chat that came after it.
  const tooLate = isEnd && now() - at > tooLateMs;
  const ticket = current && (fresh || tooLate) ? current.ticket : tooLate ? null : ((await support.ticketOf(thread)) ?? null);
  const next: Known = { ticket: ticket as Json, askedAt: fresh && current ? current.askedAt : now(), endedAt: isEnd ? at : (current?.endedAt ?? null) };
  if (!(await records.insert('tickets', thread, next))) await records.update<Known>('tickets', thread, () => next);
  return ticket === null ? [] : [{ type: 'ticket', thread, at, ticket } as InboundEvent];
}
