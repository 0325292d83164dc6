/** Closings, the deliveries they cause with their steps, and our mirror of tickets. */
import { createIndex, createTable, type Db, type Engine } from './columns.ts';

export async function closings(db: Db, engine: Engine): Promise<void> {
  await createTable(
    db,
    engine,
    'closings',
    {
      id: 'text',
      conversation_id: 'text>conversations',
      agent_id: 'text?',
      source: 'text',
      idempotency_key: 'text',
      decision: 'text',
      plan: 'text',
      digest: 'text',
      state: 'text',
      created_at: 'bigint',
      not_before: 'bigint',
      ends: 'integer',
      none_reason: 'text?',
      restore: 'text?',
    },
    ['id'],
  );
  await createIndex(db, 'closings', ['idempotency_key'], { unique: true });
  await createIndex(db, 'closings', ['conversation_id']);
  await createIndex(db, 'closings', ['agent_id', 'created_at']);
  await createIndex(db, 'closings', ['state', 'not_before']);
  await createTable(db, engine, 'closing_messages', { closing_id: 'text>closings', part: 'text', message_id: 'text>messages', how: 'text' }, [
    'closing_id',
    'part',
    'message_id',
  ]);
  await createIndex(db, 'closing_messages', ['message_id']);
  await deliveries(db, engine);
  await tickets(db, engine);
}

async function deliveries(db: Db, engine: Engine): Promise<void> {
  await createTable(
    db,
    engine,
    'deliveries',
    {
      id: 'text',
      closing_id: 'text?>closings',
      message_id: 'text?>messages',
      conversation_id: 'text?>conversations',
      seq: 'integer',
      target_kind: 'text',
      target: 'text',
      kind: 'text',
      operation: 'text',
      revision: 'integer',
      lane: 'text',
      after: 'text',
      state: 'text',
      due_at: 'bigint',
      first_at: 'bigint?',
      attempts: 'integer',
      error: 'text?',
      result: 'text?',
      created_at: 'bigint',
      done_at: 'bigint?',
      doubles: 'text?',
      swept_at: 'bigint?',
    },
    ['id'],
  );
  await createIndex(db, 'deliveries', ['state', 'due_at']);
  await createIndex(db, 'deliveries', ['target', 'due_at'], { where: "state = 'waiting'" });
  await createIndex(db, 'deliveries', ['lane', 'id']);
  await createIndex(db, 'deliveries', ['done_at'], { where: "state = 'done' AND swept_at IS NULL" });
  for (const column of ['closing_id', 'message_id', 'conversation_id']) await createIndex(db, 'deliveries', [column]);
  await createTable(
    db,
    engine,
    'steps',
    {
      delivery_id: 'text>deliveries',
      name: 'text',
      revision: 'integer',
      state: 'text',
      body: 'text',
      result: 'text',
      first_sent_at: 'bigint',
      last_sent_at: 'bigint',
    },
    ['delivery_id', 'name'],
  );
}

async function tickets(db: Db, engine: Engine): Promise<void> {
  await createTable(
    db,
    engine,
    'tickets',
    {
      id: 'text',
      helpdesk: 'text',
      external_id: 'text',
      number: 'text',
      url: 'text',
      subject: 'text',
      status: 'text',
      meaning: 'text',
      priority: 'text?',
      requester_name: 'text?',
      contact_id: 'text?',
      company_id: 'text?',
      company_name: 'text?',
      assignee: 'text?',
      due_at: 'bigint?',
      outcome: 'text?',
      updated_at: 'bigint',
      read_at: 'bigint',
    },
    ['id'],
  );
  await createIndex(db, 'tickets', ['helpdesk', 'external_id'], { unique: true });
  await createIndex(db, 'tickets', ['updated_at', 'id']);
  for (const column of ['due_at', 'contact_id', 'company_id']) await createIndex(db, 'tickets', [column]);
  await createTable(
    db,
    engine,
    'conversation_tickets',
    { conversation_id: 'text>conversations', ticket_id: 'text>tickets', closing_id: 'text?>closings', part: 'text', at: 'bigint' },
    [],
  );
  await createIndex(db, 'conversation_tickets', ['conversation_id', 'ticket_id', 'closing_id', 'part'], { unique: true });
  for (const column of ['ticket_id', 'closing_id']) await createIndex(db, 'conversation_tickets', [column]);
}
