/** From an operation to what the receiver gets. Checks first, so that what is refused is never sent. */
import { DateTime } from 'luxon';
import {
  type BlobRef,
  ConnectorError,
  type InternalText,
  needRef,
  type OpenOperation,
  type Operation,
  type PublicText,
  type RequesterSpec,
  type TicketRef,
  type TicketTarget,
  type TicketValues,
  toHtml,
  toText,
} from '../../src/kit/index.ts';
import { maxFileBytes, type WebhookContext } from './client.ts';
import type { FileFacts, Frozen, PayloadRequester, PayloadTicket, PayloadValues } from './payload.ts';
import { checkValues } from './schema.ts';
import { needTicket, wordsOf } from './tickets.ts';

type Text = { html: string; text: string };
/** One function a kind, so that neither can be handed the other's words. */
function forCustomers(text: PublicText): Text {
  // The type forbids it; should somebody get around the type, a customer must not be the one who notices.
  if (text.kind !== 'public') throw new ConnectorError('refused', 'Internal text is never sent where a customer can read it');
  return { html: toHtml(text), text: toText(text) };
}
const forAgents = (text: InternalText): Text => ({ html: toHtml(text), text: toText(text) });

function filesOf(files: readonly BlobRef[]): FileFacts[] {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (bytes > maxFileBytes)
    throw new ConnectorError(
      'too-large',
      `One request to this helpdesk carries 10 MB of files; these have ${(bytes / 2 ** 20).toFixed(1)} MB. Leave some out.`,
    );
  return files.map(({ name, mime, size, sha256 }) => ({ name, mime, size, sha256 }));
}

function valuesOf({ settings }: WebhookContext, values: TicketValues = {}): PayloadValues {
  checkValues(settings, values);
  const { due, tags, fields, ...plain } = values;
  const day = due && DateTime.fromMillis(due.at, { zone: due.zone });
  return {
    ...plain,
    ...(tags ? { tags: [...tags] } : {}),
    ...(fields ? { fields: { ...fields } as NonNullable<PayloadValues['fields']> } : {}),
    ...(due && day
      ? {
          due: {
            at: new Date(due.at).toISOString(),
            date: day.toFormat('yyyy-MM-dd'),
            zone: due.zone,
            customField: due.field === 'due' ? null : due.field.custom,
          },
        }
      : {}),
  };
}

function requesterOf({ contact, known, name, identities, company }: RequesterSpec): PayloadRequester {
  const value = (kind: 'email' | 'phone'): string | null => identities.find((identity) => identity.kind === kind)?.value ?? null;
  return {
    id: known ?? contact,
    name,
    email: value('email'),
    phone: value('phone'),
    identities: identities.map((identity) => ({ ...identity })),
    company: company ? { id: company.known ?? wordsOf(company.name).join('-'), name: company.name } : null,
  };
}

async function ticketOf({ records }: WebhookContext, target: TicketRef | TicketTarget | undefined): Promise<PayloadTicket> {
  const { id, number, url, operation } = await needTicket(records, needRef(target).id);
  return { id, number, url, operation };
}

const opening = async (context: WebhookContext, operation: OpenOperation) => ({
  type: 'ticket.open' as const,
  subject: operation.subject,
  public: forCustomers(operation.description),
  internal: forAgents(operation.note),
  requester: requesterOf(operation.requester),
  values: valuesOf(context, operation.values),
  files: filesOf(operation.files),
  followUpOf: operation.followUpOf ? await ticketOf(context, operation.followUpOf) : null,
});

export async function compose(context: WebhookContext, operation: Operation): Promise<Frozen> {
  const { id, revision } = operation;
  const base = { operation: id, revision, at: new Date(context.now()).toISOString(), helpdesk: context.name };
  switch (operation.kind) {
    case 'open':
      return { ...base, ...(await opening(context, operation)) };
    case 'append':
    case 'note': {
      const ticket = await ticketOf(context, operation.ticket);
      const internal = forAgents(operation.note);
      const files = filesOf(operation.files);
      if (operation.kind === 'note') return { ...base, type: 'ticket.note', ticket, internal, files };
      return { ...base, type: 'ticket.append', ticket, internal, values: valuesOf(context, operation.values), files };
    }
    case 'reply': {
      const ticket = await ticketOf(context, operation.ticket);
      const values = valuesOf(context, operation.values);
      return { ...base, type: 'ticket.reply', ticket, public: forCustomers(operation.reply), values, files: filesOf(operation.files) };
    }
    case 'update':
      return { ...base, type: 'ticket.update', ticket: await ticketOf(context, operation.ticket), values: valuesOf(context, operation.values) };
    case 'summarize':
      return { ...base, type: 'ticket.summarize', ticket: await ticketOf(context, operation.ticket), internal: forAgents(operation.note) };
    case 'link': {
      const note = (index: number): Text => forAgents(operation.notes[index] ?? { kind: 'internal', blocks: [] });
      const tickets = await Promise.all(operation.tickets.map(async (target, index) => ({ ticket: await ticketOf(context, target), internal: note(index) })));
      return { ...base, type: 'ticket.link', tickets };
    }
    case 'logTime':
      throw new ConnectorError('refused', 'This helpdesk is told of no working time.');
  }
}
