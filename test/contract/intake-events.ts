/** What becomes of what channels tell beyond messages. Called for SQLite and for PostgreSQL. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Closings, createClosings } from '../../src/closing/commit.ts';
import { decision } from '../../src/closing/decision.ts';
import { digestOf } from '../../src/closing/digest.ts';
import { readMessage, readMessages } from '../../src/conversations/messages.ts';
import { listConversations, readConversation } from '../../src/conversations/reading.ts';
import { addReply, assign } from '../../src/conversations/writing.ts';
import { createInProcessDispatch } from '../../src/delivery/dispatch/in-process.ts';
import { createGroup } from '../../src/delivery/group.ts';
import { finish } from '../../src/delivery/outcome.ts';
import { queueReply } from '../../src/delivery/replies.ts';
import { createIntake, type Intake } from '../../src/intake/intake.ts';
import { listQuarantine, replay } from '../../src/intake/quarantine.ts';
import { fetchedByUs, type Json } from '../../src/kit/index.ts';
import { addAgent } from '../../src/people/agents.ts';
import { readContact, searchContacts } from '../../src/people/contacts.ts';
import { newId } from '../../src/store/ids.ts';
import type { ConversationsTable } from '../../src/store/schema.ts';
import type { Store } from '../../src/store/store.ts';
import { quiet, testClock } from '../support/context.ts';
import { openOperation } from '../support/deliveries.ts';
import { channelOf, customer, said } from '../support/intake.ts';
import type { TestStore } from '../support/store.ts';

const base = 1_700_000_000_000;
const hour = 3_600_000;

export function describeIntakeEvents(name: string, open: () => Promise<TestStore>): void {
  describe(`events of channels on ${name}`, () => {
    let test: TestStore;
    let store: Store;
    let intake: Intake;
    const clock = testClock();
    const channel = channelOf('talk');
    const channels = new Map([['talk', channel]]);
    beforeAll(async () => {
      test = await open();
      store = test.store;
      intake = createIntake({ store, now: clock.now, id: newId, log: quiet });
      await store.write((tx) => addAgent(tx, { id: 'ana', name: 'Ana', email: 'ana@desk.example', role: 'agent', locale: 'en' }, 1));
      await store.write((tx) => addAgent(tx, { id: 'bia', name: 'Bia', email: 'bia@desk.example', role: 'agent', locale: 'en' }, 1));
    });
    afterAll(() => test.drop());

    const accept = (payload: Json) => intake.accept({ channel, proof: fetchedByUs(), payload });
    const state = async (payload: Json) => (await accept(payload)).state;
    const of = async (thread: string): Promise<ConversationsTable[]> =>
      store.read.selectFrom('conversations').selectAll().where('thread', '=', thread).orderBy('started_at').orderBy('id').execute();
    const only = async (thread: string): Promise<ConversationsTable> => {
      const [one, ...others] = await of(thread);
      if (!one || others.length) throw new Error(`${thread} has ${others.length + (one ? 1 : 0)} conversations`);
      return one;
    };
    const messagesOf = async (thread: string) => readMessages(store.read, (await only(thread)).id);
    const texts = async (conversation: string) => (await readMessages(store.read, conversation)).map(({ text }) => text);
    const again = (arrival: string) => replay({ store, intake, channels, ids: [arrival] });

    describe('a reaction', () => {
      const reacted = (id: string, emoji: string | null, at: number, who = 'maria', named = 'Maria') =>
        accept({ type: 'reaction', thread: 'react', id, emoji, at, from: { role: 'contact', id: who, name: named, identities: [] } } as Json);

      it('stands once a person, goes when it is taken back, and makes nothing newer', async () => {
        await accept(said('react', 'react-1', 'oi'));
        const before = await only('react');
        await reacted('react-1', '👍', 10);
        await reacted('react-1', '👍', 11, 'joao', 'João');
        await reacted('react-1', '😮', 12, 'lia', '');
        expect((await messagesOf('react'))[0]?.reactions).toEqual([
          { emoji: '👍', names: ['Maria', 'João'] },
          { emoji: '😮', names: [''] },
        ]);
        expect((await reacted('react-1', '👍', 11, 'joao')).state).toBe('repeated');
        await reacted('react-1', '❤️', 20);
        await reacted('react-1', null, 30);
        expect((await reacted('react-1', '👍', 25)).state).toBe('repeated');
        expect((await messagesOf('react'))[0]?.reactions).toEqual([
          { emoji: '👍', names: ['João'] },
          { emoji: '😮', names: [''] },
        ]);
        expect(await only('react')).toEqual(before);
      });

      it('to a message that is not known opens nothing, and counts once it came', async () => {
        const outcome = await reacted('react-2', '🙏', 10);
        expect(outcome.state).toBe('quarantined');
        await accept(said('react', 'react-2', 'obrigada', { at: base + 1 }));
        expect(await again(outcome.arrival)).toEqual({ replayed: 1, kept: [] });
        expect((await messagesOf('react'))[1]?.reactions).toEqual([{ emoji: '🙏', names: ['Maria'] }]);
      });
    });

    describe('a receipt', () => {
      const told = (id: string | undefined, what: string, at = base, more = {}) =>
        state({ type: 'receipt', thread: 'receipts', ...(id === undefined ? {} : { id }), state: what, at, ...more } as Json);
      /** A reply as an agent writes it, queued; `answer` is what the send's answer causes. */
      async function reply(conversation: string): Promise<{ id: string; answer(externalId: string): Promise<void> }> {
        const message = { id: newId(), conversation, agent: { id: 'ana', name: 'Ana' }, text: 'hello', files: [], at: clock.now(), newId };
        const delivery = newId();
        await store.write(async (tx) => {
          await addReply(tx, message);
          await queueReply(tx, {
            delivery,
            message: { id: message.id, kind: 'public' },
            conversation: { id: conversation, channel: 'talk' },
            now: clock.now(),
          });
        });
        const row = await store.read.selectFrom('deliveries').selectAll().where('id', '=', delivery).executeTakeFirstOrThrow();
        return {
          id: message.id,
          answer: (externalId) =>
            store.batch((db) =>
              finish(
                db,
                { ...row, plan: null, decision: null },
                { at: clock.now(), outcome: { kind: 'channel', externalId, thread: null }, unclear: false, ticketId: '', meaning: () => undefined },
              ),
            ),
        };
      }
      const shown = async (id: string) => {
        const message = await readMessage(store.read, id);
        return [message?.sending, message?.receipt, message?.receiptAt, message?.failure];
      };

      it('only goes up', async () => {
        await accept(said('receipts', 'receipts-1', 'oi'));
        const { id, answer } = await reply((await only('receipts')).id);
        await answer('out-1');
        const before = await only('receipts');
        expect(await told('out-1', 'delivered', 100)).toBe('stored');
        expect(await shown(id)).toEqual(['sent', 'delivered', 100, null]);
        expect(await told('out-1', 'read', 200)).toBe('stored');
        expect(await told('out-1', 'delivered', 300)).toBe('repeated');
        expect(await told('out-1', 'read', 400)).toBe('repeated');
        expect(await shown(id)).toEqual(['sent', 'read', 200, null]);
        expect(await only('receipts')).toEqual(before);
      });

      it('of a failure after the sending says why, and stands', async () => {
        const { id, answer } = await reply((await only('receipts')).id);
        await answer('out-2');
        expect(await told('out-2', 'failed', 100, { reason: 'not a number of this network' })).toBe('stored');
        expect(await told('out-2', 'delivered', 200)).toBe('repeated');
        expect(await shown(id)).toEqual(['failed', null, 100, 'not a number of this network']);
      });

      it('that comes before the answer to the send is neither lost nor anybody’s work', async () => {
        const { id, answer } = await reply((await only('receipts')).id);
        expect(await told('out-3', 'read', 200)).toBe('stored');
        expect(await told('out-3', 'delivered', 100)).toBe('repeated');
        expect(await shown(id)).toEqual(['queued', null, null, null]);
        await answer('out-3');
        expect(await shown(id)).toEqual(['sent', 'read', 200, null]);
        expect(await store.read.selectFrom('waiting_receipts').select('external_id').execute()).toEqual([]);
        expect((await listQuarantine(store.read)).filter(({ payload }) => payload.includes('receipt'))).toEqual([]);
      });

      it('of a whole thread counts for what was sent by then', async () => {
        const conversation = (await only('receipts')).id;
        const first = await reply(conversation);
        await first.answer('out-4');
        const until = clock.now();
        clock.advance(1000);
        const second = await reply(conversation);
        await second.answer('out-5');
        expect(await told(undefined, 'read', until)).toBe('stored');
        expect([await shown(first.id), await shown(second.id)]).toEqual([
          ['sent', 'read', until, null],
          ['sent', null, null, null],
        ]);
        expect(await told(undefined, 'read', until)).toBe('repeated');
      });

      it('ends the same in whatever order receipts and the answer come', async () => {
        const conversation = (await only('receipts')).id;
        const steps = fc.shuffledSubarray(['delivered', 'read', 'failed', 'answer'] as const, { minLength: 1, maxLength: 4 });
        const property = fc.asyncProperty(steps, async (order) => {
          const { id, answer } = await reply(conversation);
          const external = `any-${id}`;
          for (const step of order) await (step === 'answer' ? answer(external) : told(external, step));
          if (!order.includes('answer')) await answer(external);
          const [sending, receipt] = await shown(id);
          const failed = order.includes('failed');
          expect(sending).toBe(failed ? 'failed' : 'sent');
          expect(receipt).toBe(failed ? null : order.includes('read') ? 'read' : order.includes('delivered') ? 'delivered' : null);
        });
        await fc.assert(property, { numRuns: 20 });
      });
    });

    describe('an assignment', () => {
      const assigned = (agent: string | null, at: number, verified = true) =>
        state({
          type: 'assigned',
          thread: 'assign',
          at,
          agent: agent && { role: 'agent', id: agent, identities: [{ kind: 'email', value: `${agent}@desk.example`, verified }] },
        } as Json);
      const assignee = async () => (await only('assign')).assignee_id;

      it('is taken over for agents of ours, by their verified address, and by source time', async () => {
        await accept(said('assign', 'assign-1', 'oi'));
        const { version } = await only('assign');
        expect(await assigned('Ana', 10)).toBe('stored');
        expect(await assignee()).toBe('ana');
        expect(await assigned('bia', 5)).toBe('repeated');
        expect(await assigned('stranger', 20)).toBe('stored');
        expect(await assigned('bia', 30, false)).toBe('stored');
        expect(await assignee()).toBe('ana');
        expect(await assigned('bia', 40)).toBe('stored');
        expect(await assignee()).toBe('bia');
        expect(await assigned(null, 50)).toBe('stored');
        expect(await assignee()).toBeNull();
        expect((await only('assign')).version).toBe(version);
      });

      it('that an agent made here is not the vendor’s to take away', async () => {
        const { id } = await only('assign');
        await assigned('bia', 60);
        await store.write((tx) => assign(tx, id, 'ana'));
        expect(await assigned(null, 70)).toBe('repeated');
        expect(await assignee()).toBe('ana');
        await assigned('bia', 80);
        expect(await assignee()).toBe('bia');
      });
    });

    describe('the vendor’s end', () => {
      const ended = (thread: string, at: number) => state({ type: 'ended', thread, at });
      const reopened = (thread: string, at: number) => state({ type: 'reopened', thread, at });

      it('is undone by its taking the chat up again, and the order of arrival does not matter', async () => {
        await accept(said('turn', 'turn-1', 'oi', { at: 1000 }));
        await ended('turn', 2000);
        expect(await reopened('turn', 3000)).toBe('stored');
        expect(await only('turn')).toMatchObject({ state: 'open', ended_at: null, ended_by: null });
        expect(await ended('turn', 2500)).toBe('repeated');
        expect(await reopened('turn', 3000)).toBe('repeated');
        expect((await only('turn')).state).toBe('open');
        await reopened('turn', 5000);
        expect(await ended('turn', 4000)).toBe('repeated');
        expect((await only('turn')).state).toBe('open');
        await ended('turn', 6000);
        expect(await reopened('turn', 5500)).toBe('repeated');
        expect(await only('turn')).toMatchObject({ state: 'ended', ended_at: 6000 });
      });

      it('that comes again ends no conversation that began since', async () => {
        await accept(said('twice', 'twice-1', 'oi', { at: 1000 }));
        await ended('twice', 2000);
        await accept(said('twice', 'twice-2', 'another thing', { at: 3000 }));
        expect(await ended('twice', 2000)).toBe('repeated');
        expect((await of('twice')).map((one) => one.state)).toEqual(['ended', 'open']);
      });

      it('that overtakes the first message ends the conversation once it is here, with all that was written before', async () => {
        await ended('early', 4000);
        expect(await of('early')).toEqual([]);
        await accept(said('early', 'early-2', 'and the printer', { at: 3000 }));
        expect(await only('early')).toMatchObject({ state: 'ended', ended_by: 'vendor', ended_at: 4000, filed_at: null });
        await accept(said('early', 'early-1', 'oi', { at: 1000 }));
        expect(await only('early')).toMatchObject({ state: 'ended', message_count: 2 });
        await accept(said('early', 'early-3', 'another thing', { at: 5000 }));
        expect((await of('early')).map((one) => one.state)).toEqual(['ended', 'open']);
      });

      it('that overtakes the first message counts no more once the chat was taken up again, or where the message came after it', async () => {
        await ended('early-again', 2000);
        await reopened('early-again', 3000);
        await accept(said('early-again', 'early-again-1', 'oi', { at: 1000 }));
        expect((await only('early-again')).state).toBe('open');
        await ended('before', 2000);
        await accept(said('before', 'before-1', 'oi', { at: 2500 }));
        expect((await only('before')).state).toBe('open');
      });

      it('opens nothing where nothing is', async () => {
        expect(await reopened('nowhere', 1)).toBe('stored');
        expect(await of('nowhere')).toEqual([]);
      });

      function closings(): Closings {
        const group = createGroup(store);
        const { id: _id, revision: _revision, ...work } = openOperation('x');
        return createClosings({
          read: store.read,
          group,
          dispatch: createInProcessDispatch({ now: clock.now, pollMs: 60_000 }),
          now: clock.now,
          id: newId,
          canEnd: () => false,
          async plan({ conversation, decision: made }) {
            const messages = await readMessages(store.read, conversation);
            const rest = {
              conversation,
              ends: made.ends,
              none: null,
              covers: made.covers,
              operations: [{ key: 'a/open', part: 'a', helpdesk: 'desk-a', work, after: [] }],
              accounting: messages.map(({ id }) => ({ part: 'a', message: id, how: 'filed' as const })),
              missing: [],
              lines: [],
              why: [],
              due: {},
              outcomes: {},
              notify: [],
            };
            return { ...rest, digest: digestOf(rest) };
          },
        });
      }
      async function close(thread: string, ends = true): Promise<string> {
        const { id } = await only(thread);
        const covers = (await readMessages(store.read, id)).at(-1)?.id ?? '';
        const made = decision.parse({ covers, ends, parts: [{ key: 'a', title: 'x', messages: [covers], target: { kind: 'new' } }] });
        const asked = { conversation: id, decision: made, viewer: { id: 'ana', name: 'Ana', email: null, teams: [] } };
        const door = closings();
        const digest = (await door.preview(asked))?.digest ?? '';
        const result = await door.commit({
          ...asked,
          digest,
          actor: { kind: 'agent', id: 'ana' },
          source: 'console',
          idempotencyKey: newId(),
          holdMs: 30_000,
        });
        if (result.is !== 'committed') throw new Error(result.is);
        return result.closing;
      }
      const closingState = async (id: string) => (await store.read.selectFrom('closings').select('state').where('id', '=', id).executeTakeFirstOrThrow()).state;

      it('whose closing is still held is undone together with that closing', async () => {
        await accept(said('held', 'held-1', 'oi', { at: 1000 }));
        await ended('held', 2000);
        const closing = await close('held');
        expect(await only('held')).toMatchObject({ state: 'ended', filed_at: clock.now() });
        expect(await reopened('held', 3000)).toBe('stored');
        expect(await closingState(closing)).toBe('undone');
        expect(await only('held')).toMatchObject({ state: 'open', filed_at: null, ended_by: null });
        const deliveries = await store.read.selectFrom('deliveries').select('state').where('closing_id', '=', closing).execute();
        expect(deliveries).toEqual([{ state: 'undone' }]);
        const trail = await store.read.selectFrom('audit').select(['action', 'actor_kind']).where('subject_id', '=', closing).orderBy('id').execute();
        expect(trail.at(-1)).toEqual({ action: 'closing.undo', actor_kind: 'system' });
      });

      it('that we made ourselves is undone while it is held, and stands once something went out', async () => {
        await accept(said('ours', 'ours-1', 'oi', { at: 1000 }));
        const first = await close('ours');
        expect(await reopened('ours', clock.now() + 1)).toBe('stored');
        expect([await closingState(first), (await only('ours')).state]).toEqual(['undone', 'open']);
        clock.advance(5000);
        const second = await close('ours');
        await store.write((tx) => tx.updateTable('deliveries').set({ first_at: clock.now() }).where('closing_id', '=', second).execute());
        await reopened('ours', clock.now() + 1);
        expect([await closingState(second), (await only('ours')).state]).toEqual(['held', 'ended']);
        await accept(said('ours', 'ours-2', 'mais uma coisa', { at: clock.now() + 2 }));
        expect((await of('ours')).map((one) => [one.state, one.continues_id !== null])).toEqual([
          ['ended', false],
          ['open', true],
        ]);
      });

      it('does not touch a part that was filed of a conversation that goes on', async () => {
        await accept(said('part', 'part-1', 'oi', { at: 1000 }));
        const closing = await close('part', false);
        await reopened('part', clock.now() + 1);
        expect([await closingState(closing), (await only('part')).state]).toEqual(['held', 'open']);
      });
    });

    describe('a changed identity', () => {
      const phone = (value: string, verified = true) => ({ kind: 'phone' as const, value, verified });
      const changed = (was: object, now: object) => state({ type: 'identityChanged', thread: 'any', at: base, was, now } as Json);
      const writes = async (thread: string, identity: object, more = {}) => {
        await accept(said(thread, `${thread}-${newId()}`, 'oi', { from: customer(thread, { identities: [identity as never], ...more }) }));
        return (await only(thread)).contact_id;
      };

      it('belongs to the person as the old one does', async () => {
        const contact = await writes('moved', phone('+551101'));
        expect(await changed(phone('+551101'), phone('+551102'))).toBe('stored');
        expect(await changed(phone('+551101'), phone('+551102'))).toBe('repeated');
        expect(await writes('moved-2', phone('+551102'))).toBe(contact);
        expect(await writes('moved-3', phone('+551101'))).toBe(contact);
      });

      it('joins two contacts where both are vouched for, and every id still leads to them', async () => {
        const one = await writes('join-1', phone('+551111'), { company: 'Gym One', name: undefined });
        const two = await writes('join-2', phone('+551112'), { company: 'Gym Two', name: 'Teodora' });
        expect(two).not.toBe(one);
        const { version } = await only('join-2');
        expect(await changed(phone('+551111'), phone('+551112'))).toBe('stored');
        expect(await only('join-2')).toMatchObject({ contact_id: one, version: version + 1 });
        expect((await messagesOf('join-2')).map(({ contact }) => contact)).toEqual([one]);
        const detail = await readContact(store.read, one);
        expect(detail).toMatchObject({ id: one, name: 'Teodora' });
        expect(detail?.identities.map(({ value }) => value).sort()).toEqual(['+551111', '+551112']);
        expect(detail?.companies.map((company) => company.name).sort()).toEqual(['Gym One', 'Gym Two']);
        expect(await readContact(store.read, two)).toEqual(detail);
        expect((await searchContacts(store.read, 'Teodora')).map(({ id }) => id)).toEqual([one]);
        const trail = await store.read.selectFrom('audit').select(['action', 'detail']).where('subject_id', '=', one).execute();
        expect(trail).toEqual([{ action: 'contact.join', detail: JSON.stringify({ joined: two, conversations: 1 }) }]);
        // Whoever was known before writes as the joined contact.
        expect(await writes('join-3', phone('+551112'), { company: 'Gym Two', name: 'Teodora' })).toBe(one);
      });

      it('is found by another server too, which knew the contact before', async () => {
        const other = createIntake({ store, now: clock.now, id: newId, log: quiet });
        const by = (server: Intake, thread: string, value: string) =>
          server.accept({ channel, proof: fetchedByUs(), payload: said(thread, thread, 'oi', { from: customer('x', { identities: [phone(value)] }) }) });
        await by(intake, 'host-1', '+551121');
        await by(other, 'host-2', '+551122');
        await changed(phone('+551121'), phone('+551122'));
        // On SQLite one process has the database, so the other one cannot be asked.
        await by(name === 'SQLite' ? intake : other, 'host-3', '+551122');
        expect((await only('host-3')).contact_id).toBe((await only('host-1')).contact_id);
      });

      it('that is only claimed joins nobody and gives nobody anything', async () => {
        const one = await writes('claim-1', phone('+551131'));
        const two = await writes('claim-2', phone('+551132'));
        await changed(phone('+551131'), phone('+551132', false));
        await changed(phone('+551131', false), phone('+551132'));
        await changed(phone('+551139'), phone('+551132'));
        await changed(phone('+551131'), phone('+551138', false));
        const [first, second] = [await readContact(store.read, one), await readContact(store.read, two)];
        expect(first?.identities.map(({ value }) => value)).toEqual(['+551131']);
        expect(second?.id).toBe(two);
      });
    });

    describe('silence', () => {
      const idle = (thread: string, id: string, at: number, more = {}) => accept(said(thread, id, id, { at, idleMs: 8 * hour, ...more }));

      it('ends a conversation by itself, and the next message begins another', async () => {
        await idle('idle', 'idle-1', base);
        await idle('idle', 'idle-2', base + 8 * hour);
        expect(await of('idle')).toHaveLength(1);
        await idle('idle', 'idle-3', base + 17 * hour);
        const [first, second] = await of('idle');
        expect(first).toMatchObject({ state: 'ended', ended_by: 'idle', ended_at: base + 16 * hour, filed_at: null });
        expect(second).toMatchObject({ state: 'open', continues_id: first?.id, started_at: base + 17 * hour, message_count: 1 });
        expect((await listConversations(store.read, { view: 'unfiled' })).items.map(({ id }) => id)).toContain(first?.id);
        expect(await readConversation(store.read, first?.id ?? '')).toMatchObject({ endedBy: 'idle' });
      });

      it('is not said by a late message, which joins the conversation of its time', async () => {
        const [first, second] = await of('idle');
        await idle('idle', 'idle-late', base + 2 * hour);
        expect(await texts(first?.id ?? '')).toEqual(['idle-1', 'idle-late', 'idle-2']);
        expect(await of('idle')).toHaveLength(2);
        expect((await of('idle'))[1]).toEqual(second);
      });

      it('is not said by a repeat or by a machine, and what we write counts as life', async () => {
        await idle('alive', 'alive-1', base);
        await idle('alive', 'alive-2', base + 20 * hour, { automatic: 'auto-reply' });
        expect((await only('alive')).state).toBe('open');
        await accept(said('alive-other', 'alive-9', 'x', { at: base + 90 * hour, follows: ['alive-1'] }));
        await idle('alive', 'alive-9', base + 90 * hour);
        const { id } = await only('alive');
        const at = base + 95 * hour;
        await store.write((tx) =>
          addReply(tx, { id: newId(), conversation: id, agent: { id: 'ana', name: 'Ana' }, text: 'still there?', files: [], at, newId }),
        );
        await idle('alive', 'alive-3', base + 102 * hour);
        expect((await only('alive')).state).toBe('open');
        await idle('alive', 'alive-4', base + 111 * hour);
        expect((await of('alive')).map((one) => one.state)).toEqual(['ended', 'open']);
      });
    });

    it('the vendor’s own ticket of a chat is the one to propose, unless an agent wrote from another', async () => {
      await accept(said('ticket', 'ticket-1', 'oi'));
      const ticket = (number: string) => ({ helpdesk: 'desk-a', id: number, number, url: `https://desk-a.example/${number}` });
      const named = (number: string) => accept({ type: 'ticket', thread: 'ticket', at: base, ticket: ticket(number) } as Json);
      expect((await named('77')).state).toBe('stored');
      expect((await named('78')).state).toBe('repeated');
      expect(JSON.parse((await only('ticket')).ticket_hint ?? 'null')).toEqual({ ...ticket('77'), native: true });
    });
  });
}
