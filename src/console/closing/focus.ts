/** The way through the form by keys: Enter takes what is proposed and goes to the next stop. Stops carry `data-stop`, fields `data-field`. */
import { flushSync } from 'react-dom';

const focusable = 'input:not([disabled]):not([type=hidden]), textarea:not([disabled]), select:not([disabled]), button:not([disabled])';

function enter(element: HTMLElement): void {
  const inner = element.matches(focusable)
    ? element
    : (element.querySelector<HTMLElement>('input:checked') ?? element.querySelector<HTMLElement>(focusable) ?? element);
  inner.focus();
  inner.scrollIntoView({ block: 'nearest' });
}

/** After React has drawn what the key changed, and still before the next key: a timer would let a fast one go to the old field. */
export const afterDrawing = (act: () => void): void =>
  queueMicrotask(() => {
    flushSync(() => undefined);
    act();
  });

const stopsOf = (root: HTMLElement): HTMLElement[] => [...root.querySelectorAll<HTMLElement>('[data-stop]')].filter((one) => one.getClientRects().length > 0);

export function goToFirstStop(root: HTMLElement | null): void {
  const first = root && stopsOf(root)[0];
  if (first) enter(first);
}

export function goToStop(root: HTMLElement | null, name: string): boolean {
  const found = root && stopsOf(root).find((one) => one.dataset.stop === name);
  if (found) enter(found);
  return found != null;
}

/** From wherever the focus is; a field between two stops goes to the stop after it. */
export function goOn(root: HTMLElement | null): void {
  if (!root) return;
  const here = document.activeElement;
  const next = stopsOf(root).find((stop) => here && !stop.contains(here) && (here.compareDocumentPosition(stop) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0);
  if (next) enter(next);
}

export function goToField(root: HTMLElement | null, field: string): boolean {
  const found = root?.querySelector<HTMLElement>(`[data-field="${CSS.escape(field)}"]`);
  if (found) enter(found);
  return found != null;
}
