/** What is internal stays internal, and nobody gets an address that they never gave. */
import { describe, expect, test } from 'vitest';
import type { InternalText, PublicText, ReplyOperation } from '../../../src/kit/index.ts';
import { memoryJournal } from '../../support/context.ts';
import { drive, kindsOf, open, samples, summarize, who } from './samples.ts';
import { type HelpdeskSuite, withHelpdesk } from './under-test.ts';

export function visibilityTests(suite: HelpdeskSuite): void {
  test.each(kindsOf(suite))('%s writes internal text only where the requester cannot read it', async (kind) => {
    await withHelpdesk(suite, async (under) => {
      const { operation, secret } = samples(under)[kind];
      await drive(under, operation, memoryJournal());
      expect(await under.requesterSees()).not.toContain(secret);
    });
  });

  test('a new ticket holds its internal note, and the requester does not see it', async () => {
    await withHelpdesk(suite, async (under) => {
      const { operation, secret } = open(under);
      const { ticket } = await drive(under, operation, memoryJournal());
      if (!suite.capabilities.privateFirstComment) await drive(under, { ...summarize(ticket), note: operation.note }, memoryJournal());
      expect(await under.places(secret)).toHaveLength(1);
      expect(await under.requesterSees()).not.toContain(secret);
    });
  });

  test.each(suite.refuses ?? [])('%s is refused for good, and nothing is made', async (kind) => {
    await withHelpdesk(suite, async (under) => {
      const { operation, mark } = samples(under)[kind];
      await expect(drive(under, operation, memoryJournal())).rejects.toMatchObject({ retry: 'never' });
      expect(await under.places(mark)).toEqual([]);
    });
  });

  test.skipIf(suite.refuses?.includes('reply'))('a reply reaches the requester', async () => {
    await withHelpdesk(suite, async (under) => {
      const { operation, mark } = samples(under).reply;
      await drive(under, operation, memoryJournal());
      expect(await under.requesterSees()).toContain(mark);
    });
  });

  test('an internal note cannot stand where a reply is expected', () => {
    const note: InternalText = { kind: 'internal', blocks: [] };
    // @ts-expect-error: the kind is part of the type, so this does not compile
    const taken: PublicText = note;
    // @ts-expect-error: nor as the text of a reply
    const reply: Pick<ReplyOperation, 'reply'> = { reply: note };
    expect([taken.kind, reply.reply.kind]).toEqual(['internal', 'internal']);
  });

  describe.each(Object.entries(who))('an unknown person with only an identity of kind %s', (_name, identities) => {
    test('gets a ticket without an invented address', async () => {
      await withHelpdesk(suite, async (under) => {
        const { operation, mark } = open(under, identities);
        const { ticket } = await drive(under, operation, memoryJournal());
        expect(await under.places(mark)).toHaveLength(1);
        const requester = (await under.connect().ticket(ticket.id)).requester;
        expect(requester?.name).toBe('Maria Souza');
        const email = operation.requester.identities.find(({ kind }) => kind === 'email')?.value;
        const found = await under.connect().findRequester(operation.requester.identities, operation.requester.contact);
        if (found) expect(found.email).toBe(email ?? null);
      });
    });
  });
}
