/** The bubble and the panel that it opens. */
import type { Config } from './api.ts';
import type { Composer } from './composer.ts';
import type { Details } from './details.ts';
import { el, icon, linked, set } from './dom.ts';
import { holdFocus } from './focus.ts';
import type { MessageList } from './message-list.ts';
import { receiveFiles } from './receive-files.ts';
import { fill, type Words } from './words.ts';

export interface Panel {
  readonly element: HTMLElement;
  isOpen(): boolean;
  open(focus: boolean): void;
  unread(count: number): void;
  online(online: boolean): void;
  /** When somebody is back; undefined while somebody is there. */
  away(text: string | undefined): void;
  /** An agent writes; undefined when nobody does. */
  typing(agent: string | undefined): void;
  /** There is something to save. */
  savable(savable: boolean): void;
  /** Nothing else on the page can be reached now: the panel fills the screen. */
  modal(modal: boolean): void;
  /** Read out to those who cannot see it. */
  announce(text: string): void;
  /** Shows the newest message, unless the visitor is reading further up; `always` after one's own. */
  follow(change: () => void, always: boolean): void;
}

export interface PanelParts {
  readonly config: Config;
  readonly words: Words;
  readonly list: MessageList;
  readonly details: Details;
  readonly composer: Composer;
  toggled(open: boolean): void;
  /** The visitor wants to keep the conversation. */
  save(): void;
}

export function createPanel({ config, words, list, details, composer, toggled, save }: PanelParts): Panel {
  const title = config.title ?? words.title;
  const badge = el('span', { class: 'badge', 'aria-hidden': 'true' });
  const launcher = el('button', { type: 'button', class: 'launcher', 'aria-haspopup': 'dialog', 'aria-expanded': 'false' }, icon('chat'), icon('down'), badge);
  const close = el('button', { type: 'button', class: 'round close', 'aria-label': words.close, title: words.close }, icon('close'));
  const keep = el('button', { type: 'button', class: 'round', 'aria-label': words.save, title: words.save }, icon('save'));
  const notice = el('div', { class: 'notice', role: 'status' });
  const absence = el('div', { class: 'absence', role: 'status' });
  const typist = el('span', {});
  const typing = el('div', { class: 'typing', 'aria-hidden': 'true' }, el('span', { class: 'dots' }, el('i'), el('i'), el('i')), typist);
  const announcer = el('div', { class: 'unseen', 'aria-live': 'polite' });
  const greeting = el('div', { class: 'greeting' }, el('p', {}, ...linked(config.greeting ?? words.greeting)));
  // A log speaks by itself, and would repeat a message whenever its mark changes; the announcer says each once, with its author.
  const scroller = el(
    'div',
    { class: 'scroller', tabindex: '0', role: 'log', 'aria-live': 'off', 'aria-label': words.messages },
    greeting,
    details.element,
    list.element,
    typing,
  );
  const header = el('header', {}, el('span', { class: 'face' }, icon('chat')), el('h2', { id: 'title' }, title), keep, close);
  const dialog = el('section', { class: 'panel', role: 'dialog', 'aria-labelledby': 'title' }, header, notice, absence, scroller, composer.element);
  const element = el('div', { class: 'root' }, dialog, launcher, announcer);
  dialog.hidden = true;
  badge.hidden = true;
  notice.hidden = true;
  absence.hidden = true;
  typing.hidden = true;
  keep.hidden = true;
  /** The visitor is at the newest message, not reading further up. */
  let pinned = true;
  let offlineTimer: ReturnType<typeof setTimeout> | undefined;

  const label = (count: number): string => (count > 0 ? `${words.open}, ${fill(words.unread, { n: count })}` : words.open);

  function show(open: boolean, focus: boolean): void {
    if (dialog.hidden === !open) return;
    dialog.hidden = !open;
    set(launcher, { 'aria-expanded': String(open), 'aria-label': open ? words.close : label(0) });
    set(element, { class: open ? 'root open' : 'root' });
    if (open) {
      pinned = true;
      list.toEnd();
    }
    if (focus && !open) launcher.focus();
    else if (focus && !details.focus()) composer.focus();
    toggled(open);
  }

  launcher.addEventListener('click', () => show(dialog.hidden === true, true));
  close.addEventListener('click', () => show(false, true));
  keep.addEventListener('click', save);
  dialog.addEventListener('keydown', (event) => {
    // While a character is being composed, Escape takes that back.
    if (event.key === 'Escape' && !event.isComposing) show(false, true);
  });
  holdFocus(dialog);
  receiveFiles(dialog, words.dropHere, (files) => {
    composer.addFiles(files);
    composer.focus();
  });
  scroller.addEventListener('scroll', () => {
    pinned = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;
  });
  // A picture that arrives, a notice or a growing text field must not push the newest message out of sight.
  const sizes = new ResizeObserver(() => {
    if (pinned) list.toEnd();
  });
  sizes.observe(scroller);
  sizes.observe(list.element);
  // The page behind has shortcuts of its own, and must not take what is typed here for them.
  for (const type of ['keydown', 'keyup', 'keypress']) element.addEventListener(type, (event) => event.stopPropagation());
  set(launcher, { 'aria-label': label(0) });

  return {
    element,
    isOpen: () => !dialog.hidden,
    open: (focus) => show(true, focus),
    unread(count) {
      badge.textContent = count > 9 ? '9+' : String(count);
      badge.hidden = count === 0;
      if (dialog.hidden) set(launcher, { 'aria-label': label(count) });
    },
    online(online) {
      clearTimeout(offlineTimer);
      const tell = (): void => {
        notice.textContent = online ? '' : words.offline;
        notice.hidden = online;
      };
      // A restart of the server is over before anybody needs to know.
      if (online) tell();
      else offlineTimer = setTimeout(tell, 2500);
    },
    away(text) {
      // Told again only when it changes, so that it is read out once.
      if (absence.textContent !== (text ?? '')) absence.textContent = text ?? '';
      absence.hidden = text === undefined;
    },
    typing(agent) {
      const text = agent === undefined ? '' : fill(words.typing, { name: agent });
      typing.hidden = agent === undefined;
      typist.textContent = text;
      if (pinned) list.toEnd();
      if (agent !== undefined && !dialog.hidden) announcer.replaceChildren(text);
    },
    savable(savable) {
      keep.hidden = !savable;
    },
    modal: (modal) => set(dialog, { 'aria-modal': modal ? 'true' : undefined }),
    announce: (text) => announcer.replaceChildren(text),
    follow(change, always) {
      pinned ||= always;
      change();
      if (pinned) list.toEnd();
    },
  };
}
