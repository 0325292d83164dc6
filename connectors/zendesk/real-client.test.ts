/** A client that others wrote for Zendesk gets along with the simulator: so it is the vendor's API, not ours. */
import { createClient } from 'node-zendesk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Listening, listen } from '../../src/kit/simulator.ts';
import { testClock } from '../../test/support/context.ts';
import { zendeskSimulator } from './simulator.ts';

const { now } = testClock();
let server: Listening;
beforeAll(async () => {
  server = await listen(zendeskSimulator({ now }).app);
});
afterAll(() => server.close());

async function connect() {
  const grant = { grant_type: 'client_credentials', client_id: 'deskbridge', client_secret: 'simulated-client-secret', scope: 'read write' };
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${server.url}/oauth/tokens`, { method: 'POST', headers, body: JSON.stringify(grant) });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  return createClient({ oauth: true, token, username: 'deskbridge', endpointUri: `${server.url}/api/v2` });
}

it('node-zendesk opens a ticket and reads it', async () => {
  const client = await connect();
  const { result: made } = await client.tickets.create({ ticket: { subject: 'Catraca', comment: { body: 'parada' } } });
  expect(await client.tickets.show(made.id)).toMatchObject({ result: { subject: 'Catraca' } });
});
