/** The part of whatsapp-web.js 1.34 that we use, and its loading: in the child alone, and only when a channel is configured. */
import type { EventEmitter } from 'node:events';

export interface LibraryId {
  readonly _serialized: string;
  readonly id: string;
  readonly remote: string | { readonly _serialized: string };
  readonly fromMe: boolean;
}

export interface LibraryMessage {
  readonly id: LibraryId;
  readonly from: string;
  readonly to: string;
  readonly author?: string | undefined;
  readonly fromMe: boolean;
  readonly body: string;
  readonly type: string;
  /** Seconds. */
  readonly timestamp: number;
  readonly hasMedia: boolean;
  readonly hasQuotedMsg: boolean;
  readonly isStatus?: boolean | undefined;
  readonly isForwarded?: boolean | undefined;
  readonly deviceType?: string | undefined;
  readonly duration?: string | number | undefined;
  readonly location?: { latitude: number | string; longitude: number | string; name?: string; address?: string; url?: string } | undefined;
  readonly vCards?: readonly string[] | undefined;
  readonly ack?: number | undefined;
  readonly latestEditMsgKey?: unknown;
  readonly latestEditSenderTimestampMs?: number | undefined;
  readonly protocolMessageKey?: Partial<LibraryId> | undefined;
  readonly pollName?: string | undefined;
  readonly pollOptions?: readonly { readonly name: string }[] | undefined;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly orderId?: string | undefined;
  /** What the page holds: everything beyond the documented properties. */
  readonly rawData?: Readonly<Record<string, unknown>> | undefined;
  readonly hasReaction?: boolean | undefined;
  getQuotedMessage(): Promise<LibraryMessage | undefined>;
  /** By emoji, each with those who chose it. */
  getReactions(): Promise<readonly { readonly senders: readonly LibraryReaction[] }[] | undefined>;
  downloadMedia(): Promise<LibraryMedia | undefined>;
}

export interface LibraryMedia {
  mimetype: string;
  /** Base64. */
  readonly data: string;
  filename?: string | null | undefined;
}

export interface LibraryChat {
  readonly id: { readonly _serialized: string };
  /** Seconds of the last activity. */
  readonly timestamp?: number | undefined;
  fetchMessages(options: { limit: number; fromMe?: boolean }): Promise<readonly LibraryMessage[]>;
}

export interface LibraryContact {
  readonly name?: string | undefined;
  readonly pushname?: string | undefined;
  readonly verifiedName?: string | undefined;
}

export interface LibraryReaction {
  readonly msgId: LibraryId;
  readonly reaction?: string | undefined;
  readonly senderId: string;
  /** Seconds, with a fraction. */
  readonly timestamp: number;
}

export interface LibraryVote {
  readonly voter: string;
  readonly selectedOptions: readonly { readonly name?: string | undefined }[];
  readonly interractedAtTs: number;
  readonly parentMessage: LibraryMessage;
}

export interface LibraryClient extends EventEmitter {
  readonly info?: { readonly wid?: { readonly _serialized: string } | undefined; readonly pushname?: string | undefined } | undefined;
  readonly pupBrowser?: Pick<EventEmitter, 'on'> | null | undefined;
  initialize(): Promise<void>;
  destroy(): Promise<void>;
  getState(): Promise<string | null>;
  getChats(): Promise<readonly LibraryChat[]>;
  getChatById(chat: string): Promise<LibraryChat | undefined>;
  getContactById(contact: string): Promise<LibraryContact | undefined>;
  getMessageById(message: string): Promise<LibraryMessage | null | undefined>;
  getContactLidAndPhone(ids: readonly string[]): Promise<readonly { readonly lid?: string | undefined; readonly pn?: string | undefined }[]>;
  getNumberId(digits: string): Promise<{ readonly _serialized: string } | null>;
  sendMessage(
    chat: string,
    content: string | LibraryMedia,
    options?: { waitUntilMsgSent?: boolean; sendMediaAsDocument?: boolean },
  ): Promise<LibraryMessage | undefined>;
}

export interface Library {
  readonly Client: new (options: object) => LibraryClient;
  readonly LocalAuth: new (options: { clientId: string; dataPath: string }) => object;
  readonly MessageMedia: { fromFilePath(path: string): LibraryMedia };
}

export async function loadLibrary(address: string | undefined): Promise<Library> {
  const loaded = (await (address === undefined ? import('whatsapp-web.js') : import(address))) as unknown as Library & { default?: Library };
  return loaded.default ?? loaded;
}
