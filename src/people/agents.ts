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

/** A disabled agent keeps their history and signs in no more; `null` lets them in again. Their sessions end with the same commit. */
export async function setDisabled(tx: Transaction<Database>, agent: string, at: number | null): Promise<void> {
  await tx.updateTable('agents').set({ disabled_at: at }).where('id', '=', agent).execute();
  if (at !== null) await tx.deleteFrom('session').where('userId', '=', agent).execute();
}

export interface AgentChange {
  readonly teams?: readonly string[] | undefined;
  readonly role?: AgentsTable['role'] | undefined;
  readonly disabled?: boolean | undefined;
}

/** Holds the administrators' rows until the commit: of two who take each other's rights away at once, the second one looks again. */
async function isLastAdmin(tx: Transaction<Database>, agent: string): Promise<boolean> {
  await tx.updateTable('agents').set({ role: 'admin' }).where('role', '=', 'admin').where('disabled_at', 'is', null).execute();
  const admins = await tx.selectFrom('agents').select('id').where('role', '=', 'admin').where('disabled_at', 'is', null).execute();
  return admins.length === 1 && admins[0]?.id === agent;
}

/** `last-admin`: nobody could undo it, so it is not done. */
export async function changeAgent(tx: Transaction<Database>, agent: string, change: AgentChange, now: number): Promise<'ok' | 'unknown' | 'last-admin'> {
  const row = await tx.selectFrom('agents').select('id').where('id', '=', agent).executeTakeFirst();
  if (!row) return 'unknown';
  if ((change.disabled || change.role === 'agent') && (await isLastAdmin(tx, agent))) return 'last-admin';
  if (change.teams)
    await tx
      .updateTable('agents')
      .set({ teams: JSON.stringify(change.teams) })
      .where('id', '=', agent)
      .execute();
  if (change.role) await tx.updateTable('agents').set({ role: change.role }).where('id', '=', agent).execute();
  if (change.disabled !== undefined) await setDisabled(tx, agent, change.disabled ? now : null);
  return 'ok';
}
