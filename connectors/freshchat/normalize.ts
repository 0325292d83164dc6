/** From what Freshchat says to events: first placed in its thread, which needs our records, then made an event, which needs nothing. */
import { z } from 'zod';
import {
  type AssignedEvent,
  type EndedEvent,
  type InboundEvent,
  type Json,
  type MessageEvent,
  type Party,
  type ReopenedEvent,
  UnknownPayload,
} from '../../src/kit/index.ts';
import type { Placement } from './cycles.ts';
import { readParts } from './parts.ts';
import type { Sent } from './sent.ts';
import type { Threads } from './threads.ts';
import { foundResolved, type Message, message, reread, type WebhookBody, webhook } from './wire.ts';

/** What `enrich` has to fetch, stored with the event. */
export type Ask =
  /** Names and addresses of the author; `interaction` where the webhook had none. */
  | { readonly ask: 'author'; readonly conversation: string; readonly interaction: boolean; readonly topic: string | null }
  | { readonly ask: 'agent' }
  /** All messages of a thread that has ended. */
  | { readonly ask: 'messages'; readonly conversation: string };

/** An arrival with its place: what `unpack` hands to `normalize`. */
export type Placed = {
  readonly came: Json;
  readonly conversation: string;
  readonly thread: string;
  readonly also: Placement['also'];
  readonly ends: string | null;
};

/** Named in the vendor's code or documents, and without meaning for a conversation. */
const meaningless = new Set(['conversation_create', 'conversation_update']);

type Came =
  | { readonly is: 'message'; readonly message: Message }
  | { readonly is: 'assignment'; readonly body: WebhookBody & { action: 'conversation_assignment' } }
  | {
      readonly is: 'ended';
      readonly conversation: string;
      readonly number: string | undefined;
      readonly interaction: string | undefined;
      readonly at: number;
      readonly by: Party | undefined;
    }
  | {
      readonly is: 'reopened';
      readonly conversation: string;
      readonly number: string | undefined;
      readonly interaction: string | undefined;
      readonly at: number;
      readonly by: Party | undefined;
    }
  | { readonly is: 'nothing' };

const isObject = (payload: Json): payload is { readonly [key: string]: Json | undefined } =>
  typeof payload === 'object' && payload !== null && !Array.isArray(payload);

/** Throws UnknownPayload with the property that is wrong. */
export function read(payload: Json, scope: string): Came {
  if (!isObject(payload)) throw new UnknownPayload('this is no event of Freshchat');
  if ('reread' in payload) return { is: 'message', message: parsed(reread, payload).reread };
  if ('resolved' in payload) {
    const { conversation, interaction, at } = parsed(foundResolved, payload).resolved;
    return { is: 'ended', conversation, number: undefined, interaction: interaction ?? undefined, at, by: undefined };
  }
  // Results of outbound WhatsApp templates, which we do not send.
  if (payload.event_type === 'outbound_message_event') return { is: 'nothing' };
  if (typeof payload.action === 'string' && meaningless.has(payload.action)) return { is: 'nothing' };
  const body = parsed(webhook, payload);
  switch (body.action) {
    case 'message_create':
      return { is: 'message', message: body.data.message };
    case 'conversation_assignment':
      return { is: 'assignment', body };
    case 'conversation_resolution': {
      const { resolve } = body.data;
      return {
        is: 'ended',
        ...turn(resolve, body),
        by: partyOf(resolve.resolver ?? body.actor?.actor_type, resolve.resolver_id ?? body.actor?.actor_id, scope),
      };
    }
    case 'conversation_reopen': {
      const { reopen } = body.data;
      return {
        is: 'reopened',
        ...turn(reopen, body),
        by: partyOf(reopen.reopener ?? body.actor?.actor_type, reopen.reopener_id ?? body.actor?.actor_id, scope),
      };
    }
  }
}

