/** The engine: takes what is due, runs it, and writes what came of it. The deliveries table is the truth; this holds nothing that a crash could lose. */
import type { BudgetReport, Channel, Helpdesk, Log } from '../kit/index.ts';
import type { Store } from '../store/store.ts';
import { createBudget } from './budget.ts';
import { type Claimed, claim, recover } from './claim.ts';
import type { Dispatch } from './dispatch/dispatch.ts';
import type { Group } from './group.ts';
import { createJournal, type DeliveryJournal } from './journal.ts';
import { fail, finish, type Outcome } from './outcome.ts';
import { perform, type Targets } from './perform.ts';
import { failureOf, judge } from './policy.ts';
import { createStep } from './steps.ts';
import { createTarget, type Target, type TargetState } from './target.ts';

export interface EngineParts {
  readonly store: Store;
  readonly group: Group;
  readonly dispatch: Dispatch;
  readonly helpdesks: ReadonlyMap<string, Helpdesk>;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly log: Log;
  now(): number;
  /** A new UUIDv7. */
  id(): string;
  /** 0 <= x < 1. */
  random(): number;
  /** What a status means at a helpdesk, where its schema is known. */
  meaning(helpdesk: string, status: string): string | undefined;
  /** Deliveries in flight at one target; default 8. */
  readonly concurrency?: number;
}

export interface Engine {
  /** Takes up what a crash interrupted, then runs whatever is due. */
  start(): Promise<void>;
  /** Resolves when nothing is in flight and nothing more is due now. */
  idle(): Promise<void>;
  /** Takes nothing more, and resolves when what is in flight has ended. */
  stop(): Promise<void>;
  /** A connector's `context.budget`, with the target's name. */
  budget(target: string, report: BudgetReport): void;
  targets(): readonly TargetState[];
}

/** A write that is under way: an object, so that nobody awaits it before the place is given on. */
interface Written {
  readonly done: Promise<void>;
}

const key = (kind: string, name: string): string => `${kind}:${name}`;

