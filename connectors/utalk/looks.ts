/** What webhooks do not tell is looked for: chats that were closed, and messages whose webhook was lost. */
import type { Context, Json } from '../../src/kit/index.ts';
import { type Client, timeOf } from './client.ts';
import type { UtalkSettings } from './settings.ts';
import { type Chat, type Message, ms, threadOf } from './wire.ts';

interface Found {
  readonly payloads: readonly Json[];
  readonly cursor: string;
}

/** `since`: when the first look of all was made; what was over before is none of ours. `at`: newest time that was seen. */
interface Cursor {
  readonly since: number;
  readonly at: number;
}

/** A chat may be listed a little later than its time says. */
const overlapMs = 120_000;
const pageSize = 50;
const pagesAtMost = 40;

const start = (cursor: string | undefined, now: number): Cursor => (cursor === undefined ? { since: now, at: now } : (JSON.parse(cursor) as Cursor));
const from = ({ since, at }: Cursor): number => Math.max(since, at - overlapMs);

export interface Looks {
  closed(cursor: string | undefined): Promise<Found>;
  open(cursor: string | undefined): Promise<Found>;
}

export function createLooks({ history, now }: Pick<Context<UtalkSettings>, 'history' | 'now'>, client: Client): Looks {
  /** Chats of a state whose time is not before `earliest`. `newestFirst`: a page without any is the last that is read. */
  async function changed(state: 'Open' | 'Closed', earliest: number, time: (chat: Chat) => number, newestFirst: boolean): Promise<readonly Chat[]> {
    const found: Chat[] = [];
    for (let page = 0; page < pagesAtMost; page += 1) {
      const chats = await client.chats(state, page * pageSize, pageSize);
      const young = chats.filter((chat) => time(chat) >= earliest);
      found.push(...young);
      if (chats.length < pageSize || (newestFirst && young.length === 0)) break;
    }
    return found;
  }

  /** The messages that we lack, up to the last; only the last where we have it, since its state may have changed. */
  async function messagesOf(chat: Chat, earliest: number): Promise<readonly Message[]> {
    const last = chat.lastMessage;
    if (!last) return [];
    const known = await history.messages(threadOf(chat), { limit: pageSize });
    if (known.some(({ externalId }) => externalId === last.id)) return [last];
    let since = (known.at(-1)?.at ?? Math.max(ms(chat.createdAtUTC), earliest)) - 1;
    const messages: Message[] = [];
    for (let page = 0; page < pagesAtMost; page += 1) {
      const some = await client.after(chat.id, since, pageSize);
      messages.push(...some);
      const newest = some.at(-1);
      if (some.length < pageSize || !newest || timeOf(newest) <= since) break;
      since = timeOf(newest) - 1;
    }
    const once = new Map([...messages, last].map((message) => [message.id, message]));
    return [...once.values()];
  }

  async function looked(chats: readonly Chat[], at: Cursor, time: (chat: Chat) => number): Promise<Found> {
    const payloads: Json[] = [];
    for (const { latestMessages: _latest, ...chat } of chats.toSorted((a, b) => time(a) - time(b))) {
      const messages = await messagesOf(chat as Chat, from(at));
      payloads.push(JSON.parse(JSON.stringify({ look: { chat, messages } })) as Json);
    }
    return { payloads, cursor: JSON.stringify({ since: at.since, at: Math.max(at.at, ...chats.map(time)) }) };
  }

  const closedAt = (chat: Chat): number => ms(chat.closedAtUTC ?? chat.eventAtUTC ?? chat.createdAtUTC);
  const movedAt = (chat: Chat): number => Math.max(ms(chat.eventAtUTC ?? chat.createdAtUTC), chat.lastMessage ? timeOf(chat.lastMessage) : 0);

  return {
    async closed(cursor) {
      const at = start(cursor, now());
      return looked(await changed('Closed', from(at), closedAt, true), at, closedAt);
    },
    // Open chats are few enough to be read whole, whatever their order.
    async open(cursor) {
      const at = start(cursor, now());
      return looked(await changed('Open', from(at), movedAt, false), at, movedAt);
    },
  };
}
