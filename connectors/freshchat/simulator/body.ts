/** Reads what is posted: JSON with known properties, or one file as multipart. */
import type { Request } from 'express';
import type { Part } from '../wire.ts';
import { invalid, Refusal, unknown } from './refusal.ts';
import type { State } from './state.ts';

export type Fields = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

export function readJson(request: Request, allowed: readonly string[]): Fields {
  if (!(request.headers['content-type'] ?? '').startsWith('application/json'))
    throw new Refusal(415, 'UNSUPPORTED_MEDIA_TYPE', 'Content-Type must be application/json');
  let body: unknown;
  try {
    body = JSON.parse(String(request.body));
  } catch {
    throw invalid('The body is not JSON');
  }
  if (!isMap(body)) throw invalid('The body must be an object');
  const strange = Object.keys(body).find((name) => !allowed.includes(name));
  if (strange) throw unknown(`the property ${strange} of ${request.method} ${request.path}`);
  return body;
}

export async function readUpload(request: Request, field: string): Promise<{ name: string; mime: string; bytes: Buffer }> {
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) throw new Refusal(415, 'UNSUPPORTED_MEDIA_TYPE', 'Content-Type must be multipart/form-data');
  const form = await new Response(new Uint8Array(request.body as Buffer), { headers: { 'content-type': type } }).formData().catch(() => {
    throw invalid('The body is no multipart form');
  });
  const file = form.get(field);
  if (!(file instanceof File)) throw invalid(`The form needs one file in the part ${field}`);
  return { name: file.name, mime: file.type, bytes: Buffer.from(await file.arrayBuffer()) };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

/** Parts as they are posted become parts as they are kept. 4.4. */
export function takeParts(state: State, given: unknown): readonly Part[] {
  if (!Array.isArray(given) || given.length === 0) throw invalid('message_parts must not be empty');
  return given.map((one): Part => {
    const entries = isMap(one) ? Object.entries(one) : [];
    const [entry] = entries;
    if (entries.length !== 1 || !entry || !isMap(entry[1])) throw invalid('Every message part has exactly one kind');
    const [kind, fields] = entry;
    switch (kind) {
      case 'text':
      case 'email':
        if (!isText(fields.content)) throw invalid(`${kind}.content must not be empty`);
        return one as Part;
      case 'image': {
        const file = state.files.find(({ id, kind: is }) => is === 'image' && typeof fields.url === 'string' && new URL(fields.url).pathname.includes(id));
        if (!file) throw invalid('image.url must be the URL that an upload answered');
        return { image: { stored: file.id } };
      }
      case 'file': {
        const file = state.files.find(({ id }) => id === fields.file_hash);
        if (!file) throw invalid('file.file_hash must be the hash that an upload answered');
        if (!isText(fields.name) || !isText(fields.content_type)) throw invalid('file needs name and content_type');
        return { file: { stored: file.id } };
      }
      default:
        throw unknown(`what becomes of a posted part of the kind ${kind}`);
    }
  });
}
