/** From uTalk's chats and messages to events. Pure. */
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { z } from 'zod';
import { type Identity, type InboundEvent, type Json, type MediaRef, type MessageEvent, type Party, UnknownPayload } from '../../src/kit/index.ts';
import { timeOf } from './client.ts';
import type { UtalkSettings } from './settings.ts';
import { type Chat, camelized, hook, look, type Message, ms, threadOf, tieBreaker } from './wire.ts';

export type Reading = Pick<UtalkSettings, 'organizationId' | 'channelIds' | 'reopens' | 'groups' | 'members'>;

interface Seen {
  readonly chat: Chat;
  readonly messages: readonly Message[];
  /** Time of the event, for what has none of its own. */
  readonly at: number;
  readonly transferred: boolean;
}

function read(payload: Json): Seen {
  const plain = camelized(payload) as Json;
  const ours = typeof plain === 'object' && plain !== null && 'look' in plain;
  const parsed = (ours ? look : hook).safeParse(plain);
  if (!parsed.success) throw new UnknownPayload(z.prettifyError(parsed.error));
  const { data } = parsed;
  if ('look' in data) {
    const { chat, messages } = data.look;
    return { chat, messages, at: ms(chat.eventAtUTC ?? chat.closedAtUTC ?? chat.createdAtUTC), transferred: false };
  }
  const { content: chat } = data.payload;
  const at = ms(data.eventDate ?? chat.eventAtUTC ?? chat.createdAtUTC);
  return { chat, messages: chat.lastMessage ? [chat.lastMessage] : [], at, transferred: data.type === 'MemberTransfer' };
}

/** An open chat with an end has been taken up again since. */
const stillOpen = ({ open, closedAtUTC }: Chat): number | undefined => (open && closedAtUTC !== undefined ? ms(closedAtUTC) : undefined);

export function normalize(payload: Json, reading: Reading): readonly InboundEvent[] {
  const seen = read(payload);
  const { chat } = seen;
  const { id: organization } = chat.organization ?? {};
  if (reading.organizationId !== undefined && organization !== undefined && organization !== reading.organizationId)
    throw new UnknownPayload(`this is of another organization: ${organization}`);
  if (reading.channelIds && !reading.channelIds.includes(chat.channel.id)) return [];
  if (isGroup(chat) && !reading.groups) return [];
  const thread = threadOf(chat);
  const endedBefore = stillOpen(chat);
  return [
    // A millisecond after the end: always the same time, so that what was closed since stays closed.
    ...(endedBefore !== undefined && reading.reopens === 'same' ? [{ type: 'reopened', thread, at: endedBefore + 1 } satisfies InboundEvent] : []),
    ...seen.messages.flatMap((message) => messageEvents(message, seen, thread)),
    ...(seen.transferred ? [assigned(seen, thread, reading)] : []),
    ...(chat.open ? [] : [{ type: 'ended', thread, at: endOf(seen) } satisfies InboundEvent]),
  ];
}

const isGroup = ({ contact }: Chat): boolean => contact.groupIdentifier !== undefined || /group/i.test(contact.contactType ?? '');

const endOf = ({ chat, at }: Seen): number => (chat.closedAtUTC === undefined ? at : ms(chat.closedAtUTC));

function assigned({ chat, at }: Seen, thread: string, { members }: Reading): InboundEvent {
  const member = chat.organizationMember;
  if (!member) return { type: 'assigned', thread, at, agent: null };
  const email = members[member.id]?.toLowerCase();
  const agent = agentParty(member.id, undefined, chat);
  return {
    type: 'assigned',
    thread,
    at,
    agent: { ...agent, identities: [...agent.identities, ...(email ? [{ kind: 'email', value: email, verified: true } as const] : [])] },
  };
}

