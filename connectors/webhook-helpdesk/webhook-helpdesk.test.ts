/** The contract of every helpdesk, kept against a receiver that answers its ids and one that answers nothing. What is this connector's own stands beside. */
import { describe } from 'vitest';
import { callTests } from '../../test/contract/helpdesk/calls.ts';
import { faultTests } from '../../test/contract/helpdesk/faults.ts';
import { outageTests } from '../../test/contract/helpdesk/outage.ts';
import { describeHelpdesk, type HelpdeskSuite } from '../../test/contract/helpdesk.ts';
import webhookHelpdesk from './index.ts';
import { testReceiver } from './test-account.ts';

const suite = { capabilities: webhookHelpdesk.capabilities, calls: { open: 1, appendAndResolve: 1, splitInThree: 4 } };

describe.each([
  ['A receiver that answers its ids', false],
  ['A receiver that answers nothing', true],
])('%s', (name, silent) => {
  const each: HelpdeskSuite = { ...suite, name, network: true, make: ({ timeoutMs }) => testReceiver({ timeoutMs, silent }) };
  // Reading never leaves the house, so what the wire answers to a read is the one part of the contract that has no meaning here.
  describeHelpdesk({ ...each, network: false });
  faultTests(each);
  callTests(each);
  outageTests(each);
});
