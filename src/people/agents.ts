/** Agents: the people inside. Their id is the sign-in's user id. */
import type { Kysely, Transaction } from 'kysely';
import type { AgentsTable, Database } from '../store/schema.ts';

export interface Agent {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: AgentsTable['role'];
  readonly locale: string;
  readonly teams: readonly string[];
  readonly disabled: boolean;
}

const shape = (row: AgentsTable): Agent => ({
  id: row.id,
  name: row.name,
  email: row.email,
  role: row.role,
  locale: row.locale,
  teams: JSON.parse(row.teams) as string[],
  disabled: row.disabled_at !== null,
});

export async function listAgents(read: Kysely<Database>): Promise<readonly Agent[]> {
  return (await read.selectFrom('agents').selectAll().orderBy('name').orderBy('id').execute()).map(shape);
}

export async function readAgent(read: Kysely<Database>, id: string): Promise<Agent | undefined> {
  const row = await read.selectFrom('agents').selectAll().where('id', '=', id).executeTakeFirst();
  return row && shape(row);
}

/** Throws when the e-mail address belongs to another agent. */
export async function addAgent(
  tx: Transaction<Database>,
  agent: { id: string; name: string; email: string; role: AgentsTable['role']; locale: string; teams?: readonly string[] },
  now: number,
): Promise<void> {
  await tx
    .insertInto('agents')
    .values({ ...agent, email: agent.email.toLowerCase(), teams: JSON.stringify(agent.teams ?? []), created_at: now })
    .execute();
}

export async function setLocale(tx: Transaction<Database>, agent: string, locale: string): Promise<void> {
  await tx.updateTable('agents').set({ locale }).where('id', '=', agent).execute();
}

/** A disabled agent keeps their history and signs in no more; `null` lets them in again. */
export async function setDisabled(tx: Transaction<Database>, agent: string, at: number | null): Promise<void> {
  await tx.updateTable('agents').set({ disabled_at: at }).where('id', '=', agent).execute();
}
