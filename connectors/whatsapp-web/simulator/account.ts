/** A made-up number with its chats: what WhatsApp's servers and the linked phone know, and what a linked device is told while it is connected. */
import { createHash } from 'node:crypto';
import type { ShownMessage, SimulatedFile, SimulatedMessage, SimulatedPerson } from '../../../src/kit/simulator.ts';

/** A message as the page hands it to the library. */
export interface StoredMessage {
  readonly id: { readonly _serialized: string; readonly id: string; readonly remote: string; readonly fromMe: boolean };
  readonly from: string;
  readonly to: string;
  readonly fromMe: boolean;
  readonly deviceType: 'android' | 'web';
  /** Seconds. */
  readonly timestamp: number;
  body: string;
  type: string;
  ack: number;
  readonly hasMedia: boolean;
  readonly hasQuotedMsg: false;
  readonly duration?: number;
  hasReaction?: boolean;
  /** By who reacted. */
  reactions?: Record<string, { readonly msgId: StoredMessage['id']; readonly reaction: string; readonly senderId: string; readonly timestamp: number }>;
  latestEditMsgKey?: string;
  latestEditSenderTimestampMs?: number;
  readonly rawData: { readonly notifyName?: string; readonly filename?: string; readonly mimetype?: string; readonly size?: number };
}

/** What a device that is connected hears, numbered. */
export interface Told {
  readonly n: number;
  readonly name: string;
  readonly message?: StoredMessage;
  readonly given?: readonly unknown[];
}

const own = { id: '5511900000001@c.us', name: 'Suporte Academia' };
const hex = (text: string, length: number): string => createHash('sha256').update(text).digest('hex').toUpperCase().slice(0, length);

/** People who keep their number to themselves have a `@lid` alone. */
export const chatOf = ({ id, phone }: SimulatedPerson): string =>
  phone
    ? `${phone.replace(/\D/g, '')}@c.us`
    : `${BigInt(`0x${hex(id, 12)}`)
        .toString()
        .padStart(15, '1')}@lid`;

export function createAccount(now: () => number) {
  const chats = new Map<string, StoredMessage[]>();
  const files = new Map<string, SimulatedFile>();
  const people = new Map<string, SimulatedPerson>();
  const told: Told[] = [];
  const listeners = new Set<() => void>();
  let written = 0;
  /** A day that is played back brings its own times. WhatsApp's clock is one, so what is sent meanwhile stands between them. */
  let played = Number.NEGATIVE_INFINITY;
  const clock = (): number => (played > Number.NEGATIVE_INFINITY ? played : now());

  const tell = (name: string, message?: StoredMessage, ...given: unknown[]): void => {
    told.push({ n: told.length + 1, name, given, ...(message && { message: structuredClone(message) }) });
    for (const heard of listeners) heard();
  };
  const find = (id: string): StoredMessage | undefined => [...chats.values()].flat().find((message) => message.id._serialized === id);
  const need = (id: string): StoredMessage => {
    const message = find(id);
    if (!message) throw new Error(`this account holds no message ${id}`);
    return message;
  };

  interface Words {
    readonly chat: string;
    readonly text: string;
    readonly at?: number | undefined;
    readonly fromMe: boolean;
    readonly device: 'android' | 'web';
    readonly notifyName?: string | undefined;
    readonly file?: SimulatedFile | undefined;
    readonly asDocument?: boolean;
  }

  function add({ chat, text, at = clock(), fromMe, device, notifyName, file, asDocument }: Words): StoredMessage {
    written += 1;
    // As the library tells devices apart: 32 characters are Android's, `3EB0` and 18 more a browser's.
    const id = device === 'android' ? hex(`phone ${written}`, 32) : `3EB0${hex(`web ${written}`, 18)}`;
    const kind = file && (/^(image|video|audio)\//.exec(file.mime)?.[1] ?? 'document');
    const message: StoredMessage = {
      id: { _serialized: `${fromMe}_${chat}_${id}`, id, remote: chat, fromMe },
      from: fromMe ? own.id : chat,
      to: fromMe ? chat : own.id,
      fromMe,
      deviceType: device,
      timestamp: Math.floor(at / 1000),
      body: text,
      type: file ? (asDocument ? 'document' : (kind ?? 'document')) : 'chat',
      ack: fromMe ? 1 : 0,
      hasMedia: file !== undefined,
      hasQuotedMsg: false,
      ...(file?.seconds === undefined ? {} : { duration: file.seconds }),
      rawData: {
        ...(notifyName === undefined ? {} : { notifyName }),
        ...(file && { mimetype: file.mime, size: file.bytes.length, ...(kind === 'document' || asDocument ? { filename: file.name } : {}) }),
      },
    };
    if (file) files.set(message.id._serialized, file);
    chats.set(chat, [...(chats.get(chat) ?? []), message]);
    tell('message_create', message);
    return message;
  }

  return {
    own,
    told,
    tell,
    find,
    people,
    watch(listener: () => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    chats: (): { id: string; timestamp: number }[] =>
      [...chats].map(([id, messages]) => ({ id, timestamp: Math.max(...messages.map(({ timestamp }) => timestamp)) })),
    messages: (chat: string): readonly StoredMessage[] => chats.get(chat) ?? [],
    fileOf: (id: string): SimulatedFile | undefined => files.get(id),
    /** Files go one a message; the text goes first, or under the only file. */
    write({ person, text, at, files = [], agent }: SimulatedMessage): { id: string } {
      const chat = chatOf(person);
      people.set(chat, person);
      if (at !== undefined) played = Math.max(played, at);
      const words = { chat, at, fromMe: agent !== undefined, device: 'android' as const, notifyName: agent ? undefined : person.name };
      const captioned = files.length === 1;
      const first = text === '' || captioned ? undefined : add({ ...words, text });
      const sent = files.map((file) => add({ ...words, text: captioned ? text : '', file }));
      const made = first ?? sent[0] ?? add({ ...words, text });
      return { id: made.id._serialized };
    },
    /** A linked device sends; the customer's telephone has it at once. */
    send(chat: string, text: string, file?: SimulatedFile, asDocument = false): StoredMessage {
      const message = add({ chat, text, fromMe: true, device: 'web', file, asDocument });
      message.ack = 2;
      tell('message_ack', message, 2);
      return message;
    },
    edit(id: string, text: string): void {
      const message = need(id);
      const before = message.body;
      Object.assign(message, { body: text, latestEditMsgKey: `${id}#edit`, latestEditSenderTimestampMs: now() });
      tell('message_edit', message, text, before);
    },
    remove(id: string): void {
      const message = need(id);
      Object.assign(message, { type: 'revoked', body: '' });
      tell('message_revoke_everyone', message);
    },
    react(id: string, emoji: string | null): void {
      const message = need(id);
      const senderId = message.fromMe ? message.to : message.from;
      const reaction = { msgId: message.id, reaction: emoji ?? '', senderId, timestamp: now() / 1000 };
      const { [senderId]: _before, ...others } = message.reactions ?? {};
      message.reactions = emoji === null ? others : { ...others, [senderId]: reaction };
      message.hasReaction = Object.keys(message.reactions).length > 0;
      tell('message_reaction', undefined, reaction);
    },
    shown: (person: SimulatedPerson): readonly ShownMessage[] =>
      (chats.get(chatOf(person)) ?? [])
        .filter(({ type }) => type !== 'revoked')
        .map(({ id, fromMe, body }) => {
          const file = files.get(id._serialized);
          return { id: id._serialized, from: fromMe ? 'business' : 'customer', text: body, files: file ? [{ name: file.name, bytes: file.bytes }] : [] };
        }),
  };
}