function messageEvents(message: Message, seen: Seen, thread: string): readonly InboundEvent[] {
  const event = messageEvent(message, seen, thread);
  const { id } = event;
  const edit = message.latestEdit;
  const redacted = seen.chat.redactReason !== undefined && message.id === seen.chat.lastMessage?.id;
  return [
    event,
    ...(edit
      ? [{ type: 'edited', thread, id, at: ms(edit.eventAtUTC ?? edit.createdAtUTC ?? message.createdAtUTC), text: textOf(message) } satisfies InboundEvent]
      : []),
    ...receipt(message, event, seen.at),
    ...(redacted ? [{ type: 'deleted', thread, id, at: seen.at } satisfies InboundEvent] : []),
  ];
}

/** Names of states beyond Processing, Sent and Read are not documented; what says that it failed is taken at its word. */
function receipt(message: Message, event: MessageEvent, at: number): readonly InboundEvent[] {
  if (event.from.role === 'contact' || event.kind === 'internal') return [];
  const base = { type: 'receipt', thread: event.thread, id: event.id, at } as const;
  const state = message.messageState;
  if (/^(read|seen)$/i.test(state)) return [{ ...base, state: 'read' }];
  if (/^(delivered|received)$/i.test(state)) return [{ ...base, state: 'delivered' }];
  if (/fail|error|reject|undeliver/i.test(state)) return [{ ...base, state: 'failed', reason: `uTalk: ${state}` }];
  return [];
}

function messageEvent(message: Message, seen: Seen, thread: string): MessageEvent {
  const { chat } = seen;
  const from = authorOf(message, chat);
  const edited = message.latestEdit !== undefined;
  const text = edited ? beforeEdit(message) : textOf(message);
  const media = mediaOf(message);
  const redacted = chat.redactReason !== undefined;
  if (text === '' && media.length === 0 && !redacted && !edited)
    throw new UnknownPayload(`a message of type ${message.messageType} has neither words nor a file`);
  const created = timeOf(message);
  // A farewell that uTalk sends by itself comes after the end, and belongs before it.
  const after = !chat.open && from.role !== 'contact' && created >= endOf(seen);
  return {
    type: 'message',
    thread,
    at: after ? endOf(seen) - 1 : created,
    order: tieBreaker(message.eventAtUTC ?? message.createdAtUTC),
    id: message.id,
    from,
    kind: message.isPrivate ? 'internal' : 'public',
    text,
    ...(message.inReplyTo?.content ? { quoted: message.inReplyTo.content } : {}),
    media,
    ...(message.inReplyTo ? { follows: [message.inReplyTo.id] } : {}),
    ...(after && from.role === 'bot' ? { automatic: 'auto-reply' as const } : {}),
    ...(isIncomplete(message) && media.length > 0 ? { enrich: { message: message.id } } : {}),
  };
}

/** The webhook comes before the file is described, and before it is known what an audio says. */
const isIncomplete = ({ file, messageType }: Message): boolean => file?.url === undefined && (file?.contentType === undefined || /audio/i.test(messageType));

function authorOf(message: Message, chat: Chat): Party {
  switch (message.source) {
    case 'Contact':
      return contactParty(message, chat);
    case 'Bot':
      return { role: 'bot', id: 'bot', name: nameOf(message.prefix) ?? 'Bot', identities: [] };
    // External is written outside of uTalk's screen: on the phone itself.
    case 'Member':
    case 'OrganizationMember':
    case 'External':
      return agentParty(message.sentByOrganizationMember?.id ?? message.source.toLowerCase(), message.prefix, chat);
    default:
      throw new UnknownPayload(`a message came from an unknown source: ${message.source}`);
  }
}

/** `*Ana:*` is how uTalk shows the agent's name to the customer. */
const nameOf = (prefix: string | undefined): string | undefined => prefix?.replace(/^[*_\s]+|[*_\s:]+$/g, '') || undefined;

function agentParty(id: string, prefix: string | undefined, chat: Chat): Party {
  const name = nameOf(prefix);
  return { role: 'agent', id, ...(name ? { name } : {}), identities: [account(id, chat)] };
}

