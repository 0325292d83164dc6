import { Button } from '@mantine/core';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { type PartDraft, toBeAgreed } from './draft.ts';
import type { PartProps } from './part-props.ts';
import { RadioRow } from './RadioRow.tsx';

/** Says that a date will be asked for, unless the mapping's own words say so already (“Visit on…”). */
export const withDate = (t: TFunction, label: string): string => (/(…|\.\.\.)$/.test(label) ? label : t('closing.withDate', { label }));

/** The date that an outcome asks for; not knowing it yet is an answer too. */
export function OutcomeDate({ part, status, change, wrong, accept }: PartProps & { status: string | null }) {
  const { t } = useTranslation();
  const asked = status && change.closing.proposal.mapping.statuses.find(({ key }) => key === status)?.date;
  if (!asked) return null;
  const open = part.date === toBeAgreed;
  const set = (date: string | null): void => change.part((old) => ({ ...old, date }));
  const error = wrong('date');
  return (
    <div className="field field-date" data-error={error ? true : undefined}>
      <label htmlFor={`date-${part.key}`}>{asked.label}</label>
      <div className="date-row">
        <input
          id={`date-${part.key}`}
          className="date-input"
          type="date"
          data-stop="date"
          data-field="date"
          disabled={open}
          value={open ? '' : (part.date ?? '')}
          min={new Date().toLocaleDateString('sv-SE')}
          // Without an end a year takes six digits, and what is typed on goes into it.
          max="9999-12-31"
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? `date-error-${part.key}` : undefined}
          onChange={(event) => set(event.currentTarget.value || null)}
        />
        {asked.mayBeUnknown && (
          <Button
            size="compact-sm"
            variant={open ? 'filled' : 'default'}
            aria-pressed={open}
            onClick={() => {
              set(open ? null : toBeAgreed);
              if (!open) accept();
            }}
          >
            {t('closing.toBeAgreed')}
          </Button>
        )}
        {asked.withinDays !== null && !open && <span className="field-hint">{t('closing.withinDays', { count: asked.withinDays })}</span>}
        {error && (
          <span className="field-error" id={`date-error-${part.key}`}>
            {error}
          </span>
        )}
      </div>
    </div>
  );
}

export function Outcome(props: PartProps) {
  const { t } = useTranslation();
  const { part, change, wrong, accept, why } = props;
  const pick = (outcome: string): void => change.part((old: PartDraft) => ({ ...old, outcome, date: old.outcome === outcome ? old.date : null }));
  return (
    <>
      <RadioRow
        legend={t('closing.howDidItEnd')}
        name="outcome"
        stop="outcome"
        choices={change.closing.proposal.mapping.statuses.map(({ key, label, date }) => ({
          value: key,
          label: date ? withDate(t, label) : label,
          hint: key === part.outcome ? why('status')?.reason : undefined,
        }))}
        value={part.outcome}
        pick={pick}
        accept={accept}
        error={wrong('outcome')}
      />
      <OutcomeDate {...props} status={part.outcome} />
    </>
  );
}
