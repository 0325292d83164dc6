/**
 * Messages out: replies, private notes, and what follows a closing. There is no key at Freshchat, so each message is noted before it leaves, and an
 * unclear one is looked up: by the webhook that told of it meanwhile, else in the list of messages by words, author and time.
 */
import {
  ConnectorError,
  type Context,
  type InternalText,
  type Json,
  type PublicMessage,
  piecesOf,
  type ReplyContext,
  type Step,
  type TicketRef,
  toText,
} from '../../src/kit/index.ts';
import type { Client } from './client.ts';
import { conversationOf } from './cycles.ts';
import type { Directory } from './directory.ts';
import { type Upload, upload, uploadOf } from './files.ts';
import { messagesOf, type Reading } from './messages.ts';
import { fits, type Outgoing, printOf, provesItself, type Sent } from './sent.ts';
import type { FreshchatSettings } from './settings.ts';
import { anything, created, type Part } from './wire.ts';

export interface Sending extends Reading {
  readonly context: Context<FreshchatSettings>;
  readonly client: Client;
  readonly directory: Directory;
  readonly sent: Sent;
}

/** The frozen request, with what a look needs to know it again; `files` by sha256, which tell the core that their echo is ours. */
type Letter = { readonly key: string; readonly parts: readonly Part[]; readonly files: readonly string[] } & { readonly [K in keyof Outgoing]: Outgoing[K] };
/** How a reply is cut, and in whose name it goes: frozen first, so that a setting that changes meanwhile changes nothing. */
type Layout = { readonly pieces: readonly string[]; readonly actor: string; readonly mail: string | null };

const earlierMs = 1000;

async function post({ client, sent, threads }: Sending, letter: Letter): Promise<{ id: string }> {
  const { key, parts, files: _files, ...outgoing } = letter;
  await sent.note(key, outgoing);
  const body: Json = { message_parts: parts, message_type: letter.type, actor_type: 'agent', actor_id: letter.actor };
  const { id } = await threads.withEither(letter.conversation, (conversation) =>
    client.post(`/conversations/${encodeURIComponent(conversation)}/messages`, body, created),
  );
  await sent.arrived(key, id);
  return { id };
}

/** Ours is known for sure by its webhook, or by words that only one message of this author has since then. Anything less is a person's decision. */
async function find(sending: Sending, letter: Letter): Promise<{ id: string } | undefined> {
  const { sent } = sending;
  const told = await sent.idOf(letter.key);
  if (told !== undefined) return { id: told };
  const claimed = await sent.ids(letter.conversation);
  const like: string[] = [];
  for await (const { message } of messagesOf(sending, letter.conversation, letter.at - 120_000)) {
    if (!claimed.has(message.id) && fits(letter, message)) like.push(message.id);
  }
  const [only, ...others] = like;
  if (only === undefined) return undefined;
  if (others.length > 0 || !provesItself(letter.print))
    throw new ConnectorError('unclear', 'Freshchat has a message like this one by the same agent, and nothing proves that it is this one', {
      effect: 'unclear',
    });
  await sent.arrived(letter.key, only);
  return { id: only };
}

/** One message that somebody sees, as one step. */
function message(
  sending: Sending,
  step: Step,
  name: string,
  make: () => Promise<Omit<Letter, 'print' | 'at'>> | Omit<Letter, 'print' | 'at'>,
): Promise<{ id: string }> {
  const { settings, now } = sending.context;
  return step<Letter, { id: string }>(name, {
    async body() {
      const letter = await make();
      return { ...letter, at: now() - earlierMs, print: printOf(letter.type, letter.parts) };
    },
    send: (letter) => post(sending, letter),
    find: (letter) => find(sending, letter),
    settleMs: settings.settleSeconds * 1000,
  });
}

const words = (text: string, mail: string | null): Part => (mail === null ? { text: { content: text } } : { email: { subject: mail, content: text } });

