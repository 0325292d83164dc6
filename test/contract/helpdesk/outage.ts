/** A helpdesk that is away for three days: what was decided meanwhile is there afterwards, once, whatever became of the first attempt. */
import { expect, test } from 'vitest';
import { createInProcessDispatch } from '../../../src/delivery/dispatch/in-process.ts';
import type { Fault } from '../../../src/kit/simulator.ts';
import { openPlace } from '../../support/deliveries.ts';
import { type SampleName, samples } from './samples.ts';
import { dialsOf, type HelpdeskSuite, type HelpdeskUnderTest, withHelpdesk } from './under-test.ts';

const hour = 3_600_000;
const down: Fault = { kind: 'error', when: 'before', status: 503 };

/** The real engine with its retries, on the clock that connector and simulator share. */
async function deliveredAfterThreeDays(under: HelpdeskUnderTest, kind: SampleName, first: Fault): Promise<void> {
  const { clock } = under;
  const { operation, mark, effect } = samples(under)[kind];
  const place = await openPlace();
  const target = under.tickets[0].helpdesk;
  const engine = () =>
    place.engine(
      { helpdesks: [{ ...under.connect(), name: target }] },
      { now: clock.now, dispatch: createInProcessDispatch({ now: clock.now, pollMs: hour }) },
    );
  try {
    const at = { due_at: clock.now(), created_at: clock.now() };
    await place.deliver({ id: operation.id, target, kind: operation.kind, operation: JSON.stringify(operation), ...at });
    const dials = dialsOf(under);
    dials.set(first, { method: 'writes' });
    dials.chance(down, 1);
    let running = engine();
    await running.start();
    for (let hours = 0; hours < 72; hours += 0.25) {
      await running.idle();
      clock.advance(hour / 4);
      if (hours !== 36) continue;
      await running.stop();
      running = engine();
      await running.start();
    }
    expect((await place.delivery(operation.id)).state).toBe('waiting');
    dials.clear();
    for (let quarters = 0; quarters < 6; quarters += 1) {
      await running.idle();
      clock.advance(hour / 4);
    }
    expect(await place.delivery(operation.id)).toMatchObject({ state: 'done' });
    expect(await under.places(mark)).toHaveLength(effect);
  } finally {
    await place.close();
  }
}

export function outageTests(suite: HelpdeskSuite): void {
  const beginnings: readonly [string, Fault][] = [
    ['nothing arrived', down],
    ['the first attempt took effect and nobody heard', { kind: 'reset', when: 'after' }],
  ];
  for (const kind of ['open', 'append-and-resolve'] as const)
    test.each(beginnings)(`${kind} is delivered once after 72 hours without the helpdesk: %s`, async (_name, first) => {
      await withHelpdesk(suite, (under) => deliveredAfterThreeDays(under, kind, first));
    });
}
