/** Replies and first messages out: each message that the customer sees is a step of its own. Cloud API, "Send messages". */
import {
  type BlobRef,
  ConnectorError,
  type Context,
  type FirstContact,
  type Json,
  type PublicMessage,
  piecesOf,
  type ReplyContext,
  type Step,
} from '../../src/kit/index.ts';
import type { Client, Outgoing, Sent } from './client.ts';
import { type Fit, fitOf } from './files.ts';
import type { People } from './people.ts';
import { afterSend, beforeSend, joinPieces, markOf, proofOf } from './proofs.ts';
import type { WhatsappSettings } from './settings.ts';
import { templateObject } from './templates.ts';
import { keyOfThread, threadOf } from './threads.ts';

export const longestText = 4096;
const longestCaption = 1024;

export interface SendParts {
  readonly context: Pick<Context<WhatsappSettings>, 'records' | 'settings' | 'history' | 'log' | 'now'>;
  readonly client: Client;
  readonly people: People;
}

/** A message that the customer will see, before its file has an id at Meta. */
type Piece =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'file'; readonly file: BlobRef; readonly fit: Fit; readonly caption: string }
  | { readonly is: 'template'; readonly template: Json };

/** A status of a message that was sent comes within seconds; only then is it worth asking whether one came. */
const settleMs = 60_000;

/** Words go on the first file where they fit there, as people write them on the phone; else before all files. */
function piecesFor(reply: PublicMessage): readonly Piece[] {
  if (reply.template) return [{ is: 'template', template: templateObject(reply.template) }];
  const fits = reply.files.map((file) => ({ file, fit: fitOf(file) }));
  const text = reply.text.trim();
  const onFirst = text.length <= longestCaption && fits[0] !== undefined && fits[0].fit.kind !== 'audio';
  const texts = text === '' || onFirst ? [] : piecesOf(text, longestText).filter((piece) => piece.trim() !== '');
  return [
    ...texts.map((piece) => ({ is: 'text', text: piece }) as const),
    ...fits.map(({ file, fit }, index) => ({ is: 'file', file, fit, caption: onFirst && index === 0 ? text : '' }) as const),
  ];
}

function mustBePublic(reply: PublicMessage): void {
  // The type forbids it; should somebody get around the type, a customer must not be the one who notices.
  if (reply.kind !== 'public') throw new ConnectorError('refused', 'Internal text is never sent to a customer');
}

export async function sendReply(parts: SendParts, reply: PublicMessage, to: ReplyContext, step: Step): Promise<{ externalId: string }> {
  mustBePublic(reply);
  const { settings } = parts.context;
  const pieces = piecesFor(reply);
  if (pieces.length === 0) throw new ConnectorError('refused', 'There is nothing to send: neither words nor files');
  const last = settings.quoteLast || settings.markRead === 'on-reply' ? await lastFromCustomer(parts, to.thread) : undefined;
  const context = settings.quoteLast && last !== undefined ? { context: { message_id: last } } : {};
  let first: Sent | undefined;
  for (const [index, piece] of pieces.entries()) {
    const head = async () => ({ ...(await parts.people.addressOf(keyOfThread(to.thread))), ...(index === 0 && context) });
    const sent = await sendPiece(parts, piece, { message: to.message, index, count: pieces.length, head }, step);
    if (first === undefined) first = sent;
    else await joinPieces(parts.context.records, sent.id, first.id);
  }
  if (settings.markRead === 'on-reply' && last !== undefined) await markRead(parts, last);
  return { externalId: first?.id ?? '' };
}

interface Place {
  readonly message: string;
  readonly index: number;
  readonly count: number;
  /** Whom it goes to, and what it answers: as it is known when the step first starts. */
  head(): Promise<Outgoing>;
}

async function sendPiece({ context, client }: SendParts, piece: Piece, place: Place, step: Step): Promise<Sent> {
  const { records, settings } = context;
  const { index, count, message } = place;
  const mark = markOf(message, index, count);
  const media = piece.is === 'file' ? await uploadOnce(client, step, index, piece) : undefined;
  const sent = await step<Outgoing, Sent>(`message-${index}`, {
    body: async () => ({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      ...(await place.head()),
      ...contentOf(piece, media, settings),
      biz_opaque_callback_data: mark,
    }),
    async send(body) {
      await beforeSend(records, mark);
      return client.send(body);
    },
    settleMs,
    find: () => proofOf(records, mark),
  });
  await afterSend(records, mark);
  return sent;
}

/** An upload that nobody uses is gone after 30 days, so it may simply be made again. */
const uploadOnce = (client: Client, step: Step, index: number, { file, fit }: Extract<Piece, { is: 'file' }>): Promise<string> =>
  step(`upload-${index}`, {
    body: () => ({ sha256: file.sha256, name: file.name, mime: fit.mime, size: file.size }),
    send: (body) => client.upload(body),
    safeForMs: Number.POSITIVE_INFINITY,
  });

function contentOf(piece: Piece, media: string | undefined, { linkPreviews }: WhatsappSettings): Outgoing {
  if (piece.is === 'text') return { type: 'text', text: { body: piece.text, preview_url: linkPreviews } };
  if (piece.is === 'template') return { type: 'template', template: piece.template };
  const { kind } = piece.fit;
  return {
    type: kind,
    [kind]: { id: media ?? '', ...(piece.caption !== '' && { caption: piece.caption }), ...(kind === 'document' && { filename: piece.file.name }) },
  };
}

async function lastFromCustomer({ context }: SendParts, thread: string): Promise<string | undefined> {
  const found = (await context.history.messages(thread, { limit: 50 })).findLast(
    ({ from, externalId, deleted }) => from === 'contact' && externalId !== null && !deleted,
  );
  return found?.externalId?.includes('#') ? undefined : (found?.externalId ?? undefined);
}

/** The blue ticks are a courtesy: a reply that has left must not fail for them. */
async function markRead({ client, context }: SendParts, message: string): Promise<void> {
  try {
    await client.markRead(message);
  } catch (error) {
    context.log.warn({ error: String(error) }, 'a message could not be marked as read');
  }
}

/** The first message to a number: always a template, since nobody has written to us within 24 hours. The answer comes in the thread that is returned. */
export async function startChat(parts: SendParts, first: PublicMessage, to: FirstContact, step: Step): Promise<{ thread: string; externalId: string }> {
  mustBePublic(first);
  if (!first.template) throw new ConnectorError('refused', 'WhatsApp lets a business write first with an approved template only', { field: 'template' });
  const phone = to.phone.replace(/\D/g, '');
  const place = { message: to.message, index: 0, count: 1, head: async () => ({ to: phone }) };
  const sent = await sendPiece(parts, { is: 'template', template: templateObject(first.template) }, place, step);
  // WhatsApp's id of a number may differ from what was dialled by a digit.
  const ids = { accounts: sent.user === null ? [] : [sent.user], phone: sent.phone ?? phone };
  const key = await parts.people.keyOf(ids);
  await parts.people.heard(key, ids);
  return { thread: threadOf(parts.context.settings, key), externalId: sent.id };
}
