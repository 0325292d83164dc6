import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { useKeys } from '../parts/keys.ts';
import { Banners } from './Banners.tsx';
import { beginTopic, type PartDraft, type Way } from './draft.ts';
import { FileBar } from './FileBar.tsx';
import { afterDrawing, goOn, goToField, goToFirstStop, goToStop } from './focus.ts';
import { NoneForm } from './NoneForm.tsx';
import { PartForm } from './PartForm.tsx';
import { PartTabs } from './PartTabs.tsx';
import { PlanList } from './PlanList.tsx';
import { type Missing, textOfMissing } from './plan-text.ts';
import type { Closing } from './use-closing.ts';
import { useDialogKeys } from './use-dialog-keys.ts';
import { Ways } from './Ways.tsx';

const isMore = ({ field }: Missing): boolean => field.startsWith('fields.');

export function ClosingForm({ closing, close }: { closing: Closing; close: () => void }) {
  const { t } = useTranslation();
  const root = useRef<HTMLDivElement>(null);
  const [more, showMore] = useState(false);
  const { draft, active, missing, proposal } = closing;

  const accept = (): void =>
    afterDrawing(() => {
      const needed = missing.find((one) => one.part === active.key && isMore(one));
      const here = document.activeElement?.closest<HTMLElement>('[data-stop]')?.dataset.stop;
      // After the last of our own questions come those that the helpdesk insists on.
      if (needed && !more && (here === 'impact' || (active.append && here === 'summary'))) {
        flushSync(() => showMore(true));
        return void goToField(root.current, needed.field);
      }
      goOn(root.current);
    });
  const pointAt = (one: Missing): void => {
    if (one.part) closing.show(one.part);
    if (isMore(one)) showMore(true);
    afterDrawing(() => {
      const transcript = document.querySelector<HTMLElement>('[data-unfiled] input, [data-filing] input');
      if (one.field === 'messages') transcript?.focus();
      else if (!goToField(root.current, one.field)) goToFirstStop(root.current);
    });
  };
  const file = (): void => {
    const first = missing[0];
    if (closing.file() === 'missing' && first) pointAt(first);
  };
  const setWay = (way: Way): void => closing.change((old) => ({ ...old, way, single: { ...old.single, append: way === 'append' } }));

  useDialogKeys({ file, close });
  const resolved = proposal.mapping.statuses.find(({ meaning }) => meaning === 'resolved');
  useKeys({
    wayNew: () => setWay('new'),
    wayAppend: () => setWay('append'),
    waySplit: () => setWay('split'),
    wayNone: () => setWay('none'),
    resolve: () =>
      active.append &&
      resolved &&
      active.ticket?.status.meaning !== 'resolved' &&
      closing.changePart(active.key, (old) => ({ ...old, after: old.after === resolved.key ? 'keep' : resolved.key, date: null })),
    transcript: () => document.querySelector<HTMLElement>('[data-filing] input')?.focus(),
    form: () => goToFirstStop(root.current),
    moreFields: () => showMore(!more),
    partOfIt: () => draft.way !== 'none' && closing.change((old) => ({ ...old, partial: !old.partial })),
  });
  // The first question has the focus when the dialog opens, and whenever the way or the part changes.
  const place = `${draft.way} ${active.key} ${active.append}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the place is the reason to move.
  useEffect(() => {
    // With one topic there is nothing to answer yet: first its messages are parted, and the first one stays where it is.
    const second = draft.way === 'split' && draft.parts.length < 2 && document.querySelectorAll<HTMLElement>('[data-filing] .gutter input:not([disabled])')[1];
    if (second) second.focus();
    else goToFirstStop(root.current);
  }, [place]);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const { target } = event;
    if (event.key !== 'Enter' || event.isDefaultPrevented() || event.ctrlKey || event.metaKey || event.nativeEvent.isComposing) return;
    if (!(target instanceof HTMLInputElement) || target.type === 'checkbox') return;
    event.preventDefault();
    if (target.dataset.search === undefined) accept();
    else goToStop(root.current, 'ticket');
  };
  const wrong = (field: string): string | undefined => {
    const found = missing.find((one) => one.part === active.key && one.field === field);
    return found && textOfMissing(t, found);
  };
  const why = (field: string) => {
    const found = closing.preview.preview?.why.find((one) => one.part === active.key && one.field === field);
    return found && { value: found.value, reason: t('closing.why', { reason: found.reason, file: found.file, line: found.line }) };
  };
  const part = (next: (part: PartDraft) => PartDraft): void => closing.changePart(active.key, next);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Enter comes up from the fields; the element itself is no control.
    <div ref={root} className="closing-body" onKeyDown={onKeyDown}>
      <Ways way={draft.way} topics={draft.parts.length} set={setWay} />
      <Banners closing={closing} />
      <div className="closing-scroll">
        {draft.way === 'split' && <PartTabs closing={closing} add={() => closing.change((old) => beginTopic(old, proposal, [], () => ''))} />}
        <div
          className="closing-fields"
          key={place}
          {...(draft.way === 'split' ? { role: 'tabpanel', id: 'part-panel', 'aria-labelledby': `part-tab-${active.key}` } : {})}
        >
          {draft.way === 'none' ? (
            <NoneForm closing={closing} accept={accept} />
          ) : (
            <PartForm
              part={active}
              change={{ closing, part }}
              wrong={wrong}
              accept={accept}
              why={why}
              more={more || (missing.length > 0 && missing.every(isMore))}
              showMore={showMore}
            />
          )}
        </div>
      </div>
      <PlanList closing={closing} />
      <FileBar closing={closing} file={file} />
    </div>
  );
}
