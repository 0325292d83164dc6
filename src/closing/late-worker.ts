/**
 * Files late messages by the mapping's rule. It holds nothing: what it found is looked for again after a crash, and the closing's key makes that one
 * conversation is filed by it at most once.
 */
import type { Log } from '../kit/index.ts';
import { type ClosingParts, type Closings, type CommitResult, createClosings } from './commit.ts';
import type { Decision } from './decision.ts';
import type { Facts } from './facts.ts';
import { judgeLate } from './late.ts';
import { earlierClosing, type LateConversation, lateConversations } from './late-facts.ts';
import type { Plan } from './plan.ts';
import { planClosing } from './planner.ts';
import { type SnapshotParts, snapshot, type Viewer } from './snapshot.ts';

export interface LateParts extends SnapshotParts, Pick<ClosingParts, 'group' | 'dispatch' | 'id'> {
  readonly log: Log;
}

/** Mappings may count in days; what is older than this is no rule's business any more. */
const longestMs = 31 * 86_400_000;
const rule: Viewer = { id: '', name: '', email: null, teams: [] };

/** Nobody gave a service, so nobody is asked for its summary. */
function planOf(decision: Decision, facts: Facts): Plan {
  const { mapping } = facts;
  return planClosing(decision, { ...facts, mapping: { ...mapping, summary: { ...mapping.summary, required: false } } });
}

export interface Late {
  /** One look at all that may be late; resolves with the ids of the closings that were made. */
  look(): Promise<readonly string[]>;
}

export function createLate(parts: LateParts): Late {
  const closings: Closings = createClosings({
    ...parts,
    async plan({ conversation, decision, viewer }) {
      const facts = await snapshot(parts, conversation, viewer, decision);
      return facts && planOf(decision, facts);
    },
    // The customer is writing: nobody ends the chat over their head.
    canEnd: () => false,
  });
  /** Left to agents, as it stood: looked at again when it changes. */
  const left = new Map<string, number>();

  async function judge(conversation: LateConversation): Promise<Decision | undefined> {
    const earlier = await earlierClosing(parts.read, conversation.continues_id, parts.mappingFor(conversation.channel));
    const named = await snapshot(parts, conversation.id, rule, namesTickets(earlier?.tickets ?? []));
    if (!named) return undefined;
    const verdict = judgeLate(named, earlier);
    if (verdict.is === 'agent') left.set(conversation.id, conversation.version);
    return verdict.is === 'file' ? verdict.decision : undefined;
  }

  async function file(conversation: LateConversation): Promise<string | undefined> {
    const decision = await judge(conversation);
    if (!decision) return undefined;
    const request = { conversation: conversation.id, decision, viewer: rule };
    const plan = await closings.preview(request);
    if (!plan) return undefined;
    const result: CommitResult = await closings.commit({
      ...request,
      digest: plan.digest,
      actor: { kind: 'system', id: '' },
      source: 'rule',
      idempotencyKey: `late:${conversation.id}`,
      holdMs: 0,
    });
    if (result.is === 'committed') return result.closing;
    // What the helpdesk asks for is a person's to answer; a plan that changed is made anew at the next look.
    if (result.is !== 'changed') left.set(conversation.id, conversation.version);
    parts.log.warn({ conversation: conversation.id, result: result.is }, 'a late message is left to the agents');
    return undefined;
  }

  return {
    async look() {
      const made: string[] = [];
      const found = await lateConversations(parts.read, parts.now() - longestMs);
      for (const id of left.keys()) if (!found.some((one) => one.id === id)) left.delete(id);
      for (const conversation of found) {
        if (left.get(conversation.id) === conversation.version) continue;
        const closing = await file(conversation).catch((error: unknown) => {
          parts.log.warn({ conversation: conversation.id, err: error }, 'a late message could not be judged and is looked at again');
          return undefined;
        });
        if (closing) made.push(closing);
      }
      return made;
    },
  };
}

/** A decision that only names tickets, so that the snapshot reads them. */
const namesTickets = (tickets: readonly { helpdesk: string; id: string }[]): Decision => ({
  covers: '',
  ends: true,
  none: null,
  skipped: [],
  parts: tickets.map(({ helpdesk, id }, index) => ({
    key: `t${index}`,
    topic: null,
    messages: [],
    target: { kind: 'append', ticket: { helpdesk, id }, status: 'keep' },
    requester: null,
    company: null,
    served: null,
    outcome: null,
    title: '',
    subject: null,
    summary: '',
    impact: null,
    group: null,
    assignee: null,
    fields: {},
  })),
});

/** Looks every `everyMs` until stopped; a look never overlaps the next. */
export function startLate(parts: LateParts, everyMs = 2_000): { stop(): Promise<void> } {
  const late = createLate(parts);
  let looking: Promise<unknown> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    looking = late
      .look()
      .catch((error: unknown) => parts.log.error({ err: error }, 'the look for late messages failed'))
      .finally(() => {
        busy = false;
      });
  }, everyMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}