export async function sendReply(sending: Sending, reply: PublicMessage, to: ReplyContext, step: Step): Promise<{ externalId: string }> {
  // The type forbids it; should somebody get around the type, a customer must not be the one who notices.
  if (reply.kind !== 'public') throw new ConnectorError('refused', 'Internal text is never sent to a customer');
  const { context, directory, threads } = sending;
  const conversation = conversationOf(to.thread);
  const { pieces, actor, mail } = await step<Layout, Layout>('layout', {
    safeForMs: Number.POSITIVE_INFINITY,
    body: async () => ({
      pieces: reply.text.trim() === '' ? [] : piecesOf(reply.text, context.settings.splitAt),
      actor: (context.settings.sendAs === 'agent-by-name' ? await directory.agentNamed(to.agent) : undefined) ?? context.settings.actorAgentId,
      mail: (await threads.mailOf(conversation)) ?? null,
    }),
    send: async (layout) => layout,
  });
  const files: Part[] = [];
  for (const [index, file] of reply.files.entries())
    files.push(
      await step<Upload, Part>(`upload-${index}`, {
        safeForMs: Number.POSITIVE_INFINITY,
        body: () => uploadOf(file),
        send: (body) => upload(sending.client, context.blobs, body),
      }),
    );
  const parcels: (readonly Part[])[] = pieces.map((piece) => [words(piece, mail)]);
  // Files stand in the last message, below its words.
  if (files.length > 0) parcels.push([...(parcels.pop() ?? []), ...files]);
  if (parcels.length === 0) throw new ConnectorError('refused', 'The reply has neither words nor files');
  let first: string | undefined;
  for (const [index, parts] of parcels.entries()) {
    const { id } = await message(sending, step, `message-${index}`, () => ({
      key: `${to.message}/message-${index}`,
      conversation,
      type: 'normal',
      files: index === parcels.length - 1 ? reply.files.map(({ sha256 }) => sha256) : [],
      actor,
      parts,
    }));
    first ??= id;
  }
  return { externalId: first ?? '' };
}

/** Private messages are seen by agents alone. Long ones go in pieces too. */
export async function writeNote(sending: Sending, note: InternalText, to: ReplyContext, step: Step): Promise<void> {
  const { actorAgentId: actor, splitAt } = sending.context.settings;
  const conversation = conversationOf(to.thread);
  const { pieces } = await step<{ pieces: readonly string[] }, { pieces: readonly string[] }>('note-layout', {
    safeForMs: Number.POSITIVE_INFINITY,
    body: () => ({ pieces: piecesOf(toText(note), splitAt) }),
    send: async (layout) => layout,
  });
  for (const [index, piece] of pieces.entries())
    await message(sending, step, `note-${index}`, () => ({
      key: `${to.message}/note-${index}`,
      conversation,
      type: 'private',
      files: [],
      actor,
      parts: [{ text: { content: piece } }],
    }));
}

const change = async (sending: Sending, conversation: string, body: Json): Promise<null> => {
  await sending.threads.withEither(conversation, (id) => sending.client.put(`/conversations/${encodeURIComponent(id)}`, body, anything));
  return null;
};

/** The note that names the tickets, and their numbers in the property that ops chose. */
export async function tellFiled(sending: Sending, tickets: readonly TicketRef[], note: InternalText, to: ReplyContext, step: Step): Promise<void> {
  const { ticketProperty } = sending.context.settings;
  const linked: InternalText = { kind: 'internal', blocks: [...note.blocks, ...missingLinks(note, tickets)] };
  await writeNote(sending, linked, to, step);
  if (ticketProperty === undefined || tickets.length === 0) return;
  const numbers = tickets.map(({ number }) => number).join(', ');
  await step<Json, null>('property', {
    safeForMs: Number.POSITIVE_INFINITY,
    body: () => ({ properties: { [ticketProperty]: numbers } }),
    send: (body) => change(sending, conversationOf(to.thread), body),
  });
}

/** Links that the note does not hold already. */
function missingLinks(note: InternalText, tickets: readonly TicketRef[]): InternalText['blocks'] {
  const text = toText(note);
  const missing = tickets.filter(({ url }) => !text.includes(url));
  return missing.map(({ number, url }) => ({ type: 'paragraph', text: `#${number} ${url}` }));
}

/** A plain PUT: the same again changes nothing. */
export async function resolve(sending: Sending, to: ReplyContext, step: Step): Promise<void> {
  await step<Json, null>('resolve', {
    safeForMs: Number.POSITIVE_INFINITY,
    body: () => ({ status: 'resolved' }),
    send: (body) => change(sending, conversationOf(to.thread), body),
  });
}
