/** Where the visitor writes: text that grows, and files. Enter sends, Shift and Enter begins a line. */
import type { Api, Config, FileInfo } from './api.ts';
import { createTray } from './attachments.ts';
import { el, icon } from './dom.ts';
import type { Words } from './words.ts';

export interface Composer {
  readonly element: HTMLElement;
  focus(): void;
  addFiles(files: Iterable<File>): void;
}

export interface ComposerParts {
  readonly words: Words;
  readonly language: string;
  readonly api: Api;
  readonly config: Config;
  /** False keeps what was written: something is missing. */
  send(text: string, files: readonly FileInfo[]): boolean;
  typing(): void;
}

const tallest = 132;

export function createComposer({ words, language, api, config, send, typing }: ComposerParts): Composer {
  const input = el('textarea', { rows: '1', maxlength: '10000', placeholder: words.write, 'aria-label': words.write, enterkeyhint: 'send' });
  const picker = el('input', { type: 'file', multiple: true, tabindex: '-1', 'aria-hidden': 'true', class: 'picker' });
  const attach = el('button', { type: 'button', class: 'round', 'aria-label': words.attach, title: words.attach }, icon('clip'));
  const submit = el('button', { type: 'submit', class: 'round primary', 'aria-label': words.send, title: words.send }, icon('send'));
  const tray = createTray(api, words, language, config.maxFileBytes, update, () => input.focus());
  const element = el('form', { class: 'composer' }, tray.element, el('div', { class: 'line' }, attach, input, submit), picker);

  function update(): void {
    submit.disabled = tray.busy() || (input.value.trim() === '' && tray.ready().length === 0);
    input.style.height = 'auto';
    input.style.height = `${Math.min(tallest, input.scrollHeight)}px`;
  }

  function submitted(): void {
    if (submit.disabled || !send(input.value.trim(), tray.ready())) return;
    input.value = '';
    tray.clear();
    update();
    input.focus();
  }

  element.addEventListener('submit', (event) => {
    event.preventDefault();
    submitted();
  });
  input.addEventListener('input', () => {
    update();
    if (input.value.trim() !== '') typing();
  });
  input.addEventListener('keydown', (event) => {
    // A composing Enter chooses a character in Japanese, Chinese or Korean, and sends nothing.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submitted();
  });
  attach.addEventListener('click', () => picker.click());
  picker.addEventListener('change', () => {
    tray.add(picker.files ?? []);
    picker.value = '';
    input.focus();
  });
  submit.disabled = true;
  return { element, focus: () => input.focus(), addFiles: tray.add };
}
