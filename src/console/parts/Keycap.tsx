/** A key as a hint. Screen readers hear the shortcut by `aria-keyshortcuts` on the control itself. */
export function Keycap({ children }: { children: string }) {
  return (
    <kbd className="keycap" aria-hidden>
      {children}
    </kbd>
  );
}
