/**
 * Conversations that ended in their channel without a ticket: what the mapping wants done. It holds nothing; each mark and what it causes are one
 * transaction that asks again whether the conversation still waits, so that nothing happens twice or to one that was filed or reopened meanwhile.
 */
import type { Kysely } from 'kysely';
import { DateTime } from 'luxon';
import { insert } from '../delivery/insert.ts';
import { channelRow } from '../delivery/replies.ts';
import type { Channel, Log } from '../kit/index.ts';
import type { Mapping } from '../mapping/evaluate.ts';
import type { Database } from '../store/schema.ts';
import type { Statements } from '../store/statements.ts';
import type { ClosingParts } from './commit.ts';

export interface UnfiledParts extends Pick<ClosingParts, 'read' | 'group' | 'dispatch' | 'now' | 'id'> {
  channel(name: string): Pick<Channel, 'note'> | undefined;
  mappingFor(channel: string): Mapping;
  readonly publicUrl: string;
  readonly log: Log;
}

/** Conversations in one round and channel; the rest is found by the next. */
const atOnce = 200;
const waits = `state = 'ended' AND filed_at IS NULL AND ended_by IN ('vendor', 'idle')`;
/** Marks are older than a later end: reopened and ended again, it is told of again. */
const asked = `${waits} AND unfiled_policy IN ('ask', 'propose-pending')`;
const notSince = (mark: string): string => `(${mark} IS NULL OR ${mark} < ended_at)`;

interface Waiting {
  readonly id: string;
}

/** One look at all channels. */
export async function lookAtUnfiled(parts: UnfiledParts): Promise<void> {
  for (const channel of await channelsOf(parts.read)) {
    try {
      const mapping = parts.mappingFor(channel);
      await decide(parts, channel, mapping);
      await remind(parts, channel, mapping);
      await tellLeads(parts, channel, mapping);
    } catch (error) {
      parts.log.warn({ err: error, channel }, 'conversations that ended without a ticket could not be looked at; the next look tries again');
    }
  }
}

async function channelsOf(read: Kysely<Database>): Promise<readonly string[]> {
  const rows = await read
    .selectFrom('conversations')
    .select('channel')
    .distinct()
    .where('state', '=', 'ended')
    .where('filed_at', 'is', null)
    .where('ended_by', 'in', ['vendor', 'idle'])
    .execute();
  return rows.map(({ channel }) => channel);
}

const find = (s: Statements, channel: string, where: string, ...values: readonly (string | number)[]): Promise<Waiting[]> | Waiting[] =>
  s.all<Waiting>(`SELECT id FROM conversations WHERE channel = ? AND ${where} ORDER BY ended_at LIMIT ${atOnce}${s.lock}`, channel, ...values);

/** The end itself: the policy is noted once, and with it goes the way from the vendor's screen to the dialog. */
async function decide(parts: UnfiledParts, channel: string, mapping: Mapping): Promise<void> {
  const policy = mapping.ended.policies[channel] ?? 'unnamed';
  const notes = (policy === 'ask' || policy === 'propose-pending') && parts.channel(channel)?.note !== undefined;
  const now = parts.now();
  const queued = await parts.group.write(async (s) => {
    const fresh = await find(s, channel, `${waits} AND unfiled_policy IS NULL`);
    for (const { id } of fresh) {
      await s.run('UPDATE conversations SET unfiled_policy = ? WHERE id = ?', policy, id);
      s.tell('conversation', id);
    }
    const rows = notes ? fresh.map(({ id }) => noteRow(parts, { id, channel }, mapping, now)) : [];
    await insert(s, 'deliveries', rows);
    return rows.map(({ id }) => id);
  });
  for (const id of queued) parts.dispatch.look(id, now);
}

function noteRow(parts: UnfiledParts, conversation: { id: string; channel: string }, mapping: Mapping, now: number) {
  const text = `${mapping.words.unfiled} ${parts.publicUrl}/conversations/${conversation.id}?end=true`;
  const note = { kind: 'internal' as const, blocks: [{ type: 'paragraph' as const, text }] };
  return channelRow({ kind: 'note', note }, { id: parts.id(), conversation, now, due: now });
}

async function remind(parts: UnfiledParts, channel: string, { ended }: Mapping): Promise<void> {
  if (ended.remindAfterMs === null) return;
  const now = parts.now();
  const before = now - ended.remindAfterMs;
  await parts.group.write(async (s) => {
    for (const { id } of await find(s, channel, `${asked} AND ${notSince('reminded_at')} AND ended_at <= ?`, before)) {
      await s.run('UPDATE conversations SET reminded_at = ? WHERE id = ?', now, id);
      s.tell('reminder', id);
      s.tell('conversation', id);
    }
  });
}

/** When the clock of the zone last showed this time of day. */
export function lastTime(timeOfDay: string, zone: string, now: number): number {
  const [hour = 0, minute = 0] = timeOfDay.split(':').map(Number);
  const today = DateTime.fromMillis(now, { zone }).set({ hour, minute, second: 0, millisecond: 0 });
  return (today.toMillis() <= now ? today : today.minus({ days: 1 }).set({ hour, minute })).toMillis();
}

/** Whatever had ended by then and still waits. */
async function tellLeads(parts: UnfiledParts, channel: string, { ended, calendar }: Mapping): Promise<void> {
  if (ended.tellLeadAt === null) return;
  const now = parts.now();
  const since = lastTime(ended.tellLeadAt, calendar.zone, now);
  await parts.group.write(async (s) => {
    for (const { id } of await find(s, channel, `${asked} AND ${notSince('lead_told_at')} AND ended_at <= ?`, since)) {
      await s.run('UPDATE conversations SET lead_told_at = ? WHERE id = ?', now, id);
      s.tell('conversation', id);
    }
  });
}

export interface UnfiledCount {
  /** All that wait, except those that the mapping wants ignored. */
  readonly all: number;
  readonly mine: number;
  /** Of which the leads were told. */
  readonly told: number;
}

export async function countUnfiled(read: Kysely<Database>, agent: string): Promise<UnfiledCount> {
  const row = await read
    .selectFrom('conversations')
    .select(({ fn, eb }) => [
      fn.countAll<number>().as('all'),
      fn.sum<number | null>(eb.case().when('assignee_id', '=', agent).then(1).else(0).end()).as('mine'),
      fn.sum<number | null>(eb.case().whenRef('lead_told_at', '>=', 'ended_at').then(1).else(0).end()).as('told'),
    ])
    .where('state', '=', 'ended')
    .where('filed_at', 'is', null)
    .where((eb) => eb.or([eb('unfiled_policy', 'is', null), eb('unfiled_policy', '<>', 'ignore')]))
    .executeTakeFirst();
  return { all: Number(row?.all ?? 0), mine: Number(row?.mine ?? 0), told: Number(row?.told ?? 0) };
}
