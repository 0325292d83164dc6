/** The parts of the vendor's bodies that we rely on (Sunshine Conversations API v2, 17.12); all else may come, go or change. */
import { z } from 'zod';

/** PostgreSQL cannot keep a NUL in text, and no chat shows one. */
const text = z.string().transform((value) => value.replaceAll('\0', ''));
const id = z
  .string()
  .min(1)
  .max(255)
  .refine((value) => !value.includes('\0'), 'must not contain a NUL');
const time = z.iso.datetime({ offset: true }).transform((iso) => Date.parse(iso));
const metadata = z.record(z.string(), z.unknown()).nullish().catch(undefined);

const user = z.looseObject({
  id: id.optional(),
  externalId: text.nullish(),
  zendeskId: z.union([text, z.number().transform(String)]).nullish(),
  authenticated: z.boolean().nullish(),
  profile: z.looseObject({ givenName: text.nullish(), surname: text.nullish(), email: text.nullish() }).nullish(),
  identities: z.array(z.looseObject({ type: text.nullish(), value: text.nullish(), verification: text.nullish() })).nullish(),
});
export type User = z.output<typeof user>;

const client = z.looseObject({ type: text.nullish(), externalId: z.union([text, z.number().transform(String)]).nullish(), displayName: text.nullish() });
const source = z.looseObject({ type: text.nullish(), client: client.nullish() });
export type Source = z.output<typeof source>;

const author = z.looseObject({
  type: z.enum(['user', 'business']),
  subtypes: z.array(z.string()).nullish(),
  userId: id.nullish(),
  displayName: text.nullish(),
  user: user.nullish(),
});
export type Author = z.output<typeof author>;

const action = z.looseObject({ type: text, text: text.nullish(), uri: text.nullish() });
export type Action = z.output<typeof action>;
const actions = z.array(action).nullish();

const item = z.looseObject({
  title: text.nullish(),
  description: text.nullish(),
  mediaUrl: text.nullish(),
  mediaType: text.nullish(),
  altText: text.nullish(),
  actions,
});
const field = z.looseObject({
  name: text.nullish(),
  label: text.nullish(),
  type: text.nullish(),
  text: text.nullish(),
  email: text.nullish(),
  select: z.array(z.looseObject({ label: text.nullish(), name: text.nullish() })).nullish(),
});
export type Field = z.output<typeof field>;

const media = {
  mediaUrl: z.url({ protocol: /^https?$/ }),
  mediaType: text.nullish(),
  mediaSize: z.number().int().nonnegative().nullish().catch(undefined),
  altText: text.nullish(),
  text: text.nullish(),
  htmlText: text.nullish(),
};

export const content = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text'), text: text.nullish(), htmlText: text.nullish(), markdownText: text.nullish(), payload: text.nullish(), actions }),
  z.looseObject({ type: z.literal('image'), ...media, actions }),
  z.looseObject({ type: z.literal('file'), ...media }),
  z.looseObject({ type: z.literal('carousel'), text: text.nullish(), items: z.array(item) }),
  z.looseObject({ type: z.literal('list'), text: text.nullish(), items: z.array(item), actions }),
  z.looseObject({ type: z.literal('form'), text: text.nullish(), fields: z.array(field) }),
  z.looseObject({ type: z.literal('formResponse'), textFallback: text.nullish(), fields: z.array(field) }),
  z.looseObject({
    type: z.literal('location'),
    text: text.nullish(),
    coordinates: z.looseObject({ lat: z.number(), long: z.number() }),
    location: z.looseObject({ name: text.nullish(), address: text.nullish() }).nullish(),
  }),
  z.looseObject({ type: z.literal('template'), template: z.record(z.string(), z.json()) }),
]);
export type Content = z.output<typeof content>;

export const message = z.looseObject({
  id,
  received: time,
  author,
  /** Absent from messages that only tell of an activity, and from placeholders of deleted ones. */
  content: content.nullish(),
  activity: z.looseObject({ type: text }).nullish(),
  source: source.nullish(),
  quotedMessage: z.looseObject({ message: z.looseObject({ content: z.unknown() }).nullish() }).nullish(),
  metadata,
  deleted: z.boolean().nullish(),
});
export type Message = z.output<typeof message>;

const conversation = z.looseObject({ id });
const inConversation = z.looseObject({ conversation });

/** Payloads of the triggers that say something to us, by type. */
export const payloads = {
  'conversation:message': inConversation.extend({ message }),
  'conversation:message:delivery:user': inConversation.extend({ message: z.looseObject({ id }) }),
  'conversation:message:delivery:failure': inConversation.extend({
    message: z.looseObject({ id }),
    error: z.looseObject({ code: text.nullish(), message: text.nullish() }).nullish(),
    isFinalEvent: z.boolean().nullish(),
  }),
  'conversation:postback': inConversation.extend({
    postback: z.looseObject({ payload: text.nullish(), text: text.nullish() }),
    user: user.nullish(),
    source: source.nullish(),
  }),
  'conversation:read': inConversation.extend({ activity: z.looseObject({ author: author.nullish() }).nullish() }),
  'conversation:referral': inConversation.extend({
    user: user.nullish(),
    referral: z.looseObject({
      code: text.nullish(),
      details: z.looseObject({ source: text.nullish(), type: text.nullish(), adId: text.nullish() }).nullish(),
    }),
  }),
  'conversation:remove': inConversation,
  'switchboard:releaseControl': inConversation.extend({ reason: text.nullish() }),
  'switchboard:passControl': inConversation.extend({ reason: text.nullish() }),
  'user:merge': z.looseObject({
    mergedUsers: z.looseObject({ surviving: user.extend({ id }), discarded: user.extend({ id }) }),
    mergedConversations: z.looseObject({ surviving: conversation, discarded: conversation }).nullish(),
  }),
} as const;
export type Trigger = keyof typeof payloads;
export type Payload<T extends Trigger> = z.output<(typeof payloads)[T]>;

export const webhookEvent = z.looseObject({ id, type: z.string(), createdAt: time, payload: z.unknown() });
export type WebhookEvent = z.output<typeof webhookEvent>;

export const webhookBody = z.looseObject({
  app: z.looseObject({ id: z.string() }).nullish(),
  events: z.array(z.unknown()),
});

/** Paging of lists: `links.prev` and `meta.beforeCursor` lead to older records. */
export const messageList = z.looseObject({
  messages: z.array(z.unknown()),
  meta: z.looseObject({ hasMore: z.boolean().nullish(), beforeCursor: z.string().nullish() }).nullish(),
  links: z.looseObject({ prev: z.string().nullish() }).nullish(),
});

export const posted = z.looseObject({ messages: z.array(z.looseObject({ id: z.string().min(1) })).min(1) });
export const attachment = z.looseObject({ attachment: z.looseObject({ mediaUrl: z.string().min(1), mediaType: z.string().nullish() }) });
export const oneConversation = z.looseObject({
  conversation: z.looseObject({ activeSwitchboardIntegration: z.looseObject({ id: z.string() }).nullish() }),
});
