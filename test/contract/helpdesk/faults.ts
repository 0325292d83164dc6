/** Whatever goes wrong on the network, and at whichever call: the helpdesk ends with one effect, or the double is reported. */
import { expect, test, vi } from 'vitest';
import { createDials, type Fault, type When } from '../../../src/kit/simulator.ts';
import { memoryJournal } from '../../support/context.ts';
import { expectCounted } from './effects.ts';
import { drive, kindsOf, type SampleName, samples } from './samples.ts';
import { dialsOf, type HelpdeskSuite, type HelpdeskUnderTest, impatient, patient, withHelpdesk } from './under-test.ts';

const faults: Record<string, Fault> = {
  'a 429': { kind: 'rate-limited', retryAfterSeconds: 7 },
  'a 503 before the effect': { kind: 'error', when: 'before' },
  'a 502 after the effect': { kind: 'error', when: 'after', status: 502 },
  'a time-out before the effect': { kind: 'silence', when: 'before' },
  'a time-out after the effect': { kind: 'silence', when: 'after' },
  'a reset before the effect': { kind: 'reset', when: 'before' },
  'a reset after the effect': { kind: 'reset', when: 'after' },
};

interface Trial {
  readonly suite: HelpdeskSuite;
  readonly kind: SampleName;
  /** Name of what goes wrong. */
  readonly fault: string;
  /** Ends the faults before the helpdesk is looked at. */
  calm?(): void;
}

async function expectOneEffect(under: HelpdeskUnderTest, { suite, kind, fault, calm }: Trial): Promise<void> {
  const { operation, mark, effect } = samples(under)[kind];
  const result = await drive(under, operation, memoryJournal());
  calm?.();
  await expectCounted(under, mark, { helpdesk: suite.name, operation: kind, fault, effect });
  expect(await unhurried(() => under.connect().traces(operation, result))).toHaveLength(effect);
  if ((operation.kind !== 'append' && operation.kind !== 'reply') || !operation.values?.status) return;
  const { status } = await unhurried(() => under.connect().ticket(result.ticket.id));
  expect(status).toBe(operation.values.status);
}

/** A look that an impatient connector gives up on a busy machine is no fault of the helpdesk's. */
const unhurried = <T>(look: () => Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 10_000, interval: 1 });

/** How many calls the operation takes when nothing goes wrong. */
async function callsOf(suite: HelpdeskSuite, kind: SampleName): Promise<number> {
  let calls = 0;
  await withHelpdesk(suite, async (under) => {
    const before = dialsOf(under).calls.length;
    await drive(under, samples(under)[kind].operation, memoryJournal());
    calls = dialsOf(under).calls.length - before;
  });
  return calls;
}

/** Operations of which a late repeat is seen as a second object. */
const seenTwice: readonly SampleName[] = ['open', 'append', 'note', 'reply', 'logTime'];

export function faultTests(suite: HelpdeskSuite): void {
  const kinds = kindsOf(suite);
  const additive = kinds.filter((kind) => seenTwice.includes(kind));

  for (const kind of kinds) {
    test.each(Object.entries(faults))(`${kind} has one effect when %s strikes any of its calls`, async (name, fault) => {
      const calls = await callsOf(suite, kind);
      expect(calls).toBeGreaterThan(0);
      for (let skip = 0; skip < calls; skip += 1) {
        await withHelpdesk(
          suite,
          async (under) => {
            dialsOf(under).set(fault, { skip });
            await expectOneEffect(under, { suite, kind, fault: name });
          },
          fault.kind === 'silence' ? impatient : patient,
        );
      }
    });
  }

  test.each(kinds)('%s has one effect in a storm of faults', async (kind) => {
    // The storm is drawn here, so that it is the same for every helpdesk and every run.
    for (let seed = 1; seed <= 4; seed += 1) {
      await withHelpdesk(
        suite,
        async (under) => {
          const storm = createDials({ seed });
          for (const fault of Object.values(faults)) storm.chance(fault, 0.12);
          for (let call = 0; call < 60; call += 1) {
            const { fault } = storm.arrive('POST', '/', '');
            if (fault) dialsOf(under).set(fault, { skip: call });
          }
          await expectOneEffect(under, { suite, kind, fault: 'a storm of faults', calm: dialsOf(under).clear });
        },
        impatient,
      );
    }
  });

  test.each(additive)('a %s that lands after the look is never silent: every effect is among the traces', async (kind) => {
    await withHelpdesk(suite, async (under) => {
      const { operation, mark } = samples(under)[kind];
      dialsOf(under).set({ kind: 'late' }, { method: 'writes' });
      const result = await drive(under, operation, memoryJournal());
      expect(await dialsOf(under).land()).toBe(1);
      const places = await under.places(mark);
      expect(places.length).toBeGreaterThanOrEqual(1);
      expect(await under.connect().traces(operation, result)).toHaveLength(places.length);
    });
  });

  test.each(additive)('a %s that a proxy repeats is never silent either', async (kind) => {
    await withHelpdesk(suite, async (under) => {
      const { operation, mark } = samples(under)[kind];
      dialsOf(under).set({ kind: 'duplicate' }, { method: 'writes' });
      const result = await drive(under, operation, memoryJournal());
      expect(await under.connect().traces(operation, result)).toHaveLength((await under.places(mark)).length);
    });
  });

  test.each(['before', 'after'] satisfies When[])('a 429 that says how long is obeyed, also when the next answer is lost %s its effect', async (when) => {
    await withHelpdesk(suite, async (under) => {
      const started = under.clock.now();
      dialsOf(under).set({ kind: 'rate-limited', retryAfterSeconds: 42 }, { method: 'writes' });
      dialsOf(under).set({ kind: 'reset', when }, { method: 'writes' });
      await expectOneEffect(under, { suite, kind: 'note', fault: `a 429, then a reset ${when} the effect` });
      expect(under.clock.now() - started).toBeGreaterThanOrEqual(42_000);
    });
  });
}
