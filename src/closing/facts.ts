/** The snapshot that a plan is made from: plain data, gathered once, so that the same snapshot gives the same plan. */
import type { BlobRef, DeskSchema, HelpdeskCapabilities, Identity, Requester, Ticket } from '../kit/index.ts';
import type { MappedCompany, Mapping } from '../mapping/evaluate.ts';

export interface FactFile {
  readonly name: string;
  readonly state: 'stored' | 'waiting' | 'failed';
  /** Set when stored. */
  readonly blob: BlobRef | null;
  readonly decoration: boolean;
  readonly audio: boolean;
  readonly seconds: number | null;
}

export interface FactMessage {
  readonly id: string;
  readonly at: number;
  readonly role: 'contact' | 'agent' | 'bot' | 'system';
  readonly author: string;
  readonly kind: 'public' | 'internal';
  readonly text: string;
  readonly quoted: string | null;
  readonly subject: string | null;
  readonly automatic: boolean;
  readonly deleted: boolean;
  readonly files: readonly FactFile[];
  /** Held by an earlier closing that stands. */
  readonly filed: boolean;
}

export interface FactCompany extends MappedCompany {
  readonly id: string;
}

export interface FactPerson {
  readonly id: string;
  readonly name: string;
  readonly identities: readonly Identity[];
  readonly companies: readonly FactCompany[];
}

/** What is known of one helpdesk. `schema` is the last one read, also while the helpdesk is down. */
export interface FactDesk {
  readonly name: string;
  readonly title: string;
  readonly capabilities: HelpdeskCapabilities;
  readonly schema: DeskSchema | null;
  readonly reachable: boolean;
  /** What the helpdesk mails by itself, as ops confirmed: words, `none`, or null for unknown. */
  readonly mails: string | null;
  /** By contact id; null: looked for and not found. */
  readonly requesters: Readonly<Record<string, Requester | null>>;
  /** The helpdesk's own id of a company, by our company id. */
  readonly companies: Readonly<Record<string, string>>;
  /** By the helpdesk's ticket id: those that the decision names. */
  readonly tickets: Readonly<Record<string, Ticket & { readonly fields: Readonly<Record<string, unknown>> }>>;
}

export interface Facts {
  readonly now: number;
  readonly conversation: { readonly id: string; readonly channel: string; readonly version: number; readonly open: boolean };
  /** In conversation order. */
  readonly messages: readonly FactMessage[];
  readonly contact: FactPerson;
  /** Everyone a part may name as requester, by contact id; holds `contact` too. */
  readonly people: Readonly<Record<string, FactPerson>>;
  /** Everyone's companies and those that a part names, by id. */
  readonly companies: Readonly<Record<string, FactCompany>>;
  readonly agent: { readonly id: string; readonly name: string; readonly email: string | null; readonly teams: readonly string[] };
  readonly mapping: Mapping;
  readonly desks: Readonly<Record<string, FactDesk>>;
}
