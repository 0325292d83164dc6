/** Which conversation takes a message that names none, why, and what becomes of one that comes by two channels. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quiet, testClock } from '../../test/support/context.ts';
import { channelOf, said } from '../../test/support/intake.ts';
import { type Postgres, postgresMissing, postgresTestStore, postgresTitle, startPostgres } from '../../test/support/postgres.ts';
import { sqliteTestStore, type TestStore } from '../../test/support/store.ts';
import { readJoined } from '../conversations/joined.ts';
import { readMessages } from '../conversations/messages.ts';
import { type Clues, fetchedByUs, type Json, type MessageEvent, type Party } from '../kit/index.ts';
import { newId } from '../store/ids.ts';
import type { Statements } from '../store/statements.ts';
import type { Store } from '../store/store.ts';
import { createIntake, type Intake } from './intake.ts';
import { claimShared } from './joining.ts';
import { listQuarantine, replay } from './quarantine.ts';

const base = 1_700_000_000_000;
const day = 86_400_000;
const clues: Clues = { threshold: 70, answers: true, withinMs: 7 * day };

const person = (address: string, verified = true): Party => ({ role: 'contact', id: address, identities: [{ kind: 'email', value: address, verified }] });
const us: Party = { role: 'agent', id: 'ana', identities: [] };

function describeJoining(name: string, open: () => Promise<TestStore>): void {
  describe(`joining on ${name}`, () => {
    let test: TestStore;
    let store: Store;
    let intake: Intake;
    /** As another process has it. */
    let elsewhere: Intake;
    const clock = testClock();
    const [support, sales] = [channelOf('support'), channelOf('sales')];
    const channels = new Map([support, sales].map((channel) => [channel.name, channel]));
    beforeAll(async () => {
      test = await open();
      store = test.store;
      [intake, elsewhere] = [0, 1].map(() => createIntake({ store, now: clock.now, id: newId, log: quiet })) as [Intake, Intake];
    });
    afterAll(() => test.drop());

    const accept = (channel: typeof support, payload: Json, door = intake) => door.accept({ channel, proof: fetchedByUs(), payload });
    const mail = (id: string, more: Partial<MessageEvent> = {}) =>
      said(more.thread ?? id, id, `text of ${id}`, { from: person('ana@studio.example'), clues, ...more });
    const get = async (id: string) => {
      const rows = await store.read
        .selectFrom('messages')
        .innerJoin('conversations', 'conversations.id', 'messages.conversation_id')
        .select([
          'messages.id',
          'messages.channel',
          'conversation_id',
          'conversations.channel as in',
          'conversations.continues_id as continues',
          'conversations.state',
        ])
        .where('messages.external_id', '=', id)
        .execute();
      const [row, ...more] = rows;
      if (!row || more.length) throw new Error(`${id} stands ${rows.length} times`);
      return { ...row, joined: (await readJoined(store.read, row.conversation_id)).get(row.id) };
    };
    const count = async (id: string) => (await store.read.selectFrom('messages').select('id').where('external_id', '=', id).execute()).length;
    const end = (conversation: string) =>
      store.write((tx) =>
        tx.updateTable('conversations').set({ state: 'ended', ended_by: 'closing', ended_at: 1, filed_at: 1 }).where('id', '=', conversation).execute(),
      );

    describe('by what is said', () => {
      /** A first mail with this subject of its own, and what became of a second. */
      let run = 0;
      async function second(first: Partial<MessageEvent>, then: Partial<MessageEvent>) {
        const [one, two] = [`first-${++run}`, `second-${run}`];
        const subject = `Catraca ${run}`;
        await accept(support, mail(one, { subject, at: base, ...first }));
        await accept(support, mail(two, { subject, at: base, ...then }));
        const [before, after] = [await get(one), await get(two)];
        return { together: before.conversation_id === after.conversation_id, joined: after.joined, subject };
      }

      it('subject, answer, proven sender and time are enough together, and say so', async () => {
        const { together, joined, subject } = await second({}, {});
        expect(together).toBe(true);
        expect(joined).toEqual({
          points: 80,
          threshold: 70,
          stranger: null,
          reasons: [
            { key: 'subject', values: { subject }, points: 25 },
            { key: 'says-answer', values: {}, points: 15 },
            { key: 'sender', values: {}, points: 25 },
            { key: 'recent', values: {}, points: 15 },
          ],
        });
      });

      it('without an answer’s mark the same words are another mail: a daily report makes no endless conversation', async () => {
        expect(await second({}, { clues: { ...clues, answers: false } })).toMatchObject({ together: false, joined: undefined });
      });

      it('time fades: late in the week it is not enough, and the threshold decides', async () => {
        const at = base + 5 * day;
        expect(await second({}, { at })).toMatchObject({ together: false });
        const low = await second({}, { at, clues: { ...clues, threshold: 60 } });
        expect(low).toMatchObject({ together: true, joined: { points: 69, threshold: 60 } });
        expect(await second({}, { at: base + 8 * day, clues: { ...clues, threshold: 1 } })).toMatchObject({ together: false });
        expect(await second({}, { clues: { ...clues, threshold: 81 } })).toMatchObject({ together: false });
      });

      it('a sender nobody vouches for adds too little, on either side', async () => {
        const claimed = person('ana@studio.example', false);
        expect(await second({}, { from: claimed })).toMatchObject({ together: false });
        expect(await second({ from: person('bia@x.example', false) }, { from: person('bia@x.example') })).toMatchObject({ together: false });
        const shown = await second({}, { from: claimed, clues: { ...clues, threshold: 60 } });
        expect(shown.joined?.reasons).toContainEqual({ key: 'claimed-sender', values: {}, points: 5 });
        expect(await second({}, { from: person('rui@other.example') })).toMatchObject({ together: false });
      });

      it('another subject, an ended conversation and another channel are nothing', async () => {
        expect(await second({}, { subject: 'Outra coisa' })).toMatchObject({ together: false });
        await accept(support, mail('ended-1', { subject: 'Acabou' }));
        await end((await get('ended-1')).conversation_id);
        await accept(support, mail('ended-2', { subject: 'Acabou' }));
        expect(await get('ended-2')).toMatchObject({ state: 'open', continues: null });
        await accept(sales, mail('ended-3', { subject: 'Acabou' }));
        expect((await get('ended-3')).in).toBe('sales');
      });

      it('an automatic mail joins nothing by its subject, and so opens and shows nothing', async () => {
        await accept(support, mail('auto-1', { subject: 'Férias' }));
        await accept(support, mail('auto-2', { subject: 'Férias', automatic: 'auto-reply', clues: { ...clues, threshold: 1 } }));
        expect(await count('auto-2')).toBe(0);
      });

      it('what it answers, its reply address and its open thread go before everything', async () => {
        await accept(support, mail('named-1', { subject: 'Um' }));
        const { conversation_id: one } = await get('named-1');
        const { reply_token } = await store.read.selectFrom('conversations').select('reply_token').where('id', '=', one).executeTakeFirstOrThrow();
        const from = person('stranger@else.example', false);
        await accept(support, mail('named-2', { subject: 'Dois', from, follows: ['unknown', 'named-1'] }));
        await accept(support, mail('named-3', { subject: 'Dois', from, replyToken: reply_token ?? '' }));
        await accept(support, mail('named-4', { subject: 'Dois', from, thread: 'named-1' }));
        for (const [id, reason] of [
          ['named-2', { key: 'answers', values: { id: 'named-1' }, points: 100 }],
          ['named-3', { key: 'reply-token', values: {}, points: 100 }],
          ['named-4', { key: 'thread', values: {}, points: 100 }],
        ] as const)
          expect(await get(id)).toMatchObject({ conversation_id: one, joined: { points: 100, threshold: 70, reasons: [reason], stranger: null } });
      });

      it('a thread that goes on is not left for another conversation with its subject', async () => {
        await accept(support, mail('thread-1', { subject: 'Boleto', thread: 'root' }));
        await accept(support, mail('thread-2', { subject: 'Boleto', clues: { ...clues, answers: false }, at: base + 1 }));
        await accept(support, mail('thread-3', { subject: 'Boleto', thread: 'root', at: base + 2 }));
        expect((await get('thread-3')).conversation_id).toBe((await get('thread-1')).conversation_id);
        expect((await get('thread-2')).conversation_id).not.toBe((await get('thread-1')).conversation_id);
      });
    });

    describe('by a ticket’s number', () => {
      const number = '4711';
      let conversation: string;
      beforeAll(async () => {
        await accept(support, mail('ticket-1', { subject: 'Com chamado', from: person('carlos@irongym.example') }));
        ({ conversation_id: conversation } = await get('ticket-1'));
        const ticket = await addTicket(store, number);
        await store.write((tx) =>
          tx.insertInto('conversation_tickets').values({ conversation_id: conversation, ticket_id: ticket, closing_id: null, part: 'a', at: 1 }).execute(),
        );
      });
      const numbered = (id: string, from: Party, more: Partial<MessageEvent> = {}) =>
        mail(id, { subject: `[#${number}] e agora?`, from, ...more, clues: { ...clues, number, ...more.clues } });

      it('a proven participant joins', async () => {
        await accept(support, numbered('number-1', person('carlos@irongym.example')));
        expect(await get('number-1')).toMatchObject({
          conversation_id: conversation,
          joined: { points: 80, threshold: 70, reasons: [{ key: 'number', values: { number }, points: 80 }], stranger: null },
        });
      });

      it('a stranger, and whoever only claims to be a participant, opens a conversation of their own with a hint', async () => {
        for (const [id, from] of [
          ['number-2', person('eva@attacker.example')],
          ['number-3', person('carlos@irongym.example', false)],
        ] as const) {
          await accept(support, numbered(id, from));
          const made = await get(id);
          expect(made.conversation_id).not.toBe(conversation);
          expect(made).toMatchObject({ continues: null, joined: { points: 0, threshold: 70, reasons: [], stranger: number } });
        }
      });

      it('a stranger joins nothing by the subject either', async () => {
        await accept(support, mail('number-4', { subject: 'O mesmo', from: person('eva@attacker.example') }));
        await accept(support, mail('number-5', { subject: 'O mesmo', from: person('eva@attacker.example'), clues: { ...clues, number } }));
        expect((await get('number-5')).conversation_id).not.toBe((await get('number-4')).conversation_id);
      });

      it('of a ticket that no conversation holds is known to its requester only; a number that nobody has says nothing', async () => {
        const { contact_id } = await store.read.selectFrom('conversations').select('contact_id').where('id', '=', conversation).executeTakeFirstOrThrow();
        await addTicket(store, '4712', contact_id);
        const of = (id: string, from: Party, other: string) => accept(support, mail(id, { subject: id, from, clues: { ...clues, number: other } }));
        await of('number-6', person('carlos@irongym.example'), '4712');
        await of('number-7', person('eva@attacker.example'), '4712');
        await of('number-8', person('eva@attacker.example'), '9999');
        expect((await get('number-6')).joined).toBeUndefined();
        expect((await get('number-7')).joined?.stranger).toBe('4712');
        expect((await get('number-8')).joined).toBeUndefined();
      });

      it('of a conversation in another channel makes a participant no stranger, and moves nothing', async () => {
        await accept(sales, numbered('number-9', person('carlos@irongym.example')));
        expect(await get('number-9')).toMatchObject({ in: 'sales', joined: undefined });
      });

      it('of a closed conversation continues it', async () => {
        await end(conversation);
        await accept(support, numbered('number-10', person('carlos@irongym.example')));
        expect(await get('number-10')).toMatchObject({ continues: conversation, state: 'open', joined: { points: 80 } });
      });
    });

    describe('a message that comes by two channels', () => {
      it('stands once: where it came first, however often it comes', async () => {
        const both = mail('two-1', { shared: 'hash-two-1' });
        expect((await accept(support, both)).state).toBe('stored');
        expect((await accept(sales, both)).state).toBe('repeated');
        expect((await accept(sales, both)).state).toBe('repeated');
        expect((await accept(support, both)).state).toBe('repeated');
        expect(await get('two-1')).toMatchObject({ channel: 'support', in: 'support' });
      });

      it('at the same moment stands once too', async () => {
        const all = Array.from({ length: 30 }, (_, index) => mail(`moment-${index}`, { shared: `hash-moment-${index}` }));
        const states = await Promise.all([...all.map((one) => accept(support, one)), ...all.toReversed().map((one) => accept(sales, one, elsewhere))]);
        expect(states.filter(({ state }) => state === 'stored')).toHaveLength(30);
        for (let index = 0; index < 30; index++) expect(await count(`moment-${index}`)).toBe(1);
        const open = await store.read.selectFrom('conversations').select('id').where('thread', 'like', 'moment-%').execute();
        expect(open).toHaveLength(30);
      });

      it('is two where only its id is the same: no words are lost because a sender used an id again', async () => {
        await accept(support, mail('same-id', { shared: 'hash-a', text: 'one thing' }));
        expect((await accept(sales, mail('same-id', { shared: 'hash-b', text: 'another thing' }))).state).toBe('stored');
        expect(await count('same-id')).toBe(2);
      });

      it('is not overwritten by another with its id in the same channel, and both stand once', async () => {
        const [one, two] = [
          mail('again-id', { shared: 'hash-one', text: 'help!' }),
          mail('again-id', { shared: 'hash-two', text: 'never mind', from: person('eva@x.example') }),
        ];
        expect((await accept(support, one)).state).toBe('stored');
        expect((await accept(support, two)).state).toBe('stored');
        for (const repeated of [one, two]) expect((await accept(support, repeated)).state).toBe('repeated');
        const rows = await store.read.selectFrom('messages').select('text').where('external_id', 'like', 'again-id%').orderBy('id').execute();
        expect(rows.map(({ text }) => text)).toEqual(['help!', 'never mind']);
        expect((await accept(support, mail('again-id', { text: 'complete' }))).state).toBe('stored');
      });

      it('is not lost with the transaction that claimed it first', async () => {
        const release = Promise.withResolvers<void>();
        const claimed = Promise.withResolvers<void>();
        const failing = store.batch(async (db) => {
          await claimShared(deskOf(db), 'support', newId(), 'hash-rolled', 'rolled');
          claimed.resolve();
          await release.promise;
          throw new Error('power loss');
        });
        await claimed.promise;
        const second = accept(sales, mail('rolled', { shared: 'hash-rolled' }));
        release.resolve();
        await expect(failing).rejects.toThrow('power loss');
        expect((await second).state).toBe('stored');
        expect(await get('rolled')).toMatchObject({ in: 'sales' });
      });

      it('that was quarantined with what came beside it comes by the other channel, and its replay changes nothing', async () => {
        const both = mail('beside', { shared: 'hash-beside' });
        const bad = { type: 'edited', thread: 'beside', id: 'beside', text: 'x', at: null } as unknown as Json;
        const first = await accept(support, [both, bad]);
        expect(first.state).toBe('quarantined');
        expect(await count('beside')).toBe(0);
        expect((await accept(sales, both)).state).toBe('stored');
        await store.write((tx) =>
          tx
            .updateTable('arrivals')
            .set({ payload: JSON.stringify(both) })
            .where('id', '=', first.arrival)
            .execute(),
        );
        expect(await replay({ store, intake, channels, ids: [first.arrival] })).toEqual({ replayed: 1, kept: [] });
        expect(await listQuarantine(store.read)).toEqual([]);
        expect(await get('beside')).toMatchObject({ in: 'sales' });
      });

      it('ends no silent conversation of the channel that it came to second', async () => {
        await accept(sales, mail('idle-1', { thread: 'idle', at: base }));
        const late = mail('idle-2', { thread: 'idle', at: base + day, idleMs: 1000, shared: 'hash-idle' });
        await accept(support, late);
        expect((await accept(sales, late)).state).toBe('repeated');
        expect((await get('idle-1')).state).toBe('open');
      });

      it('is followed there by its answers, whichever channel they come by', async () => {
        await accept(support, mail('cross-1', { shared: 'hash-cross-1' }));
        await accept(sales, mail('cross-2', { shared: 'hash-cross-2', follows: ['cross-1'] }));
        const { conversation_id } = await get('cross-1');
        expect(await get('cross-2')).toMatchObject({ conversation_id, channel: 'sales', in: 'support', joined: { reasons: [{ key: 'answers' }] } });
        expect((await readMessages(store.read, conversation_id)).map(({ externalId }) => externalId)).toEqual(['cross-1', 'cross-2']);
        // Ids of channels that have none in common may be the same by chance.
        await accept(sales, mail('cross-3', { follows: ['cross-1'] }));
        expect((await get('cross-3')).conversation_id).not.toBe(conversation_id);
      });

      it('an automatic one that has its place in one of them only is shown there, whichever came first', async () => {
        await accept(sales, mail('auto-place', { thread: 'auto-place' }));
        const { conversation_id } = await get('auto-place');
        const away = mail('away', { thread: 'auto-place', automatic: 'auto-reply', shared: 'hash-away' });
        await accept(support, away);
        await accept(sales, away);
        expect(await get('away')).toMatchObject({ conversation_id });
      });
    });

    describe('a message of ours', () => {
      it('that another channel of ours receives is no customer’s, and its answer there finds the conversation', async () => {
        await accept(support, mail('ours-1', { shared: 'hash-ours-1' }));
        const { conversation_id } = await get('ours-1');
        await accept(support, mail('ours-2', { thread: 'ours-1', from: us }));
        expect((await accept(sales, mail('ours-2', { from: person('support@us.example'), shared: 'hash-ours-2' }))).state).toBe('repeated');
        expect(await get('ours-2')).toMatchObject({ conversation_id });
        await accept(sales, mail('ours-3', { shared: 'hash-ours-3', follows: ['ours-2'] }));
        expect(await get('ours-3')).toMatchObject({ conversation_id, channel: 'sales' });
      });

      it('is known from its step while the send has no answer yet', async () => {
        await accept(support, mail('sending-1'));
        const { conversation_id } = await get('sending-1');
        await addSending(store, conversation_id, '<deskbridge.1@us.example>');
        const arrives = (id: string) => accept(sales, mail(id, { from: person('support@us.example'), shared: `hash-${id}` }));
        expect((await arrives('<deskbridge.1@us.example>')).state).toBe('repeated');
        expect((await arrives('<deskbridge.2@us.example>')).state).toBe('stored');
      });
    });

    const deskOf = (db: Statements) => ({ db, now: clock.now(), id: newId, known: { get: () => undefined, set() {}, forget() {} } });
  });
}

