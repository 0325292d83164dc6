/** What the rule for late messages asks of the database: conversations that may be late, and the closing that they come after. */
import type { Kysely } from 'kysely';
import type { OperationResult } from '../kit/index.ts';
import type { Mapping } from '../mapping/evaluate.ts';
import type { ClosingsTable, Database } from '../store/schema.ts';
import type { Decision } from './decision.ts';
import type { EarlierClosing, FiledTicket } from './late.ts';
import type { Plan } from './plan.ts';

/** Conversations that the rule filed themselves stand in between: that many are stepped over. */
const chain = 50;

export interface LateConversation {
  readonly id: string;
  readonly version: number;
  readonly channel: string;
  readonly continues_id: string;
}

/** Open, untouched by any agent, and after a closing. `since` in epoch ms keeps old ones out. */
export const lateConversations = async (read: Kysely<Database>, since: number): Promise<readonly LateConversation[]> => {
  const rows = await read
    .selectFrom('conversations')
    .select(['id', 'version', 'channel', 'continues_id'])
    .where('state', '=', 'open')
    .where('last_at', '>=', since)
    .where('continues_id', 'is not', null)
    .where('assignee_id', 'is', null)
    .where('draft', 'is', null)
    .where('ending_agent_id', 'is', null)
    .orderBy('last_at')
    .limit(200)
    .execute();
  return rows.flatMap(({ continues_id, ...row }) => (continues_id === null ? [] : [{ ...row, continues_id }]));
};

/** The standing closings of the conversation that is continued, together; where only the rule filed it, of the one before that. */
export async function earlierClosing(read: Kysely<Database>, continued: string, mapping: Mapping): Promise<EarlierClosing | undefined> {
  let from: string | null = continued;
  for (let step = 0; from !== null && step < chain; step += 1) {
    const conversation: { contact_id: string; continues_id: string | null } | undefined = await read
      .selectFrom('conversations')
      .select(['contact_id', 'continues_id'])
      .where('id', '=', from)
      .executeTakeFirst();
    const closings = await read.selectFrom('closings').selectAll().where('conversation_id', '=', from).where('state', '<>', 'undone').orderBy('id').execute();
    const byPeople = closings.filter(({ source }) => source !== 'rule');
    if (!conversation || closings.length === 0) return undefined;
    if (byPeople.length > 0) return describe(read, byPeople, conversation.contact_id, mapping);
    from = conversation.continues_id;
  }
  return undefined;
}

type Closing = Pick<ClosingsTable, 'id' | 'created_at' | 'decision' | 'plan'>;

async function describe(read: Kysely<Database>, closings: readonly Closing[], contact: string, mapping: Mapping): Promise<EarlierClosing> {
  const ids = closings.map(({ id }) => id);
  const deliveries = await read
    .selectFrom('deliveries')
    .select(['closing_id', 'seq', 'state', 'target_kind', 'result'])
    .where('closing_id', 'in', ids)
    .orderBy('id')
    .execute();
  const tickets = new Map<string, FiledTicket>();
  for (const closing of closings) {
    const { operations } = JSON.parse(closing.plan) as Plan;
    const { parts } = JSON.parse(closing.decision) as Decision;
    for (const { seq, target_kind, result } of deliveries.filter(({ closing_id }) => closing_id === closing.id)) {
      if (target_kind !== 'helpdesk' || result === null) continue;
      const { ticket } = JSON.parse(result) as OperationResult;
      const part = parts.find(({ key }) => key === operations[seq]?.part);
      const topic = part?.topic ?? mapping.topicsOf(part?.subject ?? part?.title ?? '')[0] ?? null;
      const key = JSON.stringify([ticket.helpdesk, ticket.id]);
      if (!tickets.has(key)) tickets.set(key, { helpdesk: ticket.helpdesk, id: ticket.id, topic });
    }
  }
  const at = Math.max(...closings.map(({ created_at }) => created_at));
  return { contact, at, tickets: [...tickets.values()], done: deliveries.every(({ state }) => state === 'done') };
}
