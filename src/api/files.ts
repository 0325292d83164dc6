/** Files: up for a reply, down from a message; and a mail's HTML as a document that can do nothing. */
import { z } from 'zod';
import { readMessage } from '../conversations/messages.ts';
import type { Store } from '../store/store.ts';
import { notFound } from './problem.ts';
import { route } from './route.ts';

/** Shown by the browser itself; all else is only ever saved. */
const showable = /^(image\/(png|jpeg|gif|webp)|audio\/[\w.+-]+|video\/(mp4|webm)|application\/pdf|text\/plain)$/;
const sniffed = 4100;

const disposition = (how: string, name: string): string =>
  `${how}; filename*=UTF-8''${encodeURIComponent(name).replaceAll(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)}`;

export const fileRoutes = ({ store }: { store: Store }) => [
  route({
    method: 'post',
    path: '/api/files',
    summary: 'Stores a file for a reply; the body is the file, 50 MB at most',
    role: 'agent',
    query: z.object({ name: z.string().min(1).max(255) }),
    answer: z.object({ sha256: z.string(), name: z.string(), mime: z.string(), size: z.number() }),
    status: 201,
    async handle({ query, request }) {
      const { sha256, size } = await store.blobs.put(request);
      const { fileTypeFromBuffer } = await import('file-type');
      const type = await fileTypeFromBuffer((await store.blobs.read(sha256)).subarray(0, sniffed));
      return { sha256, size, name: query.name, mime: type?.mime ?? request.get('content-type')?.split(';')[0] ?? 'application/octet-stream' };
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
        'content-type': shown ? file.mime : 'application/octet-stream',
        'content-disposition': disposition(shown ? 'inline' : 'attachment', file.name),
        'content-security-policy': "default-src 'none'; sandbox",
        'x-content-type-options': 'nosniff',
        'cache-control': 'private, max-age=86400, immutable',
        ...(file.size === null ? {} : { 'content-length': String(file.size) }),
      });
      stream.pipe(response);
      stream.on('error', () => response.destroy());
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
      const { html, blockedImages } = safeHtml(message.html, (contentId) => {
        const file = message.files.find(({ inline, state }) => inline === contentId && state === 'stored');
        return file && `/api/messages/${params.id}/files/${file.id}`;
      });
      response.set({ ...frameHeaders, 'content-type': 'text/html; charset=utf-8', 'x-blocked-images': String(blockedImages) }).send(frameDocument(html));
    },
  }),
];
