/** Reads a request's body as Freshdesk does: JSON, or multipart with `attachments[]`, `tags[]` and `custom_fields[cf_x]`. */
import type { Request } from 'express';
import { Refusal } from './refusal.ts';

export interface Upload {
  readonly name: string;
  readonly content_type: string;
  readonly bytes: Buffer;
}

export interface Body {
  readonly attributes: Record<string, unknown>;
  readonly files: readonly Upload[];
  /** Multipart carries text alone, so numbers and booleans come as text. */
  readonly texts: boolean;
}

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

export async function readBody(request: Request): Promise<Body> {
  const type = request.headers['content-type'] ?? '';
  const bytes = request.body as Buffer;
  if (type.startsWith('multipart/form-data')) return readMultipart(type, bytes);
  if (!type.startsWith('application/json'))
    throw new Refusal(415, { code: 'invalid_content_type', message: `Content-Type header is set to ${type}. It should be set to application/json` });
  try {
    const attributes: unknown = JSON.parse(bytes.toString('utf8'));
    if (isMap(attributes)) return { attributes, files: [], texts: false };
  } catch {
    // Answered below, like JSON that is no object.
  }
  throw new Refusal(400, { code: 'invalid_json', message: 'Request body has invalid json format' });
}

async function readMultipart(type: string, bytes: Buffer): Promise<Body> {
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData().catch(() => {
    throw new Refusal(400, { code: 'invalid_json', message: 'Request body has invalid multipart format' });
  });
  const attributes: Record<string, unknown> = {};
  const files: Upload[] = [];
  for (const [key, value] of form) {
    const [, name = key, inner] = /^([^[]+)(?:\[(.*)\])?$/.exec(key) ?? [];
    if (typeof value !== 'string') {
      if (key !== 'attachments[]')
        throw new Refusal(400, {
          description: 'Validation failed',
          errors: [{ field: key, message: 'Unexpected/invalid field in request', code: 'invalid_field' }],
        });
      files.push({ name: value.name, content_type: value.type, bytes: Buffer.from(await value.arrayBuffer()) });
    } else if (inner === undefined) attributes[name] = value;
    else if (inner === '') attributes[name] = [...((attributes[name] as unknown[] | undefined) ?? []), value];
    else attributes[name] = { ...(attributes[name] as object | undefined), [inner]: value };
  }
  return { attributes, files, texts: true };
}
