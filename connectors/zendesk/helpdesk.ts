/** Zendesk as a helpdesk: each operation handed to the file that knows it. */
import { z } from 'zod';
import { ConnectorError, type Context, type Helpdesk, needRef, type Operation, type OperationResult, type Step } from '../../src/kit/index.ts';
import { addNote, append } from './append.ts';
import { createDesk, type Desk, readTicket, refOf } from './desk.ts';
import { link } from './link.ts';
import { findByExternalId, openTicket } from './open.ts';
import { findCompanies, findRequester } from './people.ts';
import { listTickets, showTicket } from './queries.ts';
import type { ZendeskSettings } from './settings.ts';
import { holds, ticketValues } from './values.ts';
import { writeComment, writeValues } from './write.ts';

async function run(desk: Desk, operation: Operation, step: Step): Promise<OperationResult> {
  switch (operation.kind) {
    case 'open':
      return { ticket: await openTicket(desk, operation, step, 'open') };
    case 'append':
      return append(desk, operation, step);
    case 'link':
      return { ticket: await link(desk, operation, step) };
    case 'update': {
      const ticket = needRef(operation.ticket);
      await writeValues(desk, ticket.id, operation.values, step);
      return { ticket };
    }
    case 'note':
      return addNote(desk, operation, step);
    case 'summarize':
    case 'reply': {
      const ticket = needRef(operation.ticket);
      const text = operation.kind === 'reply' ? operation.reply : operation.note;
      const files = operation.kind === 'summarize' ? [] : operation.files;
      const values = operation.kind === 'reply' ? operation.values : undefined;
      await writeComment(desk, { ticket: ticket.id, operation: operation.id, text, files, values }, step, operation.kind);
      return { ticket };
    }
    case 'logTime':
      throw new ConnectorError('refused', 'Zendesk keeps no time entries of its own; its Time Tracking app writes into ticket fields.');
  }
}

async function commentsOf(desk: Desk, operation: string, tickets: readonly string[]): Promise<string[]> {
  const places: string[] = [];
  for (const id of tickets) for (const comment of await desk.markers.find(Number(id), operation)) places.push(`${refOf(desk, id).url}#${comment.id}`);
  return places;
}

async function traces(desk: Desk, operation: Operation, result: OperationResult): Promise<readonly string[]> {
  if (operation.kind === 'open' || result.via === 'follow-up' || result.via === 'new')
    return (await findByExternalId(desk, operation.id)).map(({ id }) => refOf(desk, id).url);
  if (operation.kind === 'link')
    return commentsOf(
      desk,
      operation.id,
      operation.tickets.map((ticket) => needRef(ticket).id),
    );
  // A merged ticket is looked at too: what had landed there before the merge would be the double.
  if (result.via === 'successor' && (operation.kind === 'append' || operation.kind === 'note'))
    return commentsOf(desk, operation.id, [needRef(operation.ticket).id, result.ticket.id]);
  if (operation.kind !== 'update') return commentsOf(desk, operation.id, [result.ticket.id]);
  const ticket = await readTicket(desk, result.ticket.id);
  return holds(ticket, await ticketValues(desk.facts, operation.values, ticket)) ? [result.ticket.url] : [];
}

/** `users/me` answers 200 to a caller that it does not know, as "Anonymous user" without an id. */
async function health(desk: Desk): Promise<{ detail: string }> {
  const shape = z.looseObject({ user: z.looseObject({ id: z.number().nullable(), name: z.string(), role: z.string().nullish() }) });
  const { user } = await desk.client.call({ method: 'GET', path: '/users/me.json' }, shape);
  if (user.id === null) throw new ConnectorError('unauthorized', 'Zendesk does not know these credentials: it answers as "Anonymous user".');
  return { detail: `acts as ${user.name} (${user.role ?? 'no role'}) at ${desk.context.settings.address}` };
}

export function createZendesk(context: Context<ZendeskSettings>): Helpdesk {
  const desk = createDesk(context);
  return {
    schema: () => desk.facts.schema(),
    findRequester: (identities, contact) => findRequester(desk, identities, contact),
    findCompanies: (name) => findCompanies(desk, name),
    tickets: (query) => listTickets(desk, query),
    ticket: (id) => showTicket(desk, id),
    run: (operation, step) => run(desk, operation, step),
    traces: (operation, result) => traces(desk, operation, result),
    health: () => health(desk),
  };
}