const account = (value: string, chat: Chat): Identity => ({
  kind: 'account',
  value,
  ...(chat.organization ? { scope: chat.organization.id } : {}),
  verified: true,
});

/** In a group the writer is another than the chat's contact. Messengers vouch for the number; in the other channels it was typed. */
function contactParty({ fromContact }: Message, chat: Chat): Party {
  const writer = isGroup(chat) && fromContact ? fromContact : chat.contact;
  const name = writer.name?.trim();
  const phone = phoneOf(writer.phoneNumber);
  const vouched = /whats/i.test(chat.channel.channelType ?? '');
  return {
    role: 'contact',
    id: writer.id,
    ...(name ? { name } : {}),
    identities: [account(writer.id, chat), ...(phone ? [{ kind: 'phone', value: phone, verified: vouched } as const] : [])],
  };
}

function phoneOf(given: string | undefined): string | undefined {
  const phone = given ? parsePhoneNumberFromString(given.trim().startsWith('+') ? given : `+${given}`) : undefined;
  return phone?.isPossible() ? phone.number : undefined;
}

/** A message event whose file was still on its way, with what the message says of it now. */
export const withFile = ({ enrich: _fetched, ...event }: MessageEvent, message: Message): readonly InboundEvent[] => [
  { ...event, text: textOf(message), media: mediaOf(message) },
];

const transcription = ({ file, content }: Message): string | undefined => (content?.trim() ? undefined : file?.transcription?.trim() || undefined);

function textOf(message: Message): string {
  const said = message.latestEdit?.content ?? message.content ?? '';
  const heard = transcription(message);
  const lines = [
    message.forwardedFrom !== undefined && said ? `↪ ${said}` : said,
    heard ? `🎤 ${heard}` : '',
    placeOf(message),
    ...(message.contacts ?? []).map(({ name, phoneNumber }) => [name, phoneNumber].filter(Boolean).join(' ')).map((line) => (line ? `👤 ${line}` : '')),
  ];
  return lines.filter((line) => line !== '').join('\n');
}

/** The words before an edit where the message still has them; where it has not, nothing: then those that we hold stay until the edit takes their place. */
const beforeEdit = (message: Message): string =>
  message.latestEdit?.content === undefined || message.latestEdit.content === message.content ? '' : textOf({ ...message, latestEdit: undefined });

function placeOf({ location, messageType }: Message): string {
  if (!location) return messageType === 'Location' ? '📍' : '';
  const { latitude, longitude, name, address } = location;
  const map = latitude === undefined || longitude === undefined ? undefined : `https://www.google.com/maps?q=${latitude},${longitude}`;
  return ['📍', name, address, map].filter(Boolean).join(' ');
}

const endings: Readonly<Record<string, string>> = {
  Image: 'imagem',
  Audio: 'audio',
  Video: 'video',
  Sticker: 'figurinha',
  Document: 'documento',
  File: 'arquivo',
};

/** One file a message. Its address is asked for when it is fetched: the webhook comes before the file has one. */
function mediaOf(message: Message): readonly MediaRef[] {
  const { file, messageType } = message;
  if (!file && !(messageType in endings)) return [];
  const mime = file?.contentType?.split(';')[0]?.trim();
  const ending = mime?.split('/')[1]?.replace(/[^a-z0-9]/gi, '');
  const made = `${endings[messageType] ?? 'arquivo'}${ending ? `.${ending}` : ''}`;
  return [
    {
      id: 'file',
      name: file?.originalName?.trim() || made,
      ...(mime ? { mime } : {}),
      ...(file?.originalSizeBytes !== undefined && Number.isSafeInteger(file.originalSizeBytes) && file.originalSizeBytes >= 0
        ? { size: file.originalSizeBytes }
        : {}),
      ref: { message: message.id },
    },
  ];
}
