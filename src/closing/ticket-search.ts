/** Tickets by number or words, in all helpdesks at once. One that does not answer is left out: the others' tickets still help. */
import type { ClosingForm, DeskSchema, Ticket } from '../kit/index.ts';
import type { Desk } from '../tickets/desks.ts';

const most = 20;

export const candidateOf = (ticket: Ticket, schema: DeskSchema | null, why: string): ClosingForm['candidates'][number] => ({
  helpdesk: ticket.ref.helpdesk,
  id: ticket.ref.id,
  number: ticket.ref.number,
  subject: ticket.subject,
  status: schema?.statuses.find(({ id }) => id === ticket.status)?.label ?? ticket.status,
  why,
});

export async function searchTickets(desks: ReadonlyMap<string, Desk>, words: string): Promise<ClosingForm['candidates']> {
  const said = words.trim();
  if (!said) return [];
  const number = /^#?\s*(\d+)$/.exec(said)?.[1];
  const lists = await Promise.all(
    [...desks.values()].map(async (desk) => {
      const found = await desk.search(number ? { number } : { words: said }, most).catch((): readonly Ticket[] => []);
      const { schema } = found.length ? await desk.schema() : { schema: null };
      return found.map((ticket) => candidateOf(ticket, schema, ''));
    }),
  );
  return lists.flat().slice(0, most);
}
