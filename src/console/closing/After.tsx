import { useTranslation } from 'react-i18next';
import { Keycap } from '../parts/Keycap.tsx';
import { keyOf } from '../parts/keys.ts';
import { OutcomeDate, withDate } from './Outcome.tsx';
import type { PartProps } from './part-props.ts';
import { RadioRow } from './RadioRow.tsx';

/** What is added, and what becomes of the ticket, are two decisions: it keeps its status unless somebody says otherwise. */
export function After(props: PartProps) {
  const { part, change, accept, wrong } = props;
  const { t } = useTranslation();
  const { statuses } = change.closing.proposal.mapping;
  const resolved = statuses.find(({ meaning }) => meaning === 'resolved');
  const others = statuses.filter((one) => one !== resolved);
  const label = part.ticket?.status.label;
  return (
    <>
      <RadioRow
        legend={t('closing.after')}
        name="after"
        digits={false}
        value={part.after}
        pick={(after) => change.part((old) => ({ ...old, after, date: old.after === after ? old.date : null }))}
        accept={accept}
        error={wrong('outcome')}
        choices={[
          { value: 'keep', label: label ? t('closing.keep', { status: label }) : t('closing.keepAny') },
          ...(resolved && part.ticket?.status.meaning !== 'resolved'
            ? [
                {
                  value: resolved.key,
                  label: (
                    <>
                      {t('closing.resolve')} <Keycap>{keyOf('resolve').toUpperCase()}</Keycap>
                    </>
                  ),
                },
              ]
            : []),
          ...others.map(({ key, label: name, date }) => ({ value: key, label: date ? withDate(t, name) : name })),
        ]}
      />
      <OutcomeDate {...props} status={part.after === 'keep' ? null : part.after} />
    </>
  );
}
