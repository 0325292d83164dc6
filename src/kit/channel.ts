/** The contract of a channel: how messages come in, and how replies go out. */
import type { Readable } from 'node:stream';
import type { InboundEvent, MediaRef } from './conversation.ts';
import type { Json } from './json.ts';
import type { TicketRef } from './operation.ts';
import type { RawRequest, RawResponse, Verified, VerifiedArrival, Verifier } from './signatures.ts';
import type { Step } from './step.ts';
import type { InternalText, PublicMessage } from './text.ts';

/** What became of a delivery: `stored`, `repeated` (known already), or `quarantined` (kept, but not understood). All three are acknowledged. */
export interface IntakeOutcome {
  readonly arrival: string;
  readonly state: 'stored' | 'repeated' | 'quarantined';
}

export interface SessionState {
  readonly state: 'connecting' | 'ready' | 'reconnecting' | 'failed' | 'unpaired';
  readonly detail?: string;
  /** Of `unpaired`: the text of the QR code that an administrator scans. It lets whoever has it into the account, so it is shown to administrators only and never logged. */
  readonly qr?: string;
}

/** Handed to a session: it emits what it hears, and each emit resolves once payload and cursor are committed together. */
export interface Session {
  readonly cursor: string | undefined;
  emit(payload: Json, options?: { key?: string; cursor?: string }): Promise<IntakeOutcome>;
  state(state: SessionState): void;
  readonly signal: AbortSignal;
}

/** One HTTP exchange of a `routes` intake. */
export interface Exchange {
  readonly request: RawRequest;
  /** Path parameters, `/files/:id` style. */
  readonly params: Readonly<Record<string, string>>;
  /** The body as it streams in, for routes with `streams: true`; elsewhere `request.body` holds it. */
  readonly upload: Readable | undefined;
  /** Commits a payload whose sender was verified. `key` is the sender's own id of it: a repeat is stored once. */
  accept(proof: Verified, payload: Json, key?: string): Promise<IntakeOutcome>;
  json(status: number, body: Json): void;
  /** Any other answer, as the vendor wants to hear it. */
  answer(response: RawResponse): void;
  file(options: { stream: Readable; mime: string; name: string; size?: number }): void;
  /** Keeps the answer open, line by line; `closed` aborts when the client goes. */
  stream(): { write(line: string): void; readonly closed: AbortSignal };
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/hooks/<channel name>`. */
  readonly path: string;
  /** Any origin may call it (no cookies are ever sent). */
  readonly cors?: boolean;
  readonly streams?: boolean;
  /** Calls a minute from one address. */
  readonly perMinute?: number;
  handle(exchange: Exchange): Promise<void>;
}

export type Intake =
  | {
      readonly via: 'webhook';
      readonly verify: Verifier;
      /** Takes what is posted below the hook's address too: for vendors that can be told a secret only as a part of the address. */
      readonly below?: boolean;
      /** The sender's own id of this delivery, if it has one: a repeat is stored once. */
      key?(request: RawRequest): string | undefined;
      /** For senders that batch: pure; each part becomes an arrival of its own, keyed `${key}#${index}`, so that a bad part never stops its batch. */
      split?(payload: Json): readonly Json[];
      /** The sender's own id of one part: known again in whatever batch it comes. */
      partKey?(part: Json): string | undefined;
      /** Answers the vendor's set-up challenge; runs before `verify` and can never produce events. */
      handshake?(request: RawRequest): RawResponse | undefined;
      reply?(outcome: IntakeOutcome): RawResponse;
    }
  | {
      readonly via: 'poll';
      readonly everySeconds: number;
      poll(cursor: string | undefined): Promise<{ readonly payloads: readonly Json[]; readonly cursor: string }>;
    }
  | { readonly via: 'session'; run(session: Session): Promise<void> }
  | { readonly via: 'routes'; readonly routes: readonly Route[] };

