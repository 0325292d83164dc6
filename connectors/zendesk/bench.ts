/** A simulated account with two tickets, and the connector in front of it: what the tests beside this file share. */
import { type BudgetReport, createHttp, type Log } from '../../src/kit/index.ts';
import { listen } from '../../src/kit/simulator.ts';
import type { HelpdeskUnderTest } from '../../test/contract/helpdesk.ts';
import { memoryBlobs, memoryRecords, quiet, testClock, testContext } from '../../test/support/context.ts';
import zendesk from './index.ts';
import { createTicket } from './simulator/tickets.ts';
import { type ZendeskSimulator, type ZendeskSimulatorOptions, zendeskSimulator } from './simulator.ts';

export interface Bench extends HelpdeskUnderTest {
  readonly simulator: ZendeskSimulator;
  readonly address: string;
  readonly budgets: BudgetReport[];
  readonly warnings: object[];
}

/** The simulator's ids of what its account is seeded with. */
export const seeded = { solved: '9005', waiting: '9006', visit: '9007', product: '27642', returnDate: '27643' };

export async function makeBench(settings: object = {}, options: ZendeskSimulatorOptions = {}): Promise<Bench> {
  const clock = testClock();
  const simulator = zendeskSimulator({ now: clock.now, ...options });
  const server = await listen(simulator.app);
  const [blobs, records] = [memoryBlobs(), memoryRecords()];
  const gym = simulator.addOrganization('Academia Corpo Vivo');
  const maria = simulator.addUser({ name: 'Maria', email: 'maria@corpovivo.example', phone: '+551130001000', organization_id: gym.id });
  const tickets = ['Catraca', 'Impressora'].map((subject) => {
    const comment = { html_body: `<p>${subject} parada</p>`, public: false };
    return createTicket(simulator.state, { language: 'en' }, { subject, requester_id: maria.id, status: 'open', tags: ['antiga'], comment }, []);
  });
  clock.advance(3600_000);
  const ref = (id: number) => ({ helpdesk: 'zendesk-br', id: String(id), number: String(id), url: `${server.url}/agent/tickets/${id}` });
  const { clientId, clientSecret } = simulator.credentials;
  const parsed = zendesk.settings.parse({ address: server.url, oauth: { clientId, clientSecret }, ...settings });
  const [budgets, warnings]: [BudgetReport[], object[]] = [[], []];
  const log: Log = { ...quiet, warn: (data) => void warnings.push(data) };
  return {
    simulator,
    address: server.url,
    budgets,
    warnings,
    clock,
    blobs,
    dials: simulator.dials,
    connect: () =>
      zendesk.create(
        testContext(parsed, {
          name: 'zendesk-br',
          now: clock.now,
          blobs,
          records,
          log,
          budget: (report) => void budgets.push(report),
          http: createHttp({ egress: { allow: ['127.0.0.0/8'] }, timeoutMs: 100 }),
        }),
      ),
    places: simulator.places,
    requesterSees: simulator.requesterSees,
    tickets: [ref(tickets[0]?.id ?? 0), ref(tickets[1]?.id ?? 0)],
    missing: ref(4711),
    values: { open: { status: '9002', priority: 'high' }, resolve: { status: seeded.solved, assignee: '12', group: '22' } },
    close: server.close,
  };
}
