/** Keys: one letter for one action, changed by the agent if they like, silent while somebody types and just after a jump. */
import { useEffect, useRef, useSyncExternalStore } from 'react';

/** Letters and digits of the main block alone: none needs AltGr on any layout, none is the browser's own. */
export const defaultKeys = {
  help: '?',
  next: 'j',
  previous: 'k',
  end: 'e',
  reply: 'r',
  note: 'i',
  assign: 'm',
  back: 'u',
  newConversation: 'n',
  search: '/',
  undo: 'z',
  wayNew: 'n',
  wayAppend: 'a',
  waySplit: 's',
  wayNone: 'x',
  resolve: 'r',
  transcript: 't',
  form: 'f',
  moreFields: 'm',
  partOfIt: 'p',
} as const satisfies Record<string, string>;
export type Action = keyof typeof defaultKeys;

/** Actions that listen at the same time: within one of these groups no key may stand twice. */
export const keyGroups: Readonly<Record<'everywhere' | 'conversation' | 'dialog', readonly Action[]>> = {
  everywhere: ['help', 'search', 'undo'],
  conversation: ['next', 'previous', 'end', 'reply', 'note', 'assign', 'back', 'newConversation'],
  dialog: ['wayNew', 'wayAppend', 'waySplit', 'wayNone', 'resolve', 'transcript', 'form', 'moreFields', 'partOfIt'],
};

const storageKey = 'deskbridge-keys';
interface KeySettings {
  readonly on: boolean;
  readonly own: Partial<Record<Action, string>>;
}
function read(): KeySettings {
  try {
    return { on: true, own: {}, ...(JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Partial<KeySettings>) };
  } catch {
    return { on: true, own: {} };
  }
}
let settings = read();
const listeners = new Set<() => void>();
const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export function changeKeys(change: Partial<KeySettings>): void {
  settings = { ...settings, ...change };
  localStorage.setItem(storageKey, JSON.stringify(settings));
  for (const listener of listeners) listener();
}
export const useKeySettings = (): KeySettings =>
  useSyncExternalStore(
    subscribe,
    () => settings,
    () => settings,
  );
export const keyOf = (action: Action): string => settings.own[action] ?? defaultKeys[action];

let silentUntil = 0;
/** After a jump to another conversation a key meant for the last one must not act on this one. */
export function ignoreKeysFor(ms: number): void {
  silentUntil = performance.now() + ms;
}
addEventListener(
  'keydown',
  (event) => {
    if (performance.now() >= silentUntil || ['Tab', 'Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  { capture: true },
);

const textTypes = new Set(['text', 'search', 'email', 'password', 'number', 'tel', 'url', 'date', 'time']);
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return textTypes.has(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

const overlayIsOpen = (): boolean => document.querySelector('[data-keys-blocked]') !== null;

/** Single keys while nobody types. A handler that returns false leaves the key to the browser. */
export function useKeys(bindings: Partial<Record<Action, (event: KeyboardEvent) => unknown>>, enabled = true): void {
  const current = useRef(bindings);
  current.current = bindings;
  useEffect(() => {
    if (!enabled) return;
    const onKey = (event: KeyboardEvent): void => {
      if (!settings.on || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.getModifierState('AltGraph')) return;
      if (event.isComposing || isTyping(event.target) || overlayIsOpen()) return;
      const action = (Object.keys(current.current) as Action[]).find((one) => keyOf(one) === event.key.toLowerCase());
      const handler = action && current.current[action];
      if (!handler || handler(event) === false) return;
      event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [enabled]);
}
