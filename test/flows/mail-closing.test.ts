/** A mail through a real Dovecot, ended by an agent, and what the simulated helpdesks hold then: once, also when they falter. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClosingView, ConversationDetail } from '../../src/api/contract.ts';
import { skipWithoutDovecot } from '../support/dovecot.ts';
import type { Journey } from '../support/journey.ts';
import { compose, dmarcPass, type MailDesk, sha256, startMailDesk } from '../support/mail-desk.ts';

const report = Buffer.concat([Buffer.from('%PDF-1.4\n'), randomBytes(90_000)]);
const photo = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), randomBytes(60_000)]);
const logo = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), randomBytes(3000)]);

const quote = [
  'Em qua., 18 de nov. de 2026 às 17:40, Carla (Suporte Academia) <',
  'suporte@academia.example> escreveu:',
  '',
  '> Olá Ana,',
  '> pode reiniciar a catraca? O técnico só vai segunda-feira.',
  '>',
  '> Carla',
];
const quoteHtml = `<div class="gmail_quote"><div>Em qua., 18 de nov. de 2026 às 17:40, Carla escreveu:</div>
<blockquote>Olá Ana,<br>pode reiniciar a catraca? O técnico só vai segunda-feira.<br><br>Carla</blockquote></div>`;

/** Words of Ana's above a quote, two files, and a signature with a logo. */
const answer = (words: string, id: string) =>
  compose({
    from: 'Ana Prado <ana@studiomovimento.example>',
    subject: 'RES: Sem energia na catraca',
    messageId: `<${id}@studiomovimento.example>`,
    date: new Date(),
    headers: dmarcPass('studiomovimento.example'),
    text: [words, '', 'Ana Prado', '', ...quote].join('\n'),
    html: `<div>${words}</div><div class="gmail_signature">Ana Prado<br><img src="cid:logo-${id}"></div>${quoteHtml}`,
    attachments: [
      { filename: 'logo.png', content: logo, contentType: 'image/png', cid: `logo-${id}`, contentDisposition: 'inline' },
      { filename: 'laudo técnico.pdf', content: report, contentType: 'application/pdf' },
      { filename: 'catraca.png', content: photo, contentType: 'image/png' },
    ],
  });

const files = [
  { name: 'laudo técnico.pdf', sha: sha256(report) },
  { name: 'catraca.png', sha: sha256(photo) },
];
const nameAndHash = (name: string, bytes: Buffer) => ({ name, sha: sha256(bytes) });

const resolving = (chat: ConversationDetail, helpdesk: string, id: string) => ({
  parts: [
    {
      key: 'p1',
      topic: 'catraca',
      target: { kind: 'append' as const, ticket: { helpdesk, id }, status: 'outcome' as const },
      summary: 'Problema: catraca sem energia\nFeito: cliente reiniciou\nFalta: nada',
      outcome: { status: 'resolvido' },
      messages: chat.messageList.map((message) => message.id),
    },
  ],
});

/** Faults take longer than the journey's usual patience. */
const doneAtLast = async (day: Journey, { id }: ClosingView): Promise<ClosingView> => {
  const progress = async () => (await day.call<ClosingView>('GET', `/api/closings/${id}`)).body.progress;
  await expect.poll(progress, { timeout: 60_000, interval: 100 }).toBe('done');
  return day.settled(id);
};

