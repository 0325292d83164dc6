import { useTranslation } from 'react-i18next';
import { problemText } from '../parts/problem-text.ts';
import { type PlanLine, sameLine, textOfLine } from './plan-text.ts';
import type { Closing } from './use-closing.ts';

/** Helpdesk and consequences that deserve more than a glance. */
const loud = new Set(['follow-up', 'follow-up-if-closed', 'helpdesk-down', 'files-left-out', 'mails', 'mails-unknown', 'new-requester', 'stays-open']);

function Line({ line, closing, number }: { line: PlanLine; closing: Closing; number: number }) {
  const { t } = useTranslation();
  const { before, parts } = closing;
  const isNew = before !== undefined && !before.lines.some((old) => sameLine(old, line));
  const topic = parts.length > 1 ? parts.findIndex(({ key }) => key === line.part) : -1;
  return (
    <li className="plan-line" data-loud={loud.has(line.key) || undefined} data-new={isNew || undefined} data-topic={topic >= 0 ? (topic % 8) + 1 : undefined}>
      <span className="plan-number" aria-hidden>
        {topic >= 0 ? <span className="topic-dot">{topic + 1}</span> : number}
      </span>
      <span>
        {isNew && <span className="tag tag-alarm">{t('closing.changed')}</span>} {textOfLine(t, line)}
      </span>
    </li>
  );
}

/** "What will happen": the plan as the server made it, never a guess of ours. */
export function PlanList({ closing }: { closing: Closing }) {
  const { t } = useTranslation();
  const { preview } = closing;
  const lines = preview.preview?.lines ?? [];
  return (
    <section className="plan" aria-label={t('closing.whatWillHappen')} aria-busy={!preview.current}>
      <h3>{t('closing.whatWillHappen')}</h3>
      <div aria-live="polite" className="plan-lines" data-stale={!preview.current || undefined}>
        {preview.error ? (
          <p className="field-error">
            {problemText(preview.error)}{' '}
            <button type="button" className="link-button" onClick={preview.again}>
              {t('action.tryAgain')}
            </button>
          </p>
        ) : lines.length ? (
          <ol>
            {lines.map((line, index) => (
              <Line key={`${line.part}/${line.key}/${JSON.stringify(line.values)}`} line={line} closing={closing} number={index + 1} />
            ))}
          </ol>
        ) : (
          <p className="field-none">{t('closing.noPlanYet')}</p>
        )}
      </div>
    </section>
  );
}
