/** Where pollers and sessions stand. A cursor moves in the transaction of the arrival that it stands after. */
import type { Store } from '../store/store.ts';

export async function readCursor(store: Store, channel: string, intake: string): Promise<string | undefined> {
  const row = await store.read.selectFrom('cursors').select('cursor').where('channel', '=', channel).where('intake', '=', intake).executeTakeFirst();
  return row?.cursor;
}

/** Moves a cursor past a stretch in which there was nothing to store. */
export async function moveCursor(store: Store, place: { channel: string; intake: string }, cursor: string, now: number): Promise<void> {
  await store.write(async (tx) => {
    await tx
      .insertInto('cursors')
      .values({ ...place, cursor, updated_at: now })
      .onConflict((conflict) => conflict.columns(['channel', 'intake']).doUpdateSet({ cursor, updated_at: now }))
      .execute();
  });
}
