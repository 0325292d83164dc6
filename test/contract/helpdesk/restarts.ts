/** A crash between any two writes of the journal, and one effect all the same. */
import { expect, test } from 'vitest';
import type { Journal } from '../../../src/delivery/steps.ts';
import { memoryJournal } from '../../support/context.ts';
import { expectCounted } from './effects.ts';
import { drive, kindsOf, type SampleName, samples } from './samples.ts';
import { type HelpdeskSuite, type HelpdeskUnderTest, withHelpdesk } from './under-test.ts';

class Crash extends Error {}

/** Dies at the given write: `torn` before it is on disk, else right after. Nothing that the dead process does afterwards is written. */
function dyingJournal(disk: Journal, at: number, torn: boolean): Journal & { died(): boolean } {
  let writes = 0;
  return {
    died: () => writes > at,
    load: disk.load,
    async save(name, record) {
      writes += 1;
      if (writes <= at) return disk.save(name, record);
      if (writes === at + 1 && !torn) await disk.save(name, record);
      throw new Crash('the process died here');
    },
  };
}

/** Runs until the crash; false when the operation was done before it came. */
async function crashes(under: HelpdeskUnderTest, { name }: HelpdeskSuite, kind: SampleName, at: number, torn: boolean): Promise<boolean> {
  const { operation, mark, effect } = samples(under)[kind];
  const disk = memoryJournal();
  const dying = dyingJournal(disk, at, torn);
  await drive(under, operation, dying).catch((error) => {
    if (!(error instanceof Crash)) throw error;
  });
  await drive(under, operation, disk);
  const fault = `a kill ${torn ? 'before' : 'after'} a write`;
  await expectCounted(under, mark, { helpdesk: name, operation: kind, fault, effect });
  return dying.died();
}

export function restartTests(suite: HelpdeskSuite): void {
  for (const torn of [true, false]) {
    test.each(kindsOf(suite))(`%s has one effect when the process dies ${torn ? 'before' : 'after'} any write of its journal`, async (kind) => {
      let at = 0;
      for (let died = true; died; at += 1) {
        await withHelpdesk(suite, async (under) => {
          died = await crashes(under, suite, kind, at, torn);
        });
      }
      if (suite.network) expect(at, 'it must have died at least twice').toBeGreaterThan(2);
    });
  }

  test.each(kindsOf(suite))('%s that is done makes no further effect when it is run again', async (kind) => {
    await withHelpdesk(suite, async (under) => {
      const { operation, mark, effect } = samples(under)[kind];
      const journal = memoryJournal();
      const first = await drive(under, operation, journal);
      expect(await drive(under, operation, journal)).toEqual(first);
      await expectCounted(under, mark, { helpdesk: suite.name, operation: kind, fault: 'a run again when done', effect });
    });
  });
}