describe.skipIf(skipWithoutDovecot())('a mail with two files above a Portuguese quote', () => {
  let desk: MailDesk;
  let day: Journey;
  beforeAll(async () => {
    desk = await startMailDesk({ settings: { call_seconds: 2 } });
    day = desk.day;
  });
  afterAll(() => desk?.stop());

  const freshTicket = () => {
    const requester = day.freshdesk.state.contacts.find(({ name }) => name === 'Ana Prado');
    const one = { subject: 'Sem energia na catraca', requester_id: requester?.id ?? 0, status: 6, custom_fields: { cf_produto: 'Catraca' } };
    return day.freshdesk.state.addTicket(one);
  };
  const zenTicket = () => {
    const requester = [...day.zendesk.state.users.values()].find(({ name }) => name === 'Ana Prado');
    return day.zendesk.addTicket({ subject: 'Sem energia na catraca', requester_id: requester?.id, status: 'pending' });
  };

  /** What the requester, and everybody but agents, must not read. */
  const secret = 'cliente reiniciou';

  it('is shown with the quote folded and nothing of it lost, and the logo is no evidence', async () => {
    const chat = await desk.receive(await answer('Bom dia! Reiniciei a catraca e voltou a funcionar. Segue a foto.', 'plain'), 'voltou a funcionar');
    const [message] = chat.messageList;
    expect(chat.subject).toBe('Sem energia na catraca');
    expect(message?.text).toBe('Bom dia! Reiniciei a catraca e voltou a funcionar. Segue a foto.\n\nAna Prado');
    expect(message?.quoted?.split('\n').filter(Boolean)).toEqual(quote.filter(Boolean));
    expect(message?.files.map(({ name, decoration, state }) => ({ name, decoration, state }))).toEqual([
      { name: 'logo.png', decoration: true, state: 'stored' },
      { name: 'laudo técnico.pdf', decoration: false, state: 'stored' },
      { name: 'catraca.png', decoration: false, state: 'stored' },
    ]);
    for (const [index, bytes] of [logo, report, photo].entries())
      expect(sha256(await desk.file(message?.id ?? '', message?.files[index]?.id ?? ''))).toBe(sha256(bytes));
    expect(chat.contactDetail.identities).toContainEqual({ kind: 'email', value: 'ana@studiomovimento.example', verified: true });
  });

  it('is proposed for her ticket, appended and resolved: note private, files there, each effect once', async () => {
    const chat = await desk.holding('voltou a funcionar');
    const old = day.seeded['sem-energia'] ?? '';
    expect(await day.proposal(chat.id)).toMatchObject({ way: 'append', candidates: [{ id: old, preselect: true }] });
    const before = day.freshdesk.dials.calls.length;
    const closing = await day.close(chat.id, resolving(chat, 'freshdesk-br', old));
    const writes = day.freshdesk.dials.calls.slice(before).filter(({ method }) => method !== 'GET');
    expect(writes.map(({ method, path }) => `${method} ${path}`)).toEqual([`POST /api/v2/tickets/${old}/notes`, `PUT /api/v2/tickets/${old}`]);
    const ticket = day.freshdesk.state.tickets.find(({ id }) => String(id) === old);
    expect(ticket).toMatchObject({ status: 4, attachments: [] });
    const notes = day.freshdesk.state.conversations.filter(({ ticket_id }) => ticket_id === ticket?.id);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatchObject({ private: true });
    expect(notes[0]?.body).toContain('Reiniciei a catraca e voltou a funcionar');
    expect(notes[0]?.body).toContain(secret);
    expect(notes[0]?.body).not.toContain('logo.png');
    expect(notes[0]?.attachments.map(({ name, bytes }) => nameAndHash(name, bytes))).toEqual(files);
    expect(day.freshdesk.requesterSees()).not.toContain(secret);
    expect(closing.tickets.map(({ id }) => id)).toEqual([old]);
    expect(await day.detail(chat.id)).toMatchObject({ state: 'ended', filed: true });
  });

  it('is in Freshdesk once although the note times out after its effect and the status meets a 429', async () => {
    const chat = await desk.receive(await answer('Agora a outra catraca também voltou.', 'faults'), 'a outra catraca');
    const ticket = freshTicket();
    const { dials } = day.freshdesk;
    const before = dials.calls.length;
    dials.set({ kind: 'silence', when: 'after' }, { method: 'POST', path: new RegExp(`/tickets/${ticket.id}/notes$`) });
    dials.set({ kind: 'rate-limited', retryAfterSeconds: 1 }, { method: 'PUT', path: new RegExp(`/tickets/${ticket.id}$`) });
    await doneAtLast(day, await day.commit(chat.id, resolving(chat, 'freshdesk-br', String(ticket.id))));
    const writes = dials.calls.slice(before).filter(({ method }) => method !== 'GET');
    expect(writes.map(({ method, fault }) => [method, fault])).toEqual([
      ['POST', 'silence'],
      ['PUT', 'rate-limited'],
      ['PUT', undefined],
    ]);
    const notes = day.freshdesk.state.conversations.filter(({ ticket_id }) => ticket_id === ticket.id);
    expect(notes.map((note) => [note.private, note.attachments.map(({ name, bytes }) => nameAndHash(name, bytes))])).toEqual([[true, files]]);
    expect(ticket.status).toBe(4);
    expect(day.freshdesk.places('a outra catraca')).toHaveLength(1);
  }, 90_000);

  it('is in Zendesk by one update: comment private, ticket solved, each file sent up once, also when the answer is lost', async () => {
    for (const fault of ['', 'silence']) {
      const words = `Voltou no estúdio também${fault}.`;
      const chat = await desk.receive(await answer(words, `zen${fault}`), words);
      const ticket = zenTicket();
      const { dials } = day.zendesk;
      const before = dials.calls.length;
      if (fault) dials.set({ kind: 'silence', when: 'after' }, { method: 'PUT' });
      await doneAtLast(day, await day.commit(chat.id, resolving(chat, 'zendesk-br', String(ticket.id))));
      const writes = dials.calls.slice(before).filter(({ method, path }) => method !== 'GET' && !path.startsWith('/oauth'));
      expect(writes.map(({ method, path }) => `${method} ${path.replace(/\.json$/, '')}`)).toEqual([
        'POST /api/v2/uploads',
        'POST /api/v2/uploads',
        `PUT /api/v2/tickets/${ticket.id}`,
      ]);
      expect(ticket.status).toBe('solved');
      expect(ticket.comments).toHaveLength(2);
      const added = ticket.comments.at(-1);
      expect(added?.public).toBe(false);
      expect(added?.attachments.map(({ file_name, bytes }) => nameAndHash(file_name, bytes))).toEqual(files);
      expect(added?.plain).toContain(words);
      expect(day.zendesk.requesterSees()).not.toContain(secret);
    }
  }, 90_000);
});

