/** How a file is sent: as what WhatsApp shows best, within the limits of "Media", Supported media types. */
import { type BlobRef, ConnectorError } from '../../src/kit/index.ts';

export type Kind = 'image' | 'video' | 'audio' | 'document';

const megabyte = 2 ** 20;
const kinds: Readonly<Record<string, { readonly kind: Kind; readonly most: number }>> = Object.fromEntries([
  ...['image/jpeg', 'image/png'].map((mime) => [mime, { kind: 'image', most: 5 * megabyte }] as const),
  ...['video/mp4', 'video/3gpp'].map((mime) => [mime, { kind: 'video', most: 16 * megabyte }] as const),
  ...['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg'].map((mime) => [mime, { kind: 'audio', most: 16 * megabyte }] as const),
]);
const largestDocument = 100 * megabyte;

export type Fit = { readonly kind: Kind; readonly mime: string };

/** What is too large to be shown goes as a document. Throws `too-large` past what a document may have. */
export function fitOf({ name, mime, size }: Pick<BlobRef, 'name' | 'mime' | 'size'>): Fit {
  const bare = mime.split(';')[0]?.trim().toLowerCase() || 'application/octet-stream';
  const shown = kinds[bare];
  if (shown && size <= shown.most) return { kind: shown.kind, mime: bare };
  if (size > largestDocument) throw new ConnectorError('too-large', `${name} has ${(size / megabyte).toFixed(0)} MB; WhatsApp takes files of up to 100 MB`);
  // Tables and notes are plain text to Meta, which lists no other text types.
  return { kind: 'document', mime: bare.startsWith('text/') || bare === 'application/json' || bare === 'application/xml' ? 'text/plain' : bare };
}
