/** What the made-up Freshdesk of a journey holds, as tests ask for it. */
import type { Journey } from './journey.ts';

export function deskView(day: () => Journey) {
  const state = () => day().freshdesk.state;
  return {
    ticket(id: string | undefined) {
      const found = state().tickets.find((one) => String(one.id) === id);
      if (!found) throw new Error(`the helpdesk has no ticket ${id}`);
      return found;
    },
    /** Notes and replies on a ticket, oldest first. */
    notes: (id: string) => state().conversations.filter(({ ticket_id }) => String(ticket_id) === id),
    requester: (id: number) => state().contacts.find((one) => one.id === id),
    company: (id: number | null) => state().companies.find((one) => one.id === id)?.name,
  };
}
