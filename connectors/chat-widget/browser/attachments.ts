/** Files of a message: chosen ones on their way up, and those that stand in the conversation. */
import type { Api, FileInfo } from './api.ts';
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
  button.addEventListener('click', () => void save(file, api));
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

async function save(file: FileInfo, api: Api): Promise<void> {
  const url = URL.createObjectURL(await api.download(file.id));
  el('a', { href: url, download: file.name }).click();
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

export function createTray(api: Api, words: Words, language: string, maxBytes: number, changed: () => void): Tray {
  const element = el('div', { class: 'tray' });
  const chosen = new Set<Chosen>();

  function add(file: File): void {
    const status = el('span', { class: 'file-size', role: 'status' }, words.uploading);
    const remove = el('button', { type: 'button', class: 'remove', 'aria-label': fill(words.remove, { name: file.name }) }, icon('close'));
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
    });
    const fail = (text: string): void => {
      entry.failed = true;
      status.textContent = text;
      set(chip, { class: 'chip bad' });
      changed();
    };
    if (chosen.size > most) fail(words.tooMany);
    else if (file.size > maxBytes) fail(fill(words.tooLarge, { size: sizeText(maxBytes, language) }));
    else void upload();

    async function upload(): Promise<void> {
      try {
        entry.info = await api.upload(file, aborter.signal);
        status.textContent = sizeText(file.size, language);
        changed();
      } catch {
        if (aborter.signal.aborted) return;
        fail(words.uploadFailed);
        const again = el('button', { type: 'button', class: 'again' }, words.again);
        again.addEventListener('click', () => {
          again.remove();
          delete entry.failed;
          set(chip, { class: 'chip' });
          status.textContent = words.uploading;
          changed();
          void upload();
        });
        chip.insertBefore(again, remove);
      }
    }
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