interface Turn {
  readonly conversation: {
    readonly conversation_id?: string | undefined;
    readonly conversation_internal_id?: string | undefined;
    readonly freshchat_conversation_id?: string | undefined;
  };
  readonly interaction_id?: string | undefined;
}

const turn = (
  { conversation, interaction_id }: Turn,
  body: { readonly action_time: number; readonly data: { readonly interaction_id?: string | undefined } },
) => ({
  conversation: conversation.conversation_id ?? '',
  number: conversation.conversation_internal_id ?? conversation.freshchat_conversation_id,
  interaction: interaction_id ?? body.data.interaction_id,
  at: body.action_time,
});

function parsed<T>(shape: z.ZodType<T>, payload: Json): T {
  const result = shape.safeParse(payload);
  if (result.success) return result.data;
  throw new UnknownPayload(z.prettifyError(result.error));
}

export function partyOf(type: string | null | undefined, id: string | undefined, scope: string): Party {
  const said = type?.toLowerCase();
  const role = said === 'user' ? 'contact' : said === 'agent' || said === 'bot' ? said : 'system';
  const known = id !== undefined && role !== 'system' && role !== 'bot';
  return { role, id: id ?? said ?? 'system', identities: known ? [{ kind: 'account', value: id, scope, verified: true }] : [] };
}

const isInternal = ({ message_type, botsPrivateNote }: Message): boolean =>
  message_type?.toLowerCase() !== 'normal' && message_type != null ? true : botsPrivateNote === true;
const isSystem = ({ message_type, actor_type }: Message): boolean =>
  message_type?.toLowerCase() === 'system' || actor_type == null || actor_type.toLowerCase() === 'system';
const isContacts = (one: Message): boolean => !isInternal(one) && one.actor_type?.toLowerCase() === 'user';

/** Only what the customer says takes up an ended chat by itself: bots ask for a rating after the end, and our own notes come back to us. */
export const happeningOf = (conversation: string, one: Message) => ({
  conversation,
  interaction: one.interaction_id,
  at: one.created_time,
  kind: isContacts(one) ? ('said' as const) : ('quiet' as const),
  mark: one.id,
});

/** Finds the place of an arrival; an arrival that means nothing has none. Throws UnknownPayload. */
export async function placeArrival(payload: Json, scope: string, { threads, sent }: { threads: Threads; sent: Sent }): Promise<Placed | null> {
  const came = read(payload, scope);
  if (came.is === 'nothing') return null;
  if (came.is === 'message') {
    const one = came.message;
    const conversation = await conversationOfMessage(one, threads);
    // An echo of ours is told on: the core knows it by its journal. Here it only answers a later look for it.
    await sent.claim(conversation, one);
    const mail = one.message_parts.find((part) => 'email' in part)?.email;
    if (mail !== undefined && isContacts(one)) await threads.learnMail(conversation, String((mail as { subject?: Json } | null)?.subject ?? ''));
    return placed(payload, conversation, await threads.locate(happeningOf(conversation, one)));
  }
  const base = came.is === 'assignment' ? assignmentOf(came.body) : came;
  const conversation = await threads.canonical(base.conversation);
  if (base.number !== undefined) await threads.learnNumber(conversation, base.number);
  const kind = came.is === 'assignment' ? ('quiet' as const) : came.is;
  const happening = { conversation, interaction: base.interaction, at: base.at, kind, mark: `at-${base.at}` };
  return placed(payload, conversation, await threads.locate(happening));
}

const assignmentOf = (body: WebhookBody & { action: 'conversation_assignment' }) => turn(body.data.assignment, body);

export async function conversationOfMessage(one: Message, threads: Threads): Promise<string> {
  const conversation = await threads.canonical(one.conversation_id ?? '');
  const number = one.freshchat_conversation_id ?? one.conversation_internal_id;
  if (number !== undefined) await threads.learnNumber(conversation, number);
  return conversation;
}

