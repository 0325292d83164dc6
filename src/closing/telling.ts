/**
 * Tells a channel the tickets of a closing once they exist, where only its agents read it. It holds nothing: a closing that was not told yet is found
 * again after a crash, and its mark and the delivery are one transaction.
 */
import type { Kysely } from 'kysely';
import { insert } from '../delivery/insert.ts';
import { type ChannelWork, channelRow } from '../delivery/replies.ts';
import type { Channel, InternalText, TicketRef } from '../kit/index.ts';
import type { Mapping } from '../mapping/evaluate.ts';
import type { Database } from '../store/schema.ts';
import type { ClosingParts } from './commit.ts';
import { ticketsOf } from './views.ts';

export interface TellingParts extends Pick<ClosingParts, 'read' | 'group' | 'dispatch' | 'now' | 'id'> {
  channel(name: string): Pick<Channel, 'filed' | 'note'> | undefined;
  mappingFor(channel: string): Mapping;
}

interface Closing {
  readonly id: string;
  readonly source: string;
  readonly state: string;
  readonly conversation: string;
  readonly channel: string;
}

const atOnce = 100;

/** Closings of which nothing is under way any more. */
const settled = (read: Kysely<Database>): Promise<readonly Closing[]> =>
  read
    .selectFrom('closings')
    .innerJoin('conversations', 'conversations.id', 'closings.conversation_id')
    .select(['closings.id', 'closings.source', 'closings.state', 'conversations.id as conversation', 'conversations.channel'])
    .where('closings.told_at', 'is', null)
    .where(({ or, eb, not, exists, selectFrom }) =>
      or([
        eb('closings.state', '=', 'undone'),
        not(
          exists(
            selectFrom('deliveries')
              .select('deliveries.id')
              .whereRef('deliveries.closing_id', '=', 'closings.id')
              .where('deliveries.target_kind', '=', 'helpdesk')
              .where('deliveries.state', '<>', 'done'),
          ),
        ),
      ]),
    )
    .orderBy('closings.created_at')
    .limit(atOnce)
    .execute();

/** One look; resolves with the ids of the deliveries that it queued. */
export async function tellFiled(parts: TellingParts): Promise<readonly string[]> {
  const queued: string[] = [];
  for (const closing of await settled(parts.read)) {
    const work = await workOf(parts, closing);
    const now = parts.now();
    const { conversation, channel } = closing;
    const row = work && channelRow(work, { id: parts.id(), conversation: { id: conversation, channel }, now, due: now });
    const first = await parts.group.write(async (s) => {
      const marked = await s.run('UPDATE closings SET told_at = ? WHERE id = ? AND told_at IS NULL', now, closing.id);
      if (marked === 1 && row) await insert(s, 'deliveries', [row]);
      return marked === 1;
    });
    if (!first || !row) continue;
    queued.push(row.id);
    parts.dispatch.look(row.id, now);
  }
  return queued;
}

/** Undefined where there is nothing to tell, or nobody to tell it to. What a rule files late tells the ticket that was told already. */
async function workOf(parts: TellingParts, { id, source, state, channel }: Closing): Promise<ChannelWork | undefined> {
  const told = parts.channel(channel);
  if (state === 'undone' || source === 'rule' || (!told?.filed && !told?.note)) return undefined;
  const deliveries = await parts.read.selectFrom('deliveries').select(['target_kind', 'result']).where('closing_id', '=', id).orderBy('seq').execute();
  const tickets = ticketsOf(deliveries).map(({ helpdesk, id: ticket, number, url }): TicketRef => ({ helpdesk, id: ticket, number, url }));
  if (tickets.length === 0) return undefined;
  const note: InternalText = { kind: 'internal', blocks: [{ type: 'tickets', label: parts.mappingFor(channel).words.ticket, tickets }] };
  return told.filed ? { kind: 'filed', tickets, note } : { kind: 'note', note };
}