/** Where a reply goes. */
export interface ReplyContext {
  /** Our message id: stable across retries, the vendor's idempotency key where there is one. */
  readonly message: string;
  readonly thread: string;
  readonly replyToken: string;
  readonly subject: string | undefined;
  /** The customer's identities, those they wrote from first. */
  readonly to: readonly { readonly kind: string; readonly value: string; readonly name?: string }[];
  /** Vendor ids of the thread's messages, newest first, at most 20. */
  readonly earlier: readonly string[];
  /** Name the customer sees. */
  readonly agent: string;
}

/** A first message to somebody who did not write to us. */
export interface FirstContact {
  /** Our message id: stable across retries. */
  readonly message: string;
  /** E.164. */
  readonly phone: string;
  readonly name: string | undefined;
  readonly agent: string;
}

/** `body` holds `{{1}}`, `{{2}}`, … where the values go. */
export interface MessageTemplate {
  readonly id: string;
  readonly name: string;
  readonly language: string;
  readonly body: string;
  readonly values: number;
}

export interface ChannelCapabilities {
  /** `send` works while a conversation is open. */
  readonly reply: boolean;
  /** The vendor says when a chat has ended. */
  readonly endSignal: boolean;
  readonly maxTextLength: number;
  /** Sending can be looked up, so an unclear send is never asked of a person. */
  readonly findsSent: boolean;
  /** An agent may write first, to a phone number. */
  readonly starts?: boolean;
  /** The vendor takes free text only for so many hours after the customer's last message, and templates after that. */
  readonly replyWindowHours?: number;
}

export interface Channel {
  readonly intake: readonly Intake[];
  /** Turns a stored raw arrival into what `normalize` reads, where that needs I/O (a mail in a blob). A throw quarantines this arrival alone. */
  unpack?(arrival: VerifiedArrival): Promise<VerifiedArrival>;
  /** Pure: no I/O, no clock; the same arrival gives the same events. Unknown kinds throw `UnknownPayload` and are quarantined; kinds that mean nothing to us give []. */
  normalize(arrival: VerifiedArrival): readonly InboundEvent[];
  /** Fetches what an event's `enrich` asks for. The events that it returns may repeat known ones with more in them: names, texts, files. Runs after the commit, again until it succeeds. */
  enrich?(event: InboundEvent): Promise<readonly InboundEvent[]>;
  /**
   * A vendor that tells us of every message tells us of this one too. Its echo is known by the vendor's id in a step's result, and, while the answer is
   * still missing, by its words in the step's body: keep both there as they are on the wire.
   */
  send(reply: PublicMessage, to: ReplyContext, step: Step): Promise<{ readonly externalId: string }>;
  /** Begins a conversation; `thread` is the key under which the answer will come. Present where `capabilities.starts`. */
  start?(first: PublicMessage, to: FirstContact, step: Step): Promise<{ readonly thread: string; readonly externalId: string }>;
  /** Whether `start` takes templates only. */
  readonly startNeedsTemplate?: boolean;
  /** Approved templates, where the vendor has them. */
  templates?(): Promise<readonly MessageTemplate[]>;
  /** Only where the vendor has notes that its customers cannot see. */
  note?(note: InternalText, to: ReplyContext, step: Step): Promise<void>;
  /** Told once a closing's tickets exist. `note` says so in the agents' language; it must stand where the channel's customers cannot see it. */
  filed?(tickets: readonly TicketRef[], note: InternalText, to: ReplyContext, step: Step): Promise<void>;
  /** Sends `token` to ourselves by way of the vendor, which comes back through the intake as a `canary` event: proof that the whole way works. Called every 15 minutes. */
  canary?(token: string): Promise<void>;
  /** Ends the chat at the vendor. */
  end?(to: ReplyContext, step: Step): Promise<void>;
  download?(media: MediaRef): Promise<Readable>;
  /** Resolves when it works; throws what `send` would throw. */
  health(): Promise<{ readonly detail: string }>;
}
