/** How migrations spell columns, so that one text makes the same table on both databases. Changing this changes history: add, never alter. */
import { type Kysely, type RawBuilder, sql } from 'kysely';

export type Engine = 'sqlite' | 'postgres';

/** `?` allows NULL; `>table` refers to that table's `id`. */
export type Column = 'text' | 'text?' | 'bigint' | 'bigint?' | 'integer' | 'integer?' | `text>${string}` | `text?>${string}`;

/** What a migration is written against: the schema of its day, not today's. */
// biome-ignore lint/suspicious/noExplicitAny: a migration outlives the types of the tables it makes.
export type Db = Kysely<any>;

/** Text sorts by its bytes on both databases; a PostgreSQL locale would order ids and sort keys in its own way. */
export const textType = (engine: Engine): RawBuilder<unknown> => (engine === 'postgres' ? sql`text COLLATE "C"` : sql`text`);

export async function createTable(db: Db, engine: Engine, name: string, columns: Readonly<Record<string, Column>>, primary: readonly string[]): Promise<void> {
  let table = db.schema.createTable(name);
  for (const [column, spelled] of Object.entries(columns)) {
    const [type = '', parent] = spelled.split('>');
    const nullable = type.endsWith('?');
    const plain = type.replace('?', '');
    table = table.addColumn(column, plain === 'text' ? textType(engine) : sql.raw(plain), (made) => {
      const checked = nullable ? made : made.notNull();
      return parent ? checked.references(`${parent}.id`) : checked;
    });
  }
  if (primary.length > 0) table = table.addPrimaryKeyConstraint(`${name}_key`, primary as never[]);
  await table.execute();
}

/** `unique` and `where` as the database reads them; the name says table and columns. */
export async function createIndex(db: Db, table: string, columns: readonly string[], more: { unique?: boolean; where?: string } = {}): Promise<void> {
  const name = `${table}_by_${columns.join('_')}${more.where ? '_some' : ''}`;
  const list = columns.map((column) => `"${column}"`).join(', ');
  await sql.raw(`CREATE ${more.unique ? 'UNIQUE ' : ''}INDEX "${name}" ON "${table}" (${list})${more.where ? ` WHERE ${more.where}` : ''}`).execute(db);
}
