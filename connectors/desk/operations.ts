/**
 * The operations of the built-in desk. Each is one step that may go again at any time: documents are inserted under the operation's id,
 * and a ticket remembers which operations have changed it.
 */
import {
  ConnectorError,
  type Context,
  type DeskSchema,
  type InternalText,
  type Json,
  needRef,
  type OpenOperation,
  type Operation,
  type OperationResult,
  type Step,
  type TicketRef,
  type TicketTarget,
  type TicketValues,
  toHtml,
} from '../../src/kit/index.ts';
import { needTicket, refOf } from './queries.ts';
import { checkRequired, checkValues } from './schema.ts';
import { insertEntry, insertTicket, type StoredFile, type StoredTicket, sortKey, storedCompany, storedFiles, withValues } from './tickets.ts';

export interface Desk {
  readonly context: Context<unknown>;
  readonly schema: DeskSchema;
}

type Opened = { readonly id: string; readonly number: string };
type NewNote = { readonly key: string; readonly ticket: string; readonly html: string; readonly files: readonly StoredFile[] };
type Change = {
  readonly ticket: string;
  readonly at: number;
  readonly values: { readonly [key: string]: Json | undefined };
  readonly notes: readonly NewNote[];
};

const closedMessage = (number: string): ConnectorError => new ConnectorError('closed', `Ticket #${number} is closed and takes no change.`);

const bare = (operation: Omit<OpenOperation, 'id' | 'revision'>, id: string, number: string, at: number): StoredTicket => {
  const { requester } = operation;
  const value = (kind: 'email' | 'phone'): string | null => requester.identities.find((identity) => identity.kind === kind)?.value ?? null;
  return {
    id,
    number,
    subject: operation.subject,
    description: toHtml(operation.description),
    summary: toHtml(operation.note),
    status: 'new',
    priority: null,
    group: null,
    assignee: null,
    type: null,
    due: null,
    tags: [],
    fields: {},
    requester: { id: requester.known ?? requester.contact, name: requester.name, email: value('email'), phone: value('phone') },
    company: storedCompany(requester.company),
    followUpOf: operation.followUpOf?.number ?? null,
    createdAt: at,
    updatedAt: at,
    applied: [id],
  };
};

async function open(desk: Desk, operation: Omit<OpenOperation, 'revision'>, step: Step, name: 'open' | 'follow-up'): Promise<TicketRef> {
  const { records, now } = desk.context;
  const opened = await step<{ ticket: StoredTicket; files: readonly StoredFile[] }, Opened>(name, {
    async body() {
      checkValues(desk.schema, operation.values);
      const number = String(await records.next('ticket'));
      const ticket = withValues(bare(operation, operation.id, number, now()), operation.values);
      checkRequired(desk.schema, ticket.status, ticket.fields);
      return { ticket, files: storedFiles(operation.files) };
    },
    async send({ ticket, files }) {
      await insertTicket(records, ticket);
      // The summary has its own box; files of a new ticket stand in a first note.
      if (files.length) await insertEntry(records, ticket.id, { kind: 'note', ticket: ticket.id, at: ticket.createdAt, html: '', files });
      return { id: ticket.id, number: ticket.number };
    },
    safeForMs: Number.POSITIVE_INFINITY,
  });
  return refOf(desk.context, opened);
}

/** Changes a ticket once for an operation. Throws `closed` before anything is written. */
async function applyOnce(desk: Desk, id: string, operation: string, at: number, change: (ticket: StoredTicket) => StoredTicket): Promise<void> {
  const before = await needTicket(desk.context.records, id);
  if (before.applied.includes(operation)) return;
  if (before.status === 'closed') throw closedMessage(before.number);
  const next = change(before);
  checkRequired(desk.schema, next.status, next.fields);
  const apply = (ticket: StoredTicket): StoredTicket =>
    ticket.applied.includes(operation) || ticket.status === 'closed' ? ticket : { ...change(ticket), updatedAt: at, applied: [...ticket.applied, operation] };
  const after = await desk.context.records.update<StoredTicket>('tickets', id, apply, { sort: sortKey(at, id) });
  if (!after?.applied.includes(operation)) throw closedMessage(before.number);
}

