import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryJournal, testClock } from '../../test/support/context.ts';
import { ConnectorError, type Json, type StepEffect } from '../kit/index.ts';
import { createLook, createStep, type Journal, NotThere, type StepRecord } from './steps.ts';

const settleMs = 5_000;
const timeout = () => new ConnectorError('unavailable', 'no answer', { retry: 'backoff', effect: 'unclear' });
const refusal = () => new ConnectorError('rate-limited', 'slower', { retry: { afterMs: 1 }, effect: 'none' });

const faults = ['ok', 'refused', 'unclear-before', 'unclear-after', 'lands-late', 'crash-before', 'crash-after'] as const;
type Fault = (typeof faults)[number];

/** One attempt: what the vendor does, at which write the process dies, and how long until the next attempt. */
interface Attempt {
  readonly fault: Fault;
  readonly dies: { readonly write: number; readonly when: 'before' | 'after' } | null;
  readonly restMs: number;
}

class Crash extends Error {}

/** A vendor whose effects can be looked up, and who knows keys for `keyMs` if given. */
function scriptedVendor(now: () => number, keyMs = 0) {
  const landed: { at: number; key: string }[] = [];
  const act = (key: string, at: number): void => {
    const known = landed.some((effect) => effect.key === key && at - effect.at < keyMs);
    if (!known) landed.push({ at, key });
  };
  return {
    effects: () => landed.length,
    visible: () => landed.filter(({ at }) => at <= now()).length,
    send(fault: Fault, key: string) {
      if (fault === 'refused') throw refusal();
      if (fault === 'crash-before') throw new Crash();
      if (fault === 'unclear-before') throw timeout();
      act(key, fault === 'lands-late' ? now() + settleMs : now());
      if (fault === 'crash-after') throw new Crash();
      if (fault !== 'ok') throw timeout();
      return { number: 1 };
    },
  };
}

/** After a crash nothing more of that process is written. */
function dying(journal: Journal, dies: Attempt['dies']): Journal {
  let writes = 0;
  let dead = false;
  return {
    load: journal.load,
    async save(name, record) {
      if (dead) throw new Crash();
      const here = dies?.write === writes++;
      if (here && dies.when === 'before') dead = true;
      if (!dead) await journal.save(name, record);
      if (here) {
        dead = true;
        throw new Crash();
      }
    },
  };
}

const attempt = fc.record<Attempt>({
  fault: fc.constantFrom(...faults),
  dies: fc.option(fc.record({ write: fc.nat(3), when: fc.constantFrom('before' as const, 'after' as const) }), { freq: 2 }),
  restMs: fc.integer({ min: 0, max: 3 * settleMs }),
});

/** Runs one operation of two steps through the script and then to its end, as an engine would that is restarted after each crash. */
async function effectsOf(script: readonly Attempt[], keyMs: number, broken: (journal: Journal) => Journal = (journal) => journal): Promise<number[]> {
  const clock = testClock();
  const stored = memoryJournal();
  const vendors = [scriptedVendor(clock.now, keyMs), scriptedVendor(clock.now, keyMs)];
  const patient: Attempt = { fault: 'ok', dies: null, restMs: 2 * settleMs };
  for (const { fault, dies, restMs } of [...script, ...Array.from({ length: 6 }, () => patient)]) {
    let crashed = false;
    const journal = broken(dying(stored, dies));
    const step = createStep(
      {
        load: journal.load,
        save: (name, record) => (crashed ? Promise.reject(new Crash()) : journal.save(name, record)),
      },
      clock,
    );
    for (const [index, vendor] of vendors.entries()) {
      const effect: StepEffect<Json, Json> = {
        body: () => ({ made: clock.now() }),
        send: async () => {
          try {
            return vendor.send(fault, `key-${index}`);
          } catch (error) {
            crashed = error instanceof Crash;
            throw error;
          }
        },
        find: async () => (vendor.visible() ? { number: 1 } : undefined),
        settleMs,
        ...(keyMs ? { safeForMs: keyMs } : {}),
      };
      try {
        await step(`step-${index}`, effect);
      } catch {
        break;
      }
    }
    clock.advance(restMs);
  }
  return vendors.map((vendor) => vendor.effects());
}

const onceEach = (keyMs: number, broken?: (journal: Journal) => Journal) =>
  fc.asyncProperty(fc.array(attempt, { maxLength: 10 }), async (script) => {
    expect(await effectsOf(script, keyMs, broken)).toEqual([1, 1]);
  });

