/** Slack, whole: a customer writes in a thread, an agent splits it into two tickets from Slack's dialog, and the real server files both. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Dialog } from '../../connectors/slack/simulator/person.ts';
import { type SimulatedSlack, simulatedChannel } from '../../connectors/slack/simulator.ts';
import { type Listening, listen } from '../../src/kit/simulator.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let slack: SimulatedSlack;
let vendor: Listening;
let server: TestServer;

beforeAll(async () => {
  slack = simulatedChannel({ minuteMs: 100 });
  vendor = await listen(slack.app);
  server = await startTestServer({ config: { hold_seconds: 0, channels: { 'desk-slack': { connector: 'slack', ...slack.settings(vendor.url) } } } });
  slack.hook?.(`${server.url}/hooks/desk-slack`);
});
afterAll(async () => {
  await server.stop();
  await slack.close();
  await vendor.close();
});

const maria = { id: 'maria', name: 'Maria Souza', email: 'maria@corpovivo.example' };

interface Tickets {
  items: { subject: string; number: string }[];
}
const tickets = async (): Promise<Tickets['items']> => (await server.call<Tickets>(server.admin, '/api/tickets')).body.items ?? [];

async function dialogOf(person: ReturnType<SimulatedSlack['person']>, is: (dialog: Dialog) => boolean): Promise<Dialog> {
  return vi.waitFor(
    () => {
      const found = person.dialog();
      if (!found || !is(found)) throw new Error(`no such dialog: ${found?.text ?? 'none'}`);
      return found;
    },
    { timeout: 10_000 },
  );
}

it('files a thread as two tickets from the shortcut, and tells the agent the links', async () => {
  const agent = await server.agent('Ana');
  const ana = slack.person({ id: 'ana', name: 'Ana', email: agent.email });
  const first = await slack.write({ conversation: 'c', person: maria, text: 'a catraca não libera' });
  await slack.write({ conversation: 'c', person: maria, text: 'a impressora do totem não imprime' });
  await slack.write({ conversation: 'c', person: maria, text: 'reiniciei e nada' });
  await slack.settled();

  await ana.shortcut(slack.place(first.id));
  const form = await dialogOf(ana, ({ inputs }) => inputs.includes('way'));
  await form.fill('way', 'Separate tickets for two topics');
  await vi.waitFor(() => expect(form.inputs).toContain('1:messages'));
  const [turnstile = '', printer = '', both = ''] = form.options('0:messages');
  await form.fill('0:messages', [turnstile, both]);
  await form.fill('1:messages', [printer, both]);
  for (const [index, title] of ['Turnstile does not release', 'Totem printer'].entries()) {
    await form.fill(`${index}:title`, title);
    await form.fill(`${index}:summary`, `${title}: a restart did not help.`);
    const [solved = ''] = form.options(`${index}:status`).filter((label) => /solved|resolved/i.test(label));
    await form.fill(`${index}:status`, solved);
    const impacts = form.options(`${index}:impact`);
    await form.fill(`${index}:impact`, impacts[0] ?? '');
  }
  expect(await form.submit()).toEqual({});
  await vi.waitFor(() => expect(form.button).toBe('File'));
  expect(form.text).toContain('Turnstile does not release');
  expect(await form.submit()).toEqual({});

  await vi.waitFor(async () => expect((await tickets()).map(({ subject }) => subject).sort()).toEqual(['Totem printer', 'Turnstile does not release']), {
    timeout: 20_000,
  });
  await vi.waitFor(() => expect(ana.whispers).toHaveLength(1), { timeout: 20_000 });
  expect(ana.whispers[0]?.text.match(/\|#/g)).toHaveLength(2);
  expect(slack.shown('c', maria)).toHaveLength(3);
});
