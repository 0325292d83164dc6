/** Agents' replies and notes: one step for each message that somebody sees, and a look into the chat before one goes again. */
import {
  type BlobRef,
  type Blobs,
  ConnectorError,
  type Context,
  type InternalText,
  type PublicMessage,
  piecesOf,
  type Step,
  toText,
} from '../../src/kit/index.ts';
import { type Client, timeOf, type Words } from './client.ts';
import type { UtalkSettings } from './settings.ts';
import type { Message } from './wire.ts';

export interface Sender {
  readonly client: Client;
  readonly context: Context<UtalkSettings>;
  readonly step: Step;
  readonly chat: string;
  /** Ids that are known to be other messages. */
  readonly taken: ReadonlySet<string>;
}

/** The vendor's clock and ours may differ by so much. */
const skewMs = 60_000;
const pageSize = 100;

type File = { readonly [K in keyof BlobRef]: BlobRef[K] };

export const prefixOf = (agent: string, { prefix }: Pick<UtalkSettings, 'prefix'>): string => (agent.trim() ? prefix.replace('{agent}', agent.trim()) : '');

/** Checked before anything is sent, so that no half of a reply goes out. */
export function refuseUnsendable(reply: PublicMessage, settings: Pick<UtalkSettings, 'maxFileMegabytes'>): void {
  // The type forbids it; should somebody get around the type, a customer must not be the one who notices.
  if (reply.kind !== 'public') throw new ConnectorError('refused', 'Internal text is never sent to a customer');
  const large = reply.files.find(({ size }) => size > settings.maxFileMegabytes * 2 ** 20);
  if (large) throw new ConnectorError('too-large', `uTalk: ${large.name} is larger than ${settings.maxFileMegabytes} MB`);
  if (reply.text.trim() === '' && reply.files.length === 0) throw new ConnectorError('refused', 'uTalk: there is nothing to send');
}

/** Sends text and files; resolves with the vendor's ids, in order. `from` numbers the pieces, where one was sent another way already. */
export async function sendAll(sender: Sender, reply: PublicMessage, prefix: string): Promise<readonly string[]> {
  const ids: string[] = [];
  const known = (): ReadonlySet<string> => new Set([...sender.taken, ...ids]);
  const pieces = reply.text.trim() === '' ? [] : piecesOf(reply.text, sender.context.settings.maxTextLength);
  for (const [index, text] of pieces.entries())
    ids.push(await sendText({ ...sender, taken: known() }, `text-${index}`, { kind: 'public', text }, index === 0 ? prefix : ''));
  for (const [index, file] of reply.files.entries()) ids.push(await sendFile({ ...sender, taken: known() }, `file-${index}`, file));
  return ids;
}

async function sendText(sender: Sender, name: string, words: Words & { kind: 'public' }, prefix: string): Promise<string> {
  const { client, context, chat } = sender;
  const { id } = await sender.step(name, {
    settleMs: context.settings.settleSeconds * 1000,
    body: () => ({ chat, text: words.text, prefix, since: context.now() }),
    send: async (body) => ({ id: await client.post({ chat: body.chat, words: { kind: 'public', text: body.text }, prefix: body.prefix }) }),
    find: (body) => findOne(sender, body.since, (message) => !message.isPrivate && sameWords(message, body.text)),
  });
  return id;
}

/** For the team alone: private at uTalk. */
export async function sendNote(sender: Sender, name: string, note: InternalText): Promise<string> {
  const { client, context, chat } = sender;
  const { id } = await sender.step(name, {
    settleMs: context.settings.settleSeconds * 1000,
    body: () => ({ chat, text: toText(note), since: context.now() }),
    send: async (body) => ({ id: await client.post({ chat: body.chat, words: plainNote(body.text) }) }),
    find: (body) => findOne(sender, body.since, (message) => message.isPrivate && sameWords(message, body.text)),
  });
  return id;
}

const plainNote = (text: string): InternalText => ({ kind: 'internal', blocks: [{ type: 'paragraph', text }] });

/** What is seen or heard needs no name; a document does, and a `data:` address has no place for one. */
const captionOf = ({ name, mime }: File): string => (/^(image|audio|video)\//.test(mime) ? '' : name);

async function sendFile(sender: Sender, name: string, { sha256, name: fileName, mime, size }: BlobRef): Promise<string> {
  const { client, context, chat } = sender;
  const file = { sha256, name: fileName, mime, size };
  const { id } = await sender.step(name, {
    settleMs: context.settings.settleSeconds * 1000,
    body: () => ({ chat, file, since: context.now() }),
    send: async (body) => {
      const data = await dataAddress(context.blobs, body.file);
      return { id: await client.post({ chat: body.chat, words: { kind: 'public', text: captionOf(body.file) }, file: data }) };
    },
    find: (body) => findOne(sender, body.since, (message) => !message.isPrivate && sameFile(message, body.file)),
  });
  return id;
}

const dataAddress = async (blobs: Blobs, { sha256, mime }: File): Promise<string> => `data:${mime};base64,${(await blobs.read(sha256)).toString('base64')}`;

const sameWords = ({ content, file }: Message, text: string): boolean => !file && (content ?? '').trim() === text.trim();

/** Undefined where it cannot be told yet. */
function sameFile({ content, file, messageType }: Message, sent: File): boolean | undefined {
  if (messageType === 'Text' || (content ?? '').trim() !== captionOf(sent)) return false;
  if (file?.originalSizeBytes !== undefined) return file.originalSizeBytes === sent.size;
  return captionOf(sent) === '' ? undefined : true;
}

/**
 * Looks among the chat's messages since the first send for the one that the team sent and nobody else claims. None means that it did not arrive;
 * more than one, or one that cannot be told apart, is for a person to judge.
 */
async function findOne(sender: Sender, since: number, is: (message: Message) => boolean | undefined): Promise<{ id: string } | undefined> {
  const { client, chat, taken } = sender;
  const { id: us } = await client.me();
  const byUs = (message: Message): boolean =>
    /^(Organization)?Member$/.test(message.source) &&
    (us === undefined || message.sentByOrganizationMember === undefined || message.sentByOrganizationMember.id === us);
  const ours = (await messagesSince(client, chat, since - skewMs)).filter((message) => !taken.has(message.id) && byUs(message));
  const judged = ours.map((message) => ({ message, is: is(message) }));
  const [found, ...others] = judged.filter((one) => one.is === true);
  if (others.length > 0 || judged.some((one) => one.is === undefined))
    throw new ConnectorError('unclear', 'uTalk: the chat holds messages that may be this one. Look there, and say whether it arrived', { effect: 'unclear' });
  return found ? { id: found.message.id } : undefined;
}

async function messagesSince(client: Client, chat: string, since: number): Promise<readonly Message[]> {
  const found = new Map<string, Message>();
  for (let from = since; ; ) {
    const page = await client.after(chat, from, pageSize);
    for (const message of page) found.set(message.id, message);
    const newest = page.at(-1);
    if (page.length < pageSize || !newest || timeOf(newest) <= from) return [...found.values()];
    from = timeOf(newest);
  }
}
