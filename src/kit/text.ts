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

/** A message template that the vendor approved, with its values in order. */
export interface TemplateUse {
  readonly id: string;
  readonly values: readonly string[];
}

/** A message to a customer, as channels send it. */
export interface PublicMessage {
  readonly kind: 'public';
  readonly text: string;
  readonly files: readonly BlobRef[];
  /** Sent instead of `text`, which then holds its words for our own history. */
  readonly template?: TemplateUse;
}

/**
 * Cuts a text into pieces of at most `length` UTF-16 units, at paragraphs, lines or blanks where there are any, never inside a character.
 * Joined without the white space at the cuts, they are the text.
 */
export function piecesOf(text: string, length: number): readonly string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > length) {
    const head = rest.slice(0, length + 1);
    const at = [/\n\n/g, /\n/g, /\s/g].map((gap) => [...head.matchAll(gap)].at(-1)?.index ?? 0).find((index) => index > length / 2);
    const cut = at ?? (isLowSurrogate(rest.charCodeAt(length)) ? length - 1 : length);
    pieces.push(rest.slice(0, cut).trimEnd());
    rest = at === undefined ? rest.slice(cut) : rest.slice(cut).trimStart();
  }
  return rest || pieces.length === 0 ? [...pieces, rest] : pieces;
}

const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
