/** From the library's objects to plain copies, and which of them concern a support desk at all. */
import type { Heard, HeardMessage } from './heard.ts';
import type { LibraryClient, LibraryId, LibraryMessage } from './library.ts';
import type { Account, OwnMessage } from './protocol.ts';
import { isKnownType } from './words.ts';

/** Calls into the page can hang for ever. */
export const patienceMs = 10_000;
export async function within<T>(work: Promise<T> | T, ms = patienceMs): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`WhatsApp Web did not answer within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const remoteOf = ({ remote }: Pick<LibraryId, 'remote'>): string => (typeof remote === 'string' ? remote : remote._serialized);

export const chatOf = (message: LibraryMessage): string => remoteOf(message.id) || (message.fromMe ? message.to : message.from);

/** People only: no status, group, broadcast list or newsletter, and no notes to oneself. */
export const isCustomerChat = (chat: string, account: string): boolean => /@(c\.us|lid)$/.test(chat) && chat !== account;

/** What WhatsApp writes into a chat by itself; a reaction has an event of its own, an album's pictures come one by one. */
const silentTypes = new Set([
  'e2e_notification',
  'notification_template',
  'notification',
  'group_notification',
  'broadcast_notification',
  'gp2',
  'protocol',
  'debug',
  'reaction',
  'album',
]);

export const isForUs = (message: LibraryMessage, account: string): boolean =>
  !message.isStatus && message.from !== 'status@broadcast' && isCustomerChat(chatOf(message), account) && !silentTypes.has(message.type);

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const number = (value: unknown): number | undefined => {
  const made = typeof value === 'string' ? Number.parseFloat(value) : value;
  return typeof made === 'number' && Number.isFinite(made) && made >= 0 ? made : undefined;
};
const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

/** What can be kept of any value: the library's objects hold functions and circles. */
export function plain(value: unknown, depth = 6): Exclude<Extract<Heard, { kind: 'unreadable' }>['raw'], undefined> {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'object' || depth === 0) return null;
  if (Array.isArray(value)) return value.slice(0, 100).map((inner) => plain(inner, depth - 1));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => key !== 'client' && typeof inner !== 'function' && inner !== undefined)
      .slice(0, 200)
      .map(([key, inner]) => [key, plain(inner, depth - 1)]),
  );
}

export interface Person {
  readonly name?: string | undefined;
  /** E.164. */
  readonly phone?: string | undefined;
}

const digitsOf = (id: string): string | undefined => /^(\d{5,15})(?::\d+)?@(?:c\.us|s\.whatsapp\.net)$/.exec(id)?.[1];
const e164 = (id: string | undefined): string | undefined => {
  const digits = id === undefined ? undefined : digitsOf(id);
  return digits === undefined ? undefined : `+${digits}`;
};

/** Who is behind an id. Names and numbers are asked for one at a time and may fail: the words do not wait for them for long. */
export function createPeople(client: LibraryClient): (id: string) => Promise<Person> {
  const known = new Map<string, Person>();
  return async (id) => {
    const before = known.get(id);
    if (before) return before;
    const contact = await within(client.getContactById(id)).catch(() => undefined);
    const pair = id.endsWith('@lid') ? await within(client.getContactLidAndPhone([id])).catch(() => undefined) : [{ pn: id }];
    const person: Person = { name: text(contact?.name) ?? text(contact?.pushname) ?? text(contact?.verifiedName), phone: e164(pair?.[0]?.pn) };
    // What could not be had is asked for again with the next message.
    if (person.name !== undefined && person.phone !== undefined) {
      if (known.size >= 5000) known.clear();
      known.set(id, person);
    }
    return person;
  };
}

export interface Reader {
  readonly account: Account;
  readonly people: (id: string) => Promise<Person>;
}

const defined = <T extends object>(value: T): T => Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as T;

export const customer = async ({ people }: Reader, id: string, fallback?: string): Promise<HeardMessage['from']> => {
  const { name, phone } = await people(id);
  return defined({ id, name: name ?? fallback, phone });
};

export const ourselves = ({ account }: Reader): HeardMessage['from'] => defined({ id: account.id, name: account.name });

const seconds = (timestamp: number): number => Math.round(timestamp * 1000);

export async function readMessage(message: LibraryMessage, reader: Reader): Promise<HeardMessage> {
  const raw = record(message.rawData);
  const chat = chatOf(message);
  return defined({
    kind: 'message' as const,
    account: reader.account.id,
    chat,
    at: seconds(message.timestamp),
    id: message.id._serialized,
    from: message.fromMe ? ourselves(reader) : await customer(reader, message.author ?? chat, text(raw.notifyName)),
    fromMe: message.fromMe,
    device: message.deviceType,
    type: message.type,
    body: message.body ?? '',
    forwarded: message.isForwarded || undefined,
    quoted: message.hasQuotedMsg ? await readQuoted(message, raw) : undefined,
    media: message.hasMedia
      ? defined({ name: text(raw.filename), mime: text(raw.mimetype), size: number(raw.size), seconds: number(message.duration) })
      : undefined,
    location: readLocation(message),
    vcards: message.vCards?.length ? [...message.vCards] : undefined,
    poll: message.pollName === undefined ? undefined : { name: message.pollName, options: (message.pollOptions ?? []).map(({ name }) => name) },
    title: text(message.title) ?? text(raw.orderTitle) ?? text(raw.inviteGrpName),
    description: text(message.description),
    order: text(message.orderId),
    raw: isKnownType(message.type) ? undefined : plain(raw),
  });
}

async function readQuoted(message: LibraryMessage, raw: Readonly<Record<string, unknown>>): Promise<HeardMessage['quoted']> {
  const quoted = await within(message.getQuotedMessage()).catch(() => undefined);
  const inside = record(raw.quotedMsg);
  return defined({
    id: text(quoted?.id?._serialized),
    body: text(quoted?.body) ?? text(inside.caption) ?? (inside.type === 'chat' ? text(inside.body) : undefined),
  });
}

function readLocation({ location }: LibraryMessage): HeardMessage['location'] {
  const latitude = Number(location?.latitude);
  const longitude = Number(location?.longitude);
  if (!location || Number.isNaN(latitude) || Number.isNaN(longitude)) return undefined;
  return defined({ latitude, longitude, name: text(location.name), address: text(location.address), url: text(location.url) });
}

/** Both states of a message that changed after it was written. An edit brings a key of its own; a picture's `body` changes when its preview does. */
export const readEdit = (message: LibraryMessage, account: Account, now: number): Heard => ({
  kind: 'edit',
  account: account.id,
  chat: chatOf(message),
  at: message.latestEditSenderTimestampMs ?? now,
  id: message.id._serialized,
  text: message.body ?? '',
});

/** The key of the message that was there before: a deletion can come under an id of its own. */
export function readRevoke(after: LibraryMessage, before: LibraryMessage | undefined, account: Account, now: number): Extract<Heard, { kind: 'revoke' }> {
  const key = after.protocolMessageKey;
  const named = key?._serialized ?? (key?.id && key.remote !== undefined ? `${key.fromMe === true}_${remoteOf({ remote: key.remote })}_${key.id}` : undefined);
  return { kind: 'revoke', account: account.id, chat: chatOf(after), at: now, id: named ?? before?.id?._serialized ?? after.id._serialized };
}

export const readOwn = (message: LibraryMessage): OwnMessage => {
  const name = text(record(message.rawData).filename);
  return {
    id: message.id._serialized,
    chat: chatOf(message),
    at: seconds(message.timestamp),
    text: message.body ?? '',
    ...(message.hasMedia ? { file: { type: message.type, ...(name === undefined ? {} : { name }) } } : {}),
  };
};
