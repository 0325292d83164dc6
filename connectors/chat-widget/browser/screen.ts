/** On small screens the panel is the screen: it fits above the keyboard, and the page behind keeps still. */
const small = '(max-width: 480px), (max-height: 480px)';

/** Returns what to call when the panel opens or closes. `modal` is told whether nothing else on the page can be reached now. */
export function fitScreen(host: HTMLElement, modal: (modal: boolean) => void): (open: boolean) => void {
  const query = matchMedia(small);
  const page = document.documentElement;
  let isOpen = false;
  let before: string | undefined;

  /** A keyboard covers a part of the page without making it smaller; only the visual viewport tells. A zoomed page is left alone. */
  function fitView(): void {
    const view = window.visualViewport;
    const useful = view && Math.abs(view.scale - 1) < 0.05;
    host.style.setProperty('--screen-top', useful ? `${view.offsetTop}px` : '0px');
    host.style.setProperty('--screen-height', useful ? `${view.height}px` : '100dvh');
  }

  function update(): void {
    const full = isOpen && query.matches;
    modal(full);
    if (full === (before !== undefined)) return;
    if (full) {
      before = page.style.overflow;
      page.style.overflow = 'hidden';
    } else {
      page.style.overflow = before ?? '';
      before = undefined;
    }
  }

  window.visualViewport?.addEventListener('resize', fitView);
  window.visualViewport?.addEventListener('scroll', fitView);
  query.addEventListener('change', update);
  fitView();
  return (open) => {
    isOpen = open;
    update();
  };
}