const placed = (came: Json, conversation: string, { thread, also, ends }: Placement): Placed => ({ came, conversation, thread, also, ends });

/** Pure. `scope` is the channel's name: account ids are unique within it. */
export function normalize(arrival: Json, scope: string): readonly InboundEvent[] {
  if (arrival === null) return [];
  const { came: raw, ...at } = arrival as unknown as Placed;
  const came = read(raw, scope);
  const lost: readonly InboundEvent[] = at.ends !== null && came.is !== 'nothing' ? [endOf(at.ends, at.conversation, timeOf(came))] : [];
  switch (came.is) {
    case 'message':
      return [...lost, ...messageEvents(came.message, at, scope)];
    case 'assignment':
      return [...lost, assigned(came.body, at.thread, scope)];
    case 'ended':
      return at.also === 'stale' ? [] : [...lost, { ...endOf(at.thread, at.conversation, came.at), ...(came.by ? { by: came.by } : {}) }];
    case 'reopened':
      return at.also === 'stale' ? [] : [...lost, reopened(at.thread, came.at, came.by)];
    case 'nothing':
      return [];
  }
}

const timeOf = (came: Exclude<Came, { is: 'nothing' }>): number =>
  came.is === 'message' ? came.message.created_time : came.is === 'assignment' ? came.body.action_time : came.at;

const endOf = (thread: string, conversation: string, at: number): EndedEvent => ({
  type: 'ended',
  thread,
  at,
  enrich: { ask: 'messages', conversation } satisfies Ask,
});

const reopened = (thread: string, at: number, by: Party | undefined): ReopenedEvent => ({ type: 'reopened', thread, at, ...(by ? { by } : {}) });

function assigned({ action_time, data: { assignment } }: WebhookBody & { action: 'conversation_assignment' }, thread: string, scope: string): AssignedEvent {
  if (assignment.to_agent_id === undefined) return { type: 'assigned', thread, at: action_time, agent: null };
  return { type: 'assigned', thread, at: action_time, agent: partyOf('agent', assignment.to_agent_id, scope), enrich: { ask: 'agent' } satisfies Ask };
}

/** A message, with the reopening that it means where it was said after the end, and the failure where the vendor tells of one. */
export function messageEvents(one: Message, at: Omit<Placed, 'came'>, scope: string): readonly InboundEvent[] {
  // The vendor's own lines about resolving and reopening: the events say it.
  if (one.meta_data?.isResolved || one.meta_data?.isReopen) return [];
  const failed: readonly InboundEvent[] =
    one.status?.toLowerCase() === 'failed' ? [{ type: 'receipt', thread: at.thread, at: one.created_time, id: one.id, state: 'failed' }] : [];
  const event = messageEvent(one, at, scope);
  return [...(at.also === 'reopens' ? [reopened(at.thread, one.created_time, event.from)] : []), event, ...failed];
}

function messageEvent(one: Message, at: Omit<Placed, 'came'>, scope: string): MessageEvent {
  const said = readParts(one.message_parts, one.reply_parts ?? [], { conversation: at.conversation, message: one.id, at: one.created_time });
  const from = partyOf(isSystem(one) ? 'system' : one.actor_type, one.actor_id ?? (isContacts(one) ? one.user_id : undefined), scope);
  const machine = from.role === 'system' || (from.role === 'bot' && at.also === 'after-end');
  const ask: Ask = { ask: 'author', conversation: at.conversation, interaction: one.interaction_id !== undefined, topic: one.channel_id ?? null };
  return {
    type: 'message',
    thread: at.thread,
    at: one.created_time,
    id: one.id,
    from,
    kind: isInternal(one) || from.role === 'system' ? 'internal' : 'public',
    ...said,
    ...(machine ? { automatic: 'auto-reply' } : {}),
    enrich: ask,
  };
}

/** A message of the API as we read it; undefined for one that has no shape of a message. */
export const messageOf = (raw: Json): Message | undefined => message.safeParse(raw).data;
