import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { quiet } from '../../test/support/context.ts';
import { channelOf, customer, said } from '../../test/support/intake.ts';
import { type Postgres, postgresMissing, postgresTestStore, postgresTitle, startPostgres } from '../../test/support/postgres.ts';
import { sqliteTestStore, type TestStore } from '../../test/support/store.ts';
import { createHistory } from '../intake/history.ts';
import { createIntake, type Intake } from '../intake/intake.ts';
import { fetchedByUs } from '../kit/index.ts';
import { addAgent, listAgents, readAgent, setDisabled, setLocale } from '../people/agents.ts';
import { searchCompanies } from '../people/companies.ts';
import { contactsOf, searchContacts } from '../people/contacts.ts';
import { newId } from '../store/ids.ts';
import type { Store } from '../store/store.ts';
import { readMessage, readMessages } from './messages.ts';
import { listConversations, readConversation } from './reading.ts';
import { addInternalNote, addReply, assign, endEndingHint, endingHint, markRead, type NewMessage, saveDraft, settleReply } from './writing.ts';

function describeConversations(name: string, open: () => Promise<TestStore>): void {
  describe(`conversations on ${name}`, () => {
    let test: TestStore;
    let store: Store;
    let intake: Intake;
    beforeAll(async () => {
      test = await open();
      store = test.store;
      intake = createIntake({ store, now: Date.now, id: newId, log: quiet });
      await store.write((tx) => addAgent(tx, { id: 'ana', name: 'Ana', email: 'Ana@desk.example', role: 'admin', locale: 'pt-BR', teams: ['n1'] }, 1));
    });
    afterAll(() => test.drop());

    const accept = (payload: ReturnType<typeof said>) => intake.accept({ channel: channelOf('talk'), proof: fetchedByUs(), payload });
    async function opened(thread: string, more: Parameters<typeof said>[3] = {}): Promise<string> {
      await accept(said(thread, `${thread}-1`, `text of ${thread}`, more));
      const { id } = await store.read
        .selectFrom('conversations')
        .select('id')
        .where('thread', '=', thread)
        .where('state', '=', 'open')
        .executeTakeFirstOrThrow();
      return id;
    }
    const reply = (conversation: string, more: Partial<NewMessage> = {}): NewMessage => ({
      id: newId(),
      conversation,
      agent: { id: 'ana', name: 'Ana' },
      text: 'hello from us',
      files: [],
      at: 1_700_000_100_000,
      newId: newId,
      ...more,
    });

    it('are listed newest first, page by page, each once, while new ones come in', async () => {
      const ids: string[] = [];
      for (let i = 0; i < 7; i++) ids.unshift(await opened(`page-${i}`, { at: 1000 + Math.floor(i / 2) }));
      const seen: string[] = [];
      for (let cursor: string | undefined; ; ) {
        const page = await listConversations(store.read, { channel: 'talk', limit: 3, ...(cursor ? { cursor } : {}) });
        seen.push(...page.items.map(({ id }) => id));
        if (seen.length === 3) await opened('page-new', { at: 5000 });
        if (page.next === null) break;
        cursor = page.next;
      }
      expect(seen).toEqual(ids);
      expect(new Set(seen).size).toBe(7);
    });

    it('are found by assignee and by words of contact, company and text; a percent sign finds nothing', async () => {
      const id = await opened('words', { from: customer('words', { name: 'Rogério Silva', company: 'Academia Fênix' }), text: 'a catraca travou' });
      const find = async (query: object) => (await listConversations(store.read, query)).items.map((item) => item.id);
      expect(await find({ words: 'silva' })).toEqual([id]);
      expect(await find({ words: 'academia fenix' })).toEqual([id]);
      expect(await find({ words: 'CATRACA' })).toEqual([id]);
      expect(await find({ words: '100%' })).toEqual([]);
      expect(await find({ words: 'silva', view: 'ended' })).toEqual([]);
      expect(await store.write((tx) => assign(tx, id, 'ana'))).toBe(true);
      expect(await find({ assignee: 'ana' })).toEqual([id]);
      expect(await find({ assignee: 'none', words: 'silva' })).toEqual([]);
      expect((await readConversation(store.read, id))?.assignee).toEqual({ id: 'ana', name: 'Ana', email: 'ana@desk.example' });
      expect(await store.write((tx) => assign(tx, 'nobody', 'ana'))).toBe(false);
    });

    it('take a reply once, queued and with its files, and are read by it', async () => {
      const id = await opened('reply');
      const message = reply(id, { files: [{ sha256: 'a'.repeat(64), name: 'guide.pdf', mime: 'application/pdf', size: 9 }] });
      const add = () => store.write((tx) => addReply(tx, message));
      expect([await add(), await add()]).toEqual(['added', 'repeated']);
      expect(await readMessage(store.read, message.id)).toMatchObject({
        direction: 'out',
        kind: 'public',
        sending: 'queued',
        author: { role: 'agent', id: 'ana', name: 'Ana' },
        files: [{ name: 'guide.pdf', state: 'stored', sha256: 'a'.repeat(64) }],
      });
      expect(await readConversation(store.read, id)).toMatchObject({ unread: 0, messages: 2, version: 2, lastText: 'hello from us' });
    });

    it('take no reply once they have ended, but a note', async () => {
      const id = await opened('ended');
      await accept({ type: 'ended', thread: 'ended', at: 2 });
      expect(await store.write((tx) => addReply(tx, reply(id)))).toBe('ended');
      expect(await store.write((tx) => addInternalNote(tx, reply(id)))).toBe('added');
      expect(await store.write((tx) => addReply(tx, reply('nobody')))).toBe('unknown');
      expect((await readConversation(store.read, id))?.lastText).toBe('text of ended');
    });

    it('show a reply once, though the vendor echoed it before it answered', async () => {
      const id = await opened('echo');
      const message = reply(id);
      await store.write((tx) => addReply(tx, message));
      await accept(said('echo', 'vendor-77', 'hello from us', { from: { role: 'agent', id: 'v', identities: [] } }));
      await store.write((tx) => settleReply(tx, message.id, 'sent', 'vendor-77'));
      await accept(said('echo', 'vendor-77', 'hello from us', { from: { role: 'agent', id: 'v', identities: [] } }));
      expect((await readMessages(store.read, id)).map((one) => [one.text, one.sending, one.externalId])).toEqual([
        ['text of echo', 'received', 'echo-1'],
        ['hello from us', 'sent', 'vendor-77'],
      ]);
      expect((await readConversation(store.read, id))?.messages).toBe(2);
    });

    it('say who is ending them, until that agent is idle or leaves', async () => {
      const id = await opened('hint');
      const hint = (agent: string, at: number, takeOver = false) => store.write((tx) => endingHint(tx, id, agent, at, takeOver));
      expect(await hint('ana', 1000)).toEqual({ agent: 'ana', since: 1000 });
      expect(await hint('bob', 60_000)).toEqual({ agent: 'ana', since: 1000 });
      expect(await hint('ana', 100_000)).toEqual({ agent: 'ana', since: 100_000 });
      expect(await hint('bob', 219_999)).toEqual({ agent: 'ana', since: 100_000 });
      expect(await hint('bob', 220_000)).toEqual({ agent: 'bob', since: 220_000 });
      expect(await hint('ana', 220_001, true)).toEqual({ agent: 'ana', since: 220_001 });
      await store.write((tx) => endEndingHint(tx, id, 'bob'));
      expect((await readConversation(store.read, id))?.ending).toEqual({ agent: 'ana', since: 220_001 });
      await store.write((tx) => endEndingHint(tx, id, 'ana'));
      expect((await readConversation(store.read, id))?.ending).toBeNull();
    });

    it('keep a draft and a mark of being read without becoming another version', async () => {
      const id = await opened('draft');
      const before = await readConversation(store.read, id);
      await store.write((tx) => saveDraft(tx, id, '{"way":"new"}'));
      await store.write((tx) => markRead(tx, id));
      expect(await readConversation(store.read, id)).toEqual({ ...before, draft: '{"way":"new"}', unread: 0 });
    });

    it('show their customer everything public that was sent, and nothing else', async () => {
      const history = createHistory(store, 'talk');
      const first = await opened('seen');
      await store.write((tx) => addInternalNote(tx, reply(first, { text: 'INTERNAL' })));
      const queued = reply(first, { text: 'answer' });
      await store.write((tx) => addReply(tx, queued));
      expect((await history.messages('seen')).map(({ text }) => text)).toEqual(['text of seen']);
      const changed = vi.fn();
      const stop = history.watch('seen', changed);
      await store.write((tx) => settleReply(tx, queued.id, 'sent'));
      await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1));
      await accept({ type: 'ended', thread: 'seen', at: 2 });
      await accept(said('seen', 'seen-2', 'again', { at: 1_800_000_000_000, media: [{ id: 'f', name: 'a.png', mime: 'image/png' }] }));
      await accept(said('other-thread', 'other-1', 'not theirs'));
      await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(3));
      stop();
      const all = await history.messages('seen');
      expect(all.map(({ text, from }) => `${from}: ${text}`)).toEqual(['contact: text of seen', 'agent: answer', 'contact: again']);
      expect(all[2]?.files).toEqual([{ id: 'f', name: 'a.png', mime: 'image/png', size: null, blob: null }]);
      expect((await history.messages('seen', { after: all[0]?.id ?? '', limit: 1 })).map(({ text }) => text)).toEqual(['answer']);
      expect((await history.messages('seen', { limit: 2 })).map(({ text }) => text)).toEqual(['answer', 'again']);
      expect(await createHistory(store, 'elsewhere').messages('seen')).toEqual([]);
      history.close();
    });

    it('lead to people and companies by words', async () => {
      await opened('people', {
        from: customer('people', { name: 'Zélia', company: 'Studio Zênite', identities: [{ kind: 'email', value: 'zelia@studio.example', verified: true }] }),
      });
      const [company] = await searchCompanies(store.read, 'zenite');
      expect(company).toMatchObject({ name: 'Studio Zênite' });
      expect((await contactsOf(store.read, company?.id ?? '')).map((one) => one.name)).toEqual(['Zélia']);
      expect((await searchContacts(store.read, 'studio.example')).map((one) => one.name)).toEqual(['Zélia']);
      expect(await searchContacts(store.read, 'z_lia')).toEqual([]);
      expect(await searchCompanies(store.read, 'nothing like that')).toEqual([]);
    });

    it('know their agents', async () => {
      await store.write(async (tx) => {
        await addAgent(tx, { id: 'bob', name: 'Bob', email: 'bob@desk.example', role: 'agent', locale: 'en' }, 2);
        await setLocale(tx, 'bob', 'de');
        await setDisabled(tx, 'bob', 9);
      });
      expect(await readAgent(store.read, 'bob')).toEqual({
        id: 'bob',
        name: 'Bob',
        email: 'bob@desk.example',
        role: 'agent',
        locale: 'de',
        teams: [],
        disabled: true,
      });
      expect((await listAgents(store.read)).map(({ id }) => id)).toEqual(['ana', 'bob']);
      const again = store.write((tx) => addAgent(tx, { id: 'x', name: 'X', email: 'BOB@desk.example', role: 'agent', locale: 'en' }, 2));
      await expect(again).rejects.toThrow(/unique/i);
    });
  });
}

describeConversations('SQLite', sqliteTestStore);

describe.skipIf(postgresMissing())(postgresTitle, () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres.stop());
  describeConversations('PostgreSQL', () => postgresTestStore(postgres));
});
