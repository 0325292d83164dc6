/** Where a ticket went that takes no more: merged into another, or deleted. */
import { z } from 'zod';
import { ConnectorError, type TicketRef } from '../../src/kit/index.ts';
import { type Desk, readTicket, refOf } from './desk.ts';
import { commentShape } from './shapes.ts';

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The ticket's number in the words of a merge, wherever they stand in a comment. */
export function numberIn(comment: string, words: string): string | undefined {
  const folded = (text: string): string => text.replace(/\s+/g, ' ');
  const [before = '', after = ''] = folded(words).split('{id}').map(escaped);
  return new RegExp(`${before}(\\d+)(?!\\d)${after}`, 'i').exec(folded(comment))?.[1];
}

const lastComments = z.looseObject({
  comments: z.array(commentShape),
  users: z.array(z.looseObject({ id: z.number(), role: z.string().nullish() })).default([]),
});

/**
 * The ticket that a closed one was merged into. Only its last comment counts, as nothing can follow a merge, and only an agent's:
 * a customer who writes such words must not lead internal notes to another ticket.
 */
export async function successorOf(desk: Desk, id: string): Promise<TicketRef | undefined> {
  const words = desk.context.settings.mergedComment;
  if (words === undefined) return undefined;
  const query = { 'page[size]': 1, sort: '-created_at', include: 'users' };
  const { comments, users } = await desk.client.call({ method: 'GET', path: `/tickets/${Number(id)}/comments`, query }, lastComments);
  const [last] = comments;
  const role = users.find((user) => user.id === last?.author_id)?.role;
  if (!last || (role !== 'agent' && role !== 'admin')) return undefined;
  const found = numberIn(last.plain_body ?? last.body ?? '', words);
  return found === undefined || found === id ? undefined : refOf(desk, found);
}

/**
 * Whether a ticket is really gone: other things may be missing too when a write answers 404.
 * Zendesk says of a deleted ticket what it says of one that never was, so only for a ticket that was `seen` is that a deletion.
 */
export async function isDeleted(desk: Desk, id: string, seen: boolean): Promise<boolean> {
  try {
    return (await readTicket(desk, id)).status === 'deleted';
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'not-found') return seen;
    throw error;
  }
}
