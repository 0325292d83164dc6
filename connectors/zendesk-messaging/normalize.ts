/** From webhook events (and listed messages) to events. Pure. */
import { z } from 'zod';
import { type InboundEvent, type Json, type MessageEvent, type Party, UnknownPayload } from '../../src/kit/index.ts';
import { type Said, said } from './content.ts';
import { authorOf, contact, type Reading } from './people.ts';
import { content, type Message, type Payload, payloads, type Trigger, type WebhookEvent, webhookBody, webhookEvent } from './wire.ts';

/** Key of a message's metadata that holds our id of it. */
export const ourMark = 'deskbridge';

/** Triggers that change no conversation of ours. */
const silent = new Set([
  'conversation:create',
  'conversation:join',
  'conversation:leave',
  'conversation:typing',
  // The channel's own servers took it, which says nothing about the customer's device.
  'conversation:message:delivery:channel',
  'switchboard:acceptControl',
  'switchboard:acceptControl:failure',
  'switchboard:offerControl',
  'switchboard:offerControl:failure',
  'switchboard:passControl:failure',
  'client:add',
  'client:remove',
  'client:update',
  'user:update',
  'user:remove',
  'passthrough:messaging',
]);

/** System activities after which the chat is over ("Messages", activityMessage). */
const endings = new Set(['ticket:closed', 'ticket:transfer:email', 'conversation:endedByUser']);
const endReasons = new Set(['ticketClosed', 'transferToEmail']);

/** One POST can hold several events; each becomes an arrival of its own. */
export function split(body: Json): readonly Json[] {
  const read = webhookBody.safeParse(body);
  return read.success ? read.data.events.map((event) => ({ ...(body as object), events: [event] }) as Json) : [body];
}

/** The vendor's id of the event in a part. */
export function partKey(part: Json): string | undefined {
  const [first] = webhookBody.safeParse(part).data?.events ?? [];
  return webhookEvent.safeParse(first).data?.id;
}

export function normalize(body: Json, reading: Reading): readonly InboundEvent[] {
  const { app, events } = parsed(webhookBody, body);
  if (app && app.id !== reading.appId) throw new UnknownPayload(`a webhook of the app ${app.id}; this channel is the app ${reading.appId}`);
  return events.flatMap((event) => eventsOf(parsed(webhookEvent, event), reading));
}

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (!result.success) throw new UnknownPayload(z.prettifyError(result.error));
  return result.data;
}

const known = (type: string): type is Trigger => Object.hasOwn(payloads, type);

function eventsOf(event: WebhookEvent, reading: Reading): readonly InboundEvent[] {
  if (silent.has(event.type)) return [];
  if (!known(event.type)) throw new UnknownPayload(`events of the type ${event.type} are not known`);
  return readers[event.type](event, reading);
}

type Reader = (event: WebhookEvent, reading: Reading) => readonly InboundEvent[];

const reader =
  <T extends Trigger>(type: T, read: (payload: Payload<T>, event: WebhookEvent, reading: Reading) => readonly InboundEvent[]): Reader =>
  (event, reading) =>
    read(parsed(payloads[type] as unknown as z.ZodType<Payload<T>>, event.payload), event, reading);

const ended = (thread: string, at: number, by?: { readonly by: Party }): InboundEvent => ({
  type: 'ended',
  thread,
  at,
  enrich: { transcript: thread, at },
  ...by,
});

const afterControl = ({ conversation, reason }: Payload<'switchboard:passControl'>, event: WebhookEvent): readonly InboundEvent[] =>
  reason && endReasons.has(reason) ? [ended(conversation.id, event.createdAt)] : [];

