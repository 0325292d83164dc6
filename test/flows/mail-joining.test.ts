/** Mails that say less than they should, come twice, or come back: what the agent sees of them, through two real mailboxes. */
import { ImapFlow } from 'imapflow';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { HealthView } from '../../src/api/contract.ts';
import { type Dovecot, skipWithoutDovecot, startDovecot } from '../support/dovecot.ts';
import type { Journey } from '../support/journey.ts';
import { compose, dmarcPass, type MailDesk, mailChannel, type Outgoing, patience, startMailDesk, startSmtp } from '../support/mail-desk.ts';

const salesName = 'email-vendas';
const ana = { from: 'Ana Prado <ana@studiomovimento.example>', headers: dmarcPass('studiomovimento.example') };

/** As a mail server reports that it gave a mail up (RFC 3464). */
const bounceOf = (messageId: string, recipient: string): string =>
  [
    'Return-Path: <>',
    'From: Mail Delivery System <MAILER-DAEMON@mx.academia.example>',
    'To: suporte@academia.example',
    'Subject: Undelivered Mail Returned to Sender',
    'Message-ID: <dsn-1@mx.academia.example>',
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="dsn"',
    '',
    '--dsn',
    'Content-Type: text/plain',
    '',
    'This mail could not be delivered.',
    '--dsn',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.academia.example',
    '',
    `Final-Recipient: rfc822; ${recipient}`,
    'Action: failed',
    'Status: 5.2.2',
    'Diagnostic-Code: smtp; 552 5.2.2 Mailbox full',
    '',
    '--dsn',
    'Content-Type: message/rfc822',
    '',
    `Message-ID: ${messageId}`,
    'Subject: Re: Catraca',
    '',
    'x',
    '--dsn--',
    '',
  ].join('\r\n');

