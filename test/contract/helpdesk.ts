/** The contract of every helpdesk, as one suite that each connector's tests call with its own simulator behind it. */
import { describe } from 'vitest';
import { callTests } from './helpdesk/calls.ts';
import { faultTests } from './helpdesk/faults.ts';
import { outageTests } from './helpdesk/outage.ts';
import { readTests } from './helpdesk/reads.ts';
import { restartTests } from './helpdesk/restarts.ts';
import type { HelpdeskSuite } from './helpdesk/under-test.ts';
import { visibilityTests } from './helpdesk/visibility.ts';

export { drive, samples } from './helpdesk/samples.ts';
export type { HelpdeskSuite, HelpdeskUnderTest } from './helpdesk/under-test.ts';

export function describeHelpdesk(suite: HelpdeskSuite): void {
  describe(`${suite.name} keeps the contract of a helpdesk`, () => {
    restartTests(suite);
    visibilityTests(suite);
    readTests(suite);
    if (suite.network) {
      faultTests(suite);
      callTests(suite);
      outageTests(suite);
    }
  });
}
