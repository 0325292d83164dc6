/** A receiver with two open tickets, and the connector in front of it. */
import { createHttp, type Helpdesk, type Records, type TicketRef } from '../../src/kit/index.ts';
import { listen } from '../../src/kit/simulator.ts';
import { drive, type HelpdeskUnderTest, samples } from '../../test/contract/helpdesk.ts';
import { memoryBlobs, memoryJournal, memoryRecords, testClock, testContext } from '../../test/support/context.ts';
import webhookHelpdesk from './index.ts';
import { type Receiver, receiver } from './simulator.ts';

const secretOf = (words: string): string => `whsec_${Buffer.from(words).toString('base64')}`;
export const secrets = { old: secretOf('what they shared until today'), new: secretOf('what they share from today on') };

export interface TestReceiver extends HelpdeskUnderTest {
  readonly receiver: Receiver;
  readonly url: string;
  readonly records: Records;
  connect(settings?: object, records?: Records): Helpdesk;
}

export async function testReceiver({ timeoutMs = 10_000, silent = false, known = secrets.old } = {}): Promise<TestReceiver> {
  const clock = testClock();
  const simulated = receiver({ now: clock.now, secret: known, silent });
  const server = await listen(simulated.app);
  const url = `${server.url}/operations`;
  const blobs = memoryBlobs();
  const records = memoryRecords();
  const http = createHttp({ egress: { allow: ['127.0.0.0/8'] }, timeoutMs });
  const none: TicketRef = { helpdesk: 'elsewhere', id: 'gone', number: '4711', url: 'https://receiver.example/tickets/gone' };
  const under: TestReceiver = {
    receiver: simulated,
    url,
    clock,
    blobs,
    records,
    dials: simulated.dials,
    connect(settings = {}, own = records) {
      const parsed = webhookHelpdesk.settings.parse({ address: url, secrets: [secrets.old, secrets.new], ...settings });
      return webhookHelpdesk.create(testContext(parsed, { name: 'elsewhere', now: clock.now, blobs, records: own, http }));
    },
    places: simulated.places,
    requesterSees: simulated.requesterSees,
    tickets: [none, none],
    missing: none,
    values: { open: { status: 'open', priority: 'high' }, resolve: { status: 'resolved' } },
    close: server.close,
  };
  const seed = async () => (await drive(under, samples(under).open.operation, memoryJournal())).ticket;
  return { ...under, tickets: [await seed(), await seed()] };
}
