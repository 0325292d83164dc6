/** Mail to and fro: an agent's answer leaves by SMTP, the customer's next words find their conversation, and who vouches for whom decides what is shown. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ConversationDetail } from '../../src/api/contract.ts';
import { skipWithoutDovecot } from '../support/dovecot.ts';
import type { Journey } from '../support/journey.ts';
import { compose, dmarcPass, type MailDesk, mailChannelName, patience, sha256, startMailDesk } from '../support/mail-desk.ts';

describe.skipIf(skipWithoutDovecot())('a conversation by mail', () => {
  let desk: MailDesk;
  let day: Journey;
  beforeAll(async () => {
    desk = await startMailDesk();
    day = desk.day;
  });
  afterAll(() => desk?.stop());

  const ana = { from: 'Ana Prado <ana@studiomovimento.example>', headers: dmarcPass('studiomovimento.example') };
  const manual = Buffer.from('%PDF-1.4 o manual da catraca');
  let chat: ConversationDetail;
  let replyId = '';
  let replyTo = '';

  it('an agent’s answer leaves once, with thread headers, a reply token, and its file byte for byte', async () => {
    const first = await compose({ ...ana, subject: 'Catraca travada', messageId: '<first@studiomovimento.example>', text: 'A catraca travou de novo.' });
    chat = await desk.receive(first, 'travou de novo');
    const file = await desk.upload('manual da catraca.pdf', manual);
    const message = { id: crypto.randomUUID(), kind: 'public', text: 'Oi Ana, pode reiniciar?', files: [file] };
    for (const status of [201, 200]) expect((await day.call('POST', `/api/conversations/${chat.id}/messages`, message)).status).toBe(status);
    await vi.waitFor(() => expect(desk.outgoing.mails).toHaveLength(1), patience);
    const [mail] = desk.outgoing.mails;
    expect(mail).toMatchObject({
      subject: 'Re: Catraca travada',
      inReplyTo: '<first@studiomovimento.example>',
      to: { value: [{ address: 'ana@studiomovimento.example', name: 'Ana Prado' }] },
    });
    expect([mail?.references].flat()).toEqual(['<first@studiomovimento.example>']);
    expect(mail?.attachments.map(({ filename, content }) => [filename, sha256(content)])).toEqual([['manual da catraca.pdf', sha256(manual)]]);
    replyId = mail?.messageId ?? '';
    replyTo = mail?.replyTo?.value[0]?.address ?? '';
    expect(replyTo).toMatch(/^suporte\+[0-9a-f]{26}@academia\.example$/);
    await vi.waitFor(async () => expect((await day.detail(chat.id)).messageList.at(-1)).toMatchObject({ sending: 'sent', direction: 'out' }), patience);
  });

  it('the customer’s answer joins by In-Reply-To; one without headers joins by the address it came to', async () => {
    // Mails know whole seconds; an answer within the second of what it answers would be sorted before it.
    const saidAt = (await day.detail(chat.id)).lastAt;
    await vi.waitFor(() => expect(Math.floor(Date.now() / 1000)).toBeGreaterThan(Math.floor(saidAt / 1000)), patience);
    const answer = await compose({ ...ana, subject: 'Re: Catraca travada', inReplyTo: replyId, text: 'Reiniciei, e nada.' });
    expect((await desk.receive(answer, 'Reiniciei, e nada')).id).toBe(chat.id);
    const bare = await compose({ ...ana, subject: 'ainda travada', to: replyTo, text: 'Escrevo do celular da recepção.' });
    expect((await desk.receive(bare, 'celular da recepção', replyTo)).id).toBe(chat.id);
    expect(await day.inbox(mailChannelName, 'any')).toHaveLength(1);
    chat = await day.detail(chat.id);
    expect(chat.messageList.map(({ text }) => text)).toEqual([
      'A catraca travou de novo.',
      'Oi Ana, pode reiniciar?',
      'Reiniciei, e nada.',
      'Escrevo do celular da recepção.',
    ]);
  });

  it('our own answer that comes back into the mailbox is no message', async () => {
    const echo = await compose({ from: 'suporte@academia.example', to: 'ana@studiomovimento.example', messageId: replyId, text: 'Oi Ana, pode reiniciar?' });
    await desk.dovecot.deliver(echo);
    const later = await compose({ from: 'rui@outro.example', subject: 'Outro assunto', text: 'Depois do eco.' });
    await desk.receive(later, 'Depois do eco');
    expect((await day.detail(chat.id)).messageList).toHaveLength(4);
    expect(await day.inbox(mailChannelName, 'any')).toHaveLength(2);
  });

  describe('after the closing', () => {
    let ticket = '';
    beforeAll(async () => {
      const closing = await day.close(chat.id, {
        parts: [
          {
            key: 'p1',
            topic: 'catraca',
            target: { kind: 'new' },
            title: 'Catraca não libera',
            summary: 'Problema: travada\nFeito: reinício\nFalta: visita',
            impact: 'parado',
            outcome: { status: 'pendente' },
            messages: chat.messageList.map(({ id }) => id),
          },
        ],
      });
      ticket = closing.tickets[0]?.id ?? '';
    });

    it('a forged answer continues nothing of hers: no ticket is shown, none preselected, nobody’s history joined', async () => {
      const forged = await compose({
        from: 'Ana Prado <ana@studiomovimento.example>',
        headers: {
          'Authentication-Results': [
            'mx.academia.example; dmarc=fail header.from=studiomovimento.example',
            'mx.attacker.example; dmarc=pass header.from=studiomovimento.example',
          ],
        },
        subject: 'Re: Catraca travada',
        to: replyTo,
        inReplyTo: replyId,
        text: 'Sou eu, a Ana. Catraca não libera.',
      });
      const other = await desk.receive(forged, 'Sou eu, a Ana', replyTo);
      expect(other.id).not.toBe(chat.id);
      expect(other.contactDetail.id).not.toBe(chat.contactDetail.id);
      expect(other.contactDetail.identities).toEqual([{ kind: 'email', value: 'ana@studiomovimento.example', verified: false }]);
      const proposal = await day.proposal(other.id);
      expect(proposal).toMatchObject({ way: 'new', candidates: [] });
      expect(proposal.companies).toEqual([]);
      // Left open it would take what comes next in the thread, as any open conversation does.
      await day.close(other.id, { none: { reason: 'spam' } });
    });

    it('her own answer opens a conversation that continues the old one, with its ticket first and preselected', async () => {
      const answer = await compose({ ...ana, subject: 'Re: Catraca travada', inReplyTo: replyId, text: 'Quando vem o técnico, afinal?' });
      const next = await desk.receive(answer, 'Quando vem o técnico');
      expect(next.id).not.toBe(chat.id);
      expect(next).toMatchObject({ continues: chat.id, state: 'open' });
      expect(next.contactDetail.id).toBe(chat.contactDetail.id);
      const { way, candidates } = await day.proposal(next.id);
      expect(way).toBe('append');
      expect(candidates[0]).toMatchObject({ id: ticket, preselect: true });
      expect(candidates[0]?.reasons.map(({ key }) => key)).toContain('written-from');
    });
  });
});
