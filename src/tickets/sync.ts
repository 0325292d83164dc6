/**
 * Keeps our mirror true: tickets that we know are read again from their helpdesk where they changed there. What somebody resolved, renamed or assigned in the
 * helpdesk's own screen must not stand in our lists as it was when we last wrote. The due date stays ours.
 */
import type { Log, Ticket } from '../kit/index.ts';
import { startLooks } from '../observe/looks.ts';
import type { Store } from '../store/store.ts';
import type { Desk } from './desks.ts';

export interface SyncParts {
  readonly store: Store;
  readonly desks: ReadonlyMap<string, Desk>;
  now(): number;
  readonly log: Log;
}

/** The helpdesk's clock is not ours, and its lists may be some moments old. */
const overlapMs = 2 * 60_000;
/** The first look of all goes back as far as this. */
const firstMs = 24 * 3_600_000;
/** Rows written in one transaction, so that intake never waits for long. */
const atOnce = 200;

const collection = 'core:mirror';
type Position = { readonly readTo: number };

/** One look at one helpdesk; resolves with the number of rows that changed. Throws what the helpdesk throws, and begins at the same place next time. */
export async function syncTickets(parts: SyncParts, desk: Desk): Promise<number> {
  const { store, now } = parts;
  const startedAt = now();
  const known = await store.read.selectFrom('tickets').select('id').where('helpdesk', '=', desk.name).limit(1).executeTakeFirst();
  if (!known) return 0;
  const position = await desk.records.get<Position>(collection, 'position');
  const since = position ? position.readTo - overlapMs : startedAt - firstMs;
  const { schema } = await desk.schema();
  const meanings = new Map((schema?.statuses ?? []).map(({ id, meaning }) => [id, meaning]));
  let changed = 0;
  let page: Ticket[] = [];
  const write = async (): Promise<void> => {
    changed += await writePage(store, page, { startedAt, meaning: (status) => meanings.get(status) });
    page = [];
  };
  for await (const ticket of desk.helpdesk.tickets({ changedSince: since })) if (page.push(ticket) >= atOnce) await write();
  await write();
  const reached: Position = { readTo: startedAt };
  if (!(await desk.records.insert(collection, 'position', reached))) await desk.records.update<Position>(collection, 'position', () => reached);
  return changed;
}

interface Reading {
  readonly startedAt: number;
  /** Undefined for a status that the schema does not list: the one that was known stays. */
  meaning(status: string): string | undefined;
}

/** A row that we wrote after the look began knows more than the look does; the next one, which overlaps, reads it again. */
const takeIn = `UPDATE tickets SET subject = ?, status = ?, meaning = COALESCE(?, meaning), priority = ?, assignee = ?, requester_name = COALESCE(?, requester_name),
  company_name = COALESCE(?, company_name), updated_at = CASE WHEN updated_at < ? THEN ? ELSE updated_at END, read_at = ?
  WHERE helpdesk = ? AND external_id = ? AND updated_at <= ?`;

const heard = ({ subject, status, priority, assignee }: Pick<Ticket, 'subject' | 'status' | 'priority' | 'assignee'>): string =>
  JSON.stringify([subject, status, priority, assignee]);

async function writePage(store: Store, page: readonly Ticket[], { startedAt, meaning }: Reading): Promise<number> {
  if (page.length === 0) return 0;
  return store.batch(async (s) => {
    let changed = 0;
    for (const { ref, ...ticket } of page) {
      const [row] = await s.all<{ id: string } & Parameters<typeof heard>[0]>(
        `SELECT id, subject, status, priority, assignee FROM tickets WHERE helpdesk = ? AND external_id = ?${s.lock}`,
        ref.helpdesk,
        ref.id,
      );
      if (!row) continue;
      const { subject, status, priority, assignee, updatedAt } = ticket;
      const values = [subject, status, meaning(status) ?? null, priority, assignee, ticket.requester?.name ?? null, ticket.company?.name ?? null];
      const written = await s.run(takeIn, ...values, updatedAt, updatedAt, startedAt, ref.helpdesk, ref.id, startedAt);
      if (written === 0 || heard(row) === heard(ticket)) continue;
      changed += 1;
      s.tell('ticket', row.id);
    }
    return changed;
  });
}

/** One look at each helpdesk; one that does not answer holds no other back. */
async function lookAtAll(parts: SyncParts): Promise<void> {
  await Promise.all(
    [...parts.desks.values()].map((desk) =>
      syncTickets(parts, desk).catch((error: unknown) => parts.log.warn({ err: error, helpdesk: desk.name }, 'its changed tickets could not be read')),
    ),
  );
}

export const startSync = (parts: SyncParts, everyMs = 60_000): { stop(): Promise<void> } =>
  startLooks('reading changed tickets', () => lookAtAll(parts), parts.log, everyMs);
