/** What a uTalk organization holds, in the API's own names. */
export interface Contact {
  readonly id: string;
  name: string | null;
  readonly phoneNumber: string | null;
  readonly group: boolean;
}

export interface SimulatedUtalkChannel {
  readonly id: string;
  readonly name: string;
  readonly phoneNumber: string;
  readonly channelType: string;
  state: string;
}

export interface StoredFile {
  readonly name: string;
  readonly mime: string;
  readonly bytes: Buffer;
  readonly transcription?: string | undefined;
  /** Looks that still see no address. */
  looks: number;
}

export interface Message {
  readonly id: string;
  readonly chat: string;
  content: string | null;
  readonly prefix: string | null;
  readonly messageType: string;
  messageState: string;
  readonly source: 'Contact' | 'Member' | 'Bot' | 'External';
  readonly isPrivate: boolean;
  readonly member: string | null;
  readonly templateId: string | null;
  readonly inReplyTo: string | null;
  file: StoredFile | null;
  edit: { readonly content: string; readonly at: number } | null;
  readonly at: number;
}

export interface Chat {
  readonly id: string;
  readonly contact: string;
  readonly channel: string;
  open: boolean;
  member: string | null;
  readonly createdAt: number;
  eventAt: number;
  closedAt: number | null;
}

export interface Template {
  readonly id: string;
  readonly body: string;
}

export interface State {
  readonly organization: string;
  readonly member: string;
  readonly channels: SimulatedUtalkChannel[];
  readonly contacts: Contact[];
  readonly chats: Chat[];
  readonly messages: Message[];
  readonly templates: readonly Template[];
  readonly hooks: { readonly id: string; readonly name: string; readonly url: string }[];
  now(): number;
  /** 16 characters, as uTalk's ids have. */
  newId(): string;
  /** Unique within the organization, so that no two events share a time's last digits. */
  count(): number;
}

export function createState(now: () => number, templates: readonly Template[]): State {
  let counted = 0;
  const count = (): number => ++counted;
  const newId = (): string => `a${count().toString(36).padStart(6, '0')}Zx_4-Qk9w`.slice(0, 16);
  return {
    organization: 'ZorgaNizat-on_01',
    member: 'ZmemberDeskbrdg1',
    channels: [{ id: 'ZchannelSuport_1', name: 'Suporte', phoneNumber: '+5511940000001', channelType: 'WhatsappBroker', state: 'Live' }],
    contacts: [],
    chats: [],
    messages: [],
    templates,
    hooks: [],
    now,
    newId,
    count,
  };
}

/** Whether a chat that was closed is taken up again when somebody writes, or another one is made: a setting of the organization. */
export type Reopening = 'same' | 'new';

/** The contact's chat on a channel that takes a message now. */
export function chatFor(state: State, contact: string, channel: string, reopening: Reopening, at: number): Chat {
  const last = state.chats.findLast((chat) => chat.contact === contact && chat.channel === channel);
  if (last?.open) return last;
  if (last && reopening === 'same') {
    Object.assign(last, { open: true, closedAt: null, eventAt: at });
    return last;
  }
  const made: Chat = { id: state.newId(), contact, channel, open: true, member: null, createdAt: at, eventAt: at, closedAt: null };
  state.chats.push(made);
  return made;
}
