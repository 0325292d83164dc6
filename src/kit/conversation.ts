/** What channels report: the events that conversations are made of. Times are epoch milliseconds of the source. */
import type { Json } from './json.ts';
import type { TicketRef } from './ticket-ref.ts';

/**
 * One way to recognise a person. `account` is a vendor's user id and is unique within `scope` (number, inbox, workspace) only.
 * Verified: vouched for by the vendor's signature or DMARC. Claimed (verified: false): typed or found in a text; it only suggests.
 */
export interface Identity {
  readonly kind: 'email' | 'phone' | 'account';
  /** E-mail in lower case; phone in E.164; account as the vendor writes it. */
  readonly value: string;
  readonly scope?: string;
  readonly verified: boolean;
}

export interface Party {
  readonly role: 'contact' | 'agent' | 'bot' | 'system';
  /** Stable within the channel. */
  readonly id: string;
  readonly name?: string;
  readonly identities: readonly Identity[];
  /** Name of the company as the source gives it. */
  readonly company?: string;
}

/** A file of a message. `blob` is set when its bytes are already stored; else `ref` tells the connector's `download` where they are. */
export interface MediaRef {
  /** Stable within the message. */
  readonly id: string;
  readonly name: string;
  readonly mime?: string;
  readonly size?: number;
  readonly blob?: string;
  readonly ref?: Json;
  /** Content-ID of an image shown inside the HTML. */
  readonly inline?: string;
  /** A signature's logo and the like: kept, but no evidence. */
  readonly decoration?: boolean;
  /** Seconds of an audio or video. */
  readonly seconds?: number;
}

/** `thread` is the conversation's key within the channel: the vendor's conversation id with its cycle, else the sender within the place. */
interface InThread {
  readonly thread: string;
  readonly at: number;
  /** Breaks ties of `at` in the vendor's own order; compared as text. */
  readonly order?: string;
  /** What the webhook left out, and what the connector's `enrich` needs to fetch it. The event stands meanwhile. */
  readonly enrich?: Json;
}

export interface MessageEvent extends InThread {
  readonly type: 'message';
  /** The vendor's message id: the same id is the same message, however often it comes. */
  readonly id: string;
  readonly from: Party;
  /** `internal` is for agents only and must never reach a customer. */
  readonly kind: 'public' | 'internal';
  readonly text: string;
  /** Sanitized on show, stored as received. */
  readonly html?: string;
  /** Quoted earlier mail: folded away, never lost. */
  readonly quoted?: string;
  readonly subject?: string;
  readonly media: readonly MediaRef[];
  /** Ids of earlier messages that this one answers, best first. An open conversation that holds one takes the message; an ended one is continued by a new conversation. */
  readonly follows?: readonly string[];
  /** The token of our reply address, if the message came to it. */
  readonly replyToken?: string;
  /** Written by a machine: shown, but it opens nothing and is never answered. */
  readonly automatic?: 'auto-reply' | 'bounce';
  /**
   * Of a message that may come by several channels, as a mail to two mailboxes does: the same in each of them and no other message's, whatever its sender
   * wrote into it. The first channel to bring the message has it, and another message with its `id` overwrites nothing. `id` and
   * `follows` are known across channels then.
   */
  readonly shared?: string;
  /** What else speaks for an open conversation than `follows` and `replyToken`, where it has to be weighed. */
  readonly clues?: Clues;
  /** For vendors without conversation ids: an open conversation that was silent for so long has ended by itself, and this message begins the next one. */
  readonly idleMs?: number;
}

/** Weighed together with `follows` and `replyToken`: the message joins the conversation that reaches `threshold` points, and keeps the reasons. */
export interface Clues {
  /** Of 100. What was answered and the reply token reach any threshold by themselves. */
  readonly threshold: number;
  /** Number of a ticket that the message names. It speaks for a conversation only when a verified sender takes part in it; else the message says that it does not. */
  readonly number?: string;
  /** The message says that it answers something, whatever that is: a subject that begins with "Re:". */
  readonly answers: boolean;
  /** How long after a conversation's last message the same subject still speaks for it. */
  readonly withinMs: number;
}

export interface EditedEvent extends InThread {
  readonly type: 'edited';
  readonly id: string;
  readonly text: string;
}

export interface DeletedEvent extends InThread {
  readonly type: 'deleted';
  readonly id: string;
}

export interface EndedEvent extends InThread {
  readonly type: 'ended';
  readonly by?: Party;
}

/** The vendor took the chat up again: undoes what its `ended` did, and a closing that is still held. */
export interface ReopenedEvent extends InThread {
  readonly type: 'reopened';
  readonly by?: Party;
}

/** A reaction to the message `id`; null takes it back. It opens nothing. */
export interface ReactionEvent extends InThread {
  readonly type: 'reaction';
  readonly id: string;
  readonly from: Party;
  readonly emoji: string | null;
}

/** How far our message `id` got; without it, all of ours that the thread held at `at`. Only ever goes up: a `delivered` after `read` changes nothing. */
export interface ReceiptEvent extends InThread {
  readonly type: 'receipt';
  readonly id?: string;
  readonly state: 'delivered' | 'read' | 'failed';
  /** The vendor's words, where it failed. */
  readonly reason?: string;
}

/** Assigned at the vendor; null takes the assignment away. An agent is known by e-mail. */
export interface AssignedEvent extends InThread {
  readonly type: 'assigned';
  readonly agent: Party | null;
}

/** The vendor keeps this conversation as a ticket of a helpdesk that is connected too: closing it proposes that ticket, and asks before it opens another. */
export interface TicketEvent extends InThread {
  readonly type: 'ticket';
  readonly ticket: TicketRef;
}

/** The vendor says that one person now has another id or number. */
export interface IdentityChangedEvent extends InThread {
  readonly type: 'identityChanged';
  readonly was: Identity;
  readonly now: Identity;
}

/** What `canary` sent came back through the vendor: the whole way works. It opens nothing and is shown to nobody. */
export interface CanaryEvent extends InThread {
  readonly type: 'canary';
  /** As it was sent. */
  readonly token: string;
}

export type InboundEvent =
  | MessageEvent
  | EditedEvent
  | DeletedEvent
  | EndedEvent
  | ReopenedEvent
  | ReactionEvent
  | ReceiptEvent
  | AssignedEvent
  | TicketEvent
  | IdentityChangedEvent
  | CanaryEvent;
