/** The order of messages: source time, then the vendor's own order, then arrival, then id. */

export interface Ordered {
  readonly at: number;
  readonly vendorOrder: string;
  readonly arrivedAt: number;
  readonly id: string;
}

const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const byOrder = (a: Ordered, b: Ordered): number => a.at - b.at || text(a.vendorOrder, b.vendorOrder) || a.arrivedAt - b.arrivedAt || text(a.id, b.id);

/** A page's edge in a list that is newest first: `time:id`. */
export const edgeOf = (row: { readonly lastAt: number; readonly id: string }): string => `${row.lastAt}:${row.id}`;

/** Undefined for what is no edge of ours. */
export function readEdge(cursor: string): { readonly at: number; readonly id: string } | undefined {
  const found = /^(\d{1,16}):([\w-]{1,64})$/.exec(cursor);
  return found ? { at: Number(found[1]), id: found[2] ?? '' } : undefined;
}
