/** Committing a plan, holding it, taking it back. Decision, plan, deliveries, audit and the conversation's new state are one transaction. */
import type { Kysely } from 'kysely';
import type { Actor } from '../delivery/actions.ts';
import type { Dispatch } from '../delivery/dispatch/dispatch.ts';
import type { Group } from '../delivery/group.ts';
import { insert } from '../delivery/insert.ts';
import type { ClosingsTable, ConversationsTable, Database } from '../store/schema.ts';
import type { Statements } from '../store/statements.ts';
import type { Decision } from './decision.ts';
import { canonical, digestOf } from './digest.ts';
import type { Plan } from './plan.ts';
import { type Commit, deliveryRows, messageRows } from './rows.ts';
import type { Viewer } from './snapshot.ts';
import { type Ended, releaseNow, undo } from './undo.ts';

/** What a plan is made of: whose conversation, which decision, and who is looking. */
export interface PlanRequest {
  readonly conversation: string;
  readonly decision: Decision;
  readonly viewer: Viewer;
}

export interface CommitRequest extends PlanRequest {
  /** Of the plan that was shown. */
  readonly digest: string;
  readonly actor: Actor;
  readonly source: ClosingsTable['source'];
  /** Chosen by the caller: the same key is the same closing, however often it is sent. */
  readonly idempotencyKey: string;
  /** Milliseconds during which it can be taken back. */
  readonly holdMs: number;
}

export type CommitResult =
  | { readonly is: 'committed'; readonly closing: string; readonly repeated: boolean }
  /** The plan is not the one that was shown; `closings` are those that stand by now, newest first. */
  | { readonly is: 'changed'; readonly plan: Plan; readonly closings: readonly string[] }
  | { readonly is: 'missing'; readonly plan: Plan }
  /** The key was used for another decision. */
  | { readonly is: 'key-reused' }
  | { readonly is: 'not-found' };

export interface Closings {
  /** The plan with the digest that `commit` asks for. Undefined when there is no such conversation. */
  preview(request: PlanRequest): Promise<Plan | undefined>;
  commit(request: CommitRequest): Promise<CommitResult>;
  /** Before any step started: everything as it was, the draft too. */
  undo(closing: string, actor: Actor): Promise<Ended>;
  /** Ends the hold. */
  now(closing: string, actor: Actor): Promise<Ended>;
}

export interface ClosingParts {
  readonly read: Kysely<Database>;
  readonly group: Group;
  readonly dispatch: Dispatch;
  now(): number;
  /** A new UUIDv7. */
  id(): string;
  /** Plans on a fresh snapshot; undefined when there is no such conversation. */
  plan(request: PlanRequest): Promise<Plan | undefined>;
  /** The channel can end a chat at its vendor. */
  canEnd(channel: string): boolean;
}

/** A conversation that changes faster than this many plans can be made is given back to the person as changed. */
const tries = 5;

