import { Button, Checkbox } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { clockOf } from '../parts/format.ts';
import { Keycap } from '../parts/Keycap.tsx';
import { keyOf } from '../parts/keys.ts';
import { assign, skip } from './draft.ts';
import type { Closing } from './use-closing.ts';

/** What goes along besides words: sounds that nobody wrote down, pictures, and files that are not here yet. */
function useEvidence({ conversation, parts }: Closing): string {
  const { t } = useTranslation();
  const held = new Set(parts.flatMap(({ messages }) => messages));
  const files = conversation.messageList.filter(({ id }) => held.has(id)).flatMap((message) => message.files.filter(({ decoration }) => !decoration));
  const audio = files.filter(({ mime }) => mime.startsWith('audio/'));
  const pictures = files.filter(({ mime }) => mime.startsWith('image/')).length;
  const others = files.length - audio.length - pictures;
  const waiting = files.filter(({ state }) => state === 'waiting').length;
  const seconds = audio.reduce((sum, one) => sum + (one.seconds ?? 0), 0);
  return [
    audio.length ? t('filing.audio', { count: audio.length, length: clockOf(seconds) }) : '',
    pictures ? t('filing.pictures', { count: pictures }) : '',
    others ? t('filing.files', { count: others }) : '',
    waiting ? t('filing.waiting', { count: waiting }) : '',
  ]
    .filter(Boolean)
    .join(', ');
}

/** Below the transcript: how much of it is filed, what is not, and the topics with their digits. */
export function FilingBar({ closing, unpeek }: { closing: Closing; unpeek: () => void }) {
  const { t } = useTranslation();
  const { draft, substance, unfiled, parts, ticked, proposal } = closing;
  const evidence = useEvidence(closing);
  const back = (
    <Button className="peek-button" variant="default" fullWidth onClick={unpeek}>
      {t('filing.backToForm')}
    </Button>
  );
  if (draft.way === 'none') return back;
  const split = draft.way === 'split';
  const held = new Set([...parts.flatMap(({ messages }) => messages), ...(draft.partial ? [] : proposal.courtesies)]);
  const all = draft.partial ? closing.conversation.messageList.length : new Set([...substance, ...proposal.courtesies, ...held]).size;
  const act = (next: () => void): void => {
    next();
    closing.clearTicks();
  };
  return (
    <section className="filing-bar" aria-label={t('filing.label')}>
      <div className="filing-line">
        <span className="filing-count" data-open={unfiled.length > 0 || undefined} role="status">
          {t('filing.count', { filed: held.size, count: all })}
          {draft.skipped.length > 0 && `, ${t('filing.skippedCount', { count: draft.skipped.length })}`}
        </span>
        <Checkbox
          label={
            <>
              {t('filing.partOfIt')} <Keycap>{keyOf('partOfIt').toUpperCase()}</Keycap>
            </>
          }
          checked={draft.partial}
          onChange={(event) => {
            const { checked } = event.currentTarget;
            closing.change((old) => ({ ...old, partial: checked }));
          }}
        />
      </div>
      {evidence && <p className="filing-evidence">{evidence}</p>}
      {(ticked.length > 0 || unfiled.length > 0) && !(draft.partial && !split) && (
        <div className="filing-actions">
          <span>{ticked.length ? t('filing.ticked', { count: ticked.length }) : t('filing.unfiledCount', { count: unfiled.length })}</span>
          {split &&
            parts.map((part, index) => (
              <Button
                key={part.key}
                size="compact-xs"
                variant="default"
                leftSection={
                  <span className="topic-dot" data-topic={(index % 8) + 1} aria-hidden>
                    {index + 1}
                  </span>
                }
                onClick={() => act(() => closing.change((old) => assign(old, part.key, ticked.length ? ticked : unfiled)))}
              >
                {part.title || t('closing.untitled')}
              </Button>
            ))}
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<Keycap>0</Keycap>}
            onClick={() => act(() => closing.change((old) => skip(old, ticked.length ? ticked : unfiled)))}
          >
            {t('filing.skip')}
          </Button>
        </div>
      )}
      <p className="filing-hint">
        <Keycap>{keyOf('transcript').toUpperCase()}</Keycap> {t(split ? 'filing.hintSplit' : 'filing.hint')}
      </p>
      {back}
    </section>
  );
}
