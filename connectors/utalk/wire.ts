/** What uTalk sends, whichever way: its API writes camelCase and its webhooks PascalCase, and both are read here and nowhere else. */
import { z } from 'zod';

/** `CreatedAtUTC` and `createdAtUTC` are one name; `_t` has no case. */
const camel = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

export function camelized(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelized);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [camel(name), camelized(inner)]));
}

const nothing = <T extends z.ZodType>(inner: T) => inner.nullish().transform((value) => value ?? undefined);
/** PostgreSQL keeps no NUL in text, and no chat shows one. */
const words = z.string().transform((text) => text.replaceAll('\0', ''));
const id = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => !text.includes('\0'), 'must not contain a NUL');
const named = z.object({ id });

/** Year first and UTC, with up to seven digits of a second: `2025-08-08T11:06:56.200543Z`. */
const stamp = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?$/, 'must be a time such as 2025-08-08T11:06:56.2Z')
  .transform((text) => (/(Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`))
  .refine((text) => Number.isSafeInteger(Date.parse(text)), 'is no time');

const file = z.object({
  url: nothing(z.string()),
  contentType: nothing(words),
  originalName: nothing(words),
  originalSizeBytes: nothing(z.number()),
  transcription: nothing(z.union([words, z.object({ text: words }).transform(({ text }) => text)]).catch('')),
});

/** Their shapes are not documented; what cannot be read is shown as nothing, and the raw payload keeps it. */
const vcard = z.object({ name: nothing(words), phoneNumber: nothing(words) }).catch({ name: undefined, phoneNumber: undefined });
const place = z
  .object({ latitude: nothing(z.number()), longitude: nothing(z.number()), name: nothing(words), address: nothing(words) })
  .catch({ latitude: undefined, longitude: undefined, name: undefined, address: undefined });

export const message = z.object({
  id,
  content: nothing(words),
  prefix: nothing(words),
  messageType: z.string().min(1),
  messageState: z.string().min(1),
  source: z.string().min(1),
  isPrivate: z.boolean().default(false),
  sentByOrganizationMember: nothing(named),
  botInstance: nothing(z.unknown()),
  fromContact: nothing(z.object({ id, name: nothing(words), phoneNumber: nothing(words) })),
  file: nothing(file),
  contacts: nothing(z.array(vcard)),
  location: nothing(place),
  inReplyTo: nothing(z.object({ id, content: nothing(words) })),
  latestEdit: nothing(z.object({ content: nothing(words), eventAtUTC: nothing(stamp), createdAtUTC: nothing(stamp) })),
  forwardedFrom: nothing(z.unknown()),
  eventAtUTC: nothing(stamp),
  createdAtUTC: stamp,
});

export const chat = z.object({
  id,
  open: z.boolean(),
  createdAtUTC: stamp,
  eventAtUTC: nothing(stamp),
  closedAtUTC: nothing(stamp),
  redactReason: nothing(z.unknown()),
  organization: nothing(named),
  contact: z.object({
    id,
    name: nothing(words),
    phoneNumber: nothing(words),
    contactType: nothing(z.string()),
    groupIdentifier: nothing(z.string()),
  }),
  channel: z.object({ id, channelType: nothing(z.string()), phoneNumber: nothing(z.string()), name: nothing(words) }),
  organizationMember: nothing(named),
  lastMessage: nothing(message),
  latestMessages: nothing(z.array(message)),
});

/** A webhook: the chat as it stands, with its last message. */
export const hook = z.object({
  type: z.string().min(1),
  eventDate: nothing(stamp),
  payload: z.object({ type: z.literal('Chat'), content: chat }),
});

/** What our own looks emit: a chat and the messages that were fetched for it, oldest first. */
export const look = z.object({ look: z.object({ chat, messages: z.array(message) }) });

export const me = z.object({ id: nothing(id), organizations: z.array(z.object({ id, name: nothing(words) })) });
export const channels = z
  .union([z.array(z.unknown()), z.object({ items: z.array(z.unknown()) }).transform(({ items }) => items)])
  .pipe(z.array(z.object({ id, name: nothing(words), phoneNumber: nothing(z.string()), channelType: nothing(z.string()), state: nothing(z.string()) })));
export const chats = z.object({ items: z.array(z.unknown()) });
export const relatives = z.object({ messages: z.array(message), hasMessagesBeforeAllowedOrganizationPlan: nothing(z.boolean()) });
export const foundContact = z.object({ contact: z.object({ id, phoneNumber: nothing(z.string()) }) });
export const contact = z.object({ id, phoneNumber: nothing(z.string()) });
export const anything = z.unknown();

export type Chat = z.output<typeof chat>;
export type Message = z.output<typeof message>;
export type ChannelRow = z.output<typeof channels>[number];

/** Microseconds break ties of milliseconds; compared as text, so the digits are made equally many. */
export const tieBreaker = (text: string): string => (/\.(\d+)/.exec(text)?.[1] ?? '').padEnd(7, '0').slice(3, 7);

export const ms = (text: string): number => Date.parse(text);

/** The conversation's key: the chat's id with its cycle, in case uTalk gives an id again. */
export const threadOf = (one: Pick<Chat, 'id' | 'createdAtUTC'>): string => `${one.id}:${ms(one.createdAtUTC)}`;

export const chatIdOf = (thread: string): string => thread.slice(0, thread.lastIndexOf(':'));
