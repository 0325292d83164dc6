/** Messages that come by several channels, and why one was taken into a conversation. */
import { createIndex, createTable, type Db, type Engine } from './columns.ts';

export async function joining(db: Db, engine: Engine): Promise<void> {
  // Claimed before the message is written, in the same transaction, so it refers to none.
  await createTable(db, engine, 'shared_messages', { shared_id: 'text', message_id: 'text', channel: 'text' }, ['shared_id']);
  await createTable(db, engine, 'message_joins', { message_id: 'text>messages', joined: 'text' }, ['message_id']);
  await createIndex(db, 'tickets', ['number']);
}
