/** Messages that come by several channels, why one was taken into a conversation, and what a canary says. */
import { createIndex, createTable, type Db, type Engine, textType } from './columns.ts';

export async function joining(db: Db, engine: Engine): Promise<void> {
  // Claimed before the message is written, in the same transaction, so it refers to none.
  await createTable(db, engine, 'shared_messages', { shared_id: 'text', message_id: 'text', external_id: 'text', channel: 'text' }, ['shared_id']);
  await createIndex(db, 'shared_messages', ['external_id']);
  // Ours are found whichever channel their answer comes by.
  await createIndex(db, 'messages', ['external_id'], { where: "direction = 'out'" });
  await createTable(db, engine, 'message_joins', { message_id: 'text>messages', joined: 'text' }, ['message_id']);
  await createIndex(db, 'tickets', ['number']);
  await db.schema
    .alterTable('canaries')
    .addColumn('token', textType(engine) as never)
    .execute();
}
