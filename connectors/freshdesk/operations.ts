/** Every operation as steps, and where its effects can be seen. */
import type { Json, Operation, OperationResult, Step, TicketRef, TicketTarget, TicketValues } from '../../src/kit/index.ts';
import { ConnectorError } from '../../src/kit/index.ts';
import type { Attributes } from './client.ts';
import type { Desk } from './desk.ts';
import { entryTraces, readSummary, writeNote, writeReply, writeSummary } from './entries.ts';
import { open, openTraces } from './open.ts';
import { logTime, timeTraces } from './time.ts';
import { attributesOf } from './values.ts';
import * as wire from './wire.ts';

/** Targets are replaced by the delivery engine before a connector sees them. */
function resolved(ticket: TicketRef | TicketTarget): TicketRef {
  if ('id' in ticket) return ticket;
  throw new ConnectorError('refused', `Freshdesk: the ticket of operation ${ticket.operation} is not known yet`);
}

/** The same values may be put any number of times. A new tag must not remove those that are there: Freshdesk replaces the whole list. */
async function putValues(desk: Desk, step: Step, ticket: string, values: TicketValues): Promise<void> {
  await step<Attributes, number>('values', {
    async body() {
      const attributes = await attributesOf(desk, values);
      if (!values.tags) return attributes;
      const { tags = [] } = await desk.client.get(`/tickets/${ticket}`, wire.ticket);
      return { ...attributes, tags: [...new Set([...tags, ...(attributes.tags as readonly string[])])] satisfies Json };
    },
    send: (attributes) => desk.client.updateTicket(ticket, attributes),
    safeForMs: Number.POSITIVE_INFINITY,
  });
}

export async function runOperation(desk: Desk, operation: Operation, step: Step): Promise<OperationResult> {
  const own = operation.id;
  switch (operation.kind) {
    case 'open':
      return open(desk, operation, step);
    case 'append':
      await writeNote(desk, step, 'note', { ticket: operation.ticket.id, operation: own, text: operation.note, files: operation.files });
      if (operation.values) await putValues(desk, step, operation.ticket.id, operation.values);
      return { ticket: operation.ticket };
    case 'note': {
      const ticket = resolved(operation.ticket);
      await writeNote(desk, step, 'note', { ticket: ticket.id, operation: own, text: operation.note, files: operation.files });
      return { ticket };
    }
    case 'reply':
      await writeReply(desk, step, { ticket: operation.ticket.id, operation: own, text: operation.reply, files: operation.files });
      if (operation.values) await putValues(desk, step, operation.ticket.id, operation.values);
      return { ticket: operation.ticket };
    case 'update': {
      const ticket = resolved(operation.ticket);
      await putValues(desk, step, ticket.id, operation.values);
      return { ticket };
    }
    case 'summarize': {
      const ticket = resolved(operation.ticket);
      await writeSummary(desk, step, ticket.id, own, operation.note);
      return { ticket };
    }
    case 'link':
      return link(desk, operation, step);
    case 'logTime':
      await logTime(desk, operation, step);
      return { ticket: operation.ticket };
  }
}

/** A note each: the summary box is taken by then, and a second write would replace it. */
async function link(desk: Desk, operation: Operation & { kind: 'link' }, step: Step): Promise<OperationResult> {
  const tickets = operation.tickets.map(resolved);
  for (const [index, ticket] of tickets.entries()) {
    const text = operation.notes[index];
    if (text) await writeNote(desk, step, `note-${index + 1}`, { ticket: ticket.id, operation: operation.id, text, files: [] });
  }
  const [first] = tickets;
  if (!first) throw new ConnectorError('refused', 'Freshdesk: a link without tickets');
  return { ticket: first };
}

export async function traces(desk: Desk, operation: Operation, result: OperationResult): Promise<readonly string[]> {
  switch (operation.kind) {
    case 'open':
      return openTraces(desk, operation, result);
    case 'update':
      return [result.ticket.id];
    case 'logTime':
      return timeTraces(desk, result.ticket.id, operation.id);
    case 'summarize': {
      const notes = await entryTraces(desk, result.ticket.id, operation.id);
      return (await readSummary(desk, result.ticket.id)) ? ['summary', ...notes] : notes;
    }
    case 'link': {
      const found: string[] = [];
      for (const ticket of operation.tickets.map(resolved)) found.push(...(await entryTraces(desk, ticket.id, operation.id)));
      return found;
    }
    default:
      return entryTraces(desk, result.ticket.id, operation.id);
  }
}
