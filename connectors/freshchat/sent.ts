/**
 * What we wrote ourselves. Freshchat tells us of our own messages as of anybody's, and has no key for them: so each is noted before it goes out, and
 * known again by its id or, when the webhook is faster than the answer, by its words.
 */
import type { Json, Records } from '../../src/kit/index.ts';
import { plain } from './plain.ts';
import type { Message, Part } from './wire.ts';

/** A message on its way; `id` is the vendor's, once it is known. */
export type Outgoing = {
  readonly conversation: string;
  readonly type: 'normal' | 'private';
  readonly actor: string;
  /** First send, epoch ms. */
  readonly at: number;
  readonly print: string;
};
type Noted = Outgoing & { readonly id: string | null };

export interface Sent {
  /** Before the first send; again with a new body only after a definite refusal. */
  note(key: string, outgoing: Outgoing): Promise<void>;
  arrived(key: string, id: string): Promise<void>;
  idOf(key: string): Promise<string | undefined>;
  /** Ids of our messages of a conversation. */
  ids(conversation: string): Promise<ReadonlySet<string>>;
  /** A message that came back to us: if it can only be one of ours whose answer is missing, its id is that one's. */
  claim(conversation: string, message: Message): Promise<void>;
}

/** The vendor's clock and ours. */
const skewMs = 120_000;
/** An echo later than this after the send is somebody's own words. */
const echoMs = 15 * 60_000;

const recent = 200;

/** Everything about a message that stays the same between what is sent and what is read back: words, and files by name; links are signed anew each time. */
export function printOf(type: string, parts: readonly Part[]): string {
  const said = parts.map((part) => {
    const [kind = '', value] = Object.entries(part)[0] ?? [];
    const fields = (typeof value === 'object' && value !== null ? value : {}) as Record<string, Json | undefined>;
    if (kind === 'text' || kind === 'email')
      return [
        'text',
        plain(String(fields.content ?? ''))
          .replace(/\s+/g, ' ')
          .trim(),
      ];
    if (kind === 'image') return ['image'];
    return [kind, String(fields.name ?? fields.file_name ?? '')];
  });
  return JSON.stringify([type, said]);
}

/** Words alone are proof; two pictures look the same from here. */
export const provesItself = (print: string): boolean => !print.includes('["image"]');

const typeOf = (message: Message): 'normal' | 'private' | undefined =>
  message.message_type === 'private' ? 'private' : message.message_type === 'normal' || message.message_type == null ? 'normal' : undefined;

/** Whether a message could be one that we sent: author, kind, words and time agree, and it did not come from a person's screen. */
export function fits(outgoing: Outgoing, message: Message): boolean {
  const source = message.message_source?.toLowerCase();
  return (
    typeOf(message) === outgoing.type &&
    message.actor_type?.toLowerCase() === 'agent' &&
    message.actor_id === outgoing.actor &&
    (source === undefined || source === 'api') &&
    message.created_time >= outgoing.at - skewMs &&
    printOf(outgoing.type, message.message_parts) === outgoing.print
  );
}

export function createSent(records: Records): Sent {
  const collection = 'sent';
  const of = (conversation: string) => records.list<Noted>(collection, { index: conversation, limit: recent });
  return {
    async note(key, outgoing) {
      const place = { index: outgoing.conversation, sort: `${String(outgoing.at).padStart(16, '0')}/${key}` };
      if (await records.insert(collection, key, { ...outgoing, id: null }, place)) return;
      await records.update<Noted>(collection, key, (noted) => ({ ...outgoing, id: noted.id }), place);
    },
    async arrived(key, id) {
      await records.update<Noted>(collection, key, (noted) => ({ ...noted, id }));
    },
    idOf: async (key) => (await records.get<Noted>(collection, key))?.id ?? undefined,
    ids: async (conversation) => new Set((await of(conversation)).flatMap(({ value }) => value.id ?? [])),
    async claim(conversation, message) {
      if (message.actor_type?.toLowerCase() !== 'agent') return;
      const noted = await of(conversation);
      if (noted.some(({ value }) => value.id === message.id)) return;
      const waiting = noted.filter(({ value }) => value.id === null && message.created_time <= value.at + echoMs && fits(value, message));
      for (const { key } of waiting.toReversed()) {
        const claimed = await records.update<Noted>(collection, key, (value) => (value.id === null ? { ...value, id: message.id } : value));
        if (claimed?.id === message.id) return;
      }
    },
  };
}
