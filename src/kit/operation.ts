/** Operations: the intended effects on a helpdesk, exactly as the plan showed them. All of it is plain JSON and is frozen at commit. */
import type { BlobRef } from './blobs.ts';
import type { Identity } from './conversation.ts';
import type { Json } from './json.ts';
import type { InternalText, PublicText } from './text.ts';
import type { TicketRef } from './ticket-ref.ts';

export type { TicketRef };

/** A ticket that another operation of the same plan will have opened; replaced by its TicketRef before the connector runs. */
export interface TicketTarget {
  readonly operation: string;
}

/** Who asks. `contact` is our contact's id, the deterministic external id at helpdesks that have one. Never an invented address. */
export interface RequesterSpec {
  readonly contact: string;
  readonly name: string;
  readonly identities: readonly Identity[];
  /** The helpdesk's own id, when the look-up at planning found one. */
  readonly known?: string;
  readonly company?: { readonly name: string; readonly known?: string };
}

/** Values in the helpdesk's own ids, as its schema lists them. A key that is absent stays untouched. */
export interface TicketValues {
  readonly status?: string;
  readonly priority?: string;
  readonly group?: string;
  readonly assignee?: string;
  readonly type?: string;
  readonly tags?: readonly string[];
  /** Deskbridge's due date (epoch ms) and where the helpdesk keeps it: its own due field, or a date field as YYYY-MM-DD in `zone`. */
  readonly due?: { readonly at: number; readonly zone: string; readonly field: 'due' | { readonly custom: string } };
  readonly fields?: { readonly [name: string]: Json };
}

interface OperationBase {
  /** The operation's own id (UUIDv7): marker, external id and idempotency key. Never the conversation's. */
  readonly id: string;
  /** Grows when a person edits a dead letter; part of the idempotency key. */
  readonly revision: number;
}

export interface OpenOperation extends OperationBase {
  readonly kind: 'open';
  readonly subject: string;
  /** What the requester may read. */
  readonly description: PublicText;
  /** Summary and internal messages. Where the first comment can be private it carries all; else a second step writes it. */
  readonly note: InternalText;
  readonly requester: RequesterSpec;
  readonly values: TicketValues;
  readonly files: readonly BlobRef[];
  /** Set where this continues a closed ticket. */
  readonly followUpOf?: TicketRef;
}

export interface AppendOperation extends OperationBase {
  readonly kind: 'append';
  readonly ticket: TicketRef;
  readonly note: InternalText;
  readonly files: readonly BlobRef[];
  /** Present only when the decision says so: appending never changes a status by itself. */
  readonly values?: TicketValues;
  /** How the ticket stood when the plan was made, for our mirror; `status` is the helpdesk's id. */
  readonly asPlanned?: {
    readonly subject: string;
    readonly status: string;
    readonly priority: string | null;
    readonly requester: string | null;
    readonly company: string | null;
  };
  /** Opened instead, linked, when the ticket turns out closed for good; shown in the plan. Without it such a ticket refuses with `closed`. */
  readonly ifClosed?: Omit<OpenOperation, 'id' | 'revision' | 'followUpOf'>;
}

/** Writes the summary of a new ticket where `open` could not carry it; idempotent where the helpdesk has a summary box. */
export interface SummarizeOperation extends OperationBase {
  readonly kind: 'summarize';
  readonly ticket: TicketRef | TicketTarget;
  readonly note: InternalText;
}

/** Makes the tickets of a split point at each other: `text[i]` belongs to `tickets[i]`. */
export interface LinkOperation extends OperationBase {
  readonly kind: 'link';
  readonly tickets: readonly (TicketRef | TicketTarget)[];
  readonly notes: readonly InternalText[];
}

export interface UpdateOperation extends OperationBase {
  readonly kind: 'update';
  readonly ticket: TicketRef | TicketTarget;
  readonly values: TicketValues;
}

export interface NoteOperation extends OperationBase {
  readonly kind: 'note';
  readonly ticket: TicketRef | TicketTarget;
  readonly note: InternalText;
  readonly files: readonly BlobRef[];
}

export interface ReplyOperation extends OperationBase {
  readonly kind: 'reply';
  readonly ticket: TicketRef;
  readonly reply: PublicText;
  readonly files: readonly BlobRef[];
  /** Saved together with the reply: "submit as waiting for the customer". */
  readonly values?: TicketValues;
}

/** Work done on a ticket, for its time sheet. Only where `capabilities.timeEntries`. */
export interface LogTimeOperation extends OperationBase {
  readonly kind: 'logTime';
  readonly ticket: TicketRef;
  /** Whole minutes, at least 1. */
  readonly minutes: number;
  readonly billable: boolean;
  /** The agent's e-mail address, by which helpdesks know them. */
  readonly agent: string;
  readonly note: InternalText;
  /** When the work began, epoch ms. */
  readonly at: number;
}

export type Operation =
  | OpenOperation
  | AppendOperation
  | SummarizeOperation
  | LinkOperation
  | UpdateOperation
  | NoteOperation
  | ReplyOperation
  | LogTimeOperation;

/**
 * What came of it. `via` tells a fallback: `follow-up`, the ticket was closed for good and a linked one was opened; `successor`, it had been merged into the one
 * that is named; `new`, it had been deleted.
 */
export interface OperationResult {
  readonly ticket: TicketRef;
  readonly via?: 'follow-up' | 'successor' | 'new';
}
