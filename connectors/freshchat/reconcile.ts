/**
 * Repairs what webhooks lost. There is no list of conversations at Freshchat, but there are reports: every night one is asked for, and every chat that it
 * names, and whose end we do not know, is read again. What we have already says nothing new and is not kept twice.
 */
import { buffer } from 'node:stream/consumers';
import { DateTime } from 'luxon';
import { z } from 'zod';
import { ConnectorError, type Context, type Json } from '../../src/kit/index.ts';
import type { Client } from './client.ts';
import { messagesOf, type Reading } from './messages.ts';
import type { FreshchatSettings } from './settings.ts';
import { column, readCsv, unpackReport } from './table.ts';
import * as wire from './wire.ts';

/** Where the look stands; one step a poll, so that each is committed. Times in epoch ms. */
const state = z.object({
  /** All before this has been looked at. */
  from: z.number(),
  /** End of the stretch that is being looked at; null between two looks. */
  to: z.number().nullable(),
  /** Which of the reports is next. */
  event: z.number(),
  report: z.string().nullable(),
  /** Not before this: a report had failed. */
  notBefore: z.number(),
  queue: z.array(z.string()),
});
type State = z.output<typeof state>;

/** Conversations that are read in one poll: at most three calls each, which stays far below any limit. */
const atOnce = 20;
const afterFailureMs = 3_600_000;

interface Reconciling extends Reading {
  readonly client: Client;
  readonly context: Context<FreshchatSettings>;
}

interface Looked {
  readonly payloads: readonly Json[];
  readonly cursor: string;
}

/** When the next look begins. */
export function dueAt(from: number, { everyHours, hour, zone }: Pick<FreshchatSettings['reconcile'], 'everyHours' | 'hour' | 'zone'>): number {
  if (everyHours !== undefined) return from + everyHours * 3_600_000;
  const last = DateTime.fromMillis(from, { zone });
  const today = last.set({ hour, minute: 0, second: 0, millisecond: 0 });
  return (today > last ? today : today.plus({ days: 1 })).toMillis();
}

export async function reconcile(cursor: string | undefined, parts: Reconciling): Promise<Looked> {
  const { context } = parts;
  const { now } = context;
  // At the first start everything before it is none of ours.
  const at = cursor === undefined ? fresh(now()) : state.parse(JSON.parse(cursor));
  const { payloads, next } = await step(at, parts);
  return { payloads, cursor: JSON.stringify(next) };
}

const fresh = (now: number): State => ({ from: now, to: null, event: 0, report: null, notBefore: 0, queue: [] });

async function step(at: State, parts: Reconciling): Promise<{ payloads: readonly Json[]; next: State }> {
  const { context } = parts;
  const { now } = context;
  const settings = context.settings.reconcile;
  const nothing = (next: State) => ({ payloads: [], next });
  if (at.queue.length > 0) {
    const payloads: Json[] = [];
    for (const conversation of at.queue.slice(0, atOnce)) payloads.push(...(await readAgain(conversation, at, parts)));
    return { payloads, next: { ...at, queue: at.queue.slice(atOnce) } };
  }
  if (at.report !== null) return nothing(await collect({ ...at, report: at.report }, parts));
  if (at.to === null) {
    if (now() < dueAt(at.from, settings)) return nothing(at);
    return nothing({ ...at, to: Math.min(now(), at.from + settings.maxDays * 86_400_000), event: 0 });
  }
  const event = settings.events[at.event];
  if (event === undefined) return nothing({ ...at, from: at.to, to: null, event: 0 });
  return now() < at.notBefore ? nothing(at) : nothing(await ask(event, { ...at, to: at.to }, parts));
}

/** "Extraction": `POST /reports/raw`. */
async function ask(event: string, at: State & { to: number }, { client, context }: Reconciling): Promise<State> {
  const body = {
    start: new Date(beginningOf(at, context)).toISOString(),
    end: new Date(at.to).toISOString(),
    event,
    format: 'csv',
    should_exclude_pii: false,
  };
  const { id } = await client.post('/reports/raw', body, wire.reportAsked);
  return { ...at, report: id };
}

const beginningOf = ({ from }: State, { settings }: Context<FreshchatSettings>): number => from - settings.reconcile.overlapMinutes * 60_000;

async function collect(at: State & { report: string }, parts: Reconciling): Promise<State> {
  const { client, context } = parts;
  const event = context.settings.reconcile.events[at.event] ?? '';
  const report = await client.get(`/reports/raw/${encodeURIComponent(at.report)}`, wire.report).catch((error: unknown) => {
    // Reports are not kept for ever; a new one is asked for.
    if (error instanceof ConnectorError && error.code === 'not-found') return { status: 'FAILED', links: [] };
    throw error;
  });
  if (report.status === 'FAILED') {
    context.log.warn({ event }, 'Freshchat could not make a report; it is asked for again in an hour');
    return { ...at, report: null, notBefore: context.now() + afterFailureMs };
  }
  if (report.status !== 'COMPLETED') return at;
  const conversations = new Set<string>();
  for (const { link } of report.links ?? []) {
    if (!link) continue;
    for (const text of unpackReport(await buffer(await client.bytes(link.href))))
      for (const id of column(readCsv(text), context.settings.reconcile.conversationColumn, `The report ${event}`))
        conversations.add(await parts.threads.canonical(id));
  }
  const queue: string[] = [];
  for (const conversation of conversations) if (!(await isOver(conversation, parts))) queue.push(conversation);
  return { ...at, report: null, event: at.event + 1, queue };
}

/** Its end was heard, and then all of its messages were read. */
async function isOver(conversation: string, { threads }: Reconciling): Promise<boolean> {
  const newest = (await threads.row(conversation)).cycles.at(-1);
  return newest !== undefined && newest.endedAt !== null;
}

/** The messages of the stretch, oldest first, and the resolution where the chat stands resolved. */
async function readAgain(conversation: string, at: State, parts: Reconciling): Promise<readonly Json[]> {
  const { client, threads, context } = parts;
  try {
    const { status, updated_time } = await threads.withEither(conversation, (id) => client.get(`/conversations/${encodeURIComponent(id)}`, wire.conversation));
    const found: { message: wire.Message; raw: Json }[] = [];
    for await (const one of messagesOf(parts, conversation, beginningOf(at, context))) found.push(one);
    const resolution = found.find(({ message }) => message.meta_data?.isResolved)?.message;
    const said = found.map(({ raw }) => ({ reread: raw })).toReversed();
    if (status !== 'resolved') return said;
    const interaction = resolution?.interaction_id ?? found[0]?.message.interaction_id ?? null;
    const endedAt = resolution?.created_time ?? found[0]?.message.created_time ?? updated_time ?? at.to ?? at.from;
    return [...said, { resolved: { conversation, interaction, at: endedAt } }];
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'not-found') throw error;
    context.log.warn({ conversation }, 'a report names a conversation that Freshchat does not find');
    return [];
  }
}