describe.skipIf(skipWithoutDovecot())('demo day 8: an accountant answers a ticket closed 40 days ago, from another address', () => {
  let desk: MailDesk;
  let day: Journey;
  const problem = 'Agora o relatório de presença sai em branco, e preciso dele para o fechamento.';
  beforeAll(async () => {
    desk = await startMailDesk();
    day = desk.day;
  });
  afterAll(() => desk?.stop());

  const mail = (id: string) =>
    compose({
      from: 'Paulo Contador <contador@contabil.example>',
      subject: 'RES: Impressora do totem parada',
      messageId: `<${id}@contabil.example>`,
      inReplyTo: '<closed-40-days-ago@academia.example>',
      references: ['<closed-40-days-ago@academia.example>'],
      headers: dmarcPass('contabil.example'),
      html: `<p>Bom dia,</p><p>sou o contador da Força Total. ${problem}</p><p>Paulo (${id})</p><div class="gmail_signature"><img src="cid:sig"></div>
<div class="gmail_quote"><div>Em sex., 9 de out. de 2026 às 10:11, Suporte Academia &lt;suporte@academia.example&gt; escreveu:</div>
<blockquote>Trocamos a impressora do totem. Podemos encerrar o chamado?</blockquote></div>`,
      attachments: [{ filename: 'assinatura.png', content: logo, contentType: 'image/png', cid: 'sig', contentDisposition: 'inline' }],
    });
  const filing = (chat: ConversationDetail, helpdesk: string, id: string) => ({
    parts: [
      {
        key: 'p1',
        topic: 'sistema',
        target: { kind: 'new' as const, helpdesk, followUpOf: { helpdesk, id } },
        title: 'Relatório de presença em branco',
        summary: 'Problema: relatório em branco\nFeito: registrado\nFalta: análise',
        impact: 'contorno',
        outcome: { status: 'pendente' },
        messages: chat.messageList.map((message) => message.id),
      },
    ],
  });

  it('shows the new problem with the quote folded, and preselects nobody else’s ticket', async () => {
    const chat = await desk.receive(await mail('p1'), problem);
    const [message] = chat.messageList;
    expect(message?.text).not.toContain('Trocamos a impressora');
    expect(message?.quoted).toContain('Trocamos a impressora do totem. Podemos encerrar o chamado?');
    expect(message?.files).toMatchObject([{ name: 'assinatura.png', decoration: true }]);
    const proposal = await day.proposal(chat.id);
    expect(proposal.way).toBe('new');
    expect(proposal.candidates.filter(({ preselect }) => preselect)).toEqual([]);
  });

  it('becomes a new Freshdesk ticket whose note names the old one, which stays closed and untouched', async () => {
    const chat = await desk.holding(problem);
    const old = day.freshdesk.state.tickets.find(({ id }) => String(id) === day.seeded['totem-antigo']);
    const untouched = JSON.stringify(old);
    const closing = await day.close(chat.id, filing(chat, 'freshdesk-br', String(old?.id)));
    const made = day.freshdesk.state.tickets.find(({ id }) => String(id) === closing.tickets[0]?.id);
    expect(made?.id).not.toBe(old?.id);
    expect(made).toMatchObject({ subject: 'Relatório de presença em branco', status: 3, attachments: [] });
    expect(made?.description).toContain(problem);
    expect(made?.description).not.toContain('Trocamos a impressora');
    expect(made?.summary).toContain(`/a/tickets/${old?.id}`);
    expect(day.freshdesk.state.contacts.find(({ id }) => id === made?.requester_id)).toMatchObject({ email: 'contador@contabil.example' });
    expect(JSON.stringify(old)).toBe(untouched);
  });

  it('becomes a follow-up of the closed ticket in Zendesk', async () => {
    const old = day.zendesk.addTicket({ subject: 'Impressora do totem parada', status: 'closed' });
    const chat = await desk.receive(await mail('p2'), 'Paulo (p2)');
    const closing = await day.close(chat.id, filing(chat, 'zendesk-br', String(old.id)));
    const made = day.zendesk.state.tickets.get(Number(closing.tickets[0]?.id));
    expect(made).toMatchObject({ followup_of: old.id, subject: 'Relatório de presença em branco', status: 'pending' });
    expect(made?.comments.flatMap(({ attachments }) => attachments)).toEqual([]);
    expect(made?.comments[0]).toMatchObject({ public: false });
    expect(old.followup_ids).toEqual([made?.id]);
  });
});