async function addTicket(store: Store, number: string, contact: string | null = null): Promise<string> {
  const id = newId();
  await store.write((tx) =>
    tx
      .insertInto('tickets')
      .values({
        id,
        helpdesk: 'desk',
        external_id: number,
        number,
        url: '',
        subject: 'x',
        status: 'open',
        meaning: 'open',
        priority: null,
        requester_name: null,
        contact_id: contact,
        company_id: null,
        company_name: null,
        assignee: null,
        due_at: null,
        outcome: null,
        updated_at: 1,
        read_at: 1,
      })
      .execute(),
  );
  return id;
}

/** A reply on its way, as the worker leaves it between its request and the answer. */
async function addSending(store: Store, conversation: string, id: string): Promise<void> {
  const delivery = newId();
  await store.batch(async (db) => {
    await db.run(
      `INSERT INTO deliveries (id, conversation_id, seq, target_kind, target, kind, operation, revision, lane, after, state, due_at, attempts, created_at)
       VALUES (?, ?, 0, 'channel', 'support', 'send', '{}', 0, 'x', '[]', 'running', 1, 1, 1)`,
      delivery,
      conversation,
    );
    await db.run(
      `INSERT INTO steps (delivery_id, name, revision, state, body, result, first_sent_at, last_sent_at) VALUES (?, 'smtp', 0, 'started', ?, 'null', 1, 1)`,
      delivery,
      JSON.stringify({ messageId: id, text: 'hello' }),
    );
  });
}

describeJoining('SQLite', sqliteTestStore);

describe.skipIf(postgresMissing())(postgresTitle, () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres.stop());
  describeJoining('PostgreSQL', () => postgresTestStore(postgres));
});
