/** Odd mail through the real door: each becomes something that an agent can see or is rightly nothing, and the mail behind it comes through. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { skipWithoutDovecot } from '../support/dovecot.ts';
import type { Journey } from '../support/journey.ts';
import { compose, dmarcPass, type MailDesk, mailChannelName, patience, startMailDesk } from '../support/mail-desk.ts';

const fixtures = new URL('../../connectors/email/fixtures/', import.meta.url);
const sample = (name: string): Buffer => readFileSync(new URL(`${name}.eml`, fixtures));

describe.skipIf(skipWithoutDovecot())('odd mail', () => {
  let desk: MailDesk;
  let day: Journey;
  beforeAll(async () => {
    desk = await startMailDesk();
    day = desk.day;
  });
  afterAll(() => desk?.stop());

  let behind = 0;
  /** An ordinary mail comes through: nothing before it stopped the channel, and all before it was taken, for mails are taken in order. */
  const nextComesThrough = async (): Promise<void> => {
    behind += 1;
    const words = `Correio comum número ${behind}.`;
    await desk.receive(await compose({ from: `rui${behind}@outro.example`, subject: 'Comum', text: words }), words);
  };
  const count = async (): Promise<number> => (await day.inbox(mailChannelName, 'any')).length;
  const quarantined = async (): Promise<unknown[]> => (await day.call<{ items: unknown[] }>('GET', '/api/quarantine')).body.items;

  it.each([
    ['a broken header', 'broken-header', 'Como exporto o relatorio de presenca?'],
    ['an unknown charset', 'unknown-charset', 'Pedido 42: leitor apagado.'],
    ['no From', 'no-from', 'A porta 3 ficou aberta.'],
  ])('a mail with %s is shown, and the next comes through', async (_what, name, words) => {
    const chat = await desk.receive(sample(name), words);
    expect(chat).toMatchObject({ state: 'open', messages: 1 });
    expect((await day.proposal(chat.id)).candidates).toEqual([]);
    await nextComesThrough();
    expect(await quarantined()).toEqual([]);
  });

  it('bytes that are no mail at all are shown or kept in quarantine, and the next comes through', async () => {
    const before = (await count()) + (await quarantined()).length;
    await desk.dovecot.deliver(randomBytes(5000));
    await nextComesThrough();
    expect((await count()) + (await quarantined()).length).toBe(before + 2);
  });

  it('an automatic answer opens nothing', async () => {
    const before = await count();
    await desk.dovecot.deliver(sample('out-of-office-pt'));
    await nextComesThrough();
    expect(await count()).toBe(before + 1);
  });

  it('an automatic answer and a bounce stand in the conversation of our message, and ask for nothing', async () => {
    const first = await compose({
      from: 'Júlia <julia@fitprime.example>',
      subject: 'Finger apagado',
      headers: dmarcPass('fitprime.example'),
      text: 'O finger apagou.',
    });
    const chat = await desk.receive(first, 'O finger apagou');
    const id = crypto.randomUUID();
    await day.call('POST', `/api/conversations/${chat.id}/messages`, { id, kind: 'public', text: 'Pode enviar uma foto?' });
    const sent = await vi.waitFor(() => {
      const mail = desk.outgoing.mails.find(({ text }) => text?.includes('enviar uma foto'));
      expect(mail?.messageId).toBeTruthy();
      return mail?.messageId ?? '';
    }, patience);
    await vi.waitFor(async () => expect((await day.detail(chat.id)).messageList.at(-1)?.sending).toBe('sent'), patience);
    const tied = (name: string, ours: string): string => sample(name).toString().replaceAll(ours, sent);
    await desk.dovecot.deliver(tied('out-of-office-pt', '<deskbridge.0198cccc@academia.example>'));
    await desk.dovecot.deliver(tied('bounce', '<deskbridge.0198bbbb@academia.example>'));
    await nextComesThrough();
    const now = await day.detail(chat.id);
    expect(now.messageList.map(({ automatic }) => automatic).filter(Boolean)).toEqual(['auto-reply', 'bounce']);
    expect(now.messageList.find(({ automatic }) => automatic === 'bounce')?.text).toContain('could not be delivered');
    expect(now.contactDetail.id).toBe(chat.contactDetail.id);
    const proposed = (await day.proposal(chat.id)).parts.flatMap(({ messages }) => messages);
    expect(now.messageList.filter((message) => message.automatic && proposed.includes(message.id))).toEqual([]);
  });

  it('a mail over the limit of 50 MB is a placeholder with sender and subject, stays unread, and the next comes through', async () => {
    const raw = await compose({
      from: 'Eva Filmes <eva@filmes.example>',
      subject: 'Filme grande demais',
      messageId: '<big@filmes.example>',
      text: 'Segue.',
      attachments: [{ filename: 'grande.mp4', content: randomBytes(38 * 2 ** 20) }],
    });
    expect(raw.length).toBeGreaterThan(50 * 2 ** 20);
    await desk.dovecot.deliver(raw);
    await nextComesThrough();
    const found = await vi.waitFor(async () => {
      const { items } = (await day.call<{ items: { id: string; subject: string | null }[] }>('GET', `/api/conversations?view=open&channel=${mailChannelName}`))
        .body;
      const one = items.find(({ subject }) => subject === 'Filme grande demais');
      expect(one).toBeDefined();
      return one?.id ?? '';
    }, patience);
    const chat = await day.detail(found);
    expect(chat.contact.name).toBe('Eva Filmes');
    expect(chat.messageList).toHaveLength(1);
    expect(chat.messageList[0]?.text).toMatch(/grande/);
    expect(chat.messageList[0]?.files).toEqual([]);
  }, 40_000);
});
