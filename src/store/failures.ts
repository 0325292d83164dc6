/** Whether a failed transaction says something about its data or about the database. */

const code = (error: unknown): string => (error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '');

const sqliteData = /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG|RANGE)/;
/** Classes of PostgreSQL: data exception, integrity constraint, program limit (a key too long for an index). */
const postgresData = /^(22|23|54)[0-9A-Z]{3}$/;
const postgresAny = /^[0-9A-Z]{5}$/;

/**
 * True when the data are to blame, so that leaving them out lets the others pass. False for a full disk, a lost connection, a lock that was not had:
 * there nothing may be acknowledged, and the sender should come again.
 */
export function blamesData(error: unknown): boolean {
  const known = code(error);
  if (known.startsWith('SQLITE_')) return sqliteData.test(known);
  if (postgresAny.test(known)) return postgresData.test(known);
  if (/^E[A-Z]+$/.test(known)) return false;
  return !(error instanceof Error && /connection|timeout|rolled back|not open|database/i.test(error.message));
}