describe.skipIf(skipWithoutDovecot())('mails that are joined', () => {
  let sales: Dovecot;
  let salesSmtp: Outgoing;
  let desk: MailDesk;
  let day: Journey;
  beforeAll(async () => {
    sales = await startDovecot({ user: 'vendas@academia.example' });
    salesSmtp = await startSmtp(async (raw, to) => {
      for (const address of to) if (address === sales.user) await sales.deliver(raw);
    });
    desk = await startMailDesk({ channels: { [salesName]: mailChannel(sales.imapPort, sales, salesSmtp.port, { title: 'E-mail vendas', canary: true }) } });
    day = desk.day;
  });
  afterAll(async () => {
    await desk?.stop();
    await Promise.all([sales?.stop(), salesSmtp?.stop()]);
  });

  const message = async (conversation: string, words: string) => {
    const found = (await day.detail(conversation)).messageList.filter(({ text }) => text.includes(words));
    expect(found).toHaveLength(1);
    return found[0];
  };
  const health = async () => (await day.call<{ items: HealthView[] }>('GET', '/api/connectors')).body.items.find(({ name }) => name === salesName);
  async function reply(conversation: string, text: string): Promise<string> {
    const before = desk.outgoing.mails.length;
    await day.call('POST', `/api/conversations/${conversation}/messages`, { id: crypto.randomUUID(), kind: 'public', text, files: [] });
    await vi.waitFor(async () => expect(await message(conversation, text)).toMatchObject({ sending: 'sent' }), patience);
    return desk.outgoing.mails[before]?.messageId ?? '';
  }

  it('a bounce stands on the reply that it is about, with the server’s reason, and in its conversation', async () => {
    const chat = await desk.receive(await compose({ ...ana, subject: 'Catraca', text: 'Podem ligar?' }), 'Podem ligar?');
    const id = await reply(chat.id, 'Ligamos às dez.');
    await desk.dovecot.deliver(bounceOf(id, 'ana@studiomovimento.example'));
    await vi.waitFor(
      async () =>
        expect(await message(chat.id, 'Ligamos às dez.')).toMatchObject({
          sending: 'failed',
          failure: 'ana@studiomovimento.example 5.2.2 552 5.2.2 Mailbox full',
        }),
      patience,
    );
    expect(await message(chat.id, 'could not be delivered')).toMatchObject({ automatic: 'bounce', direction: 'in', joined: null });
  });

  it('one mail in two mailboxes is one message, and what answers it by the other mailbox follows it', async () => {
    const to = 'suporte@academia.example, vendas@academia.example';
    const both = await compose({
      from: 'Rui <rui@outro.example>',
      to,
      subject: 'Proposta',
      messageId: '<both@outro.example>',
      text: 'Quanto custa a catraca?',
    });
    const chat = await desk.receive(both, 'Quanto custa');
    await sales.deliver(both);
    const answer = await compose({
      from: 'Rui <rui@outro.example>',
      to: sales.user,
      subject: 'Re: Proposta',
      inReplyTo: '<both@outro.example>',
      text: 'E o leitor?',
    });
    await sales.deliver(answer);
    await vi.waitFor(async () => expect(await message(chat.id, 'E o leitor?')).toBeDefined(), patience);
    await message(chat.id, 'Quanto custa');
    expect(await day.inbox(salesName, 'any')).toEqual([]);
    expect((await message(chat.id, 'E o leitor?'))?.joined).toMatchObject({
      points: 100,
      threshold: 70,
      stranger: null,
      reasons: [{ key: 'answers', values: { id: '<both@outro.example>', author: 'Rui', at: expect.stringMatching(/^\d{13}$/) }, points: 100 }],
    });
    // Our answer from one mailbox, and theirs to the other that names ours alone.
    const ours = await reply(chat.id, 'Segue a tabela.');
    await sales.deliver(await compose({ from: 'Rui <rui@outro.example>', to: sales.user, subject: 'Obrigado', inReplyTo: ours, text: 'Recebi a tabela.' }));
    await vi.waitFor(async () => expect(await message(chat.id, 'Recebi a tabela.')).toBeDefined(), patience);
  });

  it('a mail that names nothing joins by subject, sender and time, and says why', async () => {
    const first = await desk.receive(await compose({ ...ana, subject: 'Leitor apagado', text: 'O leitor apagou.' }), 'O leitor apagou.');
    const next = await desk.receive(await compose({ ...ana, subject: 'Re: Leitor apagado', text: 'Ainda apagado, do celular.' }), 'do celular');
    expect(next.id).toBe(first.id);
    const { joined } = (await message(first.id, 'do celular')) ?? {};
    expect(joined?.reasons.map(({ key, points }) => [key, points])).toEqual([
      ['subject', 25],
      ['says-answer', 15],
      ['sender', 25],
      ['recent', 15],
    ]);
    expect(joined?.points).toBe(80);
  });

  it('a ticket’s number lets its proven sender in, and marks a stranger’s mail', async () => {
    const chat = await desk.receive(await compose({ ...ana, subject: 'Torniquete', text: 'O torniquete range.' }), 'O torniquete range.');
    const closing = await day.close(chat.id, {
      ends: false,
      parts: [
        {
          key: 'p1',
          topic: 'catraca',
          target: { kind: 'new' },
          title: 'Torniquete range',
          summary: 'Problema: range\nFeito: nada\nFalta: visita',
          impact: 'parado',
          outcome: { status: 'pendente' },
          messages: chat.messageList.map(({ id }) => id),
        },
      ],
    });
    const subject = `[#${closing.tickets[0]?.number}] novidades?`;
    const hers = await desk.receive(await compose({ ...ana, subject, text: 'Já sabem algo?' }), 'Já sabem algo?');
    expect(hers.id).toBe(chat.id);
    const eva = { from: 'Eva <eva@attacker.example>', headers: dmarcPass('attacker.example') };
    const forged = { from: ana.from, headers: dmarcPass('attacker.example') };
    for (const [sender, words] of [
      [eva, 'Qual é a senha?'],
      [forged, 'Sou a Ana mesmo'],
    ] as const) {
      const other = await desk.receive(await compose({ ...sender, subject, text: words }), words);
      expect(other.id).not.toBe(chat.id);
      expect(other.continues).toBeNull();
      expect(other.tickets).toEqual([]);
      expect(other.messageList[0]?.joined).toEqual({ points: 0, threshold: 70, reasons: [], stranger: closing.tickets[0]?.number });
    }
  });

  it('a canary that comes back proves the way, is read, and nobody sees it', async () => {
    await vi.waitFor(async () => expect((await health())?.canary).toMatchObject({ state: 'back' }), patience);
    expect(await day.inbox(salesName, 'any')).toEqual([]);
    const client = new ImapFlow({ host: sales.host, port: sales.imapPort, secure: false, auth: { user: sales.user, pass: sales.password }, logger: false });
    await client.connect();
    await client.mailboxOpen('INBOX');
    const search = (query: object) => client.search({ header: { 'x-deskbridge-canary': '' }, ...query }, { uid: true });
    await vi.waitFor(async () => expect(await search({ seen: true })).toEqual(await search({})), patience);
    expect(await search({})).toHaveLength(1);
    await client.logout();
  });
});
