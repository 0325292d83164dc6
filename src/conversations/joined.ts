/** Why a message was taken into its conversation: points and reasons, as they were weighed when it came. */
import type { Kysely } from 'kysely';
import type { Database } from '../store/schema.ts';

/** What spoke for it: it came to the conversation's reply address, it answers one of its messages, its thread is going on, and so on. */
export type ReasonKey = 'reply-token' | 'answers' | 'thread' | 'number' | 'subject' | 'says-answer' | 'sender' | 'claimed-sender' | 'recent';

/** Points of 100, and those that it took. `values` fill the reason's words: `id` of the message answered, `number` of the ticket, `subject`. */
export interface Joined {
  readonly points: number;
  readonly threshold: number;
  readonly reasons: readonly { readonly key: ReasonKey; readonly values: Readonly<Record<string, string>>; readonly points: number }[];
  /** A ticket's number that the message names although its sender is not known to take part there. */
  readonly stranger: string | null;
}

/** By message. Those that began a conversation of their own, or that no clue was weighed for, have none. */
export async function readJoined(read: Kysely<Database>, conversation: string): Promise<ReadonlyMap<string, Joined>> {
  const rows = await read
    .selectFrom('message_joins')
    .innerJoin('messages', 'messages.id', 'message_joins.message_id')
    .select(['message_joins.message_id', 'message_joins.joined'])
    .where('messages.conversation_id', '=', conversation)
    .execute();
  return new Map(rows.map(({ message_id, joined }) => [message_id, JSON.parse(joined) as Joined]));
}
