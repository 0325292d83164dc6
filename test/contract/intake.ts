/** What becomes of arrivals. Called for SQLite and for PostgreSQL. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readMessages, readRevisions } from '../../src/conversations/messages.ts';
import { listConversations, readConversation } from '../../src/conversations/reading.ts';
import { downloadDue } from '../../src/intake/downloads.ts';
import { createIntake, type Intake } from '../../src/intake/intake.ts';
import { listQuarantine, replay } from '../../src/intake/quarantine.ts';
import { ConnectorError, fetchedByUs, type Json } from '../../src/kit/index.ts';
import { readContact } from '../../src/people/contacts.ts';
import { newId } from '../../src/store/ids.ts';
import type { ConversationsTable } from '../../src/store/schema.ts';
import type { Store } from '../../src/store/store.ts';
import { quiet, testClock } from '../support/context.ts';
import { channelOf, customer, said } from '../support/intake.ts';
import type { TestStore } from '../support/store.ts';

export function describeIntake(name: string, open: () => Promise<TestStore>): void {
  describe(`intake on ${name}`, () => {
    let test: TestStore;
    let store: Store;
    let intake: Intake;
    const clock = testClock();
    const channel = channelOf('talk');
    beforeAll(async () => {
      test = await open();
      store = test.store;
      intake = createIntake({ store, now: clock.now, id: newId, log: quiet });
    });
    afterAll(() => test.drop());

    const accept = (payload: Json, deliveryKey?: string) => intake.accept({ channel, proof: fetchedByUs(), payload, deliveryKey });
    const of = async (thread: string): Promise<ConversationsTable[]> =>
      store.read.selectFrom('conversations').selectAll().where('thread', '=', thread).orderBy('started_at').orderBy('id').execute();
    const only = async (thread: string): Promise<ConversationsTable> => {
      const [one, ...others] = await of(thread);
      if (!one || others.length) throw new Error(`${thread} has ${others.length + (one ? 1 : 0)} conversations`);
      return one;
    };
    const texts = async (conversation: string) => (await readMessages(store.read, conversation)).map(({ text }) => text);
    const end = (id: string, by: 'vendor' | 'closing' = 'closing') =>
      store.write((tx) => tx.updateTable('conversations').set({ state: 'ended', ended_by: by, ended_at: clock.now() }).where('id', '=', id).execute());
    const arrivals = async (like: string) => store.read.selectFrom('arrivals').select(['state', 'error']).where('payload', 'like', `%${like}%`).execute();

    describe('messages', () => {
      it('are stored once, however often they come', async () => {
        expect((await accept(said('once', 'once-1', 'oi'), 'd1')).state).toBe('stored');
        const before = await only('once');
        expect((await accept(said('once', 'once-1', 'oi'), 'd1')).state).toBe('repeated');
        expect((await accept(said('once', 'once-1', 'oi'), 'd2')).state).toBe('repeated');
        expect((await accept([said('once', 'once-1', 'oi'), said('once', 'once-1', 'oi')])).state).toBe('repeated');
        expect(await only('once')).toEqual(before);
        expect(await texts(before.id)).toEqual(['oi']);
        expect(await arrivals('once-1')).toHaveLength(1);
      });

      it('that come again after their conversation ended open nothing', async () => {
        await accept(said('again', 'again-1', 'oi'));
        await end((await only('again')).id);
        expect((await accept(said('again', 'again-1', 'oi'))).state).toBe('repeated');
        expect((await only('again')).state).toBe('ended');
      });

      it('bring conversation, contact and identity with them', async () => {
        await accept(said('new', 'new-1', '  Catraca   não libera ', { subject: 'Ajuda' }));
        const conversation = await only('new');
        expect(conversation).toMatchObject({
          channel: 'talk',
          state: 'open',
          subject: 'Ajuda',
          last_text: 'Catraca não libera',
          message_count: 1,
          unread: 1,
          version: 1,
          last_at: 1_700_000_000_000,
        });
        expect(conversation.reply_token).toMatch(/^[0-9a-f]{26}$/);
        expect(await readContact(store.read, conversation.contact_id)).toMatchObject({
          name: 'Name of new',
          identities: [{ kind: 'account', value: 'new', scope: 'talk', verified: true }],
        });
      });

      it('sort by source time, then by the vendor, and a late one changes neither preview nor time', async () => {
        const at = (time: number, order = '') => ({ at: 1_000_000 + time, order });
        await accept(said('order', 'order-3', 'third', at(2, 'a')));
        await accept(said('order', 'order-4', 'fourth', at(2, 'b')));
        await accept(said('order', 'order-1', 'first', at(0)));
        await accept(said('order', 'order-2', 'second', at(1)));
        const conversation = await only('order');
        expect(await texts(conversation.id)).toEqual(['first', 'second', 'third', 'fourth']);
        expect(conversation).toMatchObject({ last_text: 'fourth', last_at: 1_000_002, message_count: 4, version: 4 });
      });

      it('read the same in whatever order, groups and repetitions they arrive', async () => {
        let run = 0;
        const property = fc.asyncProperty(
          fc.uniqueArray(fc.record({ id: fc.nat(20), at: fc.nat(5), order: fc.constantFrom('', 'a', 'b') }), { selector: ({ id }) => id, minLength: 1 }),
          fc.infiniteStream(fc.nat()),
          fc.nat(3),
          async (messages, random, repeats) => {
            const thread = `property-${run++}`;
            const again = Array.from({ length: repeats }, () => messages).flat();
            const shuffled = [...again, ...messages].map((message) => ({ message, by: random.next().value })).sort((a, b) => a.by - b.by);
            await Promise.all(shuffled.map(({ message: { id, at, order } }) => accept(said(thread, `${thread}-${id}`, `${at}${order}`, { at, order }))));
            const conversation = await only(thread);
            expect(conversation.message_count).toBe(messages.length);
            expect(await texts(conversation.id)).toEqual(messages.map(({ at, order }) => `${at}${order}`).sort());
          },
        );
        await fc.assert(property, { numRuns: 25 });
      });

      it('of agents and bots stand as sent, and an answer marks the conversation as read', async () => {
        await accept(said('agent', 'agent-1', 'oi'));
        await accept(said('agent', 'agent-2', 'automatic hello', { from: { role: 'bot', id: 'b', identities: [] } }));
        expect(await only('agent')).toMatchObject({ unread: 1 });
        await accept(said('agent', 'agent-3', 'hello, Ana here', { from: { role: 'agent', id: 'ana', name: 'Ana', identities: [] } }));
        const conversation = await only('agent');
        expect(conversation.unread).toBe(0);
        expect((await readMessages(store.read, conversation.id)).map((one) => [one.direction, one.sending, one.contact === null])).toEqual([
          ['in', 'received', false],
          ['out', 'sent', true],
          ['out', 'sent', true],
        ]);
      });

      it('that are internal are never a preview', async () => {
        await accept(said('inner', 'inner-1', 'seen by all'));
        await accept(said('inner', 'inner-2', 'only for us', { kind: 'internal', at: 1_800_000_000_000, from: { role: 'agent', id: 'a', identities: [] } }));
        expect(await only('inner')).toMatchObject({ last_text: 'seen by all', unread: 1, message_count: 2 });
      });

      it('may hold NUL characters, which a database refuses', async () => {
        expect((await accept(said('nul', 'nul-1', 'a\0b'))).state).toBe('stored');
        expect(await texts((await only('nul')).id)).toEqual(['ab']);
      });

      it('share a transaction when they come together', async () => {
        const batch = vi.spyOn(store, 'batch');
        await Promise.all(Array.from({ length: 50 }, (_, i) => accept(said(`group-${i}`, `group-${i}`, 'x'))));
        expect(batch).toHaveBeenCalledTimes(1);
        batch.mockRestore();
      });
    });

    describe('the place of a message', () => {
      it('is the open conversation that it answers, though its thread is another', async () => {
        await accept(said('mail-a', 'mail-a1', 'first'));
        await accept(said('mail-b', 'mail-b1', 'answer', { follows: ['unknown', 'mail-a1'] }));
        expect(await texts((await only('mail-a')).id)).toEqual(['first', 'answer']);
        expect(await of('mail-b')).toEqual([]);
      });

      it('is a new conversation that continues the ended one, and then that one', async () => {
        await accept(said('cont', 'cont-1', 'first'));
        const first = await only('cont');
        await end(first.id);
        await accept(said('cont-later', 'cont-2', 'late answer', { follows: ['cont-1'] }));
        const next = await only('cont-later');
        expect(next).toMatchObject({ continues_id: first.id, state: 'open' });
        await accept(said('cont-even-later', 'cont-3', 'another answer to the first', { follows: ['cont-1'] }));
        expect(await texts(next.id)).toEqual(['late answer', 'another answer to the first']);
        expect(await of('cont-even-later')).toEqual([]);
      });

      it('is named by the token of our reply address, and by no other', async () => {
        await accept(said('token', 'token-1', 'first'));
        const conversation = await only('token');
        await accept(said('token-b', 'token-2', 'second', { replyToken: conversation.reply_token }));
        await accept(said('token-c', 'token-3', 'third', { replyToken: `${conversation.reply_token.slice(0, -1)}g` }));
        expect(await texts(conversation.id)).toEqual(['first', 'second']);
        expect(await texts((await only('token-c')).id)).toEqual(['third']);
      });

      it('is on its own channel, whatever the ids', async () => {
        await accept(said('mine', 'mine-1', 'x'));
        const token = (await only('mine')).reply_token;
        const elsewhere = { channel: channelOf('elsewhere'), proof: fetchedByUs() };
        await intake.accept({ ...elsewhere, payload: said('theirs', 'theirs-1', 'y', { follows: ['mine-1'], replyToken: token }) });
        expect(await texts((await only('mine')).id)).toEqual(['x']);
        expect(await only('theirs')).toMatchObject({ channel: 'elsewhere', continues_id: null });
      });

      it('is nowhere for an automatic message that has nothing to join', async () => {
        const auto = { automatic: 'auto-reply' as const };
        expect((await accept(said('auto', 'auto-1', 'I am on holiday', auto))).state).toBe('stored');
        expect(await of('auto')).toEqual([]);
        expect(await arrivals('auto-1')).toEqual([{ state: 'understood', error: null }]);
        await accept(said('auto', 'auto-2', 'a real one'));
        await accept(said('auto', 'auto-3', 'I am still on holiday', { ...auto, at: 1_700_000_000_001 }));
        expect(await only('auto')).toMatchObject({ message_count: 2, unread: 1 });
        await end((await only('auto')).id);
        await accept(said('auto', 'auto-4', 'holiday again', auto));
        expect((await only('auto')).message_count).toBe(2);
      });
    });

    describe('people', () => {
      const email = (value: string, verified: boolean) => ({ kind: 'email' as const, value, verified });

      it('are the same contact wherever a verified identity says so', async () => {
        await accept(said('p1', 'p1-1', 'x', { from: customer('p1', { identities: [email('maria@example.com', true)] }) }));
        await accept(
          said('p2', 'p2-1', 'x', {
            from: customer('p2', { identities: [email('maria@example.com', true), { kind: 'phone', value: '+551199', verified: true }] }),
          }),
        );
        await accept(said('p3', 'p3-1', 'x', { from: customer('p3', { identities: [{ kind: 'phone', value: '+551199', verified: true }] }) }));
        const contacts = await Promise.all(['p1', 'p2', 'p3'].map(async (thread) => (await only(thread)).contact_id));
        expect(new Set(contacts).size).toBe(1);
      });

      it('are never joined, named or found by what they claim', async () => {
        await accept(said('owner', 'owner-1', 'x', { from: customer('owner', { identities: [email('vera@example.com', true)] }) }));
        const forged = customer('forger', { name: 'Vera', identities: [email('vera@example.com', false)] });
        await accept(said('forged', 'forged-1', 'send me everything', { from: forged }));
        await accept(said('forged', 'forged-2', 'please', { from: forged }));
        await accept(said('forged-b', 'forged-3', 'and again', { from: forged }));
        const [owner, one, other] = await Promise.all(['owner', 'forged', 'forged-b'].map(async (thread) => (await only(thread)).contact_id));
        expect(new Set([owner, one, other]).size).toBe(3);
        const contact = await readContact(store.read, one ?? '');
        expect(contact?.identities).toEqual([{ kind: 'email', value: 'vera@example.com', scope: '', verified: false }]);
        await accept(said('owner', 'owner-2', 'x', { from: customer('owner', { identities: [email('vera@example.com', true)] }) }));
        expect((await readContact(store.read, owner ?? ''))?.name).toBe('Name of owner');
      });

      it('keep their account apart by place', async () => {
        const account = (scope: string) => customer('u', { identities: [{ kind: 'account', value: 'u77', scope, verified: true }] });
        await accept(said('place-1', 'place-1', 'x', { from: account('inbox 1') }));
        await accept(said('place-2', 'place-2', 'x', { from: account('inbox 2') }));
        expect((await only('place-1')).contact_id).not.toBe((await only('place-2')).contact_id);
      });

      it('get a real name in place of an address, and keep it', async () => {
        const { name: _, ...nameless } = customer('n', { identities: [email('nina@example.com', true)] });
        await accept(said('name', 'name-1', 'x', { from: nameless }));
        const { contact_id } = await only('name');
        expect((await readContact(store.read, contact_id))?.name).toBe('nina@example.com');
        await accept(said('name', 'name-2', 'x', { from: { ...nameless, name: 'Nina' } }));
        await accept(said('name', 'name-3', 'x', { from: { ...nameless, name: 'N. N.' } }));
        expect((await readContact(store.read, contact_id))?.name).toBe('Nina');
      });

      it('belong to companies, found by their folded name; one alone is the conversation’s', async () => {
        await accept(said('gym-1', 'gym-1', 'x', { from: customer('marcelo', { company: 'Academia Corpo São' }) }));
        await accept(said('gym-2', 'gym-2', 'x', { from: customer('lucia', { company: '  academia CORPO sao' }) }));
        const [first, second] = [await only('gym-1'), await only('gym-2')];
        expect(first.company_id).not.toBeNull();
        expect(second.company_id).toBe(first.company_id);
        await accept(said('gym-3', 'gym-3', 'x', { from: customer('marcelo', { company: 'Other Gym' }) }));
        expect(await only('gym-3')).toMatchObject({ company_id: null, contact_id: first.contact_id });
        expect((await readContact(store.read, first.contact_id))?.companies.map((company) => company.name).sort()).toEqual(['Academia Corpo São', 'Other Gym']);
      });

      it('come second when an agent wrote first', async () => {
        await accept(said('outbound', 'outbound-1', 'hello, may we help?', { from: { role: 'agent', id: 'ana', name: 'Ana', identities: [] } }));
        expect((await only('outbound')).unread).toBe(0);
        await accept(said('outbound', 'outbound-2', 'yes please'));
        const { contact_id } = await only('outbound');
        expect((await readContact(store.read, contact_id))?.name).toBe('Name of outbound');
      });
    });

    describe('changes', () => {
      it('keep what a message said before', async () => {
        await accept(said('edit', 'edit-1', 'one', { html: '<p>one</p>' }));
        const edited = (text: string, at: number) => accept({ type: 'edited', thread: 'edit', id: 'edit-1', text, at });
        await edited('two', 10);
        expect((await edited('two', 10)).state).toBe('repeated');
        await edited('overtaken', 5);
        await accept({ type: 'deleted', thread: 'edit', id: 'edit-1', at: 20 });
        const conversation = await only('edit');
        const [message] = await readMessages(store.read, conversation.id);
        expect(message).toMatchObject({ text: '', html: null, editedAt: 10, deletedAt: 20 });
        expect((await readRevisions(store.read, message?.id ?? '')).map(({ kind, text }) => `${kind} ${text}`)).toEqual([
          'edited overtaken',
          'edited one',
          'deleted two',
        ]);
        expect(conversation.version).toBe(3);
      });

      it('of a message that is not known wait in quarantine, and count when it came', async () => {
        const outcome = await accept([said('early', 'early-0', 'stays'), { type: 'edited', thread: 'early', id: 'early-1', text: 'better', at: 10 }]);
        expect(outcome.state).toBe('quarantined');
        expect(await texts((await only('early')).id)).toEqual(['stays']);
        await accept(said('early', 'early-1', 'worse', { at: 1_700_000_000_001 }));
        const channels = new Map([['talk', channel]]);
        expect(await replay({ store, intake, channels, ids: [outcome.arrival] })).toEqual({ replayed: 1, kept: [] });
        expect(await texts((await only('early')).id)).toEqual(['stays', 'better']);
        expect(await arrivals('early-0')).toEqual([{ state: 'replayed', error: null }]);
      });

      it('end a conversation, which then waits to be filed; the next message continues it', async () => {
        await accept(said('over', 'over-1', 'x', { at: 1000 }));
        await accept({ type: 'ended', thread: 'over', at: 5000 });
        const ended = await only('over');
        expect(ended).toMatchObject({ state: 'ended', ended_by: 'vendor', ended_at: 5000, filed_at: null, version: 2 });
        expect((await listConversations(store.read, { view: 'unfiled' })).items.map(({ id }) => id)).toContain(ended.id);
        await accept(said('over', 'over-late', 'overtaken on the way', { at: 4000 }));
        expect(await texts(ended.id)).toEqual(['x', 'overtaken on the way']);
        await accept(said('over', 'over-2', 'hello again', { at: 6000 }));
        const [, next] = await of('over');
        expect(next).toMatchObject({ state: 'open', continues_id: ended.id });
        expect((await accept({ type: 'ended', thread: 'nobody', at: 1 })).state).toBe('stored');
      });
    });

    describe('quarantine', () => {
      it('keeps what is unknown, alone, while the others of the batch go on', async () => {
        const outcomes = await Promise.all([
          accept(said('q', 'q-1', 'one')),
          accept({ type: 'sticker', of: 'q-unknown' }),
          accept({ ...(said('q', 'q-bad', 'x') as object), from: { role: 'contact', id: null, identities: [{ kind: 'email', value: null, verified: true }] } }),
          accept({ ...(said('q', 'q-time', 'x') as object), at: 'yesterday' }),
          accept(said('q', 'q-2', 'two', { at: 1_700_000_000_001 })),
        ]);
        expect(outcomes.map(({ state }) => state)).toEqual(['stored', 'quarantined', 'quarantined', 'quarantined', 'stored']);
        expect(await texts((await only('q')).id)).toEqual(['one', 'two']);
        const list = await listQuarantine(store.read, { limit: 3 });
        expect(list.map(({ id }) => id).sort()).toEqual(
          outcomes
            .slice(1, 4)
            .map(({ arrival }) => arrival)
            .sort(),
        );
        expect(list.find(({ payload }) => payload.includes('q-unknown'))?.error).toContain('unknown');
        expect(list.find(({ payload }) => payload.includes('q-bad'))?.error).toContain('could not be written');
      });

      it('is replayed once a newer version understands it', async () => {
        const { arrival } = await accept({ sticker: 'smile' });
        const channels = new Map([['talk', channel]]);
        expect(await replay({ store, intake, channels, ids: [arrival] })).toEqual({ replayed: 0, kept: [arrival] });
        const newer = channelOf('talk', { normalize: () => [{ ...(said('smile', 'smile-1', ':)') as object) }] as never });
        const report = await replay({ store, intake, channels: new Map([['talk', newer]]), ids: [arrival] });
        expect(report).toEqual({ replayed: 1, kept: [] });
        expect(await texts((await only('smile')).id)).toEqual([':)']);
        expect(await replay({ store, intake, channels, ids: [arrival] })).toEqual({ replayed: 0, kept: [] });
      });

      it('is no place for what the database could not take: then nothing is acknowledged', async () => {
        const full = Object.assign(new Error('database or disk is full'), { code: name === 'SQLite' ? 'SQLITE_FULL' : '53100' });
        const real = store.batch.bind(store);
        const refuse = (statement: string): boolean => statement.includes('INSERT INTO messages');
        const batch = vi.spyOn(store, 'batch').mockImplementationOnce((work) =>
          real((db) =>
            work({
              ...db,
              run: (statement, ...values) => (refuse(statement) ? Promise.reject(full) : db.run(statement, ...values)),
            }),
          ),
        );
        await expect(accept(said('full', 'full-1', 'x'))).rejects.toThrow('disk is full');
        batch.mockRestore();
        expect(await of('full')).toEqual([]);
        expect((await accept(said('full', 'full-1', 'x'))).state).toBe('stored');
      });
    });

    describe('files', () => {
      const photo = { id: 'f1', name: 'photo.jpg', mime: 'image/jpeg', ref: { url: 'https://vendor/1' } };

      it('are fetched later, and tried again when that fails; the text never waits', async () => {
        await accept(said('file', 'file-1', 'see', { media: [photo, { ...photo, id: 'f2', name: 'gone.jpg' }] }));
        const conversation = await only('file');
        const download = vi.fn<NonNullable<typeof channel.connector.download>>(async ({ id }) => {
          if (id === 'f2') throw new ConnectorError('not-found', 'gone');
          throw new ConnectorError('unavailable', 'not now', { retry: 'backoff' });
        });
        const options = { store, channels: new Map([['talk', channelOf('talk', { download })]]), now: clock.now, log: quiet };
        expect(await downloadDue(options)).toBe(2);
        expect(await downloadDue(options)).toBe(0);
        const files = async () => (await readMessages(store.read, conversation.id))[0]?.files.map(({ state, size }) => [state, size]);
        expect(await files()).toEqual([
          ['waiting', null],
          ['failed', null],
        ]);
        clock.advance(60_000);
        const { Readable } = await import('node:stream');
        download.mockImplementation(async () => Readable.from([Buffer.from('jpeg')]));
        expect(await downloadDue(options)).toBe(1);
        expect(await files()).toEqual([
          ['stored', 4],
          ['failed', null],
        ]);
        expect((await readConversation(store.read, conversation.id))?.version).toBe(3);
      });

      it('that were missing may come with a repeat', async () => {
        const blob = await store.blobs.put(Buffer.from('here'));
        await accept(said('repeat', 'repeat-1', '', { media: [photo] }));
        expect(await only('repeat')).toMatchObject({ last_text: '📎 photo.jpg', version: 1 });
        const complete = said('repeat', 'repeat-1', '', {
          media: [
            { ...photo, blob: blob.sha256, size: blob.size },
            { ...photo, id: 'f9', name: 'second.jpg' },
          ],
        });
        expect((await accept(complete)).state).toBe('stored');
        expect((await accept(complete)).state).toBe('repeated');
        const conversation = await only('repeat');
        expect((await readMessages(store.read, conversation.id))[0]?.files.map(({ name: file, state }) => `${file} ${state}`)).toEqual([
          'photo.jpg stored',
          'second.jpg waiting',
        ]);
        expect(conversation).toMatchObject({ version: 2, message_count: 1 });
      });
    });
  });
}
