/** Replies: one step a message that the customer sees, found again by the mark in its metadata. */
import { z } from 'zod';
import { type BlobRef, ConnectorError, type Context, type PublicMessage, piecesOf, type ReplyContext, type Step } from '../../src/kit/index.ts';
import { type Client, maxFileBytes } from './client.ts';
import { newestFirst } from './enrich.ts';
import { ourMark } from './normalize.ts';
import type { MessagingSettings } from './settings.ts';
import { attachment, posted } from './wire.ts';

/** Longest text of one message ("Messages", textMessage). */
export const maxTextLength = 4096;

/** Pictures that every channel shows as such; all else is a file. */
const pictures = /^image\/(?:png|jpe?g|gif)$/;
/** A look goes back this far before the first try: clocks differ. */
const skewMs = 10 * 60_000;

type Content = { readonly type: 'text'; readonly text: string } | { readonly type: 'image' | 'file'; readonly mediaUrl: string; readonly altText: string };

type Sending = { readonly at: number; readonly mark: string; readonly author: string; readonly content: Content };

interface Parts {
  readonly context: Context<MessagingSettings>;
  readonly client: Client;
}

export async function sendReply(reply: PublicMessage, to: ReplyContext, step: Step, parts: Parts): Promise<{ externalId: string }> {
  // The type forbids it; should somebody get around the type, a customer must not be the one who notices.
  if (reply.kind !== 'public') throw new ConnectorError('refused', 'Internal text is never sent to a customer');
  const large = reply.files.find(({ size }) => size > maxFileBytes);
  if (large) throw new ConnectorError('too-large', `${large.name} is larger than the 50 MB that Zendesk Messaging takes`);
  const texts = reply.text.trim() === '' ? [] : piecesOf(reply.text, maxTextLength).filter((piece) => piece.trim() !== '');
  if (texts.length + reply.files.length === 0) throw new ConnectorError('refused', 'An empty message is not sent');
  let first: string | undefined;
  for (const [index, text] of texts.entries()) {
    const sent = await sendOne(`text-${index + 1}`, async () => ({ type: 'text', text }), to, step, parts);
    first ??= sent.externalId;
  }
  for (const [index, file] of reply.files.entries()) {
    const sent = await sendFile(index + 1, file, to, step, parts);
    first ??= sent.externalId;
  }
  return { externalId: first ?? '' };
}

/** An upload that no message uses is seen by nobody, so it may simply go again. */
async function sendFile(number: number, file: BlobRef, to: ReplyContext, step: Step, parts: Parts): Promise<{ externalId: string }> {
  const { client, context } = parts;
  const { sha256, name, mime, size } = file;
  const { mediaUrl } = await step(`upload-${number}`, {
    safeForMs: Number.POSITIVE_INFINITY,
    body: () => ({ sha256, name, mime, size, conversation: to.thread }),
    send: async (frozen) => {
      const query = { access: 'public', for: 'message', conversationId: frozen.conversation };
      const source = { name: frozen.name, mime: frozen.mime, read: () => context.blobs.read(frozen.sha256) };
      const answer = await client.call({ method: 'POST', path: '/attachments', query, file: source }, attachment);
      return { mediaUrl: answer.attachment.mediaUrl };
    },
  });
  const type = pictures.test(mime) ? 'image' : 'file';
  return sendOne(`file-${number}`, async () => ({ type, mediaUrl, altText: name.slice(0, 128) }), to, step, parts);
}

function sendOne(name: string, content: () => Promise<Content>, to: ReplyContext, step: Step, { client, context }: Parts): Promise<{ externalId: string }> {
  const path = `/conversations/${encodeURIComponent(to.thread)}/messages`;
  return step<Sending, { externalId: string }>(name, {
    settleMs: context.settings.settleSeconds * 1000,
    body: async () => ({ at: context.now(), mark: `${to.message}/${name}`, author: to.agent.trim(), content: await content() }),
    async send({ mark, author, content: frozen }) {
      const body = { author: { type: 'business', ...(author ? { displayName: author } : {}) }, content: frozen, metadata: { [ourMark]: mark } };
      const { messages } = await client.call({ method: 'POST', path, body }, posted);
      return { externalId: messages[0]?.id ?? '' };
    },
    find: ({ mark, at }) => findSent(to.thread, mark, at - skewMs, client),
  });
}

const listed = z.looseObject({ id: z.string(), received: z.string(), metadata: z.record(z.string(), z.unknown()).nullish() });

async function findSent(thread: string, mark: string, since: number, client: Client): Promise<{ externalId: string } | undefined> {
  for await (const one of newestFirst(thread, client)) {
    const read = listed.safeParse(one);
    if (!read.success) continue;
    if (read.data.metadata?.[ourMark] === mark) return { externalId: read.data.id };
    if (Date.parse(read.data.received) < since) return undefined;
  }
  return undefined;
}