export function createClosings(parts: ClosingParts): Closings {
  const { read, group, dispatch, now } = parts;

  const standing = async (conversation: string): Promise<readonly string[]> => {
    const rows = await read.selectFrom('closings').select('id').where('conversation_id', '=', conversation).where('state', '<>', 'undone').execute();
    return rows.map(({ id }) => id).sort((a, b) => (a < b ? 1 : -1));
  };

  /** Closings that stand are part of what was seen: whoever comes second sees them before filing again. */
  async function planAgain(request: PlanRequest): Promise<{ plan: Plan; closings: readonly string[] } | undefined> {
    const [plan, closings] = [await parts.plan(request), await standing(request.conversation)];
    if (!plan) return undefined;
    return { plan: closings.length ? { ...plan, digest: digestOf({ plan: plan.digest, closings }) } : plan, closings };
  }

  async function repeated(request: CommitRequest): Promise<CommitResult | undefined> {
    const known = await read.selectFrom('closings').selectAll().where('idempotency_key', '=', request.idempotencyKey).executeTakeFirst();
    if (!known) return undefined;
    const same = known.conversation_id === request.conversation && known.decision === canonical(request.decision);
    return same ? { is: 'committed', closing: known.id, repeated: true } : { is: 'key-reused' };
  }

  async function attempt(request: CommitRequest): Promise<CommitResult | 'stale'> {
    const known = await repeated(request);
    if (known) return known;
    const before = await read.selectFrom('conversations').select(['channel', 'version', 'state']).where('id', '=', request.conversation).executeTakeFirst();
    const planned = await planAgain(request);
    if (!before || !planned) return { is: 'not-found' };
    // First what the agent has not seen: a message that came meanwhile may be what is missing. What changed may be this very closing, sent twice at once.
    if (planned.plan.digest !== request.digest) return (await repeated(request)) ?? { is: 'changed', ...planned };
    if (planned.plan.missing.length > 0) return { is: 'missing', plan: planned.plan };
    const at = now();
    const commit: Commit = {
      closing: parts.id(),
      conversation: { id: request.conversation, channel: before.channel },
      plan: planned.plan,
      now: at,
      due: at + request.holdMs,
      endsAtVendor: before.state === 'open' && parts.canEnd(before.channel),
      id: parts.id,
    };
    const rows = { deliveries: deliveryRows(commit), messages: messageRows(commit), audit: parts.id() };
    const written = await group.write((s) => write(s, request, commit, before.version, rows));
    if (!written) return 'stale';
    for (const { id } of rows.deliveries) dispatch.look(id, commit.due);
    return { is: 'committed', closing: commit.closing, repeated: false };
  }

  return {
    preview: async (request) => (await planAgain(request))?.plan,
    async commit(request) {
      for (let n = 0; n < tries; n += 1) {
        const result = await attempt(request);
        if (result !== 'stale') return result;
      }
      const planned = await planAgain(request);
      return planned ? { is: 'changed', ...planned } : { is: 'not-found' };
    },
    undo: (closing, actor) => group.write((s) => undo(s, { closing, actor, now: now(), audit: parts.id() })),
    async now(closing, actor) {
      const at = now();
      const ended = await group.write((s) => releaseNow(s, { closing, actor, now: at, audit: parts.id() }));
      if (ended === 'ok') dispatch.look('', at);
      return ended;
    },
  };
}

interface Rows {
  readonly deliveries: ReturnType<typeof deliveryRows>;
  readonly messages: ReturnType<typeof messageRows>;
  readonly audit: string;
}

type Before = Pick<ConversationsTable, 'state' | 'ended_at' | 'ended_by' | 'filed_at' | 'draft'>;

/** False when the conversation changed since the plan's snapshot, or the key was taken meanwhile: plan again. */
async function write(s: Statements, request: CommitRequest, commit: Commit, version: number, rows: Rows): Promise<boolean> {
  const { conversation, closing, now: at, plan } = commit;
  const taken = await s.all('SELECT id FROM closings WHERE idempotency_key = ?', request.idempotencyKey);
  const [before] = await s.all<Before>(
    `SELECT state, ended_at, ended_by, filed_at, draft FROM conversations WHERE id = ? AND version = ?${s.lock}`,
    conversation.id,
    version,
  );
  if (taken.length > 0 || !before) return false;
  await s.run(
    `UPDATE conversations SET version = version + 1, draft = NULL, ending_agent_id = NULL, ending_since = NULL,
     state = ?, ended_at = ?, ended_by = ?, filed_at = ? WHERE id = ?`,
    plan.ends ? 'ended' : before.state,
    plan.ends ? (before.ended_at ?? at) : before.ended_at,
    plan.ends ? (before.ended_by ?? 'closing') : before.ended_by,
    plan.ends || before.state === 'ended' ? at : before.filed_at,
    conversation.id,
  );
  await insert(s, 'closings', [
    {
      id: closing,
      conversation_id: conversation.id,
      agent_id: request.actor.kind === 'agent' ? request.actor.id : null,
      source: request.source,
      idempotency_key: request.idempotencyKey,
      decision: canonical(request.decision),
      plan: JSON.stringify(plan),
      digest: plan.digest,
      state: commit.due > at ? 'held' : 'released',
      created_at: at,
      not_before: commit.due,
      ends: plan.ends ? 1 : 0,
      none_reason: plan.none,
      restore: JSON.stringify(before),
    },
  ]);
  await insert(s, 'deliveries', rows.deliveries);
  await insert(s, 'closing_messages', rows.messages);
  await insert(s, 'audit', [
    {
      id: rows.audit,
      at,
      actor_kind: request.actor.kind,
      actor_id: request.actor.id,
      action: 'closing.commit',
      subject_kind: 'closing',
      subject_id: closing,
      detail: JSON.stringify({ conversation: conversation.id, ends: plan.ends, operations: plan.operations.length, none: plan.none }),
    },
  ]);
  s.tell('closing', closing);
  s.tell('conversation', conversation.id);
  return true;
}
