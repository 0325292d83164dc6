/** A new ticket that Zendesk refuses because its requester is suspended, said so that an agent knows what to do. */
import { z } from 'zod';
import { ConnectorError } from '../../src/kit/index.ts';
import type { JsonObject } from './client.ts';
import { type Desk, hasStatus } from './desk.ts';
import { userList, userShape, type ZendeskUser } from './shapes.ts';

async function requesterOf(desk: Desk, ticket: JsonObject): Promise<ZendeskUser | undefined> {
  if (typeof ticket.requester_id === 'number')
    return (await desk.client.call({ method: 'GET', path: `/users/${ticket.requester_id}` }, z.looseObject({ user: userShape }))).user;
  const { email } = (ticket.requester ?? {}) as { readonly email?: string };
  if (email === undefined) return undefined;
  const { users } = await desk.client.call({ method: 'GET', path: '/users/search', query: { query: `email:"${email}"` } }, userList);
  return users.find((user) => user.email?.toLowerCase() === email.toLowerCase());
}

/** The refusal itself, or a clearer one. How Zendesk words it is not documented, so the user is asked, whatever the words and their language were. */
export async function inPlainWords(desk: Desk, refusal: unknown, ticket: JsonObject): Promise<unknown> {
  // A refusal that names another field is about that field, whoever asks.
  if (!hasStatus(refusal, 422) || (refusal.field !== undefined && refusal.field !== 'requester')) return refusal;
  try {
    const user = await requesterOf(desk, ticket);
    if (!user?.suspended) return refusal;
    const message = `${user.name} is suspended in Zendesk, which takes no ticket for them. Lift the suspension in their Zendesk profile, or choose another requester, and retry. (${refusal.message})`;
    return new ConnectorError('refused', message, { field: 'requester', status: 422, cause: refusal });
  } catch (error) {
    desk.context.log.debug({ error: String(error) }, 'The look at a refused requester failed');
    return refusal;
  }
}
