/** The contract of a helpdesk: what it knows, and the operations it can carry out exactly once. */
import type { Identity } from './conversation.ts';
import type { Json } from './json.ts';
import type { Operation, OperationResult, TicketRef } from './operation.ts';
import type { RawRequest, RawResponse, Verifier } from './signatures.ts';
import type { Step } from './step.ts';

/** What a status means, whatever it is called. `waiting` waits for the customer, `hold` for a third party or a visit. */
export type StatusMeaning = 'new' | 'open' | 'pending' | 'waiting' | 'hold' | 'resolved' | 'closed';

export interface DeskStatus {
  readonly id: string;
  readonly label: string;
  readonly meaning: StatusMeaning;
  /** The helpdesk's own broader name, where statuses have one. */
  readonly category?: string;
  /** False where the SLA timer stands still, so that a due date is refused. Undefined: not known. */
  readonly timer?: boolean;
}

export interface DeskChoice {
  readonly value: string;
  readonly label: string;
}

export interface DeskField {
  /** As the API calls it. */
  readonly name: string;
  /** As the helpdesk's agents read it. */
  readonly label: string;
  readonly type: 'text' | 'long-text' | 'number' | 'checkbox' | 'date' | 'choice' | 'choices';
  readonly required: 'never' | 'always' | 'to-resolve';
  /** Counts only while another field has one of these values. */
  readonly when?: { readonly field: string; readonly values: readonly string[] };
  readonly choices?: readonly DeskChoice[];
}

export interface DeskSchema {
  readonly fields: readonly DeskField[];
  readonly statuses: readonly DeskStatus[];
  /** Lowest first. */
  readonly priorities: readonly DeskChoice[];
  readonly groups: readonly DeskChoice[];
  readonly agents: readonly { readonly id: string; readonly name: string; readonly email: string | null }[];
}

export interface Requester {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly company: RequesterCompany | null;
  /** Further companies that the person writes for, where the helpdesk keeps more than one. */
  readonly otherCompanies?: readonly RequesterCompany[];
}

/** `fields` are the helpdesk's own of the company, by name, where it told them. */
export interface RequesterCompany {
  readonly id: string;
  readonly name: string;
  readonly fields?: { readonly [name: string]: Json };
}

/** A ticket as lists show it. Times in epoch ms. */
export interface Ticket {
  readonly ref: TicketRef;
  readonly subject: string;
  /** The helpdesk's status id; labels are in the schema. */
  readonly status: string;
  readonly priority: string | null;
  readonly requester: { readonly id: string; readonly name: string } | null;
  readonly company: { readonly id: string; readonly name: string } | null;
  readonly assignee: string | null;
  readonly group: string | null;
  readonly due: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly tags: readonly string[];
  /** Custom date fields by name, YYYY-MM-DD: where the helpdesk takes no due date in a status, one of them carries it. */
  readonly dates?: { readonly [name: string]: string };
}

export interface TicketEntry {
  readonly id: string;
  readonly kind: 'reply' | 'note';
  readonly author: string;
  readonly at: number;
  readonly html: string;
  readonly files: readonly { readonly name: string; readonly size: number | null }[];
}

export interface TicketDetail extends Ticket {
  readonly description: string;
  readonly summary: string | null;
  readonly entries: readonly TicketEntry[];
  readonly fields: { readonly [name: string]: Json };
  /** Who receives what the requester receives, as addresses or names. */
  readonly followers?: readonly string[];
  readonly time?: readonly TimeEntry[];
  /** What happened and who did it, in the helpdesk's words, oldest first. */
  readonly activities?: readonly { readonly at: number; readonly who: string; readonly what: string }[];
  readonly subtasks?: readonly { readonly id: string; readonly title: string; readonly done: boolean; readonly assignee: string | null }[];
}

export interface TimeEntry {
  readonly id: string;
  readonly agent: string;
  readonly minutes: number;
  readonly billable: boolean;
  readonly note: string;
  readonly at: number;
}

/** A canned answer. `text` may hold the helpdesk's own placeholders, which it alone can fill in. */
export interface Macro {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly visibility: 'public' | 'internal';
}

/** What `probe` learned of an account: a setting, the value it found for it, and what it saw. `value` is null where nothing speaks for any. */
export interface ProbeFinding {
  readonly setting: string;
  readonly value: Json;
  readonly detail: string;
}

/** How a helpdesk says that tickets changed. A hint only names tickets, which are then read from the helpdesk: so an unsigned one can do no more than cause a reading. */
export interface TicketHints {
  readonly verify: Verifier;
  handshake?(request: RawRequest): RawResponse | undefined;
  /** Ids of the tickets that a payload is about. Pure. Throws `UnknownPayload`. */
  tickets(payload: Json): readonly string[];
}

export type TicketQuery =
  | { readonly requester: string; readonly company?: string; readonly since?: number }
  | { readonly company: string; readonly since?: number }
  | { readonly words: string }
  | { readonly number: string }
  | { readonly changedSince: number };

export interface HelpdeskCapabilities {
  /** The first comment of a new ticket can be private, so `open` carries the note and needs no `summarize`. */
  readonly privateFirstComment: boolean;
  /** Largest file, and largest sum on one ticket, in bytes. */
  readonly maxFileBytes: number;
  readonly maxTicketBytes: number;
  /** The helpdesk has a company of its own for each requester. */
  readonly companies: boolean;
  /** A closed ticket takes nothing: a linked follow-up is opened instead. */
  readonly closedIsFinal: boolean;
  /** It never mails a customer by itself, so ops need not say what it mails. */
  readonly mailsNobody?: true;
  /** `run` takes `logTime`. */
  readonly timeEntries?: true;
}

export interface Helpdesk {
  /** Fields, choices, statuses, groups, agents; cached by the caller. */
  schema(): Promise<DeskSchema>;
  findRequester(identities: readonly Identity[], contact: string): Promise<Requester | undefined>;
  findCompanies(name: string): Promise<readonly { readonly id: string; readonly name: string }[]>;
  tickets(query: TicketQuery): AsyncIterable<Ticket>;
  /** Throws ConnectorError `not-found`. */
  ticket(id: string): Promise<TicketDetail>;
  /** Carries out one operation by steps. Every ticket in it is a TicketRef by now. */
  run(operation: Operation, step: Step): Promise<OperationResult>;
  /** All places where an operation's marker stands: more than one is a double, which the sweep reports. */
  traces(operation: Operation, result: OperationResult): Promise<readonly string[]>;
  /** Hooks below `/hooks/<helpdesk name>`. What they lose is repaired by reading `changedSince`. */
  readonly hints?: TicketHints;
  /** How many unresolved tickets the helpdesk's own filter finds whose date in `field` is `until` or before (epoch ms; a custom field's day in `zone`). Undefined: it cannot filter by that. */
  countDue?(query: { readonly until: number; readonly zone: string; readonly field: 'due' | { readonly custom: string } }): Promise<number | undefined>;
  macros?(): Promise<readonly Macro[]>;
  /** Learns from a real account what the vendor's documents leave open. Reads only. */
  probe?(): Promise<readonly ProbeFinding[]>;
  health(): Promise<{ readonly detail: string }>;
}
