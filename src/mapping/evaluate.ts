/** What a mapping is asked and what it answers: plain data in, plain data out, the same for the same inputs. */
import type { DeskSchema, TicketValues } from '../kit/index.ts';
import type { Calendar } from './calendar.ts';

/** A company as the helpdesk keeps it. `fields` are the helpdesk's own, by name. */
export interface MappedCompany {
  readonly name: string;
  readonly brand: string | null;
  readonly fields: Readonly<Record<string, string | null>>;
}

/** What is known about one part of a closing. `now` in epoch ms; dates are 'YYYY-MM-DD' in the calendar's zone. */
export interface MappingContext {
  readonly now: number;
  readonly channel: string;
  /** `company` is the company of the person who writes. */
  readonly contact: { readonly name: string; readonly company: string | null };
  readonly agent: { readonly name: string; readonly email: string | null; readonly teams: readonly string[] };
  /** The company that the service is for; null while nobody has said. */
  readonly servedCompany: MappedCompany | null;
  /** The company of the requester. */
  readonly company: MappedCompany | null;
  /** Key of the mapping's topics. */
  readonly topic: string | null;
  /** What the agent chose or wrote. */
  readonly title: string;
  /**
   * `status` is a key of the mapping's statuses. `confirmed` names who has agreed to the date, of those the status wants to hear from;
   * a date that lacks one of them counts as to be agreed. Absent: the date is agreed.
   */
  readonly outcome: { readonly status: string; readonly date: string | 'to-be-agreed' | null; readonly confirmed?: readonly string[] } | null;
  /** Id of the impact fact. */
  readonly impact: string | null;
  /** The configured helpdesk's name, and its schema. */
  readonly helpdesk: string;
  readonly schema: DeskSchema;
}

/** Where a value comes from: `reason` in the mapping's language, `line` in the file that says so. */
export interface Why {
  readonly value: string;
  readonly reason: string;
  readonly file: string;
  readonly line: number;
}

export type AskedField = 'served_company' | 'date' | 'impact' | 'summary' | 'outcome' | 'title';

export interface Ask {
  readonly field: AskedField;
  readonly label: string;
  readonly reason: string;
}

export interface Evaluated {
  readonly subject: string;
  readonly tags: readonly string[];
  /** In the helpdesk's own ids: labels are resolved against its schema, whatever their case. */
  readonly values: TicketValues;
  /** Deskbridge's own due date, also when the helpdesk gets it elsewhere or not at all. */
  readonly due: { readonly at: number; readonly ymd: string } | null;
  /** Who must hear of it, by the names that the mapping gives them: the scheduler when a date is to be agreed. */
  readonly notify: readonly string[];
  /** What is still missing. */
  readonly asks: readonly Ask[];
  /** What is wrong: a date too far away, a status that this helpdesk does not know. */
  readonly problems: readonly { readonly field: string; readonly message: string }[];
  /** By value name: subject, status, priority, group, due, due_field, tags, field:<name>. */
  readonly why: Readonly<Record<string, Why>>;
}

/** What a mapping's status means, whatever the helpdesk calls it. */
export type OutcomeMeaning = 'open' | 'pending' | 'waiting' | 'visit' | 'resolved';

/** Headings and phrases that stand in the tickets we write. */
export type Word =
  | 'transcript'
  | 'summary'
  | 'internal'
  | 'seeAlso'
  | 'followUp'
  | 'files'
  | 'notTranscribed'
  | 'notLoaded'
  | 'notAttached'
  | 'deleted'
  | 'edited'
  | 'conversation'
  | 'contacted'
  | 'ticket'
  | 'unfiled';

export interface MappedStatus {
  readonly key: string;
  readonly label: string;
  readonly meaning: OutcomeMeaning;
  /** Set where the status wants a date. `confirm` names who must agree to it. */
  readonly date: null | { readonly label: string; readonly withinDays: number | null; readonly mayBeUnknown: boolean; readonly confirm: readonly string[] };
}

/** Messages that arrive after the closing. Times in ms. */
export interface LateRule {
  readonly courtesy: { readonly note: boolean; readonly reopen: boolean };
  readonly withinMs: number;
  readonly to: 'ticket-of-topic';
  /** Key of the mapping's statuses that a late message of substance puts the ticket in; null leaves it. */
  readonly status: string | null;
  readonly otherwise: 'new-conversation';
}

export type EndedPolicy = 'ask' | 'propose-pending' | 'ignore';

/** Conversations that ended in their channel without a ticket. */
export interface EndedRule {
  /** By channel; those that are not named wait in the queue, and nobody is told. */
  readonly policies: Readonly<Record<string, EndedPolicy>>;
  /** How long after the end their agent is reminded, in ms. */
  readonly remindAfterMs: number | null;
  /** When the leads are told, as HH:MM in the calendar's zone. */
  readonly tellLeadAt: string | null;
}

/** A compiled mapping file. Immutable; every function is pure. */
export interface Mapping {
  /** As people find it: `mappings/academias.yaml`. */
  readonly file: string;
  /** SHA-256 of the text, in hex. */
  readonly version: string;
  /** Locale of the texts that we write. */
  readonly language: string;
  /** Configured channel names, or `['*']` for every channel that no other mapping names. */
  readonly channels: readonly string[];
  readonly helpdesk: string;
  readonly calendar: Calendar;
  /** Where served companies are kept, and which of their fields is the brand. */
  readonly company: { readonly source: string; readonly brand: string | null } | null;
  readonly impacts: readonly { readonly id: string; readonly label: string; readonly priority: string }[];
  readonly statuses: readonly MappedStatus[];
  readonly topics: readonly { readonly key: string; readonly title: string }[];
  readonly summary: {
    readonly required: boolean;
    /** Fewest characters that count as a summary. */
    readonly min: number;
    readonly new: 'ticket-summary' | 'private-note';
    readonly append: 'private-note';
    template(title: string): string;
  };
  readonly append: { readonly candidates: 'company' | 'contact'; readonly windowDays: number };
  readonly late: LateRule | null;
  readonly ended: EndedRule;
  /** ISO code of the country that phone numbers without one are in; null where the file does not tell. */
  readonly country: string | null;
  readonly words: Readonly<Record<Word, string>>;
  /** Keys of the topics that the text speaks of, in the file's order. */
  topicsOf(text: string): readonly string[];
  /** Nothing but greetings and thanks: travels with all topics and never blocks. */
  isCourtesy(text: string): boolean;
  /** Titles to offer, best first: what ops keep, then the first sentence with a problem. `messages` are the customer's, oldest first. */
  proposeTitles(topic: string | null, messages: readonly string[]): readonly string[];
  evaluate(context: MappingContext): Evaluated;
}

/** What is wrong in a mapping file. `path` as `impact[2].priority`; `line` counts from 1. */
export interface MappingProblem {
  readonly file: string;
  readonly line: number;
  readonly path: string;
  readonly message: string;
}
