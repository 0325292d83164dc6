/** Lines, gaps and reasons of a plan in words, by key: the console shows them, and the server says them to channels. Knows no page and no clock. */
import type { TFunction } from 'i18next';
import type { Preview, Proposal } from '../../api/contract.ts';

export type Missing = Preview['missing'][number];
export type PlanLine = Preview['lines'][number];
export type Reason = Proposal['candidates'][number]['reasons'][number];

/** What a plan says in one language. `day` writes YYYY-MM-DD as people say it. */
export interface PlanWords {
  readonly t: TFunction;
  day(ymd: string): string;
}

const dates = new Set(['due', 'date']);

/** Values as people read them: dates in words, and the optional ones of a line joined with commas. */
function valuesOf({ t, day }: PlanWords, line: Pick<PlanLine, 'values'>): Record<string, string | number> {
  const values = Object.fromEntries(Object.entries(line.values).map(([key, value]) => [key, dates.has(key) ? day(String(value)) : value]));
  const { priority, status, due, reason, waiting } = values;
  const outcome = [priority, status, due ? t('plan.due', { date: due }) : ''].filter(Boolean).join(', ');
  return {
    ...values,
    outcome: outcome ? `, ${outcome}` : '',
    dueNote: due ? `, ${t('plan.due', { date: due })}` : '',
    waitingNote: waiting ? `, ${t('plan.waiting', { count: Number(waiting) })}` : '',
    ...(reason ? { reason: t(`closing.none.${reason}`) } : {}),
    ...('count' in values ? { count: Number(values.count) } : {}),
  };
}

export const wordsOfLine = (words: PlanWords, line: Pick<PlanLine, 'key' | 'values'>): string =>
  words.t(`plan.lines.${line.key}`, { ...valuesOf(words, line), defaultValue: line.key });

export const wordsOfMissing = ({ t }: Pick<PlanWords, 't'>, { reason, label }: Pick<Missing, 'reason' | 'label'>): string =>
  t(`plan.missing.${reason.key}`, {
    label,
    ...reason.values,
    ...('count' in reason.values ? { count: Number(reason.values.count) } : {}),
    defaultValue: reason.values.message ?? label,
  });

export const wordsOfReason = ({ t }: Pick<PlanWords, 't'>, { key, values }: Reason): string =>
  t(`candidate.${key}`, { ...values, ...('days' in values ? { count: Number(values.days) } : {}), defaultValue: key });
