/** Where pollers and sessions stand. A cursor moves in the transaction of the arrival that it stands after. */
import type { Statements } from '../store/statements.ts';
import type { Store } from '../store/store.ts';
import { type Fence, LeaseLost, stillHeld } from './leases.ts';

export async function readCursor(store: Store, channel: string, intake: string): Promise<string | undefined> {
  const row = await store.read.selectFrom('cursors').select('cursor').where('channel', '=', channel).where('intake', '=', intake).executeTakeFirst();
  return row?.cursor;
}

/** Moves a cursor past a stretch in which there was nothing to store. Throws LeaseLost where another process has the intake by now. */
export async function moveCursor(store: Store, place: { channel: string; intake: string }, cursor: string, now: number, lease?: Fence): Promise<void> {
  await store.batch(async (db) => {
    if (lease && !(await stillHeld(db, lease))) throw new LeaseLost(lease.name);
    await writeCursor(db, place, cursor, now);
  });
}

/** Part of the transaction of the arrival that it stands after, so that a crash can neither skip nor lose one. */
export const writeCursor = (db: Statements, { channel, intake }: { channel: string; intake: string }, cursor: string, now: number): number | Promise<number> =>
  db.run(
    `INSERT INTO cursors (channel, intake, cursor, updated_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (channel, intake) DO UPDATE SET cursor = excluded.cursor, updated_at = excluded.updated_at`,
    channel,
    intake,
    cursor,
    now,
  );
