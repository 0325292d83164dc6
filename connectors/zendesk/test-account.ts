/** A simulated account with a company, a person and two tickets, and what the tests of this connector ask of it. */
import {
  type AppendOperation,
  type BudgetReport,
  type Context,
  createHttp,
  type Log,
  type OpenOperation,
  type Operation,
  type TicketQuery,
  type TicketRef,
} from '../../src/kit/index.ts';
import { listen } from '../../src/kit/simulator.ts';
import { drive, type HelpdeskUnderTest, samples } from '../../test/contract/helpdesk.ts';
import { memoryBlobs, memoryJournal, memoryRecords, quiet, testClock, testContext } from '../../test/support/context.ts';
import zendesk from './index.ts';
import { settings as schema, type ZendeskSettings } from './settings.ts';
import { type ZendeskSimulator, type ZendeskSimulatorOptions, zendeskSimulator } from './simulator.ts';

export interface Bench extends HelpdeskUnderTest {
  readonly simulator: ZendeskSimulator;
  readonly context: Context<ZendeskSettings>;
  readonly budgets: BudgetReport[];
  readonly warnings: object[];
}

/** The simulator's ids of what its account is seeded with. */
export const seeded = {
  open: '9002',
  pending: '9003',
  solved: '9005',
  waiting: '9006',
  hardware: '22',
  ana: '12',
  product: '27642',
  returnDate: '27643',
  productKey: 'cf_produto',
  returnDateKey: 'cf_data_retorno',
};

/** `timeoutMs` is short only where a test waits for silence: a busy machine answers late, and must not look silent. */
export async function bench(settings: object = {}, options: ZendeskSimulatorOptions = {}, timeoutMs = 10_000): Promise<Bench> {
  const clock = testClock();
  const simulator = zendeskSimulator({ now: clock.now, ...options });
  const server = await listen(simulator.app);
  const gym = simulator.addOrganization('Academia Corpo Vivo');
  const maria = simulator.addUser({ name: 'Maria', email: 'maria@corpovivo.example', phone: '+551130001000', organization_id: gym.id });
  const tickets = ['Catraca', 'Impressora'].map((subject) => simulator.addTicket({ subject, requester_id: maria.id, status: 'open', tags: ['antiga'] }));
  clock.advance(3600_000);
  const ref = (id: number) => ({ helpdesk: 'zendesk-br', id: String(id), number: String(id), url: `${server.url}/agent/tickets/${id}` });
  const [budgets, warnings]: [BudgetReport[], object[]] = [[], []];
  const log: Log = { ...quiet, warn: (data) => void warnings.push(data) };
  const { clientId, clientSecret } = simulator.credentials;
  const context = testContext(schema.parse({ address: server.url, oauth: { clientId, clientSecret }, ...settings }), {
    name: 'zendesk-br',
    now: clock.now,
    blobs: memoryBlobs(),
    records: memoryRecords(),
    log,
    budget: (report) => void budgets.push(report),
    http: createHttp({ egress: { allow: ['127.0.0.0/8'] }, timeoutMs }),
  });
  return {
    simulator,
    context,
    budgets,
    warnings,
    clock,
    blobs: context.blobs,
    dials: simulator.dials,
    connect: () => zendesk.create(context),
    places: simulator.places,
    requesterSees: simulator.requesterSees,
    tickets: [ref(tickets[0]?.id ?? 0), ref(tickets[1]?.id ?? 0)],
    missing: ref(4711),
    values: { open: { status: seeded.open, priority: 'high' }, resolve: { status: seeded.solved, assignee: seeded.ana, group: seeded.hardware } },
    close: server.close,
  };
}

/** For tests that wait for silence in real time. */
export const impatiently = [{}, {}, 150] as const;

/** Runs a test against a fresh account. */
export const on = async (
  test: (under: Bench) => Promise<void>,
  settings: object = {},
  options: ZendeskSimulatorOptions = {},
  timeoutMs = 10_000,
): Promise<void> => {
  const under = await bench(settings, options, timeoutMs);
  try {
    await test(under);
  } finally {
    await under.close();
  }
};

export const openSample = (under: Bench, more: Partial<OpenOperation> = {}): OpenOperation => ({
  ...(samples(under).open.operation as OpenOperation),
  ...more,
});
export const appendSample = (under: Bench, more: Partial<AppendOperation> = {}): AppendOperation => ({
  ...(samples(under).append.operation as AppendOperation),
  ...more,
});
export const run = (under: Bench, operation: Operation, journal = memoryJournal()) => drive(under, operation, journal);
export const ticketOf = (under: Bench, ref: TicketRef) => {
  const ticket = under.simulator.state.tickets.get(Number(ref.id));
  if (!ticket) throw new Error(`the simulator has no ticket ${ref.id}`);
  return ticket;
};
export const callsOf = (under: Bench) => under.simulator.dials.calls;
export const writes = (under: Bench) => callsOf(under).filter(({ method, path }) => method !== 'GET' && !path.startsWith('/oauth'));
export const numbers = async (under: Bench, query: TicketQuery): Promise<string[]> => {
  const found: string[] = [];
  for await (const { ref } of under.connect().tickets(query)) found.push(ref.number);
  return found;
};

/** Calls `act` once, when the next write arrives at the vendor and before it has any effect. */
export function beforeNextWrite(under: Bench, act: () => void): void {
  const stop = under.simulator.dials.watch((moment, { method, path }) => {
    if (moment !== 'arrived' || method === 'GET' || path.startsWith('/oauth')) return;
    stop();
    act();
  });
}
