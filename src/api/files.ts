/** Files: up for a reply, down from a message; and a mail's HTML as a document that can do nothing. */
import { z } from 'zod';
import type { StoredFile } from '../conversations/messages.ts';
import { readMessage } from '../conversations/messages.ts';
import { limitedStream } from '../intake/body.ts';
import { fetchAgain } from '../intake/downloads.ts';
import { type Blobs, ConnectorError } from '../kit/index.ts';
import type { Store } from '../store/store.ts';
import { HttpProblem, notFound } from './problem.ts';
import { route } from './route.ts';

/** Shown by the browser itself; all else is only ever saved. */
const showable = /^(image\/(png|jpeg|gif|webp)|audio\/[\w.+-]+|video\/(mp4|webm)|text\/plain)$/;
/** Their bytes say what they are, so whoever claims one and sends other bytes is not believed. */
const telling = /^(image\/(?!svg)|audio\/|video\/|application\/pdf$)/;
const sniffed = 4100;
const mostBytes = 50 * 2 ** 20;

/** What a stored file really is; its sender's word counts only where the bytes do not tell. Throws `not-found` for a blob that is not there. */
export async function inspect(blobs: Blobs, sha256: string, claimed: string): Promise<{ mime: string; size: number }> {
  const head: Buffer[] = [];
  let size = 0;
  for await (const chunk of await blobs.open(sha256)) {
    if (size < sniffed) head.push(chunk as Buffer);
    size += (chunk as Buffer).length;
  }
  const { fileTypeFromBuffer } = await import('file-type');
  const known = await fileTypeFromBuffer(Buffer.concat(head).subarray(0, sniffed));
  const believed = /^[\w.+-]+\/[\w.+-]+$/.test(claimed) && !telling.test(claimed) ? claimed : 'application/octet-stream';
  return { mime: known?.mime ?? believed, size };
}

const disposition = (how: string, name: string): string =>
  `${how}; filename*=UTF-8''${encodeURIComponent(name).replaceAll(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)}`;

const imageAtMost = 5 * 2 ** 20;

/** Inside the document itself: a sandboxed frame has no origin, so no cookie of ours would go with a request for them. */
async function inlineImages(blobs: Blobs, files: readonly StoredFile[]): Promise<ReadonlyMap<string, string>> {
  const images = new Map<string, string>();
  for (const { inline, state, sha256, mime, size } of files) {
    if (!inline || state !== 'stored' || !sha256 || !/^image\/(png|jpeg|gif|webp)$/.test(mime) || (size ?? 0) > imageAtMost) continue;
    images.set(inline, `data:${mime};base64,${(await blobs.read(sha256)).toString('base64')}`);
  }
  return images;
}

export const fileRoutes = ({ store, now }: { store: Store; now(): number }) => [
  route({
    method: 'post',
    path: '/api/files',
    summary: 'Stores a file for a reply; the body is the file, 50 MB at most',
    role: 'agent',
    query: z.object({ name: z.string().min(1).max(255) }),
    answer: z.object({ sha256: z.string(), name: z.string(), mime: z.string(), size: z.number() }),
    status: 201,
    async handle({ query, request }) {
      const upload = limitedStream(request, mostBytes);
      const { sha256 } = await store.blobs.put(upload, { maxBytes: mostBytes }).catch((error: unknown) => {
        if (error instanceof ConnectorError && error.code === 'too-large') throw new HttpProblem(413, 'too-large', 'A file may have 50 MB.');
        throw error;
      });
      return { sha256, name: query.name, ...(await inspect(store.blobs, sha256, request.get('content-type')?.split(';')[0]?.trim() ?? '')) };
    },
  }),
  route({
    method: 'get',
    path: '/api/messages/{id}/files/{file}',
    summary: 'A file of a message',
    role: 'agent',
    params: z.object({ id: z.string(), file: z.string() }),
    answer: 'stream',
    async handle({ params, response }) {
      const file = (await readMessage(store.read, params.id))?.files.find(({ id }) => id === params.file);
      if (!file?.sha256 || file.state !== 'stored') throw notFound('file');
      const stream = await store.blobs.open(file.sha256);
      const shown = showable.test(file.mime);
      response.set({
        'content-type': shown ? (file.mime === 'text/plain' ? 'text/plain; charset=utf-8' : file.mime) : 'application/octet-stream',
        'content-disposition': disposition(shown ? 'inline' : 'attachment', file.name),
        'content-security-policy': "default-src 'none'; sandbox",
        'x-content-type-options': 'nosniff',
        'cache-control': 'private, max-age=86400, immutable',
      });
      stream.pipe(response);
      stream.on('error', () => response.destroy());
    },
  }),
  route({
    method: 'post',
    path: '/api/messages/{id}/files/{file}/retry',
    summary: 'Fetches a file once more that could not be had',
    role: 'agent',
    params: z.object({ id: z.string(), file: z.string() }),
    answer: null,
    async handle({ params }) {
      if (!(await store.write((tx) => fetchAgain(tx, params.id, params.file, now())))) throw notFound('file');
    },
  }),
  route({
    method: 'get',
    path: '/api/messages/{id}/html',
    summary: 'The message’s HTML, made harmless, as a document for a sandboxed frame',
    role: 'agent',
    params: z.object({ id: z.string() }),
    answer: 'stream',
    async handle({ params, response }) {
      const message = await readMessage(store.read, params.id);
      if (!message?.html || message.deletedAt !== null) throw notFound('document');
      const { frameDocument, frameHeaders, safeHtml } = await import('../conversations/mail-html.ts');
      const images = await inlineImages(store.blobs, message.files);
      const { html, blockedImages } = safeHtml(message.html, (contentId) => images.get(contentId));
      // A sandboxed document has no origin of its own that could be keyed, and the browser complains of the attempt.
      response.removeHeader('origin-agent-cluster');
      response.set({ ...frameHeaders, 'content-type': 'text/html; charset=utf-8', 'x-blocked-images': String(blockedImages) }).send(frameDocument(html));
    },
  }),
];
