/** What the sandbox and whole-journey tests ask of every vendor's simulator: an account with the same people and tickets, each in the vendor's own shapes. */
import type { RequestListener } from 'node:http';
import type { Dials } from './dials.ts';

export interface SeedTicket {
  /** What the seed's users call it. */
  readonly key: string;
  readonly subject: string;
  /** Name of the contact who asked. */
  readonly contact: string;
  /** Label of the status, as agents read it. */
  readonly status: string;
  /** Values of the account's own fields, by field name and label. */
  readonly fields: Readonly<Record<string, string>>;
  readonly openedDaysAgo: number;
  readonly changedDaysAgo: number;
}

export interface Seed {
  readonly companies: readonly { readonly name: string }[];
  /** `company` by name; phone in E.164. */
  readonly contacts: readonly {
    readonly name: string;
    readonly email?: string | undefined;
    readonly phone?: string | undefined;
    readonly company?: string | undefined;
    /** Further ones, for helpdesks that keep more than one. */
    readonly companies?: readonly string[] | undefined;
  }[];
  readonly tickets: readonly SeedTicket[];
}

export interface SimulatedAccount {
  readonly app: RequestListener;
  readonly dials: Dials;
  /** Puts people and tickets in; returns the vendor's ticket ids by the seed's keys. Throws on a name that the seed itself does not hold. */
  seed(seed: Seed): Readonly<Record<string, string>>;
}

/** The id of something that the seed names, or a sentence that says what is not there. */
export function named<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new Error(`the seed names ${what}, which is not there`);
  return found;
}
