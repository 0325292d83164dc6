/** Zendesk against its simulator: the contract of every helpdesk. */
import { describe } from 'vitest';
import { describeHelpdesk } from '../../test/contract/helpdesk.ts';
import { makeBench } from './bench.ts';
import zendesk from './index.ts';

const suite = { capabilities: zendesk.capabilities, network: true };

describeHelpdesk({ ...suite, name: 'Zendesk', make: () => makeBench() });

describe('where metadata cannot be read back', () => {
  describeHelpdesk({ ...suite, name: 'Zendesk, marking by a last line', make: () => makeBench({}, { commentMetadata: false }) });
});
