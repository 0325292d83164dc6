/** The API's shapes, and the webhooks' which are the same with capitals. */
import type { Chat, Contact, Message, State } from './state.ts';

/** uTalk writes microseconds; the last digits here are ours, so that nothing builds on whole milliseconds. */
export const time = (at: number): string => new Date(at).toISOString().replace('Z', '543Z');

export function file(message: Message, address: string, withUrl: boolean): object | null {
  const { file: held } = message;
  if (!held) return null;
  return {
    url: withUrl ? `${address}/media/${message.id}/${encodeURIComponent(held.name)}` : null,
    contentType: held.mime,
    // A file that came as a data address has no name.
    originalName: held.name || null,
    originalSizeBytes: held.bytes.length,
    ...(held.transcription === undefined ? {} : { transcription: withUrl ? held.transcription : null }),
  };
}

export function message(one: Message, shownFile: object | null): object {
  return {
    id: one.id,
    chat: { id: one.chat },
    content: one.content,
    prefix: one.prefix,
    messageType: one.messageType,
    messageState: one.messageState,
    source: one.source,
    isPrivate: one.isPrivate,
    sentByOrganizationMember: one.member === null ? null : { id: one.member },
    botInstance: null,
    fromContact: null,
    file: shownFile,
    thumbnail: null,
    contacts: [],
    location: null,
    inReplyTo: one.inReplyTo === null ? null : { id: one.inReplyTo },
    quotedStatusUpdate: null,
    buttons: [],
    mentions: [],
    reactions: [],
    latestEdit: one.edit === null ? null : { content: one.edit.content, eventAtUTC: time(one.edit.at) },
    templateId: one.templateId,
    forwardedFrom: null,
    ad: null,
    eventAtUTC: time(one.at),
    createdAtUTC: time(one.at),
  };
}

export const contact = ({ id, name, phoneNumber, group }: Contact): object => ({
  id,
  name,
  phoneNumber,
  contactType: group ? 'Group' : 'DirectMessage',
  groupIdentifier: group ? `${id}@g.us` : null,
  isBlocked: false,
  tags: [],
  profilePictureUrl: null,
  lastActiveUTC: null,
});

export function chat(state: State, one: Chat, lastMessage: object | null): object {
  const channel = state.channels.find(({ id }) => id === one.channel);
  const whose = state.contacts.find(({ id }) => id === one.contact);
  return {
    _t: 'BasicChatModel',
    id: one.id,
    createdAtUTC: time(one.createdAt),
    eventAtUTC: time(one.eventAt),
    closedAtUTC: one.closedAt === null ? null : time(one.closedAt),
    open: one.open,
    private: false,
    waiting: false,
    waitingSinceUTC: null,
    totalUnread: 0,
    organization: { id: state.organization },
    contact: whose ? contact(whose) : null,
    channel: channel
      ? {
          _t: `Chat${channel.channelType}ChannelReferenceModel`,
          id: channel.id,
          channelType: channel.channelType,
          phoneNumber: channel.phoneNumber,
          name: channel.name,
        }
      : null,
    sector: { id: 'ZsectorGeral___1', name: 'Geral', default: true },
    organizationMember: one.member === null ? null : { id: one.member, muted: false },
    organizationMembers: one.member === null ? [] : [{ id: one.member }],
    lastOrganizationMember: null,
    tags: [],
    bots: [],
    lastMessage,
    firstContactMessage: null,
    firstMemberReplyMessage: null,
    lastMessageReaction: null,
    redactReason: null,
  };
}

/** Webhooks write every name with a capital; `_t` has none. */
export function pascal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pascal);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name.charAt(0).toUpperCase() + name.slice(1), pascal(inner)]));
}
