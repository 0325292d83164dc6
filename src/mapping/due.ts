/** When a ticket is due: by the outcome's rule, the date that was agreed, and the calendar. */
import { type Calendar, isDate } from './calendar.ts';
import type { PhraseKey, Say } from './phrases.ts';
import type { DueRule } from './schema-values.ts';

export interface DueQuestion {
  readonly rule: DueRule;
  /** The outcome, as agents read it. */
  readonly label: string;
  readonly now: number;
  readonly date: string | 'to-be-agreed' | null;
  readonly confirmed: readonly string[] | undefined;
  /** The mapping's word for it: Saturdays may be worked for some only. */
  readonly priority: string | null;
  /** Tells a date as people read it. */
  readonly day: (ymd: string) => string;
}

export interface DueAnswer {
  readonly due: { readonly at: number; readonly ymd: string } | null;
  readonly reason: string;
  /** True where the calendar chose the day; false where people agreed on it. */
  readonly byCalendar: boolean;
  readonly notify: readonly string[];
  /** Label of the date that must still be given. */
  readonly asks?: string;
  readonly problem?: string;
}

const none = (reason: string): DueAnswer => ({ due: null, reason, byCalendar: false, notify: [] });

/** Why the days between were passed over: "20 Nov is Dia da Consciência Negra". */
function skipped(calendar: Calendar, from: string, to: string, day: (ymd: string) => string, say: Say): string {
  const told: string[] = [];
  for (let next = calendar.nextHoliday(from); next && next.ymd < to; next = calendar.nextHoliday(next.ymd)) {
    told.push(say('skipped', { day: day(next.ymd), name: next.name || say('closedDay') }));
  }
  return told.length ? ` (${told.join('; ')})` : '';
}

function onNextWorkingDay(
  question: DueQuestion,
  calendar: Calendar,
  say: Say,
  key: PhraseKey,
  values: Record<string, string>,
  notify: readonly string[] = [],
): DueAnswer {
  const today = calendar.dayOf(question.now);
  const ymd = calendar.nextWorkingDay(today, question.priority);
  const at = calendar.endOfHours(ymd);
  const reason = say(key, values) + skipped(calendar, today, ymd, question.day, say);
  return { due: at === null ? null : { at, ymd }, reason, byCalendar: true, notify };
}

/** What speaks against a date that was given, or undefined. */
function dateProblem(ymd: string, question: DueQuestion, within: number | undefined, calendar: Calendar, say: Say): string | undefined {
  if (!isDate(ymd)) return say('badDate', { date: ymd });
  const today = calendar.dayOf(question.now);
  const day = question.day(ymd);
  if (ymd < today) return say('pastDate', { day });
  if (within !== undefined && calendar.daysBetween(today, ymd) > within) return say('tooFar', { day, days: within });
  const next = () => question.day(calendar.nextWorkingDay(ymd, question.priority));
  const end = calendar.endOfHours(ymd);
  if (end === null) {
    const name = calendar.closedBecause(ymd)?.name;
    return say('closed', { day, because: name ? ` (${name})` : '', next: next() });
  }
  return end <= question.now ? say('hoursOver', { next: next() }) : undefined;
}

export function decideDue(question: DueQuestion, calendar: Calendar, say: Say): DueAnswer {
  const { rule, label, date } = question;
  if (rule === 'none') return none(say('noDue', { label }));
  if (rule === 'helpdesk-sla') return none(say('sla', { label }));
  if ('next' in rule) return onNextWorkingDay(question, calendar, say, 'nextWorkingDay', { label });
  const named = { label: rule.ask };
  if (date === null) return { ...none(say('agreedDate', named)), asks: rule.ask };
  const notify = rule.unknown?.notify;
  const told = notify === undefined ? [] : typeof notify === 'string' ? [notify] : notify;
  if (date === 'to-be-agreed') {
    if (!rule.unknown) return { ...none(say('agreedDate', named)), problem: say('needsDate') };
    return onNextWorkingDay(question, calendar, say, 'toBeAgreed', named, told);
  }
  const problem = dateProblem(date, question, rule.within_days, calendar, say);
  if (problem !== undefined) return { ...none(say('agreedDate', named)), problem };
  const missing = question.confirmed ? rule.confirm.filter((name) => !question.confirmed?.includes(name)) : [];
  if (missing.length > 0 && rule.unknown) return onNextWorkingDay(question, calendar, say, 'unconfirmed', { ...named, names: missing.join(', ') }, told);
  const at = calendar.endOfHours(date);
  return { due: at === null ? null : { at, ymd: date }, reason: say('agreedDate', named), byCalendar: false, notify: [] };
}
