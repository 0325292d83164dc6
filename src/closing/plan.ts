/** The plan: exactly what a closing will cause, computed without side effects, shown to the agent, frozen at commit. */
import type { AppendOperation, LinkOperation, NoteOperation, OpenOperation, SummarizeOperation, UpdateOperation } from '../kit/index.ts';

type Planned<O> = O extends unknown ? Omit<O, 'id' | 'revision'> : never;

/** An operation before it has an id; TicketTargets name other operations of the plan by their `key`. */
export type PlannedWork = Planned<OpenOperation | AppendOperation | SummarizeOperation | LinkOperation | UpdateOperation | NoteOperation>;

export interface PlannedOperation {
  /** Unique in the plan and the same whenever the same plan is made: `turnstile/open`. */
  readonly key: string;
  readonly part: string;
  readonly helpdesk: string;
  readonly work: PlannedWork;
  /** Keys of operations that must be done first. */
  readonly after: readonly string[];
}

/** What the dialog and the API name before anything is sent. `field` is the dialog's or the helpdesk's name. */
export interface Missing {
  readonly part: string;
  readonly field: string;
  readonly label: string;
  /** Why, in the agent's language, by key and values of the console's texts. */
  readonly reason: { readonly key: string; readonly values: Readonly<Record<string, string>> };
}

export interface PlanWhy {
  readonly part: string;
  readonly field: string;
  readonly value: string;
  readonly reason: string;
  readonly file: string;
  readonly line: number;
}

/** One line of "What will happen", as a key of the console's texts and its values, so that each agent reads it in their language. */
export interface PlanLine {
  readonly part: string;
  readonly key: string;
  readonly values: Readonly<Record<string, string | number>>;
}

/** How each message is accounted for. */
export interface Accounting {
  readonly part: string;
  readonly message: string;
  readonly how: 'filed' | 'courtesy' | 'skipped';
}

export interface Plan {
  readonly conversation: string;
  readonly ends: boolean;
  readonly none: string | null;
  readonly covers: string;
  readonly operations: readonly PlannedOperation[];
  readonly accounting: readonly Accounting[];
  /** Empty when the plan can be filed. */
  readonly missing: readonly Missing[];
  readonly lines: readonly PlanLine[];
  readonly why: readonly PlanWhy[];
  /** Due dates that Deskbridge keeps itself, by part: epoch ms. */
  readonly due: Readonly<Record<string, number>>;
  /** Outcome status keys by part. */
  readonly outcomes: Readonly<Record<string, string>>;
  /** Whom "to be agreed" tells. */
  readonly notify: readonly string[];
  /** sha256 over all of the above: equal digests are equal plans. */
  readonly digest: string;
}
