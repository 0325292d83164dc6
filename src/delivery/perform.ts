/** One attempt of one delivery: resolves what it refers to and hands it to its connector. */
import type { Kysely } from 'kysely';
import { type Channel, ConnectorError, type Helpdesk, type Operation, type OperationResult, type Step, type TicketRef } from '../kit/index.ts';
import type { Database, DeliveriesTable } from '../store/schema.ts';
import { runOnChannel } from './channel-run.ts';
import type { Outcome } from './outcome.ts';
import { referencesOf, resolveReferences } from './references.ts';

export interface Targets {
  helpdesk(name: string): Helpdesk | undefined;
  channel(name: string): Channel | undefined;
}

const missing = (row: Pick<DeliveriesTable, 'target'>): ConnectorError =>
  new ConnectorError('unavailable', `${row.target} is not configured any more`, { retry: 'backoff' });

export async function perform(read: Kysely<Database>, targets: Targets, row: DeliveriesTable, step: Step): Promise<Outcome> {
  if (row.target_kind === 'channel') {
    const channel = targets.channel(row.target);
    if (!channel) throw missing(row);
    return { kind: 'channel', ...(await runOnChannel(read, channel, row, step)) };
  }
  const helpdesk = targets.helpdesk(row.target);
  if (!helpdesk) throw missing(row);
  const operation = await readyOperation(read, row);
  return { kind: 'helpdesk', operation, result: await helpdesk.run(operation, step) };
}

/** The frozen operation with every ticket in it known. */
export async function readyOperation(read: Kysely<Database>, row: Pick<DeliveriesTable, 'operation'>): Promise<Operation> {
  const frozen = JSON.parse(row.operation) as Operation;
  const needed = referencesOf(frozen);
  if (needed.length === 0) return frozen;
  const rows = await read.selectFrom('deliveries').select(['id', 'result']).where('id', 'in', needed).execute();
  const tickets = new Map<string, TicketRef>();
  for (const { id, result } of rows) if (result) tickets.set(id, (JSON.parse(result) as OperationResult).ticket);
  return resolveReferences(frozen, tickets);
}
