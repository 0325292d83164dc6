/** Replies, first messages and files by way of the child: one step a message that the customer sees. */

import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  type BlobRef,
  ConnectorError,
  type Context,
  type FirstContact,
  type PublicMessage,
  piecesOf,
  type ReplyContext,
  type Step,
} from '../../src/kit/index.ts';
import type { Line } from './line.ts';
import { placeOf, threadOf } from './normalize.ts';
import type { Parts } from './parts.ts';
import type { Answers, OwnMessage } from './protocol.ts';
import type { WhatsAppWebSettings } from './settings.ts';

/** One text message. WhatsApp shows longer ones folded. */
export const maxTextLength = 4096;

/** A look is trusted so long after the last unclear send: the page writes a message into its store before it leaves. */
const settleMs = 10_000;
/** The clocks of WhatsApp's servers and ours differ. */
const skewMs = 60_000;

export interface Sender {
  readonly context: Context<WhatsAppWebSettings>;
  readonly line: Line;
  readonly parts: Parts;
  /** The channel's folder. */
  folder(): string;
  /** In which run of the child each step was last sent. */
  readonly runs: Map<string, number>;
}

type File = { readonly [K in keyof BlobRef]: BlobRef[K] };
type Part = { readonly account: string; readonly chat: string; readonly text: string; readonly file: File | null; readonly at: number };

/** The steps of a reply, with names that stay: texts, then files. */
const partsOf = (reply: PublicMessage): readonly { step: string; text: string; file: BlobRef | null }[] => [
  ...(reply.text.trim() === '' ? [] : piecesOf(reply.text, maxTextLength)).map((text, index) => ({ step: `text-${index + 1}`, text, file: null })),
  ...reply.files.map((file, index) => ({ step: `file-${index + 1}`, text: '', file })),
];

export async function sendReply(sender: Sender, reply: PublicMessage, to: ReplyContext, step: Step): Promise<{ externalId: string }> {
  // The type forbids it; should somebody get around the type, a customer must not be the one who notices.
  if (reply.kind !== 'public') throw new ConnectorError('refused', 'Internal text is never sent to a customer');
  const place = placeOf(to.thread);
  if (!place) throw new ConnectorError('not-found', 'This conversation has no WhatsApp chat');
  checkFiles(sender, reply);
  const parts = partsOf(reply);
  if (parts.length === 0) throw new ConnectorError('refused', 'There is nothing to send');
  let first: string | undefined;
  for (const [index, { step: name, text, file }] of parts.entries()) {
    const { id } = await sendPart(sender, step, name, {
      message: to.message,
      earlier: to.earlier,
      of: first,
      last: index === parts.length - 1,
      part: async () => {
        checkAccount(sender, place.account);
        return { ...place, text, file: file && { ...file }, at: sender.context.now() };
      },
    });
    first ??= id;
  }
  return { externalId: first ?? '' };
}

/** A first message to a number: WhatsApp tells which chat it is. */
export async function startChat(sender: Sender, first: PublicMessage, to: FirstContact, step: Step): Promise<{ thread: string; externalId: string }> {
  if (first.kind !== 'public') throw new ConnectorError('refused', 'Internal text is never sent to a customer');
  const digits = to.phone.replace(/\D/g, '');
  checkFiles(sender, first);
  const [opening, ...more] = partsOf(first);
  if (!opening) throw new ConnectorError('refused', 'There is nothing to send');
  const whole = { message: to.message, earlier: [] };
  const at = (): number => sender.context.now();
  const { id, chat, account } = await sendPart(sender, step, opening.step, {
    ...whole,
    of: undefined,
    last: more.length === 0,
    part: async () => ({ ...(await placeOfNumber(sender, digits)), text: opening.text, file: opening.file && { ...opening.file }, at: at() }),
  });
  for (const [index, { step: name, text, file }] of more.entries())
    await sendPart(sender, step, name, {
      ...whole,
      of: id,
      last: index === more.length - 1,
      part: async () => ({ account, chat, text, file: file && { ...file }, at: at() }),
    });
  return { thread: threadOf(account, chat), externalId: id };
}

