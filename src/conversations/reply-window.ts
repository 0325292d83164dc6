/** Vendors that take free text only for so many hours after the customer's last message, and templates after that. */
import type { Kysely } from 'kysely';
import type { ChannelCapabilities } from '../kit/index.ts';
import type { Database } from '../store/schema.ts';

/** Until when free text can be sent, in epoch ms; null where the channel has no such window, or the customer has not written yet. */
export async function replyUntil(read: Kysely<Database>, conversation: string, capabilities: ChannelCapabilities | undefined): Promise<number | null> {
  const hours = capabilities?.replyWindowHours;
  if (hours === undefined) return null;
  const last = await read
    .selectFrom('messages')
    .select(({ fn }) => fn.max('at').as('at'))
    .where('conversation_id', '=', conversation)
    .where('direction', '=', 'in')
    .where('kind', '=', 'public')
    .where('author_role', '=', 'contact')
    .where('automatic', 'is', null)
    .executeTakeFirst();
  return last?.at == null ? null : Number(last.at) + hours * 3_600_000;
}

/** Whether free text is refused now. Where nobody has written yet, it is exactly where a first message needs a template. */
export const isWindowClosed = (
  until: number | null,
  { capabilities, needsTemplate, now }: { capabilities: ChannelCapabilities | undefined; needsTemplate: boolean; now: number },
): boolean => capabilities?.replyWindowHours !== undefined && (until === null ? needsTemplate : now >= until);
