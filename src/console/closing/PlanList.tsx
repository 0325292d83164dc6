import { useTranslation } from 'react-i18next';
import { problemText } from '../parts/problem-text.ts';
import { type PlanLine, sameLine, textOfLine } from './plan-text.ts';
import type { Closing } from './use-closing.ts';

/** Helpdesk and consequences that deserve more than a glance. */
const loud = new Set(['follow-up', 'follow-up-if-closed', 'helpdesk-down', 'files-left-out', 'mails', 'mails-unknown', 'new-requester', 'stays-open']);

/** Small things of one part that fit on one line. */
const small = new Set(['summary', 'transcript', 'files']);

function gather(lines: readonly PlanLine[]): readonly (readonly PlanLine[])[] {
  const groups: PlanLine[][] = [];
  for (const line of lines) {
    const last = groups.at(-1);
    const [head] = last ?? [];
    if (last && head && small.has(head.key) && small.has(line.key) && head.part === line.part) last.push(line);
    else groups.push([line]);
  }
  return groups;
}

function Line({ lines, closing, number }: { lines: readonly PlanLine[]; closing: Closing; number: number }) {
  const { t } = useTranslation();
  const { before, parts } = closing;
  const isNew = before !== undefined && lines.some((line) => !before.lines.some((old) => sameLine(old, line)));
  const topic = parts.length > 1 ? parts.findIndex(({ key }) => key === lines[0]?.part) : -1;
  return (
    <li
      className="plan-line"
      data-loud={lines.some(({ key }) => loud.has(key)) || undefined}
      data-new={isNew || undefined}
      data-topic={topic >= 0 ? (topic % 8) + 1 : undefined}
    >
      <span className="plan-number" aria-hidden>
        {topic >= 0 ? <span className="topic-dot">{topic + 1}</span> : number}
      </span>
      <span>
        {isNew && <span className="tag tag-alarm">{t('closing.changed')}</span>} {lines.map((line) => textOfLine(t, line)).join(' · ')}
      </span>
    </li>
  );
}

/** "What will happen": the plan as the server made it, never a guess of ours. */
export function PlanList({ closing }: { closing: Closing }) {
  const { t } = useTranslation();
  const { preview } = closing;
  const groups = gather(preview.preview?.lines ?? []);
  return (
    <section className="plan" aria-label={t('closing.whatWillHappen')} aria-busy={!preview.current}>
      <h3>{t('closing.whatWillHappen')}</h3>
      <div aria-live="polite" className="plan-lines">
        {preview.error ? (
          <p className="field-error">
            {problemText(preview.error)}{' '}
            <button type="button" className="link-button" onClick={preview.again}>
              {t('action.tryAgain')}
            </button>
          </p>
        ) : groups.length ? (
          <ol>
            {groups.map((lines, index) => (
              <Line key={JSON.stringify(lines)} lines={lines} closing={closing} number={index + 1} />
            ))}
          </ol>
        ) : (
          <p className="field-none">{t('closing.noPlanYet')}</p>
        )}
      </div>
    </section>
  );
}
