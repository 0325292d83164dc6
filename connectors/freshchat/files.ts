/** Files, both ways. Links of incoming ones are signed and end, and may be missing at first; outgoing ones are uploaded before the message that shows them. */
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { type BlobRef, type Blobs, ConnectorError, type Json, type MediaRef } from '../../src/kit/index.ts';
import type { Client } from './client.ts';
import { oneMessage, type Reading } from './messages.ts';
import { type FileRef, linkAt } from './parts.ts';
import { anything, type Part } from './wire.ts';

/** A part that came without a link has one a moment later. */
const linkPausesMs = [0, 700, 1500];

export async function download(reading: Reading, media: MediaRef): Promise<Readable> {
  const ref = media.ref as FileRef | undefined;
  if (!ref?.message) throw new ConnectorError('not-found', 'The message names a file but not where it is');
  if (ref.url) {
    try {
      return await reading.client.bytes(ref.url);
    } catch (error) {
      // A signed link has ended when storage refuses it; a fresh one stands in the message.
      if (!(error instanceof ConnectorError) || !isOver(error)) throw error;
    }
  }
  return reading.client.bytes(await freshLink(reading, ref));
}

const isOver = ({ status }: ConnectorError): boolean => status !== undefined && [400, 401, 403, 404, 410].includes(status);

async function freshLink(reading: Reading, ref: FileRef): Promise<string> {
  for (const pause of linkPausesMs) {
    if (pause > 0) await wait(pause);
    const message = await oneMessage(reading, ref);
    if (!message) throw new ConnectorError('not-found', 'The message with this file is gone from Freshchat');
    const url = linkAt(message.message_parts, message.reply_parts ?? [], ref.path);
    if (url) return url;
  }
  throw new ConnectorError('unavailable', 'Freshchat has no link for this file yet', { retry: 'backoff' });
}

export type Upload = { readonly sha256: string; readonly name: string; readonly mime: string; readonly size: number };
export const uploadOf = ({ sha256, name, mime, size }: BlobRef): Upload => ({ sha256, name, mime, size });

const isImage = (mime: string): boolean => /^image\/(png|jpe?g|gif|webp)$/i.test(mime);

/** Resolves with the part that shows the file. Nobody sees an upload that no message names. */
export async function upload(client: Client, blobs: Blobs, file: Upload): Promise<Part> {
  const form = new FormData();
  const bytes = new Blob([new Uint8Array(await blobs.read(file.sha256))], { type: file.mime || 'application/octet-stream' });
  const image = isImage(file.mime);
  form.append(image ? 'image' : 'file', bytes, file.name);
  const answer = await client.post(image ? '/images/upload' : '/files/upload', form, anything).catch((error: unknown) => {
    throw error instanceof ConnectorError && error.effect === 'unclear'
      ? new ConnectorError(error.code, error.message, { retry: error.retry, effect: 'none', status: error.status, cause: error })
      : error;
  });
  // The answer's shape differs between descriptions: flat, or in `file`, `image` or `data`; in snake or camel case.
  const all = [answer, answer.file, answer.image, answer.data].filter((one): one is Record<string, Json> => typeof one === 'object' && one !== null);
  const value = (...names: readonly string[]): string | undefined =>
    all.flatMap((one) => names.map((name) => one[name])).find((found): found is string => typeof found === 'string' && found !== '');
  if (image) {
    const url = value('url', 'image_url', 'imageUrl');
    if (url) return { image: { url } };
  } else {
    const hash = value('file_hash', 'fileHash');
    if (hash) return { file: { name: file.name, file_hash: hash, content_type: file.mime || 'application/octet-stream', file_size_in_bytes: file.size } };
  }
  throw new ConnectorError('not-understood', 'Freshchat took the file and did not say how to show it');
}