describe('a step happens exactly once', () => {
  it('whatever the vendor answers and wherever the process dies, when effects can be looked up', async () => {
    await fc.assert(onceEach(0), { numRuns: 1_500 });
  });

  it('and when a key protects resends for a while', async () => {
    await fc.assert(onceEach(4 * settleMs), { numRuns: 1_500 });
  });

  it('and this property notices when the write before the send is missing', async () => {
    const forgetful = (journal: Journal): Journal => ({
      load: journal.load,
      save: async (name, record) => (record.state === 'started' ? undefined : journal.save(name, record)),
    });
    expect((await fc.check(onceEach(0, forgetful), { numRuns: 1_500 })).failed).toBe(true);
  });

  it('and when a refusal of the resend makes the journal forget the unanswered send', async () => {
    const trusting = (journal: Journal): Journal => ({
      load: journal.load,
      save: (name, record) => journal.save(name, record.state === 'refused' ? { ...record, lastSentAt: 0 } : record),
    });
    expect((await fc.check(onceEach(4 * settleMs, trusting), { numRuns: 3_000 })).failed).toBe(true);
  });
});

describe('an unanswered send', () => {
  const record = (more: Partial<StepRecord>): StepRecord => ({
    state: 'started',
    body: { a: 1 },
    result: null,
    firstSentAt: 1_000,
    lastSentAt: 1_000,
    ...more,
  });
  const at = (ms: number) => ({ now: () => ms });

  it('goes again with the same bytes while a key protects it', async () => {
    const journal = memoryJournal();
    journal.records.set('open', record({}));
    const sent: Json[] = [];
    const step = createStep(journal, at(1_500));
    await step('open', { body: () => ({ a: 2 }), send: async (body) => sent.push(body), safeForMs: 1_000 });
    expect(sent).toEqual([{ a: 1 }]);
  });

  it('is given to a person when there is no way to look', async () => {
    const journal = memoryJournal();
    journal.records.set('open', record({}));
    const step = createStep(journal, at(9_000));
    await expect(step('open', { body: () => null, send: async () => null })).rejects.toMatchObject({ code: 'unclear', retry: 'never' });
  });

  it('is not looked up before it had time to land', async () => {
    const journal = memoryJournal();
    journal.records.set('open', record({}));
    const step = createStep(journal, at(1_100));
    const effect = { body: () => null, send: async () => null, find: async () => null, settleMs: 500 };
    await expect(step('open', effect)).rejects.toMatchObject({ code: 'unavailable', retry: { afterMs: 400 } });
  });

  it('is looked for again before a new body goes, when the resend was refused', async () => {
    const journal = memoryJournal();
    const clock = testClock();
    const step = createStep(journal, clock);
    const answers: (() => Json)[] = [
      () => {
        throw timeout();
      },
      () => {
        throw refusal();
      },
    ];
    const effect: StepEffect<Json, Json> = {
      body: () => ({ made: clock.now() }),
      send: async () => (answers.shift() ?? (() => 'sent twice'))(),
      find: async () => (answers.length === 0 ? 'found' : undefined),
      settleMs: 0,
    };
    await expect(step('note', effect)).rejects.toThrow('no answer');
    await expect(step('note', effect)).rejects.toThrow('slower');
    expect(await step('note', effect)).toBe('found');
  });

  it('leaves no doubt behind where the same bytes may go any number of times', async () => {
    const journal = memoryJournal();
    journal.records.set('status', record({}));
    const step = createStep(journal, at(9_000));
    const refused: StepEffect<Json, Json> = {
      body: () => ({ a: 2 }),
      send: async () => {
        throw refusal();
      },
      safeForMs: Number.POSITIVE_INFINITY,
    };
    await expect(step('status', refused)).rejects.toThrow('slower');
    expect(await step('status', { ...refused, send: async (body) => body })).toEqual({ a: 2 });
  });
});

describe('a look', () => {
  const effect: StepEffect<Json, Json> = {
    body: () => ({}),
    send: async () => {
      throw new Error('a look must not send');
    },
  };
  const started: StepRecord = { state: 'started', body: {}, result: null, firstSentAt: 0, lastSentAt: 0 };

  it('finds what has arrived and remembers it', async () => {
    const journal = memoryJournal();
    journal.records.set('open', started);
    const look = createLook(journal, testClock());
    expect(await look('open', { ...effect, safeForMs: 1e15, find: async () => 'T-1' })).toBe('T-1');
    expect(journal.records.get('open')).toMatchObject({ state: 'done', result: 'T-1' });
  });

  it('stops at the first step that is not there, and sends nothing', async () => {
    const journal = memoryJournal();
    const look = createLook(journal, testClock());
    await expect(look('open', effect)).rejects.toBeInstanceOf(NotThere);
    journal.records.set('open', started);
    await expect(look('open', { ...effect, find: async () => undefined })).rejects.toBeInstanceOf(NotThere);
  });

  it('says that nobody can tell where the vendor offers no look', async () => {
    const journal = memoryJournal();
    journal.records.set('open', started);
    await expect(createLook(journal, testClock())('open', effect)).rejects.toMatchObject({ code: 'unclear' });
  });
});
