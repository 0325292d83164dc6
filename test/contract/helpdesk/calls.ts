/** Rate limits are the real ceiling, so the number of calls of each way of closing is part of the contract. */
import { expect, test } from 'vitest';
import type { Operation, TicketRef } from '../../../src/kit/index.ts';
import { memoryJournal } from '../../support/context.ts';
import { drive, open, samples, summarize } from './samples.ts';
import { dialsOf, type HelpdeskSuite, type HelpdeskUnderTest, withHelpdesk } from './under-test.ts';

async function openOne(under: HelpdeskUnderTest, suite: HelpdeskSuite): Promise<TicketRef> {
  const { ticket } = await drive(under, open(under).operation, memoryJournal());
  if (!suite.capabilities.privateFirstComment) await drive(under, summarize(ticket), memoryJournal());
  return ticket;
}

/** Where notes come with the ticket, the tickets of a split are linked apart; else each summary already names its siblings. */
async function split(under: HelpdeskUnderTest, suite: HelpdeskSuite): Promise<void> {
  const tickets: TicketRef[] = [];
  for (let part = 0; part < 3; part += 1) tickets.push(await openOne(under, suite));
  if (!suite.capabilities.privateFirstComment) return;
  const { note } = summarize(tickets[0] as TicketRef);
  const link: Operation = { id: open(under).operation.id, revision: 1, kind: 'link', tickets, notes: tickets.map(() => note) };
  await drive(under, link, memoryJournal());
}

export function callTests(suite: HelpdeskSuite): void {
  const expected = suite.calls;
  if (!expected) return;
  const ways: Record<keyof typeof expected, (under: HelpdeskUnderTest) => Promise<unknown>> = {
    open: (under) => openOne(under, suite),
    appendAndResolve: (under) => drive(under, samples(under)['append-and-resolve'].operation, memoryJournal()),
    splitInThree: (under) => split(under, suite),
  };
  for (const [way, run] of Object.entries(ways)) {
    const calls = expected[way as keyof typeof expected];
    test(`${way} costs ${calls} calls`, async () => {
      await withHelpdesk(suite, async (under) => {
        const before = dialsOf(under).calls.length;
        await run(under);
        expect(dialsOf(under).calls.slice(before)).toHaveLength(calls);
      });
    });
  }
}
