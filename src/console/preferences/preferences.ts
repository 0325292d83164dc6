/** Small choices of this browser: kept here, never on the server. */
import { useSyncExternalStore } from 'react';

interface Preferences {
  /** After filing, open the next conversation of the list. */
  readonly goOn: boolean;
  readonly formattedMail: boolean;
}
const storageKey = 'deskbridge-preferences';
const initial: Preferences = { goOn: false, formattedMail: true };

function read(): Preferences {
  try {
    return { ...initial, ...(JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Partial<Preferences>) };
  } catch {
    return initial;
  }
}
let current = read();
const listeners = new Set<() => void>();

export function prefer(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  localStorage.setItem(storageKey, JSON.stringify(current));
  for (const listener of listeners) listener();
}
export const preferences = (): Preferences => current;
export const usePreferences = (): Preferences =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
