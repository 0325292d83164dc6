/** What the outside was promised: written down when, and only when, the server has acknowledged it. */
import type { Case, CasePart } from './cases.ts';

export interface Kept {
  readonly case: number;
  readonly channel: string;
}

export interface KeptMessage extends Kept {
  readonly kind: 'customer' | 'late' | 'reply' | 'note';
  /** Ours, for replies and notes. */
  readonly id?: string;
}

export interface KeptPart extends CasePart {
  /** The ticket that an append names. */
  readonly ticket?: string;
}

export interface KeptClosing {
  readonly id: string;
  readonly conversation: string;
  readonly case: Case;
  readonly parts: readonly KeptPart[];
}

export interface Ledger {
  /** By the message's word. */
  readonly messages: Map<string, KeptMessage>;
  /** By conversation: ended by the vendor. */
  readonly endings: Map<string, Kept>;
  readonly closings: KeptClosing[];
  /** Tokens of widget visitors, by visitor. */
  readonly visitors: Map<string, string>;
  /** Cases that have not come to their end, with what they wait for or why they never will. */
  readonly unfinished: Map<number, string>;
}

export const createLedger = (): Ledger => ({ messages: new Map(), endings: new Map(), closings: [], visitors: new Map(), unfinished: new Map() });
