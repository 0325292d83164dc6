/** What the engine remembers of one target between attempts: how much is in flight, whether it is paused, and whether it works. */
import type { DeliveriesTable } from '../store/schema.ts';
import { type Budget, laneOf } from './budget.ts';
import type { Room } from './claim.ts';
import type { Failure } from './policy.ts';

export interface TargetState {
  readonly kind: DeliveriesTable['target_kind'];
  readonly name: string;
  readonly state: 'ready' | 'paused' | 'trouble';
  readonly detail: string;
  /** Epoch ms of the last change of `state`. */
  readonly since: number;
  /** Answers 429 since the start. */
  readonly rateLimited: number;
}

export interface Target {
  readonly kind: DeliveriesTable['target_kind'];
  readonly name: string;
  /** Undefined while it takes nothing; then `nextAt` tells when to ask again. */
  room(): Room | undefined;
  nextAt(): number | undefined;
  started(operation: string): void;
  ended(): void;
  /** True when it works again after an outage, so that what waits can be tried at once. */
  succeeded(): boolean;
  failed(failure: Failure, pauseUntil: number | null): void;
  state(): TargetState;
}

/** Fewer failures in a row are bad luck, not an outage. */
const outage = 3;
/** After an outage the backlog is called at most this often: a vendor that comes and goes is not hammered. */
const recallMs = 60_000;

const troubles: readonly string[] = ['unauthorized', 'forbidden', 'unavailable', 'not-understood', 'blocked'];

export function createTarget(kind: Target['kind'], name: string, parts: { now: () => number; budget: Budget; concurrency: number }): Target {
  const { now, budget, concurrency } = parts;
  let inFlight = 0;
  let pausedUntil = 0;
  let failures = 0;
  let rateLimited = 0;
  let recalledAt = Number.NEGATIVE_INFINITY;
  let trouble: string | undefined;
  let since = now();

  const free = (operation: string, replay: boolean): boolean => budget.freeAt(name, laneOf(operation), replay) <= now();

  return {
    kind,
    name,
    room() {
      const limit = Math.min(concurrency - inFlight, budget.isScarce(name) ? 1 : concurrency);
      if (limit <= 0 || pausedUntil > now()) return undefined;
      const opens = free('open', false);
      const others = free('update', false);
      if (!opens && !others) return undefined;
      return { kind, target: name, limit, opens, others, replays: (!opens || free('open', true)) && (!others || free('update', true)) };
    },
    nextAt() {
      if (pausedUntil > now()) return pausedUntil;
      const frees = ['open', 'update'].flatMap((operation) => [false, true].map((replay) => budget.freeAt(name, laneOf(operation), replay)));
      const later = frees.filter((at) => at > now());
      return later.length ? Math.min(...later) : undefined;
    },
    started(operation) {
      inFlight += 1;
      budget.took(name, laneOf(operation));
    },
    ended() {
      inFlight -= 1;
    },
    succeeded() {
      const back = failures >= outage && now() - recalledAt >= recallMs;
      if (trouble !== undefined) since = now();
      failures = 0;
      trouble = undefined;
      if (back) recalledAt = now();
      return back;
    },
    failed(failure, pauseUntil) {
      if (failure.code === 'rate-limited') rateLimited += 1;
      if (pauseUntil !== null) pausedUntil = Math.max(pausedUntil, pauseUntil);
      // A delivery that waits before a look says nothing about the target.
      const waitsForLook = typeof failure.retry === 'object' && failure.status === null;
      if (waitsForLook || !troubles.includes(failure.code)) return;
      failures += 1;
      if (trouble === undefined) since = now();
      trouble = failure.message;
    },
    state() {
      if (trouble !== undefined) return { kind, name, state: 'trouble', detail: trouble, since, rateLimited };
      const paused = pausedUntil > now();
      return { kind, name, state: paused ? 'paused' : 'ready', detail: paused ? new Date(pausedUntil).toISOString() : '', since, rateLimited };
    },
  };
}
