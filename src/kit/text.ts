/**
 * What we write to others, as blocks. Whether the customer may read it is part of the type: a function that takes
 * `PublicText` cannot be given `InternalText`, and the wire carries the kind too.
 */
import type { BlobRef } from './blobs.ts';
import type { TicketRef, TicketTarget } from './operation.ts';

export interface TranscriptEntry {
  readonly at: number;
  readonly author: string;
  readonly role: 'contact' | 'agent' | 'bot' | 'system';
  readonly text: string;
  /** Names of its files, with a word on each that is not there (yet). */
  readonly files: readonly string[];
  /** An internal message; never part of a `PublicText`. */
  readonly internal?: true;
}

export type Block =
  | { readonly type: 'heading'; readonly text: string }
  | { readonly type: 'paragraph'; readonly text: string }
  | { readonly type: 'transcript'; readonly zone: string; readonly locale: string; readonly entries: readonly TranscriptEntry[] }
  /** Links to tickets; targets that are operations are resolved before the connector sees them. */
  | { readonly type: 'tickets'; readonly label: string; readonly tickets: readonly (TicketTarget | TicketRef)[] };

/** The customer may read this. */
export interface PublicText {
  readonly kind: 'public';
  readonly blocks: readonly Block[];
}

/** For agents only: must never stand where a requester can read it. */
export interface InternalText {
  readonly kind: 'internal';
  readonly blocks: readonly Block[];
}

/** A message to a customer, as channels send it. */
export interface PublicMessage {
  readonly kind: 'public';
  readonly text: string;
  readonly files: readonly BlobRef[];
}
