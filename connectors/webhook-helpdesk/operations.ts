/**
 * One operation is one request. Its answer is journalled with what was sent, and only then is it written into our own records: so a crash before
 * the answer sends the same `webhook-id` again, and one after it writes the records again.
 */
import type { Json, Operation, OperationResult, Step, TicketRef } from '../../src/kit/index.ts';
import { needRef } from '../../src/kit/index.ts';
import { type Answer, deliver, type WebhookContext } from './client.ts';
import { compose } from './compose.ts';
import type { Frozen } from './payload.ts';
import { refOf } from './queries.ts';
import { changeTicket, insertTicket, newTicket, type StoredTicket } from './tickets.ts';

export async function runOperation(context: WebhookContext, operation: Operation, step: Step): Promise<OperationResult> {
  const done = await step<Json, { sent: Json; answer: Answer }>('send', {
    body: async () => (await compose(context, operation)) as Json,
    send: async (body) => ({ sent: body, answer: await deliver(context, body as Frozen) }),
    // Receivers know a repeat by its `webhook-id`.
    safeForMs: Number.POSITIVE_INFINITY,
  });
  const sent = done.sent as Frozen;
  if (sent.type === 'ticket.open') return { ticket: await keepNew(context, sent, done.answer) };
  await keepChange(context, sent);
  return { ticket: sent.type === 'ticket.link' ? needRef(operation.kind === 'link' ? operation.tickets[0] : undefined) : refOf(context.name, sent.ticket) };
}

async function keepNew(context: WebhookContext, sent: Frozen & { type: 'ticket.open' }, answer: Answer): Promise<TicketRef> {
  const { records, name, publicUrl, settings } = context;
  const { operation } = sent;
  const own = (id: string) => `${publicUrl}/tickets/${name}/${encodeURIComponent(id)}`;
  const theirs: TicketRef | undefined = answer
    ? { helpdesk: name, id: answer.id, number: answer.number ?? answer.id, url: answer.url ?? own(answer.id) }
    : undefined;
  const ours: TicketRef = { helpdesk: name, id: operation, number: operation, url: own(operation) };
  // A receiver that answers every ticket with the same id would make one of all of them: an id that another ticket has is not believed.
  for (const ref of theirs ? [theirs, ours] : [ours]) {
    const holder = async () => (await records.get<StoredTicket>('tickets', ref.id))?.operation;
    if (((await holder()) ?? operation) !== operation) continue;
    await insertTicket(records, newTicket(sent, ref, settings.statuses[0]?.id ?? 'new'));
    if ((await holder()) === operation) return ref;
  }
  throw new Error(`the ticket of operation ${operation} could not be kept`);
}

async function keepChange({ records }: WebhookContext, sent: Exclude<Frozen, { type: 'ticket.open' }>): Promise<void> {
  const change = { operation: sent.operation, at: Date.parse(sent.at) };
  switch (sent.type) {
    case 'ticket.append':
      return changeTicket(records, sent.ticket.id, { ...change, values: sent.values, entry: { kind: 'note', html: sent.internal.html, files: sent.files } });
    case 'ticket.note':
      return changeTicket(records, sent.ticket.id, { ...change, entry: { kind: 'note', html: sent.internal.html, files: sent.files } });
    case 'ticket.reply':
      return changeTicket(records, sent.ticket.id, { ...change, values: sent.values, entry: { kind: 'reply', html: sent.public.html, files: sent.files } });
    case 'ticket.update':
      return changeTicket(records, sent.ticket.id, { ...change, values: sent.values });
    case 'ticket.summarize':
      return changeTicket(records, sent.ticket.id, { ...change, summary: sent.internal.html });
    case 'ticket.link':
      for (const { ticket, internal } of sent.tickets)
        await changeTicket(records, ticket.id, { ...change, entry: { kind: 'note', html: internal.html, files: [] } });
  }
}

/** Tickets that hold the operation, once each: whether the receiver made two of it, only the receiver can tell. */
export async function traces({ records }: WebhookContext, operation: Operation, result: OperationResult): Promise<readonly string[]> {
  const places: string[] = [];
  for (const { id } of operation.kind === 'link' ? operation.tickets.map(needRef) : [result.ticket]) {
    const ticket = await records.get<StoredTicket>('tickets', id);
    if (ticket?.applied.includes(operation.id)) places.push(ticket.url);
  }
  return places;
}
