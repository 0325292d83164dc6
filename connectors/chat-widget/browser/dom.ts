/** Makes elements. Words go in as text, never as HTML: what others wrote cannot become markup. */
type Attributes = Readonly<Record<string, string | boolean | undefined>>;

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  set(element, attributes);
  element.append(...children);
  return element;
}

export function set(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? '' : value);
  }
}

const paths = {
  chat: 'M12 3.5c-5 0-9 3.4-9 7.7 0 2.3 1.2 4.4 3.1 5.8-.1 1.2-.6 2.3-1.4 3.2-.2.3 0 .7.4.7 1.9-.2 3.5-.9 4.7-1.9.7.1 1.4.2 2.2.2 5 0 9-3.5 9-7.9s-4-7.8-9-7.8Z',
  close: 'M6.5 6.5l11 11m0-11l-11 11',
  down: 'M6 9.5l6 6 6-6',
  send: 'M12 19V5.5m0 0L6 11.5m6-6 6 6',
  clip: 'M19 11.5l-7.4 7.4a4.6 4.6 0 0 1-6.5-6.5l7.9-7.9a3.1 3.1 0 0 1 4.4 4.4l-7.9 7.9a1.5 1.5 0 0 1-2.2-2.2l7.1-7.1',
  file: 'M13.5 3.5H7A1.5 1.5 0 0 0 5.5 5v14A1.5 1.5 0 0 0 7 20.5h10a1.5 1.5 0 0 0 1.5-1.5V8.5l-5-5Zm0 0v5h5',
  check: 'M5.5 12.5l4.2 4.2 8.8-9.4',
  clock: 'M12 7.5V12l3 2M20.5 12a8.5 8.5 0 1 1-17 0 8.5 8.5 0 0 1 17 0Z',
  save: 'M12 4v10.5m0 0l-4.2-4.2m4.2 4.2l4.2-4.2M5 19.5h14',
  alert: 'M12 8v5m0 3.2v.1M20.5 12a8.5 8.5 0 1 1-17 0 8.5 8.5 0 0 1 17 0Z',
};
export type Icon = keyof typeof paths;

export function icon(name: Icon): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  set(svg, { viewBox: '0 0 24 24', 'aria-hidden': 'true', class: `icon icon-${name}` });
  const path = document.createElementNS(space, 'path');
  set(path, { d: paths[name] });
  svg.append(path);
  return svg;
}

const address = /https?:\/\/[^\s<>"]+[^\s<>"'.,;:!?)\]}]/g;

/** Text with its web addresses as links. */
export function linked(text: string): readonly (Node | string)[] {
  const parts: (Node | string)[] = [];
  let from = 0;
  for (const { 0: url, index } of text.matchAll(address)) {
    parts.push(text.slice(from, index), el('a', { href: url, target: '_blank', rel: 'noopener noreferrer nofollow' }, url));
    from = index + url.length;
  }
  return [...parts, text.slice(from)];
}
