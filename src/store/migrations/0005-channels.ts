/** What channels tell beyond messages: reactions, receipts, assignments, what is to be fetched later; and how each intake is doing. */
import { createIndex, createTable, type Db, type Engine, textType } from './columns.ts';

export async function channels(db: Db, engine: Engine): Promise<void> {
  const text = textType(engine) as never;
  for (const [table, column, type] of [
    ['messages', 'receipt', text],
    ['messages', 'receipt_at', 'bigint'],
    ['messages', 'failure', text],
    ['conversations', 'assigned_by', text],
    ['conversations', 'assigned_at', 'bigint'],
    ['conversations', 'turned_at', 'bigint'],
    ['contacts', 'joined_id', text],
  ] as const)
    await db.schema.alterTable(table).addColumn(column, type).execute();
  await createIndex(db, 'contacts', ['joined_id'], { where: 'joined_id IS NOT NULL' });
  await createTable(db, engine, 'reactions', { message_id: 'text>messages', author_id: 'text', author_name: 'text', emoji: 'text?', at: 'bigint' }, [
    'message_id',
    'author_id',
  ]);
  await createTable(
    db,
    engine,
    'waiting_receipts',
    { channel: 'text', external_id: 'text', state: 'text', reason: 'text?', at: 'bigint', received_at: 'bigint' },
    ['channel', 'external_id'],
  );
  await createIndex(db, 'waiting_receipts', ['received_at']);
  await createTable(
    db,
    engine,
    'enrichments',
    { id: 'text', channel: 'text', arrival_id: 'text', event: 'text', state: 'text', attempts: 'integer', next_at: 'bigint', error: 'text?' },
    ['id'],
  );
  await createIndex(db, 'enrichments', ['next_at'], { where: "state = 'waiting'" });
  await createIndex(db, 'enrichments', ['arrival_id']);
  await intakes(db, engine);
}

async function intakes(db: Db, engine: Engine): Promise<void> {
  await createTable(db, engine, 'leases', { name: 'text', holder: 'text', until: 'bigint', fence: 'bigint' }, ['name']);
  await createTable(
    db,
    engine,
    'outages',
    { id: 'text', channel: 'text', intake: 'text', from_at: 'bigint', to_at: 'bigint?', recovered: 'integer', caught_up_at: 'bigint?', detail: 'text?' },
    ['id'],
  );
  await createIndex(db, 'outages', ['channel', 'to_at']);
  await createIndex(db, 'outages', ['channel', 'intake'], { unique: true, where: 'to_at IS NULL' });
  await createTable(db, engine, 'heard_hours', { channel: 'text', hour: 'bigint', messages: 'integer', last_at: 'bigint' }, ['channel', 'hour']);
  await createTable(db, engine, 'canaries', { channel: 'text', sent_at: 'bigint', back_at: 'bigint?', error: 'text?' }, ['channel']);
}