const readers: Readonly<Record<Trigger, Reader>> = {
  'conversation:message': reader('conversation:message', ({ conversation, message }, _event, reading) => {
    const events = messageEvents(conversation.id, message, reading);
    // Once the chat is a ticket, closing proposes that one; the first customer's messages come before there is any.
    const asks = reading.helpdesk !== undefined && message.author.type === 'user';
    return events.map((event) => (asks && event.type === 'message' ? { ...event, enrich: { ticket: conversation.id } } : event));
  }),
  'conversation:message:delivery:user': reader('conversation:message:delivery:user', ({ conversation, message }, event) => [
    { type: 'receipt', thread: conversation.id, at: event.createdAt, id: message.id, state: 'delivered' },
  ]),
  'conversation:message:delivery:failure': reader('conversation:message:delivery:failure', ({ conversation, message, error, isFinalEvent }, event) => {
    // The vendor goes on trying.
    if (isFinalEvent === false) return [];
    const reason = [error?.message, error?.code && `(${error.code})`].filter(Boolean).join(' ');
    return [{ type: 'receipt', thread: conversation.id, at: event.createdAt, id: message.id, state: 'failed', ...(reason ? { reason } : {}) }];
  }),
  'conversation:postback': reader('conversation:postback', ({ conversation, postback, user, source }, event, reading) => [
    {
      type: 'message',
      thread: conversation.id,
      at: event.createdAt,
      order: event.id,
      id: `postback:${event.id}`,
      from: contact(user ?? {}, source, reading),
      kind: 'public',
      text: `▸ ${postback.text || postback.payload || ''}`.trim(),
      media: [],
    },
  ]),
  // It names no message: all that stood there by then was read.
  'conversation:read': reader('conversation:read', ({ conversation, activity }, event) =>
    activity?.author?.type === 'business' ? [] : [{ type: 'receipt', thread: conversation.id, at: event.createdAt, state: 'read' }],
  ),
  // By which link or advertisement somebody came: worth seeing, but nobody has said a word yet, so it opens nothing.
  'conversation:referral': reader('conversation:referral', ({ conversation, referral }, event) => [
    {
      type: 'message',
      thread: conversation.id,
      at: event.createdAt,
      order: event.id,
      id: `referral:${event.id}`,
      from: { role: 'system', id: 'referral', identities: [] },
      kind: 'internal',
      text: `↪ ${[referral.code, referral.details?.source, referral.details?.type, referral.details?.adId].filter(Boolean).join(' · ')}`.trim(),
      media: [],
      automatic: 'auto-reply',
    },
  ]),
  'conversation:remove': reader('conversation:remove', ({ conversation }, event) => [{ type: 'ended', thread: conversation.id, at: event.createdAt }]),
  'switchboard:releaseControl': reader('switchboard:releaseControl', afterControl),
  'switchboard:passControl': reader('switchboard:passControl', afterControl),
  'user:merge': reader('user:merge', ({ mergedUsers, mergedConversations }, event, { appId }) => {
    const account = (value: string) => ({ kind: 'account', value, scope: appId, verified: true }) as const;
    const { surviving, discarded } = mergedUsers;
    const thread = mergedConversations?.surviving.id ?? `user:${surviving.id}`;
    return [
      { type: 'identityChanged', thread, at: event.createdAt, was: account(discarded.id), now: account(surviving.id) },
      // Nothing comes under the discarded conversation's id any more.
      ...(mergedConversations ? [{ type: 'ended', thread: mergedConversations.discarded.id, at: event.createdAt } as const] : []),
    ];
  }),
};

/** Whether a message, ours or listed, ends its chat. */
export const endsChat = ({ activity }: Message): boolean => activity != null && endings.has(activity.type);

/** The events of one message, from a webhook or a list. Those that we sent ourselves are known already and give none. */
export function messageEvents(thread: string, message: Message, reading: Reading): readonly InboundEvent[] {
  const { id, received: at, author, source } = message;
  if (endsChat(message)) {
    const by = author.type === 'user' ? { by: authorOf(author, source, reading, []) } : undefined;
    return [ended(thread, at, by)];
  }
  if (message.deleted) return [{ type: 'deleted', thread, at, id }];
  if (typeof message.metadata?.[ourMark] === 'string' && author.type === 'business') return [];
  if (!message.content) throw new UnknownPayload(`the message ${id} has neither content nor an activity that is known`);
  return [messageEvent(thread, message, said(message.content), reading)];
}

function messageEvent(thread: string, message: Message, words: Said, reading: Reading): MessageEvent {
  const { id, received: at, author, source } = message;
  const { emails, ...shown } = words;
  const quoted = content.safeParse(message.quotedMessage?.message?.content);
  const earlier = quoted.success ? said(quoted.data).text : '';
  return {
    type: 'message',
    thread,
    at,
    // The vendor's ids grow with time.
    order: id,
    id,
    from: authorOf(author, source, reading, emails),
    kind: 'public',
    ...shown,
    ...(earlier ? { quoted: earlier } : {}),
  };
}
