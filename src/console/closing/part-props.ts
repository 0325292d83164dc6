import type { PartDraft } from './draft.ts';
import type { Closing } from './use-closing.ts';

/** What every field of a part's form is given. */
export interface PartProps {
  readonly part: PartDraft;
  readonly change: {
    readonly closing: Closing;
    part(next: (part: PartDraft) => PartDraft): void;
  };
  /** What is missing or wrong at a field, in words. */
  wrong(field: string): string | undefined;
  /** Takes the field as it is and goes to the next. */
  accept(): void;
  /** What the mapping filled in, and why. */
  why(field: string): { readonly value: string; readonly reason: string } | undefined;
}
