/** What a message says, for every `content.type`: words, files and what its fields tell about the writer. Pure. */
import type { MediaRef } from '../../src/kit/index.ts';
import type { Action, Content, Field } from './wire.ts';

export interface Said {
  readonly text: string;
  readonly html?: string;
  readonly media: readonly MediaRef[];
  /** E-mail addresses that were typed into a form. */
  readonly emails: readonly string[];
}

const lines = (...parts: readonly (string | null | undefined)[]): string => parts.filter((part) => part?.trim()).join('\n');

/** Buttons as the customer sees them: a mark, the label, and where it leads. */
const buttons = (actions: readonly Action[] | null | undefined): string =>
  (actions ?? []).map(({ text, type, uri }) => `▸ ${text?.trim() || type}${uri ? ` (${uri})` : ''}`).join('\n');

const nameFrom = (url: string): string => {
  try {
    return decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? '').replace(/[\\/\p{Cc}]/gu, '_');
  } catch {
    return '';
  }
};

interface Shown {
  readonly mediaUrl: string;
  readonly mediaType?: string | null | undefined;
  readonly mediaSize?: number | null | undefined;
  readonly altText?: string | null | undefined;
}

/** The vendor keeps the file's name as `altText` unless somebody wrote another; the address ends with it too. */
const file = (id: string, { mediaUrl, mediaType, mediaSize, altText }: Shown): MediaRef => ({
  id,
  name: (nameFrom(mediaUrl) || altText?.trim() || id).slice(0, 200),
  ...(mediaType ? { mime: mediaType } : {}),
  ...(typeof mediaSize === 'number' ? { size: mediaSize } : {}),
  ref: { url: mediaUrl },
});

const answer = ({ text, email, select }: Field): string => text ?? email ?? (select ?? []).map(({ label, name }) => label ?? name ?? '').join(', ');

const fieldLine = (field: Field): string => {
  const label = field.label ?? field.name ?? '';
  const given = answer(field);
  return given ? `${label}: ${given}` : `▸ ${label}`;
};

const plain = (markup: string): string =>
  markup
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

function wordsOf(value: Content): string {
  switch (value.type) {
    case 'text':
      return lines(value.text ?? value.markdownText ?? (value.htmlText ? plain(value.htmlText) : value.payload), buttons(value.actions));
    case 'image':
      return lines(value.text ?? (value.htmlText ? plain(value.htmlText) : ''), buttons(value.actions));
    case 'file':
      return value.text ?? (value.htmlText ? plain(value.htmlText) : '');
    case 'carousel':
    case 'list':
      return lines(
        value.text,
        ...value.items.map(({ title, description, actions }) => lines(`• ${[title, description].filter(Boolean).join(': ')}`, buttons(actions))),
        value.type === 'list' ? buttons(value.actions) : '',
      );
    case 'form':
      return lines(value.text, ...value.fields.map(fieldLine));
    case 'formResponse':
      return lines(...value.fields.map(fieldLine)) || (value.textFallback ?? '');
    case 'location': {
      const { lat, long } = value.coordinates;
      return lines(`📍 ${[value.location?.name, value.location?.address].filter(Boolean).join(', ') || value.text || ''}`.trim(), `${lat}, ${long}`);
    }
    case 'template':
      return `▤ ${templateWords(value.template).join(' · ')}`;
  }
}

/** Name and values of a WhatsApp template, wherever they stand: its words are at WhatsApp alone. */
function templateWords(template: { readonly [key: string]: unknown }): string[] {
  const found: string[] = typeof template.name === 'string' ? [template.name] : [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const inner of value) walk(inner);
    else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) {
        if (key === 'text' && typeof inner === 'string') found.push(inner);
        else walk(inner);
      }
  };
  walk(template.components ?? template.parameters);
  return found;
}

function filesOf(value: Content): readonly MediaRef[] {
  if (value.type === 'image' || value.type === 'file') return [file('media', value)];
  if (value.type !== 'carousel' && value.type !== 'list') return [];
  return value.items.flatMap((item, index) =>
    item.mediaUrl && URL.canParse(item.mediaUrl) ? [file(`item-${index + 1}`, { ...item, mediaUrl: item.mediaUrl })] : [],
  );
}

const emailsOf = (value: Content): string[] =>
  value.type === 'formResponse' ? value.fields.flatMap(({ type, email }) => (type === 'email' && email ? [email.trim().toLowerCase()] : [])) : [];

export const said = (value: Content): Said => ({
  text: wordsOf(value),
  ...('htmlText' in value && typeof value.htmlText === 'string' && value.htmlText ? { html: value.htmlText } : {}),
  media: filesOf(value),
  emails: emailsOf(value),
});
