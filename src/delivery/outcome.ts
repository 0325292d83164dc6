/** What is written when an attempt has ended: the delivery, the mirror of its ticket, the message it carried, and what the console is told. */
import { takeReceipt } from '../conversations/receipts.ts';
import type { Operation, OperationResult, TicketValues } from '../kit/index.ts';
import type { Statements } from '../store/statements.ts';
import type { Claimed } from './claim.ts';
import { dropEcho, leavesOf } from './echo.ts';
import { insert } from './insert.ts';
import type { Failure, Verdict } from './policy.ts';
import { settleThread } from './started.ts';

/** What a delivery came to: a ticket, or a message at a channel (null where ending a chat gave nothing), with the thread that a first message began. */
export type Outcome =
  | { readonly kind: 'helpdesk'; readonly operation: Operation; readonly result: OperationResult }
  | { readonly kind: 'channel'; readonly externalId: string | null; readonly thread: string | null };

export interface Finish {
  readonly at: number;
  readonly outcome: Outcome;
  /** A send may have landed that nobody saw: the sweep looks for doubles. */
  readonly unclear: boolean;
  /** Id of a new row of the mirror. */
  readonly ticketId: string;
  /** What a status means at a helpdesk, where its schema is known. */
  meaning(helpdesk: string, status: string): string | undefined;
}

export type FinishedRow = Omit<Claimed, 'steps'>;

export async function finish(s: Statements, row: FinishedRow, end: Finish): Promise<void> {
  const result = end.outcome.kind === 'helpdesk' ? end.outcome.result : { externalId: end.outcome.externalId };
  const changed = await s.run(
    `UPDATE deliveries SET state = 'done', done_at = ?, result = ?, error = NULL, swept_at = ? WHERE id = ? AND state <> 'done'`,
    end.at,
    JSON.stringify(result),
    end.unclear ? null : end.at,
    row.id,
  );
  if (changed === 0) return;
  if (end.outcome.kind === 'helpdesk') {
    await mirror(s, row, end.outcome.operation, end.outcome.result, end);
    await joinLane(s, row, end.outcome.result);
  } else {
    if (row.message_id) await sent(s, row, row.message_id, end.outcome.externalId);
    if (row.conversation_id && end.outcome.thread !== null) await settleThread(s, row.conversation_id, end.outcome.thread);
  }
  announce(s, row);
}

export async function fail(s: Statements, row: FinishedRow, failure: Failure, verdict: Verdict, now: number): Promise<void> {
  const { retry: _retry, ...error } = failure;
  if (failure.unclear && verdict.next !== 'retry' && row.message_id && (await wasEchoed(s, row, row.message_id, now))) return announce(s, row);
  const state = verdict.next === 'retry' ? 'waiting' : verdict.next;
  await s.run(
    `UPDATE deliveries SET state = ?, due_at = ?, error = ? WHERE id = ? AND state = 'running'`,
    state,
    verdict.next === 'retry' ? verdict.at : now,
    JSON.stringify(error),
    row.id,
  );
  if (row.message_id && verdict.next !== 'retry')
    await s.run(`UPDATE messages SET sending = ? WHERE id = ? AND sending = 'queued'`, failure.unclear ? 'unclear' : 'failed', row.message_id);
  announce(s, row);
}

/** The vendor's echo of the whole message came instead of its answer: then it has arrived, and nobody need be asked. */
async function wasEchoed(s: Statements, row: FinishedRow, message: string, now: number): Promise<boolean> {
  const [ours] = await s.all<{ external_id: string }>('SELECT external_id FROM messages WHERE id = ? AND external_id IS NOT NULL', message);
  if (!ours) return false;
  await s.run(`UPDATE messages SET sending = 'sent' WHERE id = ?`, message);
  const result = JSON.stringify({ externalId: ours.external_id });
  await s.run(
    `UPDATE deliveries SET state = 'done', done_at = ?, result = ?, error = NULL, swept_at = ? WHERE id = ? AND state = 'running'`,
    now,
    result,
    now,
    row.id,
  );
  return true;
}

export function announce(s: Statements, row: Pick<FinishedRow, 'id' | 'closing_id' | 'conversation_id'>): void {
  s.tell('delivery', row.id);
  if (row.closing_id) s.tell('closing', row.closing_id);
  if (row.conversation_id) s.tell('conversation', row.conversation_id);
}

/** An echo that a closing holds keeps the vendor's id, and ours stays without. */
async function sent(s: Statements, row: FinishedRow, message: string, externalId: string | null): Promise<void> {
  for (const id of new Set([externalId, ...(await partsOf(s, row.id))])) if (id !== null) await dropEcho(s, message, row.target, id);
  await s.run(
    `UPDATE messages SET sending = 'sent', external_id = CASE WHEN EXISTS
       (SELECT 1 FROM messages other WHERE other.channel = messages.channel AND other.external_id = ? AND other.id <> messages.id) THEN external_id ELSE ? END
     WHERE id = ?`,
    externalId,
    externalId,
    message,
  );
  if (externalId !== null) await takeReceipt(s, row.target, externalId);
}

