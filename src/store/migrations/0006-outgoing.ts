/** What leaves towards channels besides replies: closings that tell their tickets, and chats that ended without one. */
import { createIndex, type Db, type Engine, textType } from './columns.ts';

export async function outgoing(db: Db, engine: Engine): Promise<void> {
  const text = textType(engine) as never;
  for (const [table, column, type] of [
    ['closings', 'told_at', 'bigint'],
    ['conversations', 'unfiled_policy', text],
    ['conversations', 'reminded_at', 'bigint'],
    ['conversations', 'lead_told_at', 'bigint'],
  ] as const)
    await db.schema.alterTable(table).addColumn(column, type).execute();
  // What was filed before is history: nobody wants its links now.
  await db
    .updateTable('closings')
    .set((eb) => ({ told_at: eb.ref('created_at') }))
    .execute();
  await db
    .updateTable('conversations')
    .set((eb) => ({ unfiled_policy: 'ask', reminded_at: eb.ref('ended_at') }))
    .where('state', '=', 'ended')
    .where('filed_at', 'is', null)
    .execute();
  await createIndex(db, 'closings', ['created_at'], { where: 'told_at IS NULL' });
  await createIndex(db, 'conversations', ['ended_at'], { where: "state = 'ended' AND filed_at IS NULL" });
  await createIndex(db, 'deliveries', ['conversation_id', 'kind'], { where: "target_kind = 'channel'" });
}
