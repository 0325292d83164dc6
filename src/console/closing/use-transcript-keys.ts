/** In the transcript: j and k walk, space ticks, a digit files what is ticked in its topic (the one after the last begins one), 0 skips. Elsewhere digits mean something else. */
import { type RefObject, useEffect, useRef } from 'react';
import { assign, beginTopic, mostTopics, skip } from './draft.ts';
import type { Closing } from './use-closing.ts';

const boxesOf = (list: HTMLElement): HTMLInputElement[] => [...list.querySelectorAll<HTMLInputElement>('.gutter input:not([disabled])')];
const idOf = (box: HTMLElement): string => box.closest<HTMLElement>('[data-message]')?.dataset.message ?? '';

function walk(list: HTMLElement, from: HTMLElement, by: number): void {
  const boxes = boxesOf(list);
  const next = boxes[boxes.indexOf(from as HTMLInputElement) + by];
  next?.focus();
  next?.closest('li')?.scrollIntoView({ block: 'nearest' });
}

/** What is ticked, or the message in focus when nothing is. */
function chosen(closing: Closing, box: HTMLElement): readonly string[] {
  return closing.ticked.length && !(closing.draft.partial && closing.draft.way !== 'split') ? closing.ticked : [idOf(box)];
}

export function useTranscriptKeys(list: RefObject<HTMLElement | null>, closing: Closing | undefined): void {
  const current = useRef(closing);
  current.current = closing;
  const on = closing !== undefined;
  useEffect(() => {
    const element = list.current;
    if (!element || !on) return;
    const onKey = (event: KeyboardEvent): void => {
      const now = current.current;
      const box = event.target;
      if (!now || !(box instanceof HTMLInputElement) || event.ctrlKey || event.metaKey || event.altKey) return;
      const key = event.key.toLowerCase();
      const part = /^[1-9]$/.test(key) && now.draft.way === 'split' ? now.draft.parts[Number(key) - 1] : undefined;
      if (key === 'j' || key === 'arrowdown') walk(element, box, 1);
      else if (key === 'k' || key === 'arrowup') walk(element, box, -1);
      else if (key === '0' && now.draft.way !== 'none') {
        now.change((draft) => skip(draft, chosen(now, box)));
        now.clearTicks();
      } else if (now.draft.way === 'split' && now.draft.parts.length < mostTopics && key === String(now.draft.parts.length + 1)) {
        const textOf = (id: string): string => now.conversation.messageList.find((one) => one.id === id)?.text ?? '';
        now.change((draft) => beginTopic(draft, now.proposal, chosen(now, box), textOf));
        now.clearTicks();
      } else if (part) {
        now.change((draft) => assign(draft, part.key, chosen(now, box)));
        now.clearTicks();
      } else return;
      event.preventDefault();
    };
    element.addEventListener('keydown', onKey);
    return () => element.removeEventListener('keydown', onKey);
  }, [list, on]);
}
