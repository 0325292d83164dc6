/** What connectors keep, what the console is told, the audit, and small facts of the installation. */
import { sql } from 'kysely';
import { createIndex, createTable, type Db, type Engine } from './columns.ts';

export async function records(db: Db, engine: Engine): Promise<void> {
  await createTable(db, engine, 'records', { owner: 'text', collection: 'text', key: 'text', index_key: 'text', sort: 'text', value: 'text' }, [
    'owner',
    'collection',
    'key',
  ]);
  await createIndex(db, 'records', ['owner', 'collection', 'index_key', 'sort']);
  await createIndex(db, 'records', ['owner', 'collection', 'sort']);
  await createTable(db, engine, 'counters', { owner: 'text', name: 'text', value: 'bigint' }, ['owner', 'name']);
  await createTable(db, engine, 'settings', { name: 'text', value: 'text' }, ['name']);
  await createTable(
    db,
    engine,
    'api_tokens',
    { id: 'text', name: 'text', hash: 'text', role: 'text', created_at: 'bigint', last_used_at: 'bigint?', revoked_at: 'bigint?' },
    ['id'],
  );
  await createIndex(db, 'api_tokens', ['hash'], { unique: true });
  const counted = engine === 'postgres' ? 'bigserial PRIMARY KEY' : 'INTEGER PRIMARY KEY AUTOINCREMENT';
  await sql.raw(`CREATE TABLE live_events (id ${counted}, at bigint NOT NULL, kind text NOT NULL, subject_id text NOT NULL)`).execute(db);
  await auditTable(db, engine);
}

async function auditTable(db: Db, engine: Engine): Promise<void> {
  await createTable(
    db,
    engine,
    'audit',
    { id: 'text', at: 'bigint', actor_kind: 'text', actor_id: 'text', action: 'text', subject_kind: 'text', subject_id: 'text', detail: 'text' },
    ['id'],
  );
  await createIndex(db, 'audit', ['subject_kind', 'subject_id']);
  await createIndex(db, 'audit', ['at']);
  for (const statement of engine === 'postgres' ? refusePostgres : refuseSqlite) await sql.raw(statement).execute(db);
}

const refuseSqlite = ['UPDATE', 'DELETE'].map(
  (verb) => `CREATE TRIGGER audit_no_${verb.toLowerCase()} BEFORE ${verb} ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END`,
);

const refusePostgres = [
  `CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$`,
  'CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuse()',
  'CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()',
];