/** One step that changes one ticket and writes notes; either may be empty. */
async function changeTicket(
  desk: Desk,
  operation: { readonly id: string; readonly ticket: TicketRef | TicketTarget },
  change: { values?: TicketValues | undefined; notes?: readonly NewNote[] },
  step: Step,
): Promise<OperationResult> {
  const ticket = needRef(operation.ticket);
  const { records, now } = desk.context;
  await step<Change, true>('change', {
    body() {
      checkValues(desk.schema, change.values ?? {});
      return { ticket: ticket.id, at: now(), values: { ...change.values } as Change['values'], notes: change.notes ?? [] };
    },
    async send({ at, values, notes }) {
      await applyOnce(desk, ticket.id, operation.id, at, (stored) => withValues(stored, values as TicketValues));
      for (const { key, html, files } of notes) await insertEntry(records, key, { kind: 'note', ticket: ticket.id, at, html, files });
      return true;
    },
    safeForMs: Number.POSITIVE_INFINITY,
  });
  return { ticket };
}

async function summarize(desk: Desk, operation: Extract<Operation, { kind: 'summarize' }>, step: Step): Promise<OperationResult> {
  const ticket = needRef(operation.ticket);
  await step<{ summary: string; at: number }, true>('summary', {
    body: () => ({ summary: toHtml(operation.note), at: desk.context.now() }),
    async send({ summary, at }) {
      await applyOnce(desk, ticket.id, operation.id, at, (stored) => ({ ...stored, summary }));
      return true;
    },
    safeForMs: Number.POSITIVE_INFINITY,
  });
  return { ticket };
}

async function link(desk: Desk, operation: Extract<Operation, { kind: 'link' }>, step: Step): Promise<OperationResult> {
  const tickets = operation.tickets.map((target) => needRef(target));
  const first = needRef(tickets[0]);
  await step<{ at: number; notes: readonly NewNote[] }, true>('link', {
    body: () => ({
      at: desk.context.now(),
      notes: tickets.map(({ id }, i) => ({ key: `${operation.id}:${i}`, ticket: id, html: noteHtml(operation.notes[i]), files: [] })),
    }),
    async send({ at, notes }) {
      for (const { key, ticket, html } of notes) {
        await applyOnce(desk, ticket, operation.id, at, (stored) => stored);
        await insertEntry(desk.context.records, key, { kind: 'note', ticket, at, html, files: [] });
      }
      return true;
    },
    safeForMs: Number.POSITIVE_INFINITY,
  });
  return { ticket: first };
}

const noteHtml = (note: InternalText | undefined): string => (note ? toHtml(note) : '');

async function append(desk: Desk, operation: Extract<Operation, { kind: 'append' }>, step: Step): Promise<OperationResult> {
  try {
    const note = { key: operation.id, ticket: operation.ticket.id, html: noteHtml(operation.note), files: storedFiles(operation.files) };
    return await changeTicket(desk, operation, { values: operation.values, notes: [note] }, step);
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'closed' || !operation.ifClosed) throw error;
    const ticket = await open(desk, { ...operation.ifClosed, id: operation.id, followUpOf: operation.ticket }, step, 'follow-up');
    return { ticket, via: 'follow-up' };
  }
}

export async function runOperation(desk: Desk, operation: Operation, step: Step): Promise<OperationResult> {
  switch (operation.kind) {
    case 'open':
      return { ticket: await open(desk, operation, step, 'open') };
    case 'append':
      return append(desk, operation, step);
    case 'note': {
      const note = { key: operation.id, ticket: needRef(operation.ticket).id, html: noteHtml(operation.note), files: storedFiles(operation.files) };
      return changeTicket(desk, operation, { notes: [note] }, step);
    }
    case 'update':
      return changeTicket(desk, operation, { values: operation.values }, step);
    case 'summarize':
      return summarize(desk, operation, step);
    case 'link':
      return link(desk, operation, step);
    case 'reply':
      // Recording it as public without sending it would tell the team that the customer was answered.
      throw new ConnectorError('refused', 'The built-in desk cannot send replies to customers; answer in the conversation instead.');
    case 'logTime':
      throw new ConnectorError('refused', 'The built-in desk keeps no time sheets.');
  }
}

/** Where an operation left its mark. Keys allow one place a ticket, so a second one would be a fault of the store. */
export async function traces(desk: Desk, operation: Operation, result: OperationResult): Promise<readonly string[]> {
  const places: string[] = [];
  for (const target of operation.kind === 'link' ? operation.tickets.map(needRef) : [result.ticket]) {
    const ticket = await desk.context.records.get<StoredTicket>('tickets', target.id);
    if (ticket?.applied.includes(operation.id)) places.push(refOf(desk.context, ticket).url);
  }
  return places;
}
