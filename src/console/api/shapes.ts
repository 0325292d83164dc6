/** Answers of the API that `contract.ts` does not name, as `src/api/README.md` tells them. */
import type { AgentBrief, HealthView, TicketRow } from '../../api/contract.ts';

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface TicketEntryView {
  readonly id: string;
  readonly kind: 'reply' | 'note';
  readonly author: string;
  readonly at: number;
  readonly html: string;
  readonly files: readonly { readonly name: string; readonly size: number | null }[];
}

export interface TicketView extends TicketRow {
  readonly description: string;
  readonly summary: string | null;
  readonly entries: readonly TicketEntryView[];
  readonly conversations: readonly string[];
}

export interface AgentView extends AgentBrief {
  readonly role: 'agent' | 'admin';
  readonly teams: readonly string[];
  readonly disabled: boolean;
}

export interface TokenView {
  readonly id: string;
  readonly name: string;
  readonly role: 'agent' | 'admin';
  readonly createdAt: number;
}

export interface QuarantineView {
  readonly id: string;
  readonly channel: string;
  readonly receivedAt: number;
  readonly error: string;
  readonly payload: string;
}

/** A line of a mapping file, and what is wrong with it. */
export interface MappingPlace {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

export interface ConnectorsView {
  readonly items: readonly HealthView[];
  readonly mappings: { readonly problems: readonly MappingPlace[]; readonly drift: readonly MappingPlace[] };
}

export interface Named {
  readonly id: string;
  readonly name: string;
  readonly brand?: string | null;
}

export interface InvitationView {
  readonly role: 'agent' | 'admin';
  readonly name: string;
  readonly email: string;
}
