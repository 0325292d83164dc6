/** Tickets that a conversation answers: the one the contact was made from, the one it is at the vendor, and those of the conversation that it continues. */
import type { Kysely } from 'kysely';
import type { TicketRef } from '../kit/index.ts';
import type { Database } from '../store/schema.ts';

export interface AnsweredTicket extends TicketRef {
  /** An agent wrote to the customer from this ticket, and this conversation is what came of it. */
  readonly contacted: boolean;
  /** The vendor keeps this very conversation as that ticket. */
  readonly native: boolean;
}

/** As it stands in `ticket_hint`. */
type Hint = TicketRef & { readonly native?: true };

function ofHint(json: string): AnsweredTicket {
  const { native = false, ...ticket } = JSON.parse(json) as Hint;
  return { ...ticket, contacted: !native, native };
}

export async function writtenFrom(read: Kysely<Database>, conversation: string): Promise<readonly AnsweredTicket[]> {
  const row = await read.selectFrom('conversations').select(['ticket_hint', 'continues_id']).where('id', '=', conversation).executeTakeFirst();
  const hint = row?.ticket_hint ? [ofHint(row.ticket_hint)] : [];
  if (!row?.continues_id) return hint;
  const earlier = await read
    .selectFrom('conversation_tickets')
    .innerJoin('tickets', 'tickets.id', 'conversation_tickets.ticket_id')
    .select(['tickets.helpdesk', 'tickets.external_id as id', 'tickets.number', 'tickets.url'])
    .where('conversation_tickets.conversation_id', '=', row.continues_id)
    .distinct()
    .execute();
  return [...hint, ...earlier.map((ticket) => ({ ...ticket, contacted: false, native: false }))];
}
