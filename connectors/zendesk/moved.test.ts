/** Appends and notes on tickets that were merged or deleted since they were planned. */
import { describe, expect, it } from 'vitest';
import type { TicketRef } from '../../src/kit/index.ts';
import { samples } from '../../test/contract/helpdesk.ts';
import { memoryJournal, testStep } from '../../test/support/context.ts';
import { createClient } from './client.ts';
import { numberIn } from './moved.ts';
import { settings as schema } from './settings.ts';
import { jobShape } from './shapes.ts';
import { appendSample, type Bench, beforeNextWrite, on, openSample, run, seeded, ticketOf } from './test-account.ts';

describe('a ticket that has moved', () => {
  const mergedComment = 'fundido no ticket #{id}';
  const merging = [{ mergedComment }, { mergeCloses: true }] as const;

  /** Merges by a call as an agent's client would make it, and lets the job run. */
  async function merge(under: Bench, source: TicketRef, target: TicketRef): Promise<void> {
    const body = {
      ids: [Number(source.id)],
      target_comment: `#${source.id} fundido aqui`,
      source_comment: `Este ticket foi fundido no ticket  #${target.id}.`,
    };
    await createClient(under.context).call({ method: 'POST', path: `/tickets/${target.id}/merge`, body }, jobShape);
    await under.connect().ticket(target.id);
  }
  const remove = (under: Bench, ref: TicketRef) => void under.simulator.state.tickets.delete(Number(ref.id));
  const asPlanned = { subject: 'Catraca', status: seeded.open, priority: null, requester: null, company: null };
  const noteSample = (under: Bench) => samples(under).note;

  it('by a merge takes an append and a note where it went, once, privately', async () => {
    await on(
      async (under) => {
        const [source, target] = under.tickets;
        await merge(under, source, target);
        for (const { operation, mark } of [samples(under).append, noteSample(under)]) {
          const journal = memoryJournal();
          const result = await run(under, operation, journal);
          expect(result).toEqual({ ticket: target, via: 'successor' });
          expect(await run(under, operation, journal)).toEqual(result);
          expect(await under.connect().traces(operation, result)).toHaveLength(1);
          expect(under.places(mark)).toHaveLength(1);
          expect(under.requesterSees()).not.toContain(mark);
        }
        expect(ticketOf(under, target).comments.at(-1)).toMatchObject({ public: false });
      },
      ...merging,
    );
  });

  it('while its append was on the way, and was written before the merge, is not written again', async () => {
    await on(
      async (under) => {
        const [source, target] = under.tickets;
        const [{ operation, mark }, journal] = [samples(under).append, memoryJournal()];
        under.simulator.dials.set({ kind: 'reset', when: 'after' }, { method: 'PUT' });
        await expect(under.connect().run(operation, testStep(journal, under.clock.now))).rejects.toMatchObject({ effect: 'unclear' });
        await merge(under, source, target);
        under.clock.advance(2000);
        expect(await run(under, operation, journal)).toEqual({ ticket: source });
        expect(under.places(mark)).toHaveLength(1);
      },
      ...merging,
    );
  });

  it('twice is followed twice, and a closed end opens a follow-up of the last', async () => {
    await on(
      async (under) => {
        const [first, second] = under.tickets;
        const { ticket: third } = await run(under, openSample(under));
        await merge(under, first, second);
        await merge(under, second, third);
        expect(await run(under, appendSample(under))).toEqual({ ticket: third, via: 'successor' });
        Object.assign(ticketOf(under, third), { status: 'closed' });
        const { ticket, via } = await run(under, appendSample(under));
        expect([via, ticketOf(under, ticket).followup_of]).toEqual(['follow-up', Number(third.id)]);
      },
      ...merging,
    );
  });

  it('is a closed one where the words were a customer’s, or no words are set', async () => {
    await on(
      async (under) => {
        const [source, target] = under.tickets;
        await merge(under, source, target);
        const { comments, requester_id } = ticketOf(under, source);
        Object.assign(comments.at(-1) ?? {}, { author_id: requester_id });
        expect((await run(under, appendSample(under))).via).toBe('follow-up');
        await expect(run(under, noteSample(under).operation)).rejects.toMatchObject({ code: 'closed' });
        expect(ticketOf(under, target).comments).toHaveLength(2);
      },
      ...merging,
    );
    await on(
      async (under) => {
        await merge(under, under.tickets[0], under.tickets[1]);
        expect((await run(under, appendSample(under))).via).toBe('follow-up');
      },
      {},
      { mergeCloses: true },
    );
    expect(schema.safeParse({ address: 'https://a.zendesk.com', oauth: { clientId: 'a', clientSecret: 'b' }, mergedComment: 'merged' }).success).toBe(false);
  });

  it.each(['before it is read', 'between reading and writing'])('by deletion %s opens what was planned instead, once', async (moment) => {
    await on(async (under) => {
      const [ref] = under.tickets;
      const [operation, journal] = [appendSample(under, { asPlanned }), memoryJournal()];
      if (moment === 'before it is read') remove(under, ref);
      else beforeNextWrite(under, () => remove(under, ref));
      const result = await run(under, operation, journal);
      expect(result.via).toBe('new');
      expect(await run(under, operation, journal)).toEqual(result);
      expect(ticketOf(under, result.ticket)).toMatchObject({ followup_of: null, external_id: operation.id });
      expect(await under.connect().traces(operation, result)).toHaveLength(1);
    });
  });

  it('by deletion refuses what planned nothing instead', async () => {
    await on(async (under) => {
      remove(under, under.tickets[0]);
      const { ifClosed: _, ...bare } = appendSample(under, { asPlanned });
      await expect(run(under, bare)).rejects.toMatchObject({ code: 'not-found' });
      await expect(run(under, noteSample(under).operation)).rejects.toMatchObject({ code: 'not-found' });
      // Nobody saw this one when it was planned, so it may as well be a wrong number.
      await expect(run(under, appendSample(under))).rejects.toMatchObject({ code: 'not-found' });
      expect(under.simulator.state.tickets.size).toBe(1);
    });
  });

  it('by deletion that is told as a status counts as deleted', async () => {
    await on(async (under) => {
      Object.assign(ticketOf(under, under.tickets[0]), { status: 'deleted' });
      expect((await run(under, appendSample(under))).via).toBe('new');
    });
  });

  it('has its number read exactly', () => {
    expect(numberIn('Foi Fundido no\nticket #123.', mergedComment)).toBe('123');
    expect(numberIn('(#7) [closed]', '#{id}) [closed]')).toBe('7');
    expect(numberIn('fundido em #123', mergedComment)).toBeUndefined();
  });
});
