/** Everything that goes to a channel goes the same way as operations: a row in the transaction that decides it, then steps, and never twice by us. */
import type { Transaction } from 'kysely';
import type { InternalText, TemplateUse, TicketRef } from '../kit/index.ts';
import type { Database, DeliveriesTable } from '../store/schema.ts';

/** What a channel is to do. A message's words are read from its row when it runs, and are frozen by its step. The kinds are stored data. */
export type ChannelWork =
  | { readonly kind: 'send'; readonly template?: TemplateUse }
  /** The first message to somebody who did not write to us; `phone` in E.164. */
  | { readonly kind: 'start'; readonly phone: string; readonly name: string | null; readonly template?: TemplateUse }
  | { readonly kind: 'note'; readonly note: InternalText }
  /** A closing's tickets, for the channel's agents. */
  | { readonly kind: 'filed'; readonly tickets: readonly TicketRef[]; readonly note: InternalText }
  | { readonly kind: 'end' };

export type ChannelOperation = ChannelWork & { readonly id: string; readonly revision: number };

export interface QueuedReply {
  /** Id of the new delivery. */
  readonly delivery: string;
  /** The type keeps internal notes out; so does a check, since rows are read back without types. */
  readonly message: { readonly id: string; readonly kind: 'public' };
  readonly conversation: { readonly id: string; readonly channel: string };
  readonly now: number;
  readonly template?: TemplateUse | undefined;
}

export const conversationLane = (conversation: string): string => `conversation:${conversation}`;

/** The row of a channel's delivery; `due` is a hold's end, or now. */
export function channelRow(
  work: ChannelWork,
  made: { id: string; conversation: { id: string; channel: string }; now: number; due: number; seq?: number; message?: string; closing?: string },
): DeliveriesTable {
  const operation: ChannelOperation = { id: made.id, revision: 1, ...work };
  return {
    id: made.id,
    closing_id: made.closing ?? null,
    message_id: made.message ?? null,
    conversation_id: made.conversation.id,
    seq: made.seq ?? 0,
    target_kind: 'channel',
    target: made.conversation.channel,
    kind: work.kind,
    operation: JSON.stringify(operation),
    revision: 1,
    lane: conversationLane(made.conversation.id),
    after: '[]',
    state: 'waiting',
    due_at: made.due,
    first_at: null,
    attempts: 0,
    error: null,
    result: null,
    created_at: made.now,
    done_at: null,
    doubles: null,
    swept_at: null,
  };
}

/** Call in the transaction that writes the message (with `sending` 'queued'); afterwards tell the dispatch to look. Throws for an internal message. */
export async function queueReply(tx: Transaction<Database>, { delivery, message, conversation, now, template }: QueuedReply): Promise<void> {
  if (message.kind !== 'public') throw new Error('an internal message is never sent to a customer');
  const row = channelRow({ kind: 'send', ...(template ? { template } : {}) }, { id: delivery, conversation, now, due: now, message: message.id });
  await tx.insertInto('deliveries').values(row).execute();
}