export function createEngine(parts: EngineParts): Engine {
  const { store, group, dispatch, now, log } = parts;
  const budget = createBudget(now);
  const made = (kind: Target['kind'], name: string): [string, Target] => [
    key(kind, name),
    createTarget(kind, name, { now, budget, concurrency: parts.concurrency ?? 8 }),
  ];
  const targets = new Map([
    ...[...parts.helpdesks.keys()].map((name) => made('helpdesk', name)),
    ...[...parts.channels.keys()].map((name) => made('channel', name)),
  ]);
  const connectors: Targets = { helpdesk: (name) => parts.helpdesks.get(name), channel: (name) => parts.channels.get(name) };
  const running = new Set<Promise<void>>();
  let accepting = false;
  let asked = false;
  let round: Promise<void> = Promise.resolve();

  /** Asked once however often it is called; how much fits is decided when the claim runs, after the completions of the same commit. */
  function wake(): void {
    if (asked || !accepting) return;
    asked = true;
    round = group
      .write(
        async (s) => {
          asked = false;
          return accepting
            ? claim(
                s,
                [...targets.values()].flatMap((target) => target.room() ?? []),
                now(),
              )
            : [];
        },
        { last: true },
      )
      .then(begin)
      .catch((error: unknown) => {
        asked = false;
        log.error({ err: error }, 'deliveries could not be taken; the next look tries again');
      });
  }

  function begin(rows: readonly Claimed[]): void {
    for (const row of rows) {
      const target = targets.get(key(row.target_kind, row.target));
      if (!target) continue;
      target.started(row.kind);
      const run = attempt(row, target).finally(() => running.delete(run));
      running.add(run);
    }
    for (const target of targets.values()) {
      const at = target.nextAt();
      if (at !== undefined) dispatch.look('', at);
    }
  }

  async function attempt(row: Claimed, target: Target): Promise<void> {
    const journal = createJournal(group, row, row.steps);
    const step = createStep(journal, { now });
    const written = await perform(store.read, connectors, row, step).then(
      (outcome) => succeeded(row, journal, target, outcome),
      (error: unknown) => failed(row, journal, target, error),
    );
    // The claim that takes this place goes into the same commit as this completion, and finds what it set free.
    target.ended();
    wake();
    await written.done.catch((error: unknown) => {
      log.error({ err: error, delivery: row.id }, 'what came of a delivery could not be written; it is tried again');
      setTimeout(() => void giveBack(row), 5_000).unref();
    });
  }

  function succeeded(row: Claimed, journal: DeliveryJournal, target: Target, outcome: Outcome): Written {
    const end = { at: now(), outcome, unclear: uncertain(row, journal), ticketId: parts.id(), meaning: parts.meaning };
    if (target.succeeded()) recall(target).catch((error: unknown) => log.error({ err: error }, 'the backlog could not be called; its own times stand'));
    return { done: group.write((s) => finish(s, row, end)) };
  }

  function failed(row: Claimed, journal: DeliveryJournal, target: Target, error: unknown): Written {
    const failure = failureOf(error, uncertain(row, journal));
    const verdict = judge(failure, { now: now(), firstAt: row.first_at ?? now(), attempts: row.attempts, random: parts.random });
    target.failed(failure, verdict.next === 'retry' ? verdict.pauseUntil : null);
    log.warn({ delivery: row.id, target: row.target, code: failure.code, attempts: row.attempts, next: verdict.next }, failure.message);
    if (verdict.next === 'retry') dispatch.look(row.id, verdict.at);
    return { done: group.write((s) => fail(s, row, failure, verdict, now())) };
  }

  /** The journal has what was done, so running it again repeats nothing. */
  const giveBack = (row: Claimed): Promise<void> =>
    group
      .write(async (s) => void (await s.run(`UPDATE deliveries SET state = 'waiting' WHERE id = ? AND state = 'running'`, row.id)))
      .catch(() => void setTimeout(() => void giveBack(row), 5_000).unref());

  /** After an outage nobody waits out the hour that backoff had come to. A look that must not come too early is guarded by its step. */
  async function recall(target: Target): Promise<void> {
    await group.write(async (s) => {
      await s.run(
        `UPDATE deliveries SET due_at = ? WHERE state = 'waiting' AND due_at > ? AND attempts > 0 AND target = ? AND target_kind = ?
         AND error LIKE '{"code":"unavailable"%'`,
        now(),
        now(),
        target.name,
        target.kind,
      );
    });
  }

  /** A target that is gone from the configuration takes nothing; its deliveries say so and wait for it to come back. */
  async function nameUnknown(): Promise<void> {
    const waiting = await store.read.selectFrom('deliveries').select(['target_kind', 'target']).distinct().where('state', '=', 'waiting').execute();
    for (const { target_kind, target } of waiting.filter((one) => !targets.has(key(one.target_kind, one.target)))) {
      log.error({ target }, 'deliveries wait for a target that is not configured');
      const error = JSON.stringify({ code: 'not-found', message: `${target} is not configured`, field: null, status: null, unclear: false });
      await group.write(async (s) => {
        await s.run(`UPDATE deliveries SET error = ? WHERE state = 'waiting' AND target = ? AND target_kind = ? AND error IS NULL`, error, target, target_kind);
      });
    }
  }

  return {
    async start() {
      await group.write((s) => recover(s, now()));
      await nameUnknown();
      accepting = true;
      dispatch.listen(wake);
      wake();
      await round;
    },
    async idle() {
      for (;;) {
        wake();
        await round;
        if (running.size === 0) return;
        while (running.size > 0) await Promise.all(running);
      }
    },
    async stop() {
      accepting = false;
      await round;
      while (running.size > 0) await Promise.all(running);
    },
    budget: budget.report,
    targets: () => [...targets.values()].map((target) => target.state()),
  };
}

/** This attempt's journal began with an unanswered send, or an earlier attempt ended unclear. */
function uncertain(row: Claimed, journal: DeliveryJournal): boolean {
  const before = row.error ? (JSON.parse(row.error) as { unclear?: boolean }) : {};
  return journal.inDoubt || before.unclear === true;
}
