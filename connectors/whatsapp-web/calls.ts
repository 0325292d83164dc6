/** What the parent asks of the library: send, look, fetch. Runs in the child. */
import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorCode } from '../../src/kit/index.ts';
import type { Library, LibraryClient, LibraryMedia } from './library.ts';
import type { Answer, Answers, Call, FileAt, Refusal } from './protocol.ts';
import { readOwn, within } from './reading.ts';

/** A definite no: nothing has happened. */
export class Refused extends Error {
  readonly code: ErrorCode;
  readonly again: boolean;
  constructor(code: ErrorCode, message: string, again = false) {
    super(message);
    this.code = code;
    this.again = again;
  }
}

/** What went wrong, told in a way that survives the process boundary. Whatever the page said while it was sending may have been said after the effect. */
export function refusalOf(error: unknown, what: Call['what']): Refusal {
  if (error instanceof Refused) return { code: error.code, message: error.message, effect: 'none', again: error.again };
  const message = `WhatsApp Web: ${error instanceof Error ? error.message : String(error)}`;
  return { code: 'unavailable', message, effect: what === 'send' ? 'unclear' : 'none', again: true };
}

export interface Desk {
  readonly client: LibraryClient;
  readonly library: Pick<Library, 'MessageMedia'>;
  /** Where fetched files are written. */
  readonly folder: string;
}

export async function answer(desk: Desk, call: Call): Promise<Answer> {
  switch (call.what) {
    case 'send':
      return send(desk, call);
    case 'find':
      return find(desk, call);
    case 'download':
      return download(desk, call);
    case 'number':
      return { id: (await desk.client.getNumberId(call.digits))?._serialized ?? null };
    case 'connection':
      return { connection: await within(desk.client.getState()) };
  }
}

const shownInline = /^(?:image\/(?:jpeg|png|webp)|video\/mp4|audio\/)/;

async function send({ client, library }: Desk, { chat, text, file }: Extract<Call, { what: 'send' }>): Promise<Answers['send']> {
  // The library answers a chat that is not there like a message that may have left; so the chat is looked at first.
  const there = await within(client.getChatById(chat)).catch((error: unknown) => {
    throw new Refused('unavailable', `WhatsApp Web: ${error instanceof Error ? error.message : String(error)}`, true);
  });
  if (!there) throw new Refused('not-found', 'WhatsApp does not know this chat any more');
  const media = file === undefined ? undefined : readFile(library, file);
  const asDocument = file !== undefined && !shownInline.test(file.mime);
  const sent = await client.sendMessage(chat, media ?? text, { waitUntilMsgSent: true, ...(asDocument ? { sendMediaAsDocument: true } : {}) });
  if (!sent) throw new Error('no message came of it');
  return readOwn(sent);
}

function readFile({ MessageMedia }: Desk['library'], { path, name, mime }: FileAt): LibraryMedia {
  try {
    return Object.assign(MessageMedia.fromFilePath(path), { mimetype: mime, filename: name });
  } catch (error) {
    throw new Refused('unavailable', `The file could not be read: ${error instanceof Error ? error.message : String(error)}`, true);
  }
}

/** As many as a person may write meanwhile. */
const lookedAt = 100;

async function find({ client }: Desk, { chat, since }: Extract<Call, { what: 'find' }>): Promise<Answers['find']> {
  const there = await within(client.getChatById(chat));
  if (!there) return [];
  const messages = await there.fetchMessages({ limit: lookedAt, fromMe: true });
  // Telephones name their messages in another way; those were certainly not sent by us.
  return messages.filter(({ fromMe, timestamp, deviceType }) => fromMe && timestamp * 1000 >= since && (deviceType ?? 'web') === 'web').map(readOwn);
}

async function download({ client, folder }: Desk, { message }: Extract<Call, { what: 'download' }>): Promise<Answers['download']> {
  const found = await client.getMessageById(message);
  if (!found) throw new Refused('not-found', 'The message is not on the linked phone any more', true);
  const media = await found.downloadMedia();
  // Expired, or just being fetched by the phone: later tries may have it.
  if (!media) throw new Refused('unavailable', 'WhatsApp does not hand the file over now', true);
  const bytes = Buffer.from(media.data, 'base64');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, randomUUID());
  const descriptor = openSync(path, 'wx', 0o600);
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
  fsyncSync(descriptor);
  closeSync(descriptor);
  return { path, size: bytes.length };
}
