/** What a person can do about a delivery that stopped: once more, "it did arrive", correct it, or send a reply again. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Helpdesk, Operation, TicketRef } from '../kit/index.ts';
import type { AuditEntry } from '../store/audit.ts';
import type { DeliveriesTable } from '../store/schema.ts';
import type { Statements } from '../store/statements.ts';
import type { Store } from '../store/store.ts';
import type { Dispatch } from './dispatch/dispatch.ts';
import type { Group } from './group.ts';
import { insert } from './insert.ts';
import { createJournal } from './journal.ts';
import { announce, finish } from './outcome.ts';
import { readyOperation } from './perform.ts';
import { createLook, NotThere } from './steps.ts';

export type Actor = AuditEntry['actor'];

/** `not-now`: its state allows no such thing; `unclear`: nobody can tell yet whether it arrived; `invalid`: the operation does not fit. */
export type ActionResult = 'ok' | 'not-found' | 'not-now' | 'unclear' | 'invalid';

export interface Actions {
  /** Tries a stopped delivery again, with 72 hours of its own; one that backs off goes at once. A held one stays held. */
  retry(id: string, actor: Actor): Promise<ActionResult>;
  /** A person saw it at the vendor. All of the operation counts as done; a new ticket must be named. */
  arrived(id: string, actor: Actor, ticket?: TicketRef): Promise<ActionResult>;
  /** A new revision. Looks first: what has arrived is kept, and an operation that arrived as a whole is done instead. */
  edit(id: string, operation: unknown, actor: Actor): Promise<ActionResult>;
  /** An unclear or failed reply goes out once more, because a person says so. */
  resend(message: string, actor: Actor): Promise<ActionResult>;
}

export interface ActionParts {
  readonly store: Store;
  readonly group: Group;
  readonly dispatch: Dispatch;
  readonly helpdesks: ReadonlyMap<string, Helpdesk>;
  now(): number;
  id(): string;
  meaning(helpdesk: string, status: string): string | undefined;
}

type Row = DeliveriesTable;

const stopped: readonly string[] = ['parked', 'dead'];
const restarted = `state = 'waiting', first_at = NULL, attempts = 0`;

const shape = z.looseObject({ id: z.string(), kind: z.string(), revision: z.number(), ticket: z.unknown().optional() });

/** An edit changes values, never what kind of operation it is, which one, or which ticket it is for. */
function editedOperation(row: Row, given: unknown): Operation | undefined {
  const parsed = shape.safeParse(given);
  const before = JSON.parse(row.operation) as Operation;
  if (!parsed.success || row.target_kind !== 'helpdesk' || parsed.data.id !== row.id || parsed.data.kind !== before.kind) return undefined;
  const missing = Object.keys(before).some((field) => !(field in parsed.data));
  const moved = 'ticket' in before && !isDeepStrictEqual(before.ticket, parsed.data.ticket);
  return missing || moved || !sameReaders(before, parsed.data) ? undefined : ({ ...parsed.data, revision: row.revision + 1 } as unknown as Operation);
}

/** Wherever something has a kind it keeps it: a public text stays public and an internal one internal. */
function sameReaders(before: unknown, after: unknown): boolean {
  if (before === null || typeof before !== 'object' || Array.isArray(before)) return true;
  if (after === null || typeof after !== 'object') return false;
  const changed = after as Readonly<Record<string, unknown>>;
  return Object.entries(before).every(([field, value]) => (field === 'kind' ? changed[field] === value : sameReaders(value, changed[field])));
}

