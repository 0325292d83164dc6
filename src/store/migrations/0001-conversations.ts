/** Arrivals, people, conversations and their messages. */
import { createIndex, createTable, type Db, type Engine } from './columns.ts';

export async function conversations(db: Db, engine: Engine): Promise<void> {
  await people(db, engine);
  await messages(db, engine);
  await createTable(
    db,
    engine,
    'arrivals',
    { id: 'text', channel: 'text', delivery_key: 'text?', received_at: 'bigint', payload: 'text', state: 'text', error: 'text?' },
    ['id'],
  );
  await createIndex(db, 'arrivals', ['channel', 'delivery_key'], { unique: true });
  await createIndex(db, 'arrivals', ['id'], { where: "state = 'quarantined'" });
  await createTable(db, engine, 'cursors', { channel: 'text', intake: 'text', cursor: 'text', updated_at: 'bigint' }, ['channel', 'intake']);
}

async function people(db: Db, engine: Engine): Promise<void> {
  await createTable(db, engine, 'companies', { id: 'text', name: 'text', folded: 'text', brand: 'text?', fields: 'text', created_at: 'bigint' }, ['id']);
  await createIndex(db, 'companies', ['folded'], { unique: true });
  await createTable(db, engine, 'contacts', { id: 'text', name: 'text', created_at: 'bigint', erased_at: 'bigint?' }, ['id']);
  await createTable(
    db,
    engine,
    'identities',
    { id: 'text', contact_id: 'text>contacts', kind: 'text', value: 'text', scope: 'text', verified: 'integer', seen_at: 'bigint' },
    ['id'],
  );
  await createIndex(db, 'identities', ['kind', 'value', 'scope'], { unique: true, where: 'verified = 1' });
  await createIndex(db, 'identities', ['kind', 'value']);
  await createIndex(db, 'identities', ['contact_id']);
  await createTable(db, engine, 'contact_companies', { contact_id: 'text>contacts', company_id: 'text>companies', seen_at: 'bigint' }, [
    'contact_id',
    'company_id',
  ]);
  await createIndex(db, 'contact_companies', ['company_id']);
  await createTable(
    db,
    engine,
    'agents',
    { id: 'text', name: 'text', email: 'text', role: 'text', locale: 'text', teams: 'text', created_at: 'bigint', disabled_at: 'bigint?' },
    ['id'],
  );
  await createIndex(db, 'agents', ['email'], { unique: true });
}

async function messages(db: Db, engine: Engine): Promise<void> {
  await createTable(
    db,
    engine,
    'conversations',
    {
      id: 'text',
      channel: 'text',
      thread: 'text',
      state: 'text',
      contact_id: 'text>contacts',
      company_id: 'text?>companies',
      assignee_id: 'text?',
      subject: 'text?',
      reply_token: 'text',
      continues_id: 'text?',
      ticket_hint: 'text?',
      started_at: 'bigint',
      last_at: 'bigint',
      last_text: 'text',
      message_count: 'integer',
      unread: 'integer',
      version: 'integer',
      ended_at: 'bigint?',
      ended_by: 'text?',
      filed_at: 'bigint?',
      draft: 'text?',
      ending_agent_id: 'text?',
      ending_since: 'bigint?',
    },
    ['id'],
  );
  await createIndex(db, 'conversations', ['channel', 'thread'], { unique: true, where: "state = 'open'" });
  await createIndex(db, 'conversations', ['channel', 'thread', 'started_at']);
  await createIndex(db, 'conversations', ['reply_token'], { unique: true });
  await createIndex(db, 'conversations', ['state', 'last_at', 'id']);
  await createIndex(db, 'conversations', ['last_at', 'id'], { where: "state = 'ended' AND filed_at IS NULL" });
  // Without the time: an agent has few open ones, and each message would have to move its row in this index too.
  await createIndex(db, 'conversations', ['assignee_id', 'state']);
  for (const column of ['contact_id', 'company_id', 'continues_id']) await createIndex(db, 'conversations', [column]);
  await createTable(
    db,
    engine,
    'messages',
    {
      id: 'text',
      conversation_id: 'text>conversations',
      channel: 'text',
      external_id: 'text?',
      direction: 'text',
      kind: 'text',
      author_role: 'text',
      author_id: 'text',
      author_name: 'text',
      contact_id: 'text?',
      at: 'bigint',
      vendor_order: 'text',
      arrived_at: 'bigint',
      text: 'text',
      html: 'text?',
      quoted: 'text?',
      subject: 'text?',
      automatic: 'text?',
      sending: 'text',
      edited_at: 'bigint?',
      deleted_at: 'bigint?',
      arrival_id: 'text?',
    },
    ['id'],
  );
  await createIndex(db, 'messages', ['channel', 'external_id'], { unique: true });
  await createIndex(db, 'messages', ['conversation_id', 'at']);
  await createTable(db, engine, 'revisions', { id: 'text', message_id: 'text>messages', at: 'bigint', kind: 'text', text: 'text' }, ['id']);
  await createIndex(db, 'revisions', ['message_id']);
  await attachments(db, engine);
}

async function attachments(db: Db, engine: Engine): Promise<void> {
  await createTable(
    db,
    engine,
    'attachments',
    {
      id: 'text',
      message_id: 'text>messages',
      media_id: 'text',
      name: 'text',
      mime: 'text',
      size: 'bigint?',
      sha256: 'text?',
      state: 'text',
      ref: 'text',
      inline_id: 'text?',
      decoration: 'integer',
      seconds: 'integer?',
      attempts: 'integer',
      next_at: 'bigint',
      error: 'text?',
    },
    ['id'],
  );
  await createIndex(db, 'attachments', ['message_id', 'media_id'], { unique: true });
  await createIndex(db, 'attachments', ['next_at'], { where: "state = 'waiting'" });
  await createIndex(db, 'attachments', ['sha256']);
}
