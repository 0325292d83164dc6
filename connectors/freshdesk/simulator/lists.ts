/** Paging and filters that all lists share. "Pagination". */
import type { Request, Response } from 'express';
import { invalid } from './refusal.ts';

/** The query's values as text; anything that the endpoint does not document is refused. */
export function readQuery<Name extends string>(request: Request, allowed: readonly Name[]): Partial<Record<Name, string>> {
  const given = Object.entries(request.query);
  const strange = given.filter(([name]) => !(allowed as readonly string[]).includes(name));
  if (strange.length) throw invalid(strange.map(([field]) => ({ field, message: 'Unexpected/invalid field in request', code: 'invalid_field' })));
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)])) as Partial<Record<Name, string>>;
}

function whole(field: string, text: string | undefined, most: number, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw invalid([{ field, message: `It should be a Positive Integer less than or equal to ${most}`, code: 'invalid_value' }]);
}

/** Cuts one page and names the next in the Link header while there is more. */
export function page<T>(request: Request, response: Response, rows: readonly T[], query: { page?: string; per_page?: string }, fixed?: number): T[] {
  const size = fixed ?? whole('per_page', query.per_page, 100, 30);
  const number = whole('page', query.page, 300, 1);
  if (rows.length > number * size) {
    const next = new URL(request.originalUrl, `http://${request.headers.host}`);
    next.searchParams.set('page', String(number + 1));
    response.set('Link', `<${next.href}>; rel="next"`);
  }
  return rows.slice((number - 1) * size, number * size);
}
