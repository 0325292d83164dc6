/** A simulated account with a gym, its receptionist and two open tickets, and the connector on top of it. */
import { type BudgetReport, createHttp, type Helpdesk } from '../../src/kit/index.ts';
import { listen } from '../../src/kit/simulator.ts';
import type { HelpdeskUnderTest } from '../../test/contract/helpdesk.ts';
import { memoryBlobs, memoryRecords, testClock, testContext } from '../../test/support/context.ts';
import freshdesk from './index.ts';
import { type Account, type FreshdeskSimulator, freshdeskSimulator } from './simulator.ts';

export interface TestAccount extends HelpdeskUnderTest {
  readonly simulator: FreshdeskSimulator;
  readonly url: string;
  readonly budget: BudgetReport[];
  connect(): Helpdesk;
}

export async function testAccount(settings: object = {}, account: Partial<Account> = {}, timeoutMs = 10_000): Promise<TestAccount> {
  const clock = testClock();
  const simulator = freshdeskSimulator({ now: clock.now, account });
  const server = await listen(simulator.app);
  const blobs = memoryBlobs();
  const records = memoryRecords();
  const budget: BudgetReport[] = [];
  const gym = simulator.state.addCompany({ name: 'Academia Corpo Vivo', domains: ['corpovivo.example'] });
  const maria = simulator.state.addContact({ name: 'Maria', email: 'maria@corpovivo.example', phone: '551130001000' });
  const custom_fields = { cf_produto: 'Catraca' };
  const tickets = ['Catraca', 'Impressora'].map((subject) => simulator.state.addTicket({ subject, requester_id: maria.id, company_id: gym.id, custom_fields }));
  const ref = (id: number) => ({ helpdesk: 'freshdesk-br', id: String(id), number: String(id), url: `${server.url}/a/tickets/${id}` });
  const parsed = freshdesk.settings.parse({ address: server.url, apiKey: 'simulator-key', ...settings });
  const http = createHttp({ egress: { allow: ['127.0.0.0/8'] }, timeoutMs });
  return {
    simulator,
    url: server.url,
    budget,
    clock,
    blobs,
    dials: simulator.dials,
    connect: () =>
      freshdesk.create(testContext(parsed, { name: 'freshdesk-br', now: clock.now, blobs, records, http, budget: (report) => void budget.push(report) })),
    places: simulator.places,
    requesterSees: simulator.requesterSees,
    tickets: [ref(tickets[0]?.id ?? 0), ref(tickets[1]?.id ?? 0)],
    missing: ref(4711),
    agent: 'bruno@suporte.example',
    values: { open: { status: '2', priority: '2', fields: { cf_produto: 'Catraca' } }, resolve: { status: '4', fields: { cf_produto: 'Catraca' } } },
    close: server.close,
  };
}
