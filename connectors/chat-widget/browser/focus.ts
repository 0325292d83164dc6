/** Tab goes round inside of the panel; Escape leaves it. */
const reachable = 'button, input, select, textarea, a[href], [tabindex="0"]';

export function holdFocus(panel: HTMLElement): void {
  panel.addEventListener('keydown', (event) => {
    if (event.key !== 'Tab' || event.altKey || event.ctrlKey || event.metaKey) return;
    const stops = [...panel.querySelectorAll<HTMLElement>(reachable)].filter((one) => one.tabIndex >= 0 && !one.matches(':disabled') && one.checkVisibility());
    const [leaving, entering] = event.shiftKey ? [stops.at(0), stops.at(-1)] : [stops.at(-1), stops.at(0)];
    const root = panel.getRootNode() as ShadowRoot;
    if (!entering || root.activeElement !== leaving) return;
    event.preventDefault();
    entering.focus();
  });
}
