/**
 * Which conversation of ours does an event belong to? Freshchat uses a conversation's id again and again; `interaction_id` names one turn from opening
 * to resolution, but is missing on some events and on all of older payloads. So we keep, for each vendor conversation, the cycles that we know, and each
 * has a thread key that is made once and stays, whatever is learned about it later. Pure.
 */

/** One conversation of ours. Times in epoch ms. */
export type Cycle = {
  /** `<conversation id>/<what began it>`: stored with the conversation, so it never changes. */
  readonly thread: string;
  /** In order; more than one where the chat was taken up again. Empty while none is known. */
  readonly interactions: readonly string[];
  readonly firstAt: number;
  /** The newest message of the customer's that we know of; to a quarter of an hour where the interaction tells order. */
  readonly heardAt: number;
  readonly endedAt: number | null;
  readonly reopenedAt: number | null;
};

export type Row = { readonly cycles: readonly Cycle[] };

export interface Happening {
  readonly conversation: string;
  readonly interaction: string | undefined;
  readonly at: number;
  /** `said`: by the customer. `quiet`: whatever takes up no ended chat, such as notes, bots, assignments. */
  readonly kind: 'said' | 'quiet' | 'ended' | 'reopened';
  /** Makes the thread's key where there is no interaction: the message's id, or the event's time. */
  readonly mark: string;
}

export interface Placement {
  /** The same object where nothing was learned. */
  readonly row: Row;
  readonly thread: string;
  /** `reopens`: said after the end. `stale`: an end or a reopening that something newer has overtaken. `after-end`: quiet, after the end. */
  readonly also: 'reopens' | 'stale' | 'after-end' | null;
  /** A thread that must have ended without our hearing of it, at this event at the latest. */
  readonly ends: string | null;
}

export const noCycles: Row = { cycles: [] };

/** Older ones are over for good. */
const kept = 20;
/** How exact `heardAt` has to be where interactions tell what came before what. */
const coarseMs = 15 * 60_000;

const keyOf = ({ conversation, interaction, mark }: Happening): string => `${conversation}/${interaction ?? mark}`;

/** The vendor's conversation id in a thread key. */
export const conversationOf = (thread: string): string => thread.split('/')[0] ?? thread;

type Found = { readonly index: number } | { readonly begins: true; readonly ends: number | undefined };

/** By its interaction, else by its time: the newest cycle that had begun. */
function find({ cycles }: Row, event: Happening, reopenMs: number): Found {
  const { interaction, at, kind } = event;
  const known = interaction === undefined ? -1 : cycles.findIndex((cycle) => cycle.interactions.includes(interaction));
  if (known >= 0) return { index: known };
  const index = cycles.findLastIndex((cycle) => cycle.firstAt <= at);
  const cycle = cycles[index];
  if (!cycle) {
    const [oldest] = cycles;
    const early = oldest !== undefined && oldest.firstAt - at <= reopenMs && (interaction === undefined || oldest.interactions.length === 0);
    return early ? { index: 0 } : { begins: true, ends: undefined };
  }
  const within = cycle.endedAt === null || at <= cycle.endedAt;
  if (interaction === undefined)
    return within || kind === 'quiet' || kind === 'ended' || goesOn(cycle, at, reopenMs) ? { index } : { begins: true, ends: undefined };
  if (cycle.interactions.length === 0 && within) return { index };
  if (kind === 'quiet' && !within) return { index };
  return goesOn(cycle, at, reopenMs) ? { index } : { begins: true, ends: cycle.endedAt === null ? index : undefined };
}

const goesOn = (cycle: Cycle, at: number, reopenMs: number): boolean =>
  reopenMs > 0 && at - (cycle.endedAt ?? Math.max(cycle.heardAt, cycle.firstAt)) <= reopenMs;

export function place(row: Row, event: Happening, reopenMs: number): Placement {
  const found = find(row, event, reopenMs);
  if ('begins' in found) return begin(row, event, found.ends);
  const cycle = row.cycles[found.index] as Cycle;
  const { next, also } = happen(learn(cycle, event, reopenMs), event);
  return { row: next === cycle ? row : { cycles: row.cycles.with(found.index, next) }, thread: cycle.thread, also, ends: null };
}

function begin({ cycles }: Row, event: Happening, endsIndex: number | undefined): Placement {
  const over = endsIndex === undefined ? undefined : cycles[endsIndex];
  const before = over && endsIndex !== undefined ? cycles.with(endsIndex, { ...over, endedAt: event.at }) : cycles;
  const made: Cycle = {
    thread: keyOf(event),
    interactions: event.interaction === undefined ? [] : [event.interaction],
    firstAt: event.at,
    heardAt: event.kind === 'said' ? event.at : 0,
    endedAt: event.kind === 'ended' ? event.at : null,
    reopenedAt: event.kind === 'reopened' ? event.at : null,
  };
  const sorted = [...before, made].sort((a, b) => a.firstAt - b.firstAt);
  return { row: { cycles: sorted.slice(-kept) }, thread: made.thread, also: null, ends: over?.thread ?? null };
}

/** A quiet event after the end tells nothing about the interaction: a note may already carry the next one's. */
function learn(cycle: Cycle, { interaction, at, kind }: Happening, reopenMs: number): Cycle {
  const fresh = interaction !== undefined && !cycle.interactions.includes(interaction) && !(kind === 'quiet' && cycle.endedAt !== null && at > cycle.endedAt);
  const interactions = fresh ? [...cycle.interactions, interaction] : cycle.interactions;
  const firstAt = at < cycle.firstAt && cycle.firstAt - at <= Math.max(reopenMs, coarseMs) ? at : cycle.firstAt;
  return fresh || firstAt !== cycle.firstAt ? { ...cycle, interactions, firstAt } : cycle;
}

function happen(cycle: Cycle, event: Happening): { next: Cycle; also: Placement['also'] } {
  const { at, kind, interaction } = event;
  const after = cycle.endedAt !== null && at > cycle.endedAt;
  if (kind === 'quiet') return { next: cycle, also: after ? 'after-end' : null };
  if (kind === 'said') {
    const exact = interaction === undefined || after;
    const heardAt = at - cycle.heardAt > (exact ? 0 : coarseMs) ? at : cycle.heardAt;
    if (after) return { next: { ...cycle, heardAt, endedAt: null, reopenedAt: at }, also: 'reopens' };
    // The same message again, perhaps because its first arrival was never committed: it still reopens.
    return { next: heardAt === cycle.heardAt ? cycle : { ...cycle, heardAt }, also: cycle.reopenedAt === at ? 'reopens' : null };
  }
  if (kind === 'reopened') {
    if (cycle.endedAt !== null && !after) return { next: cycle, also: 'stale' };
    return { next: { ...cycle, endedAt: null, reopenedAt: Math.max(at, cycle.reopenedAt ?? 0) }, also: null };
  }
  const newest = cycle.interactions.at(-1);
  const overtaken =
    (interaction !== undefined && interaction !== newest) ||
    (cycle.reopenedAt !== null && at < cycle.reopenedAt) ||
    (interaction === undefined && at < cycle.heardAt);
  if (overtaken) return { next: cycle, also: 'stale' };
  return { next: cycle.endedAt !== null && cycle.endedAt >= at ? cycle : { ...cycle, endedAt: at }, also: null };
}
