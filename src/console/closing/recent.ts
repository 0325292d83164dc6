/** What this tab filed a moment ago: shown as toasts, also after a reload. */
import { useSyncExternalStore } from 'react';

export interface Filed {
  readonly closing: string;
  readonly conversation: string;
  readonly title: string;
  /** By this browser's clock: the server's may differ. */
  readonly until: number;
}

const storageKey = 'deskbridge-filed';
const mostShown = 4;

function read(): readonly Filed[] {
  try {
    return JSON.parse(sessionStorage.getItem(storageKey) ?? '[]') as readonly Filed[];
  } catch {
    return [];
  }
}
let filed = read();
const listeners = new Set<() => void>();
function change(next: readonly Filed[]): void {
  filed = next;
  sessionStorage.setItem(storageKey, JSON.stringify(filed));
  for (const listener of listeners) listener();
}

export const rememberFiled = (one: Filed): void => change([...filed.filter(({ closing }) => closing !== one.closing), one].slice(-mostShown));
export const forgetFiled = (closing: string): void => change(filed.filter((one) => one.closing !== closing));
export const useFiled = (): readonly Filed[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => filed,
  );
