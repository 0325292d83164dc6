/** What a webhook left out is fetched afterwards. Called for SQLite and for PostgreSQL. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readMessages, readRevisions } from '../../src/conversations/messages.ts';
import { readConversation } from '../../src/conversations/reading.ts';
import { enrichDue } from '../../src/intake/enrich.ts';
import { createIntake, type Intake } from '../../src/intake/intake.ts';
import { listQuarantine, replay } from '../../src/intake/quarantine.ts';
import { type Channel, ConnectorError, fetchedByUs, type InboundEvent, type Json } from '../../src/kit/index.ts';
import { readContact } from '../../src/people/contacts.ts';
import { newId } from '../../src/store/ids.ts';
import type { Store } from '../../src/store/store.ts';
import { quiet, testClock } from '../support/context.ts';
import { channelOf, customer, said } from '../support/intake.ts';
import type { TestStore } from '../support/store.ts';

const base = 1_700_000_000_000;
const hour = 3_600_000;

export function describeEnriching(name: string, given: () => Promise<TestStore>): void {
  describe(`what a webhook left out, on ${name}`, () => {
    let test: TestStore;
    let store: Store;
    let intake: Intake;
    const clock = testClock();
    const channel = channelOf('talk');
    const channels = new Map([['talk', channel]]);
    beforeAll(async () => {
      test = await given();
      store = test.store;
      intake = createIntake({ store, now: clock.now, id: newId, log: quiet });
    });
    afterAll(() => test.drop());

    const accept = (payload: Json) => intake.accept({ channel, proof: fetchedByUs(), payload });
    const state = async (payload: Json) => (await accept(payload)).state;
    const only = async (thread: string) => store.read.selectFrom('conversations').selectAll().where('thread', '=', thread).executeTakeFirstOrThrow();
    const messagesOf = async (thread: string) => readMessages(store.read, (await only(thread)).id);
    const texts = async (conversation: string) => (await readMessages(store.read, conversation)).map(({ text }) => text);
    const again = (arrival: string) => replay({ store, intake, channels, ids: [arrival] });

    const thin = (thread: string, more: object = {}) =>
      said(thread, `${thread}-1`, 'short…', {
        enrich: { url: `/${thread}` },
        from: { role: 'contact', id: thread, identities: [{ kind: 'account', value: thread, verified: true }] },
        ...more,
      });
    const full = (thread: string, more: object = {}): InboundEvent =>
      said(thread, `${thread}-1`, 'short and then all of it', {
        html: '<p>all of it</p>',
        from: customer(thread, {
          name: 'Nina',
          company: 'Gym Nina',
          identities: [
            { kind: 'account', value: thread, verified: true },
            { kind: 'email', value: `${thread}@example.com`, verified: true },
          ],
        }),
        media: [{ id: 'f', name: 'a.jpg', ref: { url: '1' } }],
        ...more,
      }) as unknown as InboundEvent;
    const options = (enrich: NonNullable<Channel['enrich']>) => ({
      store,
      intake,
      channels: new Map([['talk', channelOf('talk', { enrich })]]),
      now: clock.now,
      log: quiet,
    });
    const waiting = async () => (await store.read.selectFrom('enrichments').select(['state', 'attempts', 'error']).execute()) as object[];

    it('is fetched after the commit and fills what was missing, without an edit', async () => {
      expect(await state(thin('thin'))).toBe('stored');
      const before = await only('thin');
      const enrich = vi.fn(async (_event: InboundEvent) => [full('thin')]);
      expect(await enrichDue(options(enrich))).toBe(1);
      expect(enrich.mock.calls[0]?.[0]).toMatchObject({ type: 'message', id: 'thin-1', enrich: { url: '/thin' } });
      const [message] = await messagesOf('thin');
      expect(message).toMatchObject({ text: 'short and then all of it', html: '<p>all of it</p>', author: { name: 'Nina' }, editedAt: null });
      expect(message?.files.map((file) => file.name)).toEqual(['a.jpg']);
      expect(await readRevisions(store.read, message?.id ?? '')).toEqual([]);
      const after = await only('thin');
      expect(after).toMatchObject({ contact_id: before.contact_id, last_text: 'short and then all of it', message_count: 1, unread: 1 });
      expect(after.version).toBe(before.version + 1);
      expect(await readConversation(store.read, after.id)).toMatchObject({ company: { name: 'Gym Nina' }, contact: { name: 'Nina' } });
      expect((await readContact(store.read, after.contact_id))?.identities.map(({ value }) => value).sort()).toEqual(['thin', 'thin@example.com']);
      expect(await waiting()).toEqual([]);
      // Neither the thin one nor the full one says anything new now.
      expect([await state(thin('thin')), await state(full('thin') as unknown as Json)]).toEqual(['repeated', 'repeated']);
      expect(await only('thin')).toEqual(after);
      expect(await enrichDue(options(enrich))).toBe(0);
    });

    it('shows that its author is somebody we know', async () => {
      await accept(said('known', 'known-0', 'oi', { from: customer('k', { identities: [{ kind: 'email', value: 'known-2@example.com', verified: true }] }) }));
      const { contact_id } = await only('known');
      await accept(thin('known-2', { from: { role: 'contact', id: 'anon', identities: [] } }));
      await enrichDue(options(async () => [full('known-2')]));
      expect(await only('known-2')).toMatchObject({ contact_id });
      expect((await messagesOf('known-2'))[0]?.contact).toBe(contact_id);
    });

    it('never undoes an edit or a deletion that came meanwhile', async () => {
      await accept(thin('late-edit'));
      await accept(thin('late-gone'));
      await accept({ type: 'edited', thread: 'late-edit', id: 'late-edit-1', text: 'corrected', at: base + 1 });
      await accept({ type: 'deleted', thread: 'late-gone', id: 'late-gone-1', at: base + 1 });
      await enrichDue(options(async ({ thread }) => [full(thread)]));
      expect((await messagesOf('late-edit'))[0]).toMatchObject({ text: 'corrected', html: null, author: { name: 'Nina' } });
      expect((await messagesOf('late-gone'))[0]).toMatchObject({ text: '', html: null, deletedAt: base + 1, files: [] });
    });

    it('is asked for again, later each time, and at last shown to ops, whose replay asks once more', async () => {
      await accept(thin('retry'));
      const enrich = vi.fn<NonNullable<Channel['enrich']>>(async () => {
        throw new ConnectorError('unavailable', 'not now', { retry: 'backoff' });
      });
      expect(await enrichDue(options(enrich))).toBe(1);
      expect(await enrichDue(options(enrich))).toBe(0);
      expect(await waiting()).toEqual([{ state: 'waiting', attempts: 1, error: 'not now' }]);
      clock.advance(hour);
      enrich.mockImplementation(async () => {
        throw new ConnectorError('forbidden', 'the key may not read contacts');
      });
      expect(await enrichDue(options(enrich))).toBe(1);
      clock.advance(hour);
      expect(await enrichDue(options(enrich))).toBe(0);
      const kept = (await listQuarantine(store.read)).find(({ payload }) => payload.includes('retry-1'));
      expect(kept?.error).toContain('the key may not read contacts');
      expect(await texts((await only('retry')).id)).toEqual(['short…']);
      expect(await again(kept?.id ?? '')).toEqual({ replayed: 1, kept: [] });
      expect(await enrichDue(options(async () => [full('retry')]))).toBe(1);
      expect(await texts((await only('retry')).id)).toEqual(['short and then all of it']);
      expect(await waiting()).toEqual([]);
    });

    it('may be other messages, and something that cannot be written yet', async () => {
      await accept(thin('more'));
      const edit = { type: 'edited', thread: 'more', id: 'more-9', text: 'better', at: base + 9 } as InboundEvent;
      const second = said('more', 'more-2', 'second', { at: base + 5 }) as unknown as InboundEvent;
      expect(await enrichDue(options(async () => [second, edit]))).toBe(1);
      expect(await waiting()).toMatchObject([{ state: 'waiting', attempts: 1 }]);
      await accept(said('more', 'more-9', 'worse', { at: base + 6 }));
      clock.advance(hour);
      await enrichDue(options(async () => [second, edit]));
      expect(await texts((await only('more')).id)).toEqual(['short…', 'second', 'better']);
      expect(await waiting()).toEqual([]);
    });

    it('is not asked for without end: an answer that asks the same again is the answer', async () => {
      await accept(thin('loop'));
      const enrich = vi.fn(async () => [full('loop', { enrich: { url: '/loop' } })]);
      await enrichDue(options(enrich));
      expect(await enrichDue(options(enrich))).toBe(0);
      expect(enrich).toHaveBeenCalledTimes(1);
    });
  });
}
