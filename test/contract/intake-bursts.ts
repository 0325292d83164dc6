/** Many at once, and the same more than once in any order: still one conversation and whole files. Called for SQLite and for PostgreSQL. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMessages } from '../../src/conversations/messages.ts';
import { createIntake, type Intake } from '../../src/intake/intake.ts';
import { fetchedByUs, type Json, type MediaRef } from '../../src/kit/index.ts';
import { newId } from '../../src/store/ids.ts';
import type { Store } from '../../src/store/store.ts';
import { quiet, testClock } from '../support/context.ts';
import { channelOf, said } from '../support/intake.ts';
import type { TestStore } from '../support/store.ts';

const base = 1_700_000_000_000;

export function describeIntakeBursts(name: string, open: () => Promise<TestStore>): void {
  describe(`bursts on ${name}`, () => {
    let test: TestStore;
    let store: Store;
    let intake: Intake;
    const clock = testClock();
    beforeAll(async () => {
      test = await open();
      store = test.store;
      intake = createIntake({ store, now: clock.now, id: newId, log: quiet });
    });
    afterAll(() => test.drop());

    const accept = (payload: Json) => intake.accept({ channel: channelOf('talk'), proof: fetchedByUs(), payload });
    const only = (thread: string) => store.read.selectFrom('conversations').selectAll().where('thread', '=', thread).execute();
    const messagesOf = async (thread: string) => readMessages(store.read, (await only(thread))[0]?.id ?? '');

    describe('whatever the order', () => {
      it('many first messages of one person make one open conversation', async () => {
        const outcomes = await Promise.all(Array.from({ length: 200 }, (_, i) => accept(said('crowd', `crowd-${i}`, `${i}`, { at: base + (i % 7) }))));
        expect(new Set(outcomes.map((one) => one.state))).toEqual(new Set(['stored']));
        const [conversation, ...others] = await only('crowd');
        expect(others).toEqual([]);
        expect(conversation).toMatchObject({ state: 'open', message_count: 200, unread: 200 });
        const known = await store.read.selectFrom('identities').select('contact_id').where('value', '=', 'crowd').execute();
        expect(known).toEqual([{ contact_id: conversation?.contact_id }]);
      });

      it('repeats with more and with fewer files lose none, and bytes stay', async () => {
        let run = 0;
        const file = fc.record({ id: fc.nat(4), bytes: fc.boolean() });
        const delivery = fc.uniqueArray(file, { selector: ({ id }) => id, maxLength: 5 });
        const property = fc.asyncProperty(fc.array(delivery, { minLength: 1, maxLength: 6 }), fc.boolean(), async (deliveries, together) => {
          const thread = `files-${run++}`;
          const media = ({ id, bytes }: { id: number; bytes: boolean }): MediaRef => ({
            id: String(id),
            name: `f${id}`,
            ...(bytes ? { blob: 'a'.repeat(64), size: 1 } : { ref: { url: `/${id}` } }),
          });
          const send = (files: (typeof deliveries)[number]) => accept(said(thread, `${thread}-1`, 'x', { media: files.map(media) }));
          if (together) await Promise.all(deliveries.map(send));
          else for (const files of deliveries) await send(files);
          const expected = Map.groupBy(deliveries.flat(), ({ id }) => id);
          const [message] = await messagesOf(thread);
          expect(Object.fromEntries(message?.files.map((one) => [one.mediaId, one.state]) ?? [])).toEqual(
            Object.fromEntries([...expected].map(([id, all]) => [String(id), all.some(({ bytes }) => bytes) ? 'stored' : 'waiting'])),
          );
        });
        await fc.assert(property, { numRuns: 40 });
      });
    });
  });
}