export function createActions(parts: ActionParts): Actions {
  const { store, group, dispatch, now } = parts;
  const find = (id: string): Promise<Row | undefined> => store.read.selectFrom('deliveries').selectAll().where('id', '=', id).executeTakeFirst();

  async function record(s: Statements, actor: Actor, action: string, row: Row): Promise<void> {
    await insert(s, 'audit', [
      { id: parts.id(), at: now(), actor_kind: actor.kind, actor_id: actor.id, action, subject_kind: 'delivery', subject_id: row.id, detail: '{}' },
    ]);
    announce(s, row);
  }

  /** Changes the row if it is still as it was read; what follows a commit is dispatched. */
  async function change(row: Row, actor: Actor, action: string, set: string, values: readonly (string | number)[] = []): Promise<ActionResult> {
    const done = await group.write(async (s) => {
      const changed = await s.run(
        `UPDATE deliveries SET ${set}, due_at = ? WHERE id = ? AND state = ? AND revision = ?`,
        ...values,
        now(),
        row.id,
        row.state,
        row.revision,
      );
      if (changed === 0) return false;
      if (row.message_id) await s.run(`UPDATE messages SET sending = 'queued' WHERE id = ? AND sending <> 'sent'`, row.message_id);
      await record(s, actor, action, row);
      return true;
    });
    if (done) dispatch.look(row.id, now());
    return done ? 'ok' : 'not-now';
  }

  /** Asks the vendor, without sending, whether an operation that stopped in doubt has arrived. */
  async function look(row: Row): Promise<'absent' | 'unclear' | { result: Awaited<ReturnType<Helpdesk['run']>>; operation: Operation }> {
    const helpdesk = parts.helpdesks.get(row.target);
    const steps = await store.read.selectFrom('steps').selectAll().where('delivery_id', '=', row.id).execute();
    if (steps.length === 0) return 'absent';
    if (!helpdesk) return 'unclear';
    try {
      const operation = await readyOperation(store.read, row);
      return { operation, result: await helpdesk.run(operation, createLook(createJournal(group, row, steps), { now })) };
    } catch (error) {
      return error instanceof NotThere ? 'absent' : 'unclear';
    }
  }

  function complete(row: Row, actor: Actor, action: string, operation: Operation, result: { ticket: TicketRef }): Promise<ActionResult> {
    const outcome = { kind: 'helpdesk' as const, operation, result };
    return group.write<ActionResult>(async (s) => {
      const [closing] = await s.all<{ plan: string; decision: string }>('SELECT plan, decision FROM closings WHERE id = ?', row.closing_id);
      const full = { ...row, plan: closing?.plan ?? null, decision: closing?.decision ?? null };
      await finish(s, full, { at: now(), outcome, unclear: true, ticketId: parts.id(), meaning: parts.meaning });
      await record(s, actor, action, row);
      return 'ok';
    });
  }

  return {
    async retry(id, actor) {
      const row = await find(id);
      if (!row) return 'not-found';
      if (stopped.includes(row.state)) return change(row, actor, 'delivery.retry', restarted);
      return row.state === 'waiting' && row.attempts > 0 ? change(row, actor, 'delivery.retry', `state = 'waiting'`) : 'not-now';
    },

    async arrived(id, actor, ticket) {
      const row = await find(id);
      if (!row) return 'not-found';
      const unclear = (JSON.parse(row.error ?? '{}') as { unclear?: boolean }).unclear === true;
      if (!stopped.includes(row.state) || !unclear) return 'not-now';
      if (row.target_kind === 'channel') {
        await group.write(async (s) => {
          const outcome = { kind: 'channel' as const, externalId: null, thread: null };
          await finish(s, { ...row, plan: null, decision: null }, { at: now(), outcome, unclear: false, ticketId: '', meaning: parts.meaning });
          await record(s, actor, 'delivery.arrived', row);
        });
        return 'ok';
      }
      const operation = await readyOperation(store.read, row);
      const known = 'ticket' in operation && 'number' in operation.ticket ? operation.ticket : undefined;
      const named = ticket ?? known;
      if (!named) return 'invalid';
      const result = await complete(row, actor, 'delivery.arrived', operation, { ticket: named });
      dispatch.look(row.id, now());
      return result;
    },

    async edit(id, given, actor) {
      const row = await find(id);
      if (!row) return 'not-found';
      if (!stopped.includes(row.state)) return 'not-now';
      const operation = editedOperation(row, given);
      if (!operation) return 'invalid';
      const seen = await look(row);
      if (seen === 'unclear') return 'unclear';
      if (seen !== 'absent') return complete(row, actor, 'delivery.arrived', seen.operation, seen.result);
      return change(row, actor, 'delivery.edit', `${restarted}, error = NULL, operation = ?, revision = ?`, [JSON.stringify(operation), operation.revision]);
    },

    async resend(message, actor) {
      const row = await store.read
        .selectFrom('deliveries')
        .selectAll()
        .where('message_id', '=', message)
        .where('kind', 'in', ['send', 'start'])
        .executeTakeFirst();
      if (!row) return 'not-found';
      if (!stopped.includes(row.state)) return 'not-now';
      return change(row, actor, 'message.resend', `${restarted}, error = NULL, revision = revision + 1`);
    },
  };
}
