/** What the vendor checks before it takes a message ("Post Message"), and how a file comes up ("Upload Attachment"). */
import { badRequest, type Fields, isObject, only, Refusal, unknown } from './refusal.ts';
import type { SimFile } from './state.ts';

const maxMetadataBytes = 4096;

export function checkMetadata(metadata: unknown): { readonly [key: string]: unknown } | undefined {
  if (metadata === undefined) return undefined;
  if (!isObject(metadata)) throw badRequest('"metadata" must be an object');
  if (Buffer.byteLength(JSON.stringify(metadata)) > maxMetadataBytes) throw badRequest('"metadata" is larger than 4KB');
  const nested = Object.entries(metadata).find(([, value]) => !['string', 'number', 'boolean'].includes(typeof value));
  if (nested) throw badRequest(`"metadata.${nested[0]}" must be a string, a number or a boolean`);
  return metadata;
}

function checkAuthor(author: unknown): { type: 'business'; displayName?: string } {
  if (!isObject(author)) throw badRequest('"author" is required');
  only(author, 'author', 'type', 'displayName');
  if (author.type === 'user') throw unknown('messages that are posted in the name of a user');
  if (author.type !== 'business') throw badRequest('"author.type" must be one of [business, user]');
  return { type: 'business', ...(typeof author.displayName === 'string' ? { displayName: author.displayName } : {}) };
}

function checkContent(content: unknown): { type: string; [key: string]: unknown } {
  if (!isObject(content)) throw badRequest('"content" is required');
  if (content.type === 'text') {
    only(content, 'content', 'type', 'text');
    if (typeof content.text !== 'string' || content.text === '') throw badRequest('"content.text" is required');
    if (content.text.length > 4096) throw badRequest('"content.text" length must be less than or equal to 4096 characters long');
    return { type: 'text', text: content.text };
  }
  if (content.type !== 'file' && content.type !== 'image') throw unknown(`how content of the type ${String(content.type)} is checked`);
  only(content, 'content', 'type', 'mediaUrl', 'altText', 'text');
  if (typeof content.mediaUrl !== 'string' || !URL.canParse(content.mediaUrl)) throw badRequest('"content.mediaUrl" must be a valid uri');
  if (typeof content.altText === 'string' && content.altText.length > 128)
    throw badRequest('"content.altText" length must be less than or equal to 128 characters long');
  return { ...content, type: content.type };
}

export function checkPost(body: Fields): {
  author: ReturnType<typeof checkAuthor>;
  content: ReturnType<typeof checkContent>;
  metadata: ReturnType<typeof checkMetadata>;
} {
  only(body, 'body', 'author', 'content', 'metadata');
  return { author: checkAuthor(body.author), content: checkContent(body.content), metadata: checkMetadata(body.metadata) };
}

const maxUploadBytes = 50 * 2 ** 20;

/** Reads the one part named `source` of a multipart body. */
export async function readUpload(contentType: string | undefined, body: Buffer): Promise<SimFile> {
  if (body.length > maxUploadBytes) throw new Refusal(413, 'payload_too_large', 'The file is larger than 50MB');
  if (!contentType?.startsWith('multipart/form-data')) throw badRequest('The file must be sent as multipart/form-data');
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData().catch(() => {
    throw badRequest('The multipart body cannot be read');
  });
  const source = form.get('source');
  if (source === null || typeof source === 'string') throw badRequest('"source" is required');
  return { name: source.name, mime: source.type, bytes: Buffer.from(await source.arrayBuffer()) };
}
