/** What a connector is given. Nothing is global, so a test can hand over every part. */
import type { AxiosInstance } from 'axios';
import type { Blobs } from './blobs.ts';
import type { Json } from './json.ts';

export interface Log {
  debug(data: object, message: string): void;
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

/** Durable state of one configured connector: JSON documents by collection and key. Each call is a transaction of its own. */
export interface Records {
  get<T extends Json>(collection: string, key: string): Promise<T | undefined>;
  /** Newest first by `sort`. `after` is the last row's `sort` of the page before. */
  list<T extends Json>(collection: string, query?: { index?: string; after?: string; limit?: number }): Promise<{ key: string; sort: string; value: T }[]>;
  /** Creates; false if the key is taken. Keys are how a connector makes an effect happen once. */
  insert(collection: string, key: string, value: Json, place?: { index?: string; sort?: string }): Promise<boolean>;
  /** Reads, changes and writes under a lock; `change` must be pure. Undefined if the key is unknown. */
  update<T extends Json>(collection: string, key: string, change: (value: T) => T, place?: { index?: string; sort?: string }): Promise<T | undefined>;
  delete(collection: string, key: string): Promise<boolean>;
  /** 1, 2, 3, …: never twice. */
  next(counter: string): Promise<number>;
}

/** One message of a conversation as a customer may see it: internal ones are not in here. */
export interface PublicHistoryMessage {
  readonly id: string;
  /** The channel's id of the message, ours or the vendor's. */
  readonly externalId: string | null;
  readonly at: number;
  readonly from: 'contact' | 'agent' | 'bot' | 'system';
  readonly author: string;
  readonly text: string;
  readonly deleted: boolean;
  readonly files: readonly { readonly id: string; readonly name: string; readonly mime: string; readonly size: number | null; readonly blob: string | null }[];
}

/** The public side of this channel's conversations, for connectors that show it to the customer themselves. */
export interface History {
  /** Messages of all conversations of a thread key, oldest first. `after` is a message id. */
  messages(thread: string, options?: { after?: string; limit?: number }): Promise<readonly PublicHistoryMessage[]>;
  /** Calls back after something public changed in the thread; returns the unsubscriber. */
  watch(thread: string, changed: () => void): () => void;
}

/** What a vendor said about its limits in the headers of an answer. `lane` is the vendor's class of calls: create, update, list. */
export interface BudgetReport {
  readonly lane: string;
  readonly limit: number;
  readonly remaining: number;
  /** Epoch ms at which the count starts anew. */
  readonly resetAt: number;
}

/** Everything the core hands to a connector's `create`. */
export interface Context<Settings> {
  /** The configured name (`support-br`), unlike the connector's id. */
  readonly name: string;
  readonly settings: Settings;
  /** One axios instance a connector: keep-alive, time-outs, size limits, redaction and the egress guard are applied. See `createHttp`. */
  readonly http: AxiosInstance;
  readonly log: Log;
  readonly now: () => number;
  /** A new UUIDv7. */
  readonly id: () => string;
  readonly blobs: Blobs;
  readonly records: Records;
  /** Reports a helpdesk's own rate headers, so that deliveries are paced before it says 429. */
  readonly budget: (report: BudgetReport) => void;
  readonly history: History;
  /** Base address that customers and vendors reach us at, without a trailing slash. */
  readonly publicUrl: string;
}
