/** INSERT over the statement interface, typed by the tables. */
import type { Insertable } from 'kysely';
import type { Database } from '../store/schema.ts';
import type { Statements, Value } from '../store/statements.ts';

/** Few rows a statement, so that few different texts are prepared. */
const most = 50;

/** `tail` is what follows the values: ON CONFLICT. All rows have the columns of the first. */
export async function insert<T extends keyof Database>(s: Statements, table: T, rows: readonly Insertable<Database[T]>[], tail = ''): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const columns = Object.keys(first);
  const row = `(${columns.map(() => '?').join(', ')})`;
  for (let from = 0; from < rows.length; from += most) {
    const some = rows.slice(from, from + most) as readonly Readonly<Record<string, Value>>[];
    const values = some.flatMap((each) => columns.map((column) => each[column] ?? null));
    const text = `INSERT INTO ${table} (${columns.map((column) => `"${column}"`).join(', ')}) VALUES ${some.map(() => row).join(', ')} ${tail}`;
    await s.run(text, ...values);
  }
}
