/** A client that others wrote for Freshdesk gets along with the simulator: so it is the vendor's API, not ours. */
import Freshdesk from 'freshdesk-api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Listening, listen } from '../../src/kit/simulator.ts';
import { testClock } from '../../test/support/context.ts';
import { freshdeskSimulator } from './simulator.ts';

const { now } = testClock();
let server: Listening;
beforeAll(async () => {
  server = await listen(freshdeskSimulator({ now }).app);
});
afterAll(() => server.close());

/** It calls back, as clients of its time do. */
const answered = <T>(call: (done: (error: Error | null, data: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => call((error, data) => (error ? reject(error) : resolve(data))));

it('freshdesk-api opens a ticket and reads it', async () => {
  const client = new Freshdesk(server.url, 'simulator-key');
  const ticket = { email: 'ann@example.com', name: 'Ann', subject: 'Catraca', description: 'parada', status: 2, priority: 2, source: 7 };
  const { id } = await answered<{ id: number }>((done) => client.createTicket(ticket, done));
  expect(await answered((done) => client.getTicket(id, done))).toMatchObject({ subject: 'Catraca' });
});
