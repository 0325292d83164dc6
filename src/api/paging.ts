/** Cursor paging: the cursor is opaque to callers, and stable while rows come and go. */
import { z } from 'zod';

export const pageQuery = z.object({ cursor: z.string().max(400).optional(), limit: z.coerce.number().int().min(1).max(100).default(50) });

export const encodeCursor = (key: readonly (string | number)[]): string => Buffer.from(JSON.stringify(key)).toString('base64url');

/** Undefined for a missing or foreign cursor: a list then starts at its beginning rather than failing. */
export function decodeCursor<T>(cursor: string | undefined, key: z.ZodType<T>): T | undefined {
  if (!cursor) return undefined;
  try {
    return key.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString())).data;
  } catch {
    return undefined;
  }
}

/** Of lists that are ordered by their ids alone. */
export const byId = z.tuple([z.uuid()]);

/** Cuts the one row read beyond the page, which only tells that there is more. */
export function toPage<Row, View>(
  rows: readonly Row[],
  limit: number,
  key: (row: Row) => readonly (string | number)[],
  view: (row: Row) => View,
): { items: View[]; next: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(view), next: rows.length > limit && last ? encodeCursor(key(last)) : null };
}
