/** Lines, gaps and reasons of the server, by key, in the agent's language. */
import type { TFunction } from 'i18next';
import type { Preview, Proposal } from '../../api/contract.ts';
import { ymdText } from '../parts/format.ts';

export type Missing = Preview['missing'][number];
export type PlanLine = Preview['lines'][number];
type Reason = Proposal['candidates'][number]['reasons'][number];

const dates = new Set(['due', 'date']);

/** Values as people read them: dates in words, and the optional ones of a line joined with commas. */
function valuesOf(t: TFunction, line: PlanLine): Record<string, string | number> {
  const values = Object.fromEntries(Object.entries(line.values).map(([key, value]) => [key, dates.has(key) ? ymdText(String(value)) : value]));
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

export const textOfLine = (t: TFunction, line: PlanLine): string => t(`plan.lines.${line.key}`, { ...valuesOf(t, line), defaultValue: line.key });

export const textOfMissing = (t: TFunction, { reason, label }: Missing): string =>
  t(`plan.missing.${reason.key}`, {
    label,
    ...reason.values,
    ...('count' in reason.values ? { count: Number(reason.values.count) } : {}),
    defaultValue: reason.values.message ?? label,
  });

export const textOfReason = (t: TFunction, { key, values }: Reason): string =>
  t(`candidate.${key}`, { ...values, ...('days' in values ? { count: Number(values.days) } : {}), defaultValue: key });

export const sameLine = (a: PlanLine, b: PlanLine): boolean => a.part === b.part && a.key === b.key && JSON.stringify(a.values) === JSON.stringify(b.values);
