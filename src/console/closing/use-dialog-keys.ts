/** Ctrl+Enter files from anywhere; Esc closes, unless a list is open in front. */
import { useEffect, useRef } from 'react';

export function useDialogKeys(actions: { file(): void; close(): void }): void {
  const current = useRef(actions);
  current.current = actions;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.isComposing || document.querySelector('[data-keys-blocked]')) return;
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        event.stopPropagation();
        // A held key is one press.
        if (!event.repeat) current.current.file();
      }
      if (event.key === 'Escape') {
        const target = event.target instanceof HTMLElement ? event.target : undefined;
        if (target?.getAttribute('aria-expanded') === 'true' || document.querySelector('[role=menu]')) return;
        event.preventDefault();
        current.current.close();
      }
    };
    // Before anything below hears it: an open list would be closed, and forgotten, by the time the event came up.
    addEventListener('keydown', onKey, { capture: true });
    return () => removeEventListener('keydown', onKey, { capture: true });
  }, []);
}
