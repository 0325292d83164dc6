/** Long internal texts: several comments, nothing lost, each written once. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Block, type InternalText, toHtml, toText } from '../../src/kit/index.ts';
import { memoryJournal, testStep } from '../../test/support/context.ts';
import { maxCommentBytes } from './comment.ts';
import { maxParts, partsOf } from './parts.ts';
import { appendSample, on, run, seeded, ticketOf, writes } from './test-account.ts';

const entry = (i: number) => ({ at: i * 1000, author: 'Maria', role: 'contact' as const, text: `linha ${i}. ${'<é> '.repeat(20)}`, files: [] });
const transcript = (count: number): InternalText => ({
  kind: 'internal',
  blocks: [
    { type: 'heading', text: 'Resumo' },
    { type: 'transcript', zone: 'UTC', locale: 'pt-BR', entries: Array.from({ length: count }, (_, i) => entry(i)) },
  ],
});
const lines = (texts: readonly string[]): string[] => texts.flatMap((text) => text.match(/linha \d+\./g) ?? []);
const wanted = (count: number): string[] => Array.from({ length: count }, (_, i) => `linha ${i}.`);

describe('a long note', () => {
  it('becomes several private comments in order, with values on the first alone, and is traced as one', async () => {
    await on(async (under) => {
      const [ref] = under.tickets;
      const operation = appendSample(under, { note: transcript(600), values: { status: seeded.pending } });
      const journal = memoryJournal();
      const result = await run(under, operation, journal);
      expect(await run(under, operation, journal)).toEqual(result);
      const added = ticketOf(under, ref).comments.slice(1);
      expect(added.length).toBeGreaterThan(1);
      expect(writes(under)).toHaveLength(added.length);
      for (const comment of added) expect([comment.public, comment.attachments, Buffer.byteLength(comment.html) <= maxCommentBytes]).toEqual([false, [], true]);
      expect(lines(added.map(({ plain }) => plain))).toEqual(wanted(600));
      expect(ticketOf(under, ref).status).toBe('pending');
      expect(await under.connect().traces(operation, result)).toHaveLength(1);
    });
  });

  it.each([1, 2, 3])('goes on where it was cut off, also when nobody heard that part %i had arrived', async (part) => {
    for (const commentMetadata of [true, false])
      await on(
        async (under) => {
          const [ref] = under.tickets;
          const [operation, journal] = [appendSample(under, { note: transcript(1000) }), memoryJournal()];
          let puts = 0;
          const stop = under.simulator.dials.watch((moment, { method }) => {
            if (moment !== 'arrived' || method !== 'PUT' || ++puts !== part) return;
            stop();
            under.simulator.dials.set({ kind: 'reset', when: 'after' }, { method: 'PUT' });
          });
          if (part === 1) under.simulator.dials.set({ kind: 'reset', when: 'after' }, { method: 'PUT' });
          const attempt = () => under.connect().run(operation, testStep(journal, under.clock.now));
          await expect(attempt()).rejects.toMatchObject({ effect: 'unclear' });
          under.clock.advance(60_000);
          await run(under, operation, journal);
          expect(lines(ticketOf(under, ref).comments.map(({ plain }) => plain))).toEqual(wanted(1000));
        },
        {},
        { commentMetadata },
      );
  });

  it('that would take too many comments goes to a file, whole', async () => {
    await on(async (under) => {
      await run(under, appendSample(under, { note: transcript(3000) }));
      const [, comment, ...more] = ticketOf(under, under.tickets[0]).comments;
      expect(more).toEqual([]);
      expect(lines([comment?.attachments[0]?.bytes.toString() ?? ''])).toEqual(wanted(3000));
    });
  });
});

describe('parts', () => {
  const text = fc.tuple(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.integer({ min: 1, max: 3000 })).map(([word, times]) => word.repeat(times));
  const bare = (texts: readonly InternalText[]): string =>
    texts
      .map((each) => toText(each))
      .join('')
      .replace(/\s/g, '');

  it('each fit, and are together the text', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 8 }), (texts) => {
        const blocks = texts.map((each): Block => ({ type: 'paragraph', text: each }));
        const parts = partsOf({ kind: 'internal', blocks });
        expect(parts.length).toBeLessThanOrEqual(maxParts);
        if (parts.length === 1) return;
        for (const part of parts) expect(Buffer.byteLength(toHtml(part, '[marker]'))).toBeLessThanOrEqual(maxCommentBytes);
        expect(bare(parts)).toBe(bare([{ kind: 'internal', blocks }]));
      }),
      { numRuns: 40 },
    );
  });
});
