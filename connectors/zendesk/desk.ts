/** What every operation of this connector works with. */
import { ConnectorError, type Context, type TicketRef } from '../../src/kit/index.ts';
import { type Client, createClient } from './client.ts';
import { createMarkers, type Markers } from './comment.ts';
import { createFacts, type Facts } from './facts.ts';
import type { ZendeskSettings } from './settings.ts';
import { oneTicket, type ZendeskTicket } from './shapes.ts';

export interface Desk {
  readonly context: Context<ZendeskSettings>;
  readonly client: Client;
  readonly facts: Facts;
  readonly markers: Markers;
}

export function createDesk(context: Context<ZendeskSettings>): Desk {
  const client = createClient(context);
  return { context, client, facts: createFacts(client, context), markers: createMarkers(context, client) };
}

/** A ticket's number is its id at this vendor. */
export const refOf = (desk: Desk, id: number | string): TicketRef => ({
  helpdesk: desk.context.name,
  id: String(id),
  number: String(id),
  url: `${desk.context.settings.address}/agent/tickets/${id}`,
});

export async function readTicket(desk: Desk, id: number | string): Promise<ZendeskTicket> {
  return (await desk.client.call({ method: 'GET', path: `/tickets/${Number(id)}` }, oneTicket)).ticket;
}

export const closedError = (id: number | string): ConnectorError =>
  new ConnectorError('closed', `Zendesk ticket #${id} is closed for good and takes no change.`);

export const deletedError = (id: number | string): ConnectorError => new ConnectorError('not-found', `Zendesk ticket #${id} is deleted.`);

/** The vendor did nothing because the ticket had changed: the next attempt reads it anew. */
export const staleError = (id: number | string): ConnectorError =>
  new ConnectorError('conflict', `Zendesk ticket #${id} was changed in the meantime.`, { retry: { afterMs: 2000 }, effect: 'none', status: 409 });

export const hasStatus = (error: unknown, ...statuses: readonly number[]): error is ConnectorError =>
  error instanceof ConnectorError && error.status !== undefined && statuses.includes(error.status);
