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

/** What happens just now and is never stored. */
export interface Live {
  /** The customer is typing: shown to agents who look at the conversation, for a few seconds. */
  typing(thread: string): void;
  /** Calls back when an agent types a reply that the customer will get; returns the unsubscriber. */
  watchTyping(thread: string, told: (agent: string) => void): () => void;
}

/** What the vendor's own closing form offers: plain choices, in the words of agents. */
export interface ClosingForm {
  readonly conversation: string;
  /** Message ids of substance that no closing holds yet, with the vendor's ids. */
  readonly messages: readonly { readonly id: string; readonly externalId: string | null; readonly author: string; readonly text: string }[];
  /** What is proposed, a part a topic. */
  readonly parts: readonly ClosingPart[];
  readonly titles: readonly string[];
  readonly statuses: readonly {
    readonly key: string;
    readonly label: string;
    readonly date: { readonly label: string; readonly mayBeUnknown: boolean } | null;
  }[];
  readonly impacts: readonly { readonly id: string; readonly label: string }[];
  readonly helpdesks: readonly {
    readonly name: string;
    readonly title: string;
    readonly groups: readonly { readonly value: string; readonly label: string }[];
    readonly fields: readonly {
      readonly name: string;
      readonly label: string;
      readonly type: 'text' | 'long-text' | 'number' | 'checkbox' | 'date' | 'choice' | 'choices';
      readonly required: 'never' | 'always' | 'to-resolve';
      readonly choices: readonly { readonly value: string; readonly label: string }[] | null;
    }[];
  }[];
  /** Tickets that it could be added to, best first. */
  readonly candidates: readonly {
    readonly helpdesk: string;
    readonly id: string;
    readonly number: string;
    readonly subject: string;
    readonly status: string;
    readonly why: string;
  }[];
  readonly companies: readonly { readonly id: string; readonly name: string }[];
  /** Address of the conversation in the console, for what a small form cannot hold. */
  readonly link: string;
}

export interface ClosingPart {
  readonly key: string;
  readonly topic: string | null;
  readonly title: string;
  readonly summary: string;
  /** Our message ids. */
  readonly messages: readonly string[];
  readonly target: { readonly kind: 'new' } | { readonly kind: 'append'; readonly helpdesk: string; readonly id: string; readonly resolve: boolean };
  /** Key of `statuses`. Of an addition: null keeps the ticket's; one that means resolved counts only together with `resolve`. */
  readonly status: string | null;
  /** YYYY-MM-DD, or to be agreed. */
  readonly date: string | 'to-be-agreed' | null;
  readonly impact: string | null;
  readonly group: string | null;
  readonly served: string | null;
  readonly fields: { readonly [name: string]: Json };
}

export interface ClosingChoice {
  readonly conversation: string;
  /** Id of the agent who decides. */
  readonly agent: string;
  readonly parts: readonly ClosingPart[];
  /** The conversation ends with it. */
  readonly ends: boolean;
}

export interface ClosingPreview {
  readonly digest: string;
  /** What will happen, in sentences of the agent's language. */
  readonly lines: readonly string[];
  /** `part` and `field` as in ClosingPart (`fields.<name>` for a helpdesk's own); empty where it concerns all. */
  readonly missing: readonly { readonly part: string; readonly field: string; readonly message: string }[];
}

/** Closing from outside the console: the same plan, the same commit, the same guards. */
export interface Closings {
  /** The agent who has this e-mail address. */
  agent(email: string): Promise<{ readonly id: string; readonly name: string; readonly locale: string } | undefined>;
  /** The newest conversation of a thread. */
  find(thread: string): Promise<{ readonly conversation: string; readonly open: boolean } | undefined>;
  form(conversation: string, agent: string): Promise<ClosingForm | undefined>;
  /** Tickets by number or words, in all helpdesks. */
  search(words: string): Promise<ClosingForm['candidates']>;
  preview(choice: ClosingChoice): Promise<ClosingPreview | undefined>;
  /** `key` makes it happen once. `changed` and `missing` come with the new preview; nothing was filed then. */
  commit(
    choice: ClosingChoice,
    seen: { readonly digest: string; readonly key: string },
  ): Promise<
    | { readonly is: 'committed'; readonly closing: string }
    | { readonly is: 'changed' | 'missing'; readonly preview: ClosingPreview }
    | { readonly is: 'not-found' }
  >;
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
  readonly live: Live;
  readonly closings: Closings;
  /** A folder of this configured connector's own, in the data folder, as an absolute path: for what a vendor's library insists on keeping in files. Made when asked for. */
  folder(): string;
  /** Base address that customers and vendors reach us at, without a trailing slash. */
  readonly publicUrl: string;
}
