/** Reading: schema, tickets, and what no helpdesk should answer but some day does. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConnectorError, type Ticket, type TicketQuery } from '../../../src/kit/index.ts';
import { memoryJournal } from '../../support/context.ts';
import { drive, open, samples } from './samples.ts';
import { dialsOf, type HelpdeskSuite, type HelpdeskUnderTest, withHelpdesk } from './under-test.ts';

const numbers = async (under: HelpdeskUnderTest, query: TicketQuery): Promise<string[]> => {
  const found: Ticket[] = [];
  for await (const ticket of under.connect().tickets(query)) found.push(ticket);
  return found.map(({ ref }) => ref.number);
};

export function readTests(suite: HelpdeskSuite): void {
  test('the schema is usable: distinct statuses with a way to resolve, choices where there is a choice, conditions on fields that exist', async () => {
    await withHelpdesk(suite, async (under) => {
      const schema = await under.connect().schema();
      const ids = schema.statuses.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(schema.statuses.map(({ meaning }) => meaning)).toContain('resolved');
      expect(ids).toContain(under.values.resolve.status);
      expect(schema.priorities.length).toBeGreaterThan(0);
      const names = schema.fields.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      for (const field of schema.fields) {
        expect(field.label).not.toBe('');
        if (field.type === 'choice' || field.type === 'choices') expect(field.choices?.length, field.name).toBeGreaterThan(0);
        if (field.when) expect(names).toContain(field.when.field);
      }
    });
  });

  test('a ticket that was opened is found by its number, among the changed ones and by its requester', async () => {
    await withHelpdesk(suite, async (under) => {
      const since = under.clock.now() - 1000;
      const { operation, mark } = open(under);
      const { ticket } = await drive(under, operation, memoryJournal());
      const detail = await under.connect().ticket(ticket.id);
      expect(detail.subject).toContain(mark);
      expect(detail.ref).toEqual(ticket);
      expect(await numbers(under, { number: ticket.number })).toEqual([ticket.number]);
      expect(await numbers(under, { changedSince: since })).toContain(ticket.number);
      expect(await numbers(under, { requester: detail.requester?.id ?? '' })).toEqual([ticket.number]);
      expect(await numbers(under, { words: mark })).toEqual([ticket.number]);
    });
  });

  test('a number that no ticket has finds nothing', async () => {
    await withHelpdesk(suite, async (under) => {
      expect(await numbers(under, { number: under.missing.number })).toEqual([]);
    });
  });

  test.skipIf(suite.refuses?.includes('reply'))('a note is among the ticket’s entries as a note, a reply as a reply, in order', async () => {
    await withHelpdesk(suite, async (under) => {
      const { note, reply } = samples(under);
      await drive(under, note.operation, memoryJournal());
      under.clock.advance(60_000);
      await drive(under, reply.operation, memoryJournal());
      const entries = (await under.connect().ticket(under.tickets[0].id)).entries.filter(({ html }) => html.includes(note.mark) || html.includes(reply.mark));
      expect(entries.map(({ kind }) => kind)).toEqual(['note', 'reply']);
    });
  });

  test('appending with files keeps every file; appending without values leaves the status as it was', async () => {
    await withHelpdesk(suite, async (under) => {
      const before = await under.connect().ticket(under.tickets[0].id);
      const { sha256, size } = await under.blobs.put(Buffer.from('%PDF-1.4 not really'));
      const { operation, mark } = samples(under).append;
      if (operation.kind !== 'append') throw new Error('not an append');
      await drive(under, { ...operation, files: [{ sha256, size, name: 'orçamento 1.pdf', mime: 'application/pdf' }] }, memoryJournal());
      const after = await under.connect().ticket(under.tickets[0].id);
      expect(after.status).toBe(before.status);
      expect(after.entries.find(({ html }) => html.includes(mark))?.files).toEqual([{ name: 'orçamento 1.pdf', size }]);
    });
  });

  test('a ticket that is gone is not found, to read or to write, and nothing is made instead', async () => {
    await withHelpdesk(suite, async (under) => {
      await expect(under.connect().ticket(under.missing.id)).rejects.toMatchObject({ code: 'not-found' });
      const { operation, mark } = samples(under).append;
      const gone = { ...operation, ticket: under.missing } as typeof operation;
      await expect(drive(under, gone, memoryJournal())).rejects.toMatchObject({ code: 'not-found', retry: 'never' });
      expect(await under.places(mark)).toEqual([]);
    });
  });

  if (suite.network) describe(`${suite.name} answered by something else`, () => oddAnswers(suite));
}

function oddAnswers(suite: HelpdeskSuite): void {
  test('a page of HTML with status 502 is an outage, to be tried again', async () => {
    await withHelpdesk(suite, async (under) => {
      dialsOf(under).set({ kind: 'answer', status: 502, type: 'text/html', body: '<html><title>Bad gateway</title></html>' }, { times: 100 });
      await expect(under.connect().ticket(under.tickets[0].id)).rejects.toMatchObject({ code: 'unavailable', retry: 'backoff' });
    });
  });

  test.each([200, 404])('a page of HTML with status %i is not taken for the API', async (status) => {
    await withHelpdesk(suite, async (under) => {
      dialsOf(under).set({ kind: 'answer', status, type: 'text/html', body: '<html><title>Sign in</title></html>' }, { times: 100 });
      const helpdesk = under.connect();
      await expect(helpdesk.health()).rejects.toMatchObject({ code: 'not-understood' });
      await expect(helpdesk.schema()).rejects.toMatchObject({ code: 'not-understood' });
      await expect(helpdesk.ticket(under.tickets[0].id)).rejects.toMatchObject({ code: 'not-understood' });
      await expect(numbers(under, { changedSince: 0 })).rejects.toMatchObject({ code: 'not-understood' });
    });
  });

  test('an error body of any shape is an error with a class, never a crash', async () => {
    await withHelpdesk(suite, async (under) => {
      const odd = fc.record({
        status: fc.constantFrom(400, 401, 403, 409, 413, 422, 429, 500),
        body: fc.oneof(
          fc.json(),
          fc.string(),
          fc.jsonValue().map((errors) => JSON.stringify({ errors, description: errors, error: errors, details: errors })),
        ),
      });
      await fc.assert(
        fc.asyncProperty(odd, async ({ status, body }) => {
          const dials = dialsOf(under);
          dials.clear();
          dials.set({ kind: 'answer', status, type: 'application/json', body }, { times: 100 });
          const error = await under
            .connect()
            .ticket(under.tickets[0].id)
            .catch((caught: unknown) => caught);
          expect(error).toBeInstanceOf(ConnectorError);
          expect(error).toMatchObject({ status });
        }),
        { numRuns: 60, seed: 7 },
      );
    });
  });

  test('a success whose body is no ticket is not taken for one', async () => {
    for (const body of ['', 'null', '[]', '"ok"', '{}', '{"ticket":null}']) {
      await withHelpdesk(suite, async (under) => {
        dialsOf(under).set({ kind: 'answer', status: 200, type: 'application/json', body }, { times: 100 });
        await expect(under.connect().ticket(under.tickets[0].id), body).rejects.toMatchObject({ code: 'not-understood' });
      });
    }
  });
}
