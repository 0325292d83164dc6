/** Requests with files. Freshdesk API v2, "Attachments": multipart only, parts `attachments[]`, 20 MB over everything on a ticket. */
import type { BlobRef, Blobs, Json } from '../../src/kit/index.ts';

/** Files as a step's body keeps them: by hash, never by bytes. */
export type Files = readonly { readonly sha256: string; readonly name: string; readonly mime: string; readonly size: number }[];

export const maxTicketBytes = 20 * 2 ** 20;

/** Takes files in their order as long as they fit in what a whole ticket holds. */
export function takeFiles(files: readonly BlobRef[]): { taken: Files; left: Files } {
  const taken: Files[number][] = [];
  const left: Files[number][] = [];
  let sum = 0;
  for (const { sha256, name, mime, size } of files) {
    const fits = sum + size <= maxTicketBytes;
    (fits ? taken : left).push({ sha256, name, mime, size });
    if (fits) sum += size;
  }
  return { taken, left };
}

/** Scalars are plain parts, lists `tags[]`, custom fields `custom_fields[cf_x]`. */
function parts(name: string, value: Json | undefined): [string, string][] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return (value as readonly Json[]).map((one) => [`${name}[]`, String(one)]);
  if (typeof value === 'object') return Object.entries(value).flatMap(([key, one]) => parts(`${name}[${key}]`, one));
  return [[name, String(value)]];
}

/** The bytes are held in memory: a multipart body from a stream could not be sent again, and 20 MB is the most. */
export async function multipart(attributes: Readonly<Record<string, Json>>, files: Files, blobs: Blobs): Promise<FormData> {
  const form = new FormData();
  for (const [name, value] of Object.entries(attributes)) for (const [key, text] of parts(name, value)) form.append(key, text);
  for (const { sha256, name, mime } of files) form.append('attachments[]', new Blob([new Uint8Array(await blobs.read(sha256))], { type: mime }), name);
  return form;
}
