/** Files of a message: chosen ones on their way up, and those that stand in the conversation. */
import { type Api, CallError, type FileInfo } from './api.ts';
import { el, icon, set } from './dom.ts';
import { fill, type Words } from './words.ts';

export const sizeText = (bytes: number, language: string): string => {
  const [value, unit] = bytes >= 1e6 ? [bytes / 1e6, 'megabyte'] : [Math.max(1, bytes / 1e3), 'kilobyte'];
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
};

/**
 * A picture is painted on a canvas: an image element would need the page's policy to allow `blob:` images.
 * Undefined when the browser cannot read it.
 */
async function painted(bytes: Blob, label: string): Promise<HTMLCanvasElement | undefined> {
  const bitmap = await createImageBitmap(bytes).catch(() => undefined);
  if (!bitmap) return undefined;
  const scale = Math.min(1, 440 / bitmap.width, 360 / bitmap.height);
  const canvas = el('canvas', { role: 'img', 'aria-label': label });
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas;
}

const previewed = 8e6;

/** A file in a message: a picture where it is one, else its name; a click downloads it. */
export function fileView(file: FileInfo, api: Api, words: Words, language: string): HTMLElement {
  const size = file.size === null ? '' : sizeText(file.size, language);
  const button = el(
    'button',
    { type: 'button', class: 'file', 'aria-label': fill(words.download, { name: file.name }) },
    icon('file'),
    el('span', { class: 'file-name' }, file.name),
    el('span', { class: 'file-size' }, size),
  );
  button.disabled = file.ready === false;
  button.addEventListener('click', () => void api.download(file.id).then((bytes) => saveAs(file.name, bytes)));
  if (file.ready !== false && file.mime.startsWith('image/') && (file.size ?? 0) < previewed) {
    void api
      .download(file.id)
      .then((bytes) => painted(bytes, file.name))
      .then((canvas) => {
        if (!canvas) return;
        button.replaceChildren(canvas);
        button.classList.add('picture');
      })
      .catch(() => {});
  }
  return button;
}

/** Hands bytes to the visitor as a download. */
export function saveAs(name: string, bytes: Blob): void {
  const url = URL.createObjectURL(bytes);
  el('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export interface Tray {
  readonly element: HTMLElement;
  add(files: Iterable<File>): void;
  /** Uploaded files, ready to go with a message. */
  ready(): readonly FileInfo[];
  busy(): boolean;
  clear(): void;
}

interface Chosen {
  readonly chip: HTMLElement;
  info?: FileInfo;
  failed?: boolean;
}

const most = 10;

export function createTray(api: Api, words: Words, language: string, maxBytes: number, changed: () => void, removed: () => void): Tray {
  const element = el('div', { class: 'tray' });
  const chosen = new Set<Chosen>();

  function add(file: File): void {
    const status = el('span', { class: 'file-size', role: 'status' }, words.uploading);
    const bar = el('progress', { max: '1', value: '0', 'aria-label': fill(words.uploadOf, { name: file.name }) });
    const remove = el('button', { type: 'button', class: 'remove' }, icon('close'));
    const chip = el('div', { class: 'chip' }, icon('file'), el('span', { class: 'file-name' }, file.name), status, remove);
    const aborter = new AbortController();
    const entry: Chosen = { chip };
    chosen.add(entry);
    element.append(chip);
    remove.addEventListener('click', () => {
      aborter.abort();
      chosen.delete(entry);
      chip.remove();
      changed();
      removed();
    });

    function show(text: string, look: 'busy' | 'bad' | 'done'): void {
      status.textContent = text;
      set(chip, { class: look === 'bad' ? 'chip bad' : 'chip' });
      set(remove, { 'aria-label': fill(look === 'busy' ? words.cancelUpload : words.remove, { name: file.name }) });
      if (look === 'busy') chip.append(bar);
      else bar.remove();
      if (look === 'bad') entry.failed = true;
      else delete entry.failed;
      changed();
    }

    async function upload(): Promise<void> {
      bar.value = 0;
      show(words.uploading, 'busy');
      try {
        entry.info = await api.upload(file, aborter.signal, (part) => {
          bar.value = part;
        });
        show(sizeText(file.size, language), 'done');
      } catch (error) {
        if (aborter.signal.aborted) return;
        // The same bytes would be refused again: for these there is no other try.
        if (error instanceof CallError && error.status === 413) return show(fill(words.tooLarge, { size: sizeText(maxBytes, language) }), 'bad');
        show(words.uploadFailed, 'bad');
        const again = el('button', { type: 'button', class: 'again' }, words.again);
        again.addEventListener('click', () => {
          again.remove();
          remove.focus();
          void upload();
        });
        chip.insertBefore(again, remove);
      }
    }

    if (chosen.size > most) show(words.tooMany, 'bad');
    else if (file.size > maxBytes) show(fill(words.tooLarge, { size: sizeText(maxBytes, language) }), 'bad');
    else void upload();
  }

  return {
    element,
    add(files) {
      for (const file of files) add(file);
      changed();
    },
    ready: () => [...chosen].flatMap(({ info }) => (info ? [info] : [])),
    busy: () => [...chosen].some(({ info, failed }) => !info && !failed),
    clear() {
      chosen.clear();
      element.replaceChildren();
    },
  };
}
