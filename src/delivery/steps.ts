/** The step runner: journals each remote effect so that it happens once, whatever crashes in between (design: Step). */
import { ConnectorError, type Json, type Step, type StepEffect } from '../kit/index.ts';

/** What the journal knows of one step. Times in epoch ms. */
export interface StepRecord {
  readonly state: 'started' | 'refused' | 'done';
  readonly body: Json;
  readonly result: Json;
  /** First send of this body: `safeForMs` counts from here. */
  readonly firstSentAt: number;
  /** Last send whose answer is missing: `settleMs` counts from here. 0 when every send was answered. */
  readonly lastSentAt: number;
}

/** Where steps are written. A save is durable when it resolves, or at the latest together with the next one. */
export interface Journal {
  load(name: string): Promise<StepRecord | undefined>;
  save(name: string, record: StepRecord): Promise<void>;
}

export interface StepClock {
  now(): number;
}

/** A throw that is no ConnectorError says nothing about the effect: it is unclear. */
const isDefinite = (error: unknown): boolean => error instanceof ConnectorError && error.effect === 'none';

/** An earlier send of this step was never answered: it may have arrived, or may yet. */
const inDoubt = (known: StepRecord): boolean => known.state === 'started' || (known.state === 'refused' && known.lastSentAt > 0);

export function createStep(journal: Journal, clock: StepClock): Step {
  return async <Body extends Json, Result extends Json>(name: string, effect: StepEffect<Body, Result>): Promise<Result> => {
    const known = await journal.load(name);
    if (known?.state === 'done') return known.result as Result;
    if (!known || !inDoubt(known)) return start(name, effect, 0);

    const settled = await settle(known, effect, clock.now());
    if (settled.is === 'found') {
      await journal.save(name, { ...known, state: 'done', result: settled.result });
      return settled.result;
    }
    // The last body was refused, so the same one would be refused again; the doubt about the earlier send stays, and the next retry looks first.
    if (settled.is === 'absent' && known.state === 'refused') return start(name, effect, known.lastSentAt);
    const firstSentAt = settled.is === 'absent' ? clock.now() : known.firstSentAt;
    return send(name, { ...known, state: 'started', firstSentAt, lastSentAt: clock.now() }, effect, known.lastSentAt);
  };

  async function start<Body extends Json, Result extends Json>(name: string, effect: StepEffect<Body, Result>, doubt: number): Promise<Result> {
    const body = await effect.body();
    const at = clock.now();
    return send(name, { state: 'started', body, result: null, firstSentAt: at, lastSentAt: at }, effect, doubt);
  }

  /** `doubt` is the time of an earlier unanswered send, or 0: a refusal of this send says nothing about that one. */
  async function send<Body extends Json, Result extends Json>(
    name: string,
    record: StepRecord,
    effect: StepEffect<Body, Result>,
    doubt: number,
  ): Promise<Result> {
    await journal.save(name, record);
    let result: Result;
    try {
      result = await effect.send(record.body as Body);
    } catch (error) {
      const harmless = effect.safeForMs === Number.POSITIVE_INFINITY;
      await journal.save(name, isDefinite(error) ? { ...record, state: 'refused', lastSentAt: harmless ? 0 : doubt } : { ...record, lastSentAt: clock.now() });
      throw error;
    }
    await journal.save(name, { ...record, state: 'done', result });
    return result;
  }
}

type Settled<Result> = { is: 'found'; result: Result } | { is: 'absent' } | { is: 'safe' };

/** Decides about a step that was sent and never answered: send the same again, look, wait, or give it to a person. */
async function settle<Body extends Json, Result extends Json>(known: StepRecord, effect: StepEffect<Body, Result>, now: number): Promise<Settled<Result>> {
  // The resend may take settleMs to land, and must land while the first one still protects it.
  if (effect.safeForMs !== undefined && now + (effect.settleMs ?? 0) - known.firstSentAt < effect.safeForMs) return { is: 'safe' };
  if (!effect.find)
    throw new ConnectorError('unclear', 'It may have arrived, and there is no way to look. Send it again?', { retry: 'never', effect: 'unclear' });
  const wait = known.lastSentAt + (effect.settleMs ?? 0) - now;
  if (wait > 0) throw new ConnectorError('unavailable', 'Waiting until a look can be trusted', { retry: { afterMs: wait }, effect: 'unclear' });
  const result = await effect.find(known.body as Body);
  return result === undefined ? { is: 'absent' } : { is: 'found', result };
}

/** Thrown by a look at the first step that has not taken effect. */
export class NotThere extends Error {
  constructor(step: string) {
    super(`the step ${step} has not taken effect`);
    this.name = 'NotThere';
  }
}

/**
 * A Step that only looks and never sends: an operation run with it resolves if all of it has arrived, and throws `NotThere` at the first step that
 * was not started or is found absent. Anything else that it throws means that nobody can tell yet.
 */
export function createLook(journal: Journal, clock: StepClock): Step {
  return async <Body extends Json, Result extends Json>(name: string, effect: StepEffect<Body, Result>): Promise<Result> => {
    const known = await journal.load(name);
    if (known?.state === 'done') return known.result as Result;
    if (!known || !inDoubt(known)) throw new NotThere(name);
    const { safeForMs, ...looking } = effect;
    const settled: Settled<Result> = safeForMs === Number.POSITIVE_INFINITY ? { is: 'absent' } : await settle(known, looking, clock.now());
    if (settled.is === 'found') {
      await journal.save(name, { ...known, state: 'done', result: settled.result });
      return settled.result;
    }
    throw new NotThere(name);
  };
}
