/** The step runner: journals each remote effect so that it happens once, whatever crashes in between (design: Step). */
import { ConnectorError, type Json, type Step, type StepEffect } from '../kit/index.ts';

/** What the journal knows of one step. Times in epoch ms. */
export interface StepRecord {
  readonly state: 'started' | 'refused' | 'done';
  readonly body: Json;
  readonly result: Json;
  /** First send of this body: `safeForMs` counts from here. */
  readonly firstSentAt: number;
  /** Last send whose answer is missing: `settleMs` counts from here. */
  readonly lastSentAt: number;
}

/** Where steps are written. Each call is durable when it resolves. */
export interface Journal {
  load(name: string): Promise<StepRecord | undefined>;
  save(name: string, record: StepRecord): Promise<void>;
}

export interface StepClock {
  now(): number;
}

/** A throw that is no ConnectorError says nothing about the effect: it is unclear. */
const isDefinite = (error: unknown): boolean => error instanceof ConnectorError && error.effect === 'none';

export function createStep(journal: Journal, clock: StepClock): Step {
  return async <Body extends Json, Result extends Json>(name: string, effect: StepEffect<Body, Result>): Promise<Result> => {
    const known = await journal.load(name);
    if (known?.state === 'done') return known.result as Result;

    if (known?.state === 'started') {
      const found = await settle(known, effect, clock.now());
      if (found.took) {
        await journal.save(name, { ...known, state: 'done', result: found.result });
        return found.result;
      }
      return send(name, { ...known, lastSentAt: clock.now(), ...(found.fresh ? { firstSentAt: clock.now() } : {}) }, effect);
    }
    const body = await effect.body();
    return send(name, { state: 'started', body, result: null, firstSentAt: clock.now(), lastSentAt: clock.now() }, effect);
  };

  async function send<Body extends Json, Result extends Json>(name: string, record: StepRecord, effect: StepEffect<Body, Result>): Promise<Result> {
    await journal.save(name, record);
    try {
      const result = await effect.send(record.body as Body);
      await journal.save(name, { ...record, state: 'done', result });
      return result;
    } catch (error) {
      await journal.save(name, isDefinite(error) ? { ...record, state: 'refused' } : { ...record, lastSentAt: clock.now() });
      throw error;
    }
  }
}

type Settled<Result> = { took: true; result: Result } | { took: false; fresh: boolean };

/** Decides about a step that was sent and never answered: send the same again, look, wait, or give it to a person. */
async function settle<Body extends Json, Result extends Json>(known: StepRecord, effect: StepEffect<Body, Result>, now: number): Promise<Settled<Result>> {
  if (effect.safeForMs !== undefined && now - known.firstSentAt < effect.safeForMs) return { took: false, fresh: false };
  if (!effect.find)
    throw new ConnectorError('unclear', 'It may have arrived, and there is no way to look. Send it again?', { retry: 'never', effect: 'unclear' });
  const wait = known.lastSentAt + (effect.settleMs ?? 0) - now;
  if (wait > 0) throw new ConnectorError('unavailable', 'Waiting until a look can be trusted', { retry: { afterMs: wait }, effect: 'unclear' });
  const result = await effect.find(known.body as Body);
  return result === undefined ? { took: false, fresh: true } : { took: true, result };
}
