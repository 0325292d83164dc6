/** The working calendar: which days are worked, for which priority, and when a day's hours end. */

/** Dates are 'YYYY-MM-DD' in `zone`; times are epoch ms. */
export interface Calendar {
  readonly zone: string;
  /** The day that an instant falls on. */
  dayOf(at: number): string;
  /** Saturdays may be worked for some priorities only. */
  isWorkingDay(ymd: string, priority?: string | null): boolean;
  /** The first working day strictly after `ymd`. */
  nextWorkingDay(ymd: string, priority?: string | null): string;
  /** When the day's hours end, or null on a day without hours. */
  endOfHours(ymd: string): number | null;
  /** Why a day is not worked, or null. */
  closedBecause(ymd: string): { readonly kind: 'closed' | 'holiday'; readonly name: string } | null;
}
