/** How a ticket at a helpdesk is named: on its own, because conversations and operations both name tickets. */

/** A ticket at a helpdesk. `helpdesk` is the configured name, `id` the vendor's id, `number` what people say. */
export interface TicketRef {
  readonly helpdesk: string;
  readonly id: string;
  readonly number: string;
  readonly url: string;
}