/** Ids that the vendor gave to the pieces of a message that was sent in several. */
async function partsOf(s: Statements, delivery: string): Promise<readonly string[]> {
  const rows = await s.all<{ result: string }>(`SELECT result FROM steps WHERE delivery_id = ? AND state = 'done'`, delivery);
  return rows.flatMap(({ result }) => leavesOf(JSON.parse(result))).filter((leaf) => typeof leaf === 'string');
}

/** What is left of the plan for this ticket queues with everybody else's operations on it. */
async function joinLane(s: Statements, row: FinishedRow, { ticket }: OperationResult): Promise<void> {
  const lane = ticketLane(ticket.helpdesk, ticket.id);
  if (row.lane === lane || row.closing_id === null) return;
  await s.run(`UPDATE deliveries SET lane = ? WHERE lane = ? AND closing_id = ? AND state IN ('waiting', 'parked')`, lane, row.lane, row.closing_id);
}

export const ticketLane = (helpdesk: string, ticket: string): string => `${helpdesk}:${ticket}`;

interface PlanParts {
  readonly operations: readonly { readonly part: string }[];
  readonly due: Readonly<Record<string, number>>;
  readonly outcomes: Readonly<Record<string, string>>;
}

/** What the closing knows of the ticket beyond the operation. */
function known(row: FinishedRow): { part: string; due: number | null; outcome: string | null; company: string | null } {
  const plan = row.plan ? (JSON.parse(row.plan) as PlanParts) : undefined;
  const part = plan?.operations[row.seq]?.part ?? '';
  const decision = row.decision ? (JSON.parse(row.decision) as { parts: { key: string; company?: string | null }[] }) : undefined;
  const company = decision?.parts.find(({ key }) => key === part)?.company ?? null;
  return { part, due: plan?.due[part] ?? null, outcome: plan?.outcomes[part] ?? null, company };
}

interface Described {
  readonly values: TicketValues;
  readonly subject: string;
  readonly requester: { readonly contact: string | null; readonly name: string | null };
  readonly company: string | null;
}

function describe(operation: Operation, opened: boolean): Described {
  const opening = operation.kind === 'open' ? operation : operation.kind === 'append' && opened ? operation.ifClosed : undefined;
  if (opening) {
    const { values, subject, requester } = opening;
    return { values, subject, requester, company: requester.company?.name ?? null };
  }
  if (operation.kind === 'append') {
    // Rows that are read back may be older than this field.
    const { subject = '', status = '', priority = null, requester = null, company = null } = operation.asPlanned ?? {};
    const before = { ...(status ? { status } : {}), ...(priority ? { priority } : {}) };
    return { values: { ...before, ...operation.values }, subject, requester: { contact: null, name: requester }, company };
  }
  return {
    values: operation.kind === 'update' || operation.kind === 'reply' ? (operation.values ?? {}) : {},
    subject: '',
    requester: { contact: null, name: null },
    company: null,
  };
}

/** `read_at` 0 marks what no helpdesk has told us yet; unknown values never replace known ones. An outcome decides the due date, also that there is none. */
const keepKnown = `ON CONFLICT (helpdesk, external_id) DO UPDATE SET number = excluded.number, url = excluded.url,
  status = CASE WHEN excluded.status <> '' THEN excluded.status ELSE tickets.status END,
  meaning = CASE WHEN excluded.status <> '' THEN excluded.meaning ELSE tickets.meaning END,
  priority = COALESCE(excluded.priority, tickets.priority), due_at = CASE WHEN excluded.outcome IS NOT NULL THEN excluded.due_at ELSE tickets.due_at END,
  outcome = COALESCE(excluded.outcome, tickets.outcome), assignee = COALESCE(excluded.assignee, tickets.assignee), updated_at = excluded.updated_at`;

async function mirror(s: Statements, row: FinishedRow, operation: Operation, { ticket, via }: OperationResult, end: Finish): Promise<void> {
  if (operation.kind === 'summarize' || operation.kind === 'link' || operation.kind === 'logTime') return;
  const facts = known(row);
  const { values, subject, requester, company } = describe(operation, via === 'follow-up' || via === 'new');
  const status = values.status ?? '';
  const made = {
    id: end.ticketId,
    helpdesk: ticket.helpdesk,
    external_id: ticket.id,
    number: ticket.number,
    url: ticket.url,
    subject,
    status,
    meaning: end.meaning(ticket.helpdesk, status) ?? 'open',
    priority: values.priority ?? null,
    requester_name: requester.name,
    contact_id: requester.contact,
    company_id: facts.company,
    company_name: company,
    assignee: values.assignee ?? null,
    due_at: facts.due,
    outcome: facts.outcome,
    updated_at: end.at,
    read_at: 0,
  };
  await insert(s, 'tickets', [made], keepKnown);
  const [held] = await s.all<{ id: string }>('SELECT id FROM tickets WHERE helpdesk = ? AND external_id = ?', ticket.helpdesk, ticket.id);
  if (!held) return;
  if (row.conversation_id) {
    const link = { conversation_id: row.conversation_id, ticket_id: held.id, closing_id: row.closing_id, part: facts.part, at: end.at };
    await insert(s, 'conversation_tickets', [link], 'ON CONFLICT DO NOTHING');
  }
  s.tell('ticket', held.id);
}
