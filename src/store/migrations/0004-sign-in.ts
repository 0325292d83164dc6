/**
 * The tables of better-auth 1.7 (its core schema, without plugins), with the types that its Kysely adapter writes: ISO text and 0 or 1 on SQLite,
 * timestamptz and boolean on PostgreSQL.
 */
import { sql } from 'kysely';
import { createIndex, type Db, type Engine, textType } from './columns.ts';

type Spelled = 'text' | 'text?' | 'date' | 'date?' | 'boolean' | 'user';

async function table(db: Db, engine: Engine, name: string, columns: Readonly<Record<string, Spelled>>): Promise<void> {
  const types = {
    text: textType(engine),
    user: textType(engine),
    date: engine === 'postgres' ? sql`timestamptz` : sql`text`,
    boolean: engine === 'postgres' ? sql`boolean` : sql`integer`,
  };
  let made = db.schema.createTable(name).addColumn('id', textType(engine), (column) => column.primaryKey().notNull());
  for (const [column, spelled] of Object.entries(columns)) {
    const type = spelled.replace('?', '') as keyof typeof types;
    made = made.addColumn(column, types[type], (it) => {
      const checked = spelled.endsWith('?') ? it : it.notNull();
      return spelled === 'user' ? checked.references('user.id').onDelete('cascade') : checked;
    });
  }
  await made.execute();
}

export async function signIn(db: Db, engine: Engine): Promise<void> {
  await table(db, engine, 'user', { name: 'text', email: 'text', emailVerified: 'boolean', image: 'text?', createdAt: 'date', updatedAt: 'date' });
  await createIndex(db, 'user', ['email'], { unique: true });
  await table(db, engine, 'session', {
    expiresAt: 'date',
    token: 'text',
    createdAt: 'date',
    updatedAt: 'date',
    ipAddress: 'text?',
    userAgent: 'text?',
    userId: 'user',
  });
  await createIndex(db, 'session', ['token'], { unique: true });
  await createIndex(db, 'session', ['userId']);
  await table(db, engine, 'account', {
    accountId: 'text',
    providerId: 'text',
    userId: 'user',
    accessToken: 'text?',
    refreshToken: 'text?',
    idToken: 'text?',
    accessTokenExpiresAt: 'date?',
    refreshTokenExpiresAt: 'date?',
    scope: 'text?',
    password: 'text?',
    createdAt: 'date',
    updatedAt: 'date',
  });
  await createIndex(db, 'account', ['userId']);
  await table(db, engine, 'verification', { identifier: 'text', value: 'text', expiresAt: 'date', createdAt: 'date', updatedAt: 'date' });
  await createIndex(db, 'verification', ['identifier']);
}
