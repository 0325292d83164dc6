/** Tickets that a conversation answers: the one the contact was made from, and those of the conversation that it continues. */
import type { Kysely } from 'kysely';
import type { TicketRef } from '../kit/index.ts';
import type { Database } from '../store/schema.ts';

export interface AnsweredTicket extends TicketRef {
  /** An agent wrote to the customer from this ticket, and this conversation is what came of it. */
  readonly contacted: boolean;
}

export async function writtenFrom(read: Kysely<Database>, conversation: string): Promise<readonly AnsweredTicket[]> {
  const row = await read.selectFrom('conversations').select(['ticket_hint', 'continues_id']).where('id', '=', conversation).executeTakeFirst();
  const hint = row?.ticket_hint ? [{ ...(JSON.parse(row.ticket_hint) as TicketRef), contacted: true }] : [];
  if (!row?.continues_id) return hint;
  const earlier = await read
    .selectFrom('conversation_tickets')
    .innerJoin('tickets', 'tickets.id', 'conversation_tickets.ticket_id')
    .select(['tickets.helpdesk', 'tickets.external_id as id', 'tickets.number', 'tickets.url'])
    .where('conversation_tickets.conversation_id', '=', row.continues_id)
    .distinct()
    .execute();
  return [...hint, ...earlier.map((ticket) => ({ ...ticket, contacted: false }))];
}
