/** Freshdesk keeps the contract of every helpdesk, marked either way. What is Freshdesk's own stands in the tests beside this one. */
import { describeHelpdesk } from '../../test/contract/helpdesk.ts';
import freshdesk from './index.ts';
import { testAccount } from './test-account.ts';

const suite = { capabilities: freshdesk.capabilities, network: true, calls: { open: 2, appendAndResolve: 2, splitInThree: 6 } };

describeHelpdesk({ ...suite, name: 'Freshdesk, marking by tag', make: () => testAccount() });
describeHelpdesk({ ...suite, name: 'Freshdesk, marking by a field', make: () => testAccount({ markerField: 'cf_operacao' }) });
