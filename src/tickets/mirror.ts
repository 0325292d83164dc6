/** Our mirror of the helpdesks' tickets, as a list. */
import type { Kysely } from 'kysely';
import type { Database, TicketsTable } from '../store/schema.ts';

export interface MirrorQuery {
  readonly helpdesk?: string | undefined;
  /** Each in the subject, in a name, or the ticket's number. */
  readonly words?: string | undefined;
  /** Time and id of the last row of the page before. */
  readonly before?: readonly [number, string] | undefined;
  readonly limit: number;
}

const named = ['subject', 'requester_name', 'company_name'] as const;
const like = (word: string): string => `%${word.toLowerCase().replaceAll(/[\\%_]/g, '')}%`;

/** Those changed last first. */
export async function listMirror(read: Kysely<Database>, query: MirrorQuery): Promise<readonly TicketsTable[]> {
  const { helpdesk, before } = query;
  let rows = read.selectFrom('tickets').selectAll();
  if (helpdesk) rows = rows.where('helpdesk', '=', helpdesk);
  for (const word of query.words?.split(/\s+/).filter(Boolean) ?? [])
    rows = rows.where((eb) =>
      eb.or([eb('number', '=', word.replace(/^#/, '')), ...named.map((column) => eb(eb.fn<string>('lower', [column]), 'like', like(word)))]),
    );
  if (before) rows = rows.where((eb) => eb(eb.refTuple('updated_at', 'id'), '<', eb.tuple(...before)));
  return rows.orderBy('updated_at', 'desc').orderBy('id', 'desc').limit(query.limit).execute();
}