async function placeOfNumber({ line, context }: Sender, digits: string): Promise<{ account: string; chat: string }> {
  const { id } = await line.ask({ what: 'number', digits }, context.settings.sendSeconds * 1000);
  if (id === null) throw new ConnectorError('not-found', 'This number is not on WhatsApp', { field: 'phone' });
  return { account: line.account?.id ?? '', chat: id };
}

function checkFiles({ context }: Sender, { files }: PublicMessage): void {
  const { maxFileMegabytes } = context.settings;
  const large = files.find(({ size }) => size > maxFileMegabytes * 2 ** 20);
  if (large) throw new ConnectorError('too-large', `${large.name} is larger than the ${maxFileMegabytes} MB that this channel sends`);
}

/** After another number was linked, old conversations belong to nobody that we can write as. */
function checkAccount({ line }: Sender, account: string): void {
  if (line.account && line.account.id !== account)
    throw new ConnectorError('not-found', 'This conversation belongs to another number than the one that is linked now');
}

interface SendPart {
  readonly message: string;
  /** Vendor ids of the thread's messages: none of them is this one. */
  readonly earlier: readonly string[];
  /** Id of the reply's first message; undefined for the first itself. */
  readonly of: string | undefined;
  readonly last: boolean;
  part(): Promise<Part>;
}

type Sent = { readonly id: string; readonly chat: string; readonly account: string };

function sendPart(sender: Sender, step: Step, name: string, { message, earlier, of, last, part }: SendPart): Promise<Sent> {
  const { context, line, parts, runs } = sender;
  const key = `${message} ${name}`;
  const note = async (own: OwnMessage, { account }: Part): Promise<Sent> => {
    await parts.sent(own.id, { of: of ?? own.id, last }, context.now());
    runs.delete(key);
    return { id: own.id, chat: own.chat, account };
  };
  return step<Part, Sent>(name, {
    settleMs,
    body: part,
    async send(body) {
      runs.set(key, line.run);
      return note(await sendNow(sender, body), body);
    },
    async find(body) {
      const candidates = await line.ask({ what: 'find', chat: body.chat, since: body.at - skewMs }, context.settings.sendSeconds * 1000);
      const fresh: OwnMessage[] = [];
      for (const own of candidates) if (isLike(own, body) && !earlier.includes(own.id) && !(await parts.isKnown(own.id))) fresh.push(own);
      const [found, another] = fresh;
      if (found && !another) return note(found, body);
      // Whether the store of a browser that was started since holds all that the one before had sent is not documented.
      if (another || runs.get(key) !== line.run)
        throw new ConnectorError('unclear', 'It may have arrived, and the chat does not say for certain. Look on the phone', { effect: 'unclear' });
      return undefined;
    },
  });
}

const kindOf = (mime: string): string => /^(image|video|audio)\//.exec(mime)?.[1] ?? 'document';

function isLike({ text, file }: Answers['find'][number], body: Part): boolean {
  if (body.file === null) return file === undefined && text.trim() === body.text.trim();
  if (file === undefined) return false;
  return file.name === undefined ? file.type.replace('ptt', 'audio') === kindOf(body.file.mime) : file.name === body.file.name;
}

async function sendNow({ context, line, folder }: Sender, { chat, text, file }: Part): Promise<OwnMessage> {
  const timeoutMs = context.settings.sendSeconds * 1000;
  if (file === null) return line.ask({ what: 'send', chat, text }, timeoutMs);
  const outgoing = join(folder(), 'outgoing');
  await mkdir(outgoing, { recursive: true });
  const place = await mkdtemp(join(outgoing, 'file-'));
  try {
    // Under a name of our own: what people call their files is no path.
    const path = join(place, 'content');
    await pipeline(await context.blobs.open(file.sha256), createWriteStream(path, { mode: 0o600 }));
    return await line.ask({ what: 'send', chat, text, file: { path, name: file.name, mime: file.mime } }, timeoutMs);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}
