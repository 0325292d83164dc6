/** Freshdesk against its simulator: the contract of every helpdesk, and what is Freshdesk's own. */
import { describe } from 'vitest';
import { createHttp } from '../../src/kit/index.ts';
import { listen } from '../../src/kit/simulator.ts';
import { describeHelpdesk, type HelpdeskUnderTest } from '../../test/contract/helpdesk.ts';
import { memoryBlobs, memoryRecords, testClock, testContext } from '../../test/support/context.ts';
import freshdesk from './index.ts';
import { type FreshdeskSimulator, freshdeskSimulator } from './simulator.ts';

interface Bench extends HelpdeskUnderTest {
  readonly simulator: FreshdeskSimulator;
}

async function bench(settings: object = {}, account: NonNullable<Parameters<typeof freshdeskSimulator>[0]>['account'] = {}): Promise<Bench> {
  const clock = testClock();
  const simulator = freshdeskSimulator({ now: clock.now, account });
  const server = await listen(simulator.app);
  const blobs = memoryBlobs();
  const records = memoryRecords();
  const gym = simulator.state.addCompany({ name: 'Academia Corpo Vivo', domains: ['corpovivo.example'] });
  const maria = simulator.state.addContact({ name: 'Maria', email: 'maria@corpovivo.example', phone: '551130001000' });
  const custom_fields = { cf_produto: 'Catraca' };
  const tickets = ['Catraca', 'Impressora'].map((subject) => simulator.state.addTicket({ subject, requester_id: maria.id, company_id: gym.id, custom_fields }));
  const ref = (id: number) => ({ helpdesk: 'freshdesk-br', id: String(id), number: String(id), url: `${server.url}/a/tickets/${id}` });
  const parsed = freshdesk.settings.parse({ address: server.url, apiKey: 'simulator-key', ...settings });
  return {
    simulator,
    clock,
    blobs,
    dials: simulator.dials,
    connect: () =>
      freshdesk.create(
        testContext(parsed, {
          name: 'freshdesk-br',
          now: clock.now,
          blobs,
          records,
          http: createHttp({ egress: { allow: ['127.0.0.0/8'] }, timeoutMs: 100 }),
        }),
      ),
    places: simulator.places,
    requesterSees: simulator.requesterSees,
    tickets: [ref(tickets[0]?.id ?? 0), ref(tickets[1]?.id ?? 0)],
    missing: ref(4711),
    values: { open: { status: '2', priority: '2', fields: { cf_produto: 'Catraca' } }, resolve: { status: '4', fields: { cf_produto: 'Catraca' } } },
    close: server.close,
  };
}

const suite = { capabilities: freshdesk.capabilities, network: true, calls: { open: 2, appendAndResolve: 2, splitInThree: 6 } };

describeHelpdesk({ ...suite, name: 'Freshdesk, marking by tag', make: () => bench() });

describe('with a field for the mark', () => {
  describeHelpdesk({ ...suite, name: 'Freshdesk, marking by field', make: () => bench({ markerField: 'cf_operacao' }) });
});

describe('on a plan without summaries', () => {
  const { calls: _calls, ...others } = suite;
  describeHelpdesk({ ...others, name: 'Freshdesk, summaries as notes', make: () => bench({}, { summaries: false }) });
});
