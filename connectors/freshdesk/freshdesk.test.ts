/** Freshdesk keeps the contract of every helpdesk, marked either way. What is Freshdesk's own stands in the tests beside this one. */
import { describeHelpdesk } from '../../test/contract/helpdesk.ts';
import freshdesk from './index.ts';
import { testAccount } from './test-account.ts';

const suite = { capabilities: freshdesk.capabilities, network: true, calls: { open: 2, appendAndResolve: 2, splitInThree: 6 } };

describeHelpdesk({ ...suite, name: 'Freshdesk, marking by tag', make: ({ timeoutMs }) => testAccount({}, {}, timeoutMs) });
describeHelpdesk({ ...suite, name: 'Freshdesk, marking by a field', make: ({ timeoutMs }) => testAccount({ markerField: 'cf_operacao' }, {}, timeoutMs) });
