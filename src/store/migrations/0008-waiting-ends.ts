/** Ends that the vendor told of before the first message of their conversation was here. */
import { createTable, type Db, type Engine } from './columns.ts';

export async function waitingEnds(db: Db, engine: Engine): Promise<void> {
  await createTable(db, engine, 'waiting_ends', { channel: 'text', thread: 'text', at: 'bigint' }, ['channel', 'thread']);
}
