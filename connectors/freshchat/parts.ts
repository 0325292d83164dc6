/** What the parts of a message say: every kind becomes words or a file, and an unknown one says that it is one. Pure. */
import { escapeHtml, type Json, type MediaRef } from '../../src/kit/index.ts';
import { isHtml, plain } from './plain.ts';
import type { Part } from './wire.ts';

export interface Said {
  readonly text: string;
  /** Present where a part was written as HTML. */
  readonly html?: string;
  readonly subject?: string;
  readonly media: readonly MediaRef[];
}

/** Where a message stands, so that a file's link can be read anew. */
export type Whereabouts = {
  readonly conversation: string;
  readonly message: string;
  readonly at: number;
};

/** `path` is the part's place, as `2.0` for the first part of a collection that is the third part. */
export type FileRef = Whereabouts & { readonly path: string; readonly url: string | null };

type Fields = { readonly [name: string]: Json | undefined };
type Piece = { readonly text: string; readonly html?: string; readonly subject?: string } | { readonly file: MediaRef };

const fieldsOf = (value: Json | undefined): Fields => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {});
const words = (fields: Fields, ...names: readonly string[]): string => {
  const found = names.map((name) => fields[name]).find((value) => typeof value === 'string' && value.trim() !== '');
  return typeof found === 'string' ? found : '';
};
const listOf = (value: Json | undefined): readonly Part[] => (Array.isArray(value) ? (value as readonly Json[]).map((one) => fieldsOf(one) as Part) : []);

const written = (content: string): Piece => ({ text: plain(content), ...(isHtml(content) ? { html: content } : {}) });

const endings: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'video/mp4': 'mp4',
  'audio/mpeg': 'mp3',
  'audio/ogg': 'ogg',
};

/** A file's name, else the last word of its link, else what kind of file it is. */
function nameOf(kind: string, fields: Fields): string {
  const given = words(fields, 'name', 'file_name', 'fileName');
  if (given) return given;
  const url = words(fields, 'url');
  const last = URL.canParse(url) ? (new URL(url).pathname.split('/').at(-1) ?? '') : '';
  if (/\.\w{2,5}$/.test(last)) return safeDecode(last);
  const ending = endings[words(fields, 'content_type', 'contentType').toLowerCase()];
  return ending ? `${kind}.${ending}` : kind;
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function fileOf(kind: string, fields: Fields, path: string, at: Whereabouts): Piece {
  const mime = words(fields, 'content_type', 'contentType', 'file_content_type');
  const size = Number(fields.file_size_in_bytes ?? fields.fileSizeInBytes ?? Number.NaN);
  const ref: FileRef = { ...at, path, url: words(fields, 'url') || null };
  return {
    file: {
      id: path,
      name: nameOf(kind, fields),
      ...(mime ? { mime } : {}),
      ...(Number.isSafeInteger(size) && size >= 0 ? { size } : {}),
      ref,
    },
  };
}

function pieces(part: Part, path: string, at: Whereabouts): readonly Piece[] {
  return Object.entries(part).flatMap(([kind, value]): readonly Piece[] => {
    const fields = fieldsOf(value);
    switch (kind) {
      case 'text':
        return [written(words(fields, 'content'))];
      case 'email':
        return [{ ...written(words(fields, 'content')), ...(words(fields, 'subject') ? { subject: words(fields, 'subject') } : {}) }];
      case 'image':
      case 'file':
      case 'video':
      case 'audio':
        return [fileOf(kind, fields, path, at)];
      case 'url_button':
        return [{ text: [words(fields, 'label'), words(fields, 'url')].filter(Boolean).join(': ') }];
      case 'quick_reply_button':
        return [{ text: `[${words(fields, 'label', 'custom_reply_text')}]` }];
      case 'callback':
      case 'reference':
        return [{ text: `[${words(fields, 'label')}]` }];
      case 'collection':
        return listOf(fields.sub_parts).flatMap((one, index) => pieces(one, `${path}.${index}`, at));
      case 'template_content':
        return listOf(fields.sections).flatMap((section, index) => listOf(section.parts).flatMap((one, inner) => pieces(one, `${path}.${index}.${inner}`, at)));
      default:
        return [{ text: `[unsupported: ${kind}]` }];
    }
  });
}

/** The parts in order, then the buttons that were offered with them. */
export function readParts(parts: readonly Part[], replyParts: readonly Part[], at: Whereabouts): Said {
  const all = [...parts.flatMap((part, index) => pieces(part, String(index), at)), ...replyParts.flatMap((part, index) => pieces(part, `reply.${index}`, at))];
  const texts = all.flatMap((piece) => ('file' in piece ? [] : [piece]));
  const subject = texts.find((piece) => piece.subject)?.subject;
  return {
    text: texts
      .map(({ text }) => text)
      .filter(Boolean)
      .join('\n'),
    ...(texts.some(({ html }) => html !== undefined)
      ? { html: texts.map(({ html, text }) => html ?? `<p>${escapeHtml(text).replace(/\n/g, '<br>')}</p>`).join('\n') }
      : {}),
    ...(subject ? { subject } : {}),
    media: all.flatMap((piece) => ('file' in piece ? [piece.file] : [])),
  };
}

/** The link of one part, read anew; undefined while the vendor has none yet. */
export function linkAt(parts: readonly Part[], replyParts: readonly Part[], path: string): string | undefined {
  const { media } = readParts(parts, replyParts, { conversation: '', message: '', at: 0 });
  const url = (media.find(({ id }) => id === path)?.ref as FileRef | undefined)?.url;
  return url ?? undefined;
}
