import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createHttp } from '../../../src/kit/index.ts';
import { listen } from '../../../src/kit/simulator.ts';
import { memoryBlobs, memoryJournal, testClock, testContext } from '../../support/context.ts';
import { open } from '../helpdesk/samples.ts';
import { describeHelpdesk, drive, type HelpdeskUnderTest, samples } from '../helpdesk.ts';
import cardIndex from './helpdesk.ts';
import { cardIndex as simulator } from './simulator.ts';

const token = 'a token of the tests';

async function bench({ timeoutMs }: { timeoutMs: number }): Promise<HelpdeskUnderTest> {
  const clock = testClock();
  const box = simulator(clock.now, token);
  const server = await listen(box.app);
  const blobs = memoryBlobs();
  const settings = cardIndex.settings.parse({ address: server.url, token });
  const http = createHttp({ egress: { allow: ['127.0.0.0/8'] }, timeoutMs });
  const values = { open: { status: 'front', priority: 'red' }, resolve: { status: 'back' } };
  const missing = { helpdesk: 'cards', id: 'gone', number: '4711', url: `${server.url}/cards/gone` };
  const under: HelpdeskUnderTest = {
    ...{ clock, blobs, values, missing, dials: box.dials, places: box.places, requesterSees: box.requesterSees, close: server.close },
    connect: () => cardIndex.create(testContext(settings, { name: 'cards', now: clock.now, blobs, http })),
    tickets: [missing, missing],
  };
  const seed = async () => (await drive(under, open(under).operation, memoryJournal())).ticket;
  return { ...under, tickets: [await seed(), await seed()] };
}

const calls = { open: 1, appendAndResolve: 1, splitInThree: 6 };
describeHelpdesk({ name: 'The card index', capabilities: cardIndex.capabilities, network: true, calls, refuses: ['logTime'], make: bench });

it('refuses a value that no card has a place for, and writes nothing', async () => {
  const under = await bench({ timeoutMs: 10_000 });
  const { operation, mark } = open(under);
  const asked = { ...operation, values: { ...operation.values, fields: { shelf: 'top' } } };
  await expect(drive(under, asked, memoryJournal())).rejects.toMatchObject({ code: 'refused', field: 'shelf' });
  const { update } = samples(under);
  await expect(drive(under, { ...update.operation, values: { group: 'upstairs' } } as typeof update.operation, memoryJournal())).rejects.toMatchObject({
    field: 'group',
  });
  expect(under.places(mark)).toEqual([]);
  await under.close();
});

it('is a whole connector in under 120 lines', () => {
  expect(readFileSync(join(import.meta.dirname, 'helpdesk.ts'), 'utf8').split('\n').length).toBeLessThan(120);
});
