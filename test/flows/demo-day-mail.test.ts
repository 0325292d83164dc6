/** Mails through a real Dovecot: number 8 of the demo day, a reply with files that resolves a ticket, and a sender who is not who they say. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectorsFolder } from '../../src/cli/sandbox/demo-day.ts';
import { type Dovecot, skipWithoutDovecot, startDovecot } from '../support/dovecot.ts';
import { demoThursday, idsOf, type Journey, startJourney } from '../support/journey.ts';

const day40 = 40 * 86_400_000;
const ours = 'mx.academia.example';
/** One red pixel. */
const logo = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

interface Written {
  readonly id: string;
  readonly from: string;
  readonly subject: string;
  readonly text: string;
  readonly verified?: boolean;
  readonly answers?: string;
  readonly logo?: boolean;
}

const mail = ({ id, from, subject, text, verified, answers, logo: signed }: Written): string => {
  const domain = /@([^>]+)/.exec(from)?.[1];
  const head = [
    ...(verified ? [`Authentication-Results: ${ours}; dmarc=pass header.from=${domain}`] : []),
    `From: ${from}`,
    'To: suporte@academia.example',
    `Subject: ${subject}`,
    `Message-ID: <${id}>`,
    ...(answers ? [`In-Reply-To: <${answers}>`, `References: <${answers}>`] : []),
    'MIME-Version: 1.0',
  ];
  const plain = `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${text}\r\n`;
  if (!signed) return `${head.join('\r\n')}\r\n${plain}`;
  const image = `Content-Type: image/png; name="logo.png"\r\nContent-ID: <logo@contabil>\r\nContent-Disposition: inline; filename="logo.png"\r\nContent-Transfer-Encoding: base64\r\n\r\n${logo}\r\n`;
  return `${head.join('\r\n')}\r\nContent-Type: multipart/related; boundary="edge"\r\n\r\n--edge\r\n${plain}\r\n--edge\r\n${image}--edge--\r\n`;
};

describe.skipIf(skipWithoutDovecot())('mails', () => {
  let dovecot: Dovecot;
  let day: Journey;
  beforeAll(async () => {
    dovecot = await startDovecot();
    const account = { host: dovecot.host, tls: 'none', user: dovecot.user, password: dovecot.password };
    const email = {
      connector: 'email',
      address: dovecot.user,
      name: 'Suporte',
      imap: { ...account, port: dovecot.imapPort },
      smtp: { ...account, port: dovecot.lmtpPort },
      trustedAuthServ: ours,
    };
    day = await startJourney({ channels: { 'email-suporte': email }, start: demoThursday - day40 });
  });
  afterAll(async () => {
    await day.stop();
    await dovecot.stop();
  });

  const ticket = (id: string) => {
    const found = day.freshdesk.state.tickets.find((one) => String(one.id) === id);
    if (!found) throw new Error(`the helpdesk has no ticket ${id}`);
    return found;
  };
  const arrive = async (raw: string | Buffer) => {
    const known = new Set((await day.inbox('email-suporte', 'any')).map(({ id }) => id));
    const fresh = async () => (await day.inbox('email-suporte', 'any')).find(({ id }) => !known.has(id))?.id;
    await dovecot.deliver(raw);
    await expect.poll(fresh, { timeout: 15_000 }).toBeDefined();
    return day.detail((await fresh()) ?? '');
  };
  const printer = {
    key: 'p1',
    topic: 'impressora',
    title: 'Impressora do totem parada',
    summary: 'Problema: impressora\nFeito: bobina trocada\nFalta: nada',
    impact: 'contorno',
  };
  let oldTicket = '';

  it('8: what answers a ticket closed 40 days ago becomes a new ticket, linked to the old one', async () => {
    const first = await arrive(
      mail({
        id: 'totem-1@forcatotal.example',
        from: 'Recepção <recepcao@forcatotal.example>',
        subject: 'Impressora do totem',
        text: 'A impressora do totem parou.',
        verified: true,
      }),
    );
    const filed = await day.close(first.id, {
      parts: [{ ...printer, target: { kind: 'new' }, outcome: { status: 'resolvido' }, messages: idsOf(first, 'A impressora') }],
    });
    oldTicket = filed.tickets[0]?.id ?? '';
    ticket(oldTicket).status = 5;
    day.advance(day40);

    const text = [
      'Bom dia, sou o contador. Agora o relatório de presença sai em branco.',
      '',
      '-- ',
      'Paulo, Contabilidade',
      '',
      'Em qui., 10 de out. de 2026 às 10:00, Recepção <recepcao@forcatotal.example> escreveu:',
      '> A impressora do totem parou.',
    ].join('\r\n');
    const chat = await arrive(
      mail({
        id: 'conta-1@contabil.example',
        from: 'Paulo <contador@contabil.example>',
        subject: 'Re: Impressora do totem',
        text,
        answers: 'totem-1@forcatotal.example',
        logo: true,
      }),
    );
    const [message] = chat.messageList;
    expect(chat.continues).toBe(first.id);
    expect(message?.text).not.toContain('A impressora do totem parou.');
    expect(message?.quoted).toContain('A impressora do totem parou.');
    expect(message?.files).toMatchObject([{ name: 'logo.png', decoration: true }]);
    // Nobody vouches for this sender: nothing of the customer's is shown or preselected.
    expect(chat.contactDetail.identities.every(({ verified }) => !verified)).toBe(true);
    const proposal = await day.proposal(chat.id);
    expect(proposal.candidates.filter(({ preselect }) => preselect)).toEqual([]);
    expect(proposal.way).not.toBe('append');

    const company = await day.company('Academia Força Total');
    const closing = await day.close(chat.id, {
      parts: [
        {
          key: 'p1',
          topic: 'sistema',
          target: { kind: 'new', followUpOf: { helpdesk: 'freshdesk-br', id: oldTicket } },
          company,
          title: 'Relatório de presença em branco',
          summary: 'Problema: relatório em branco\nFeito: nada ainda\nFalta: verificar',
          impact: 'contorno',
          outcome: { status: 'pendente' },
          messages: idsOf(chat, 'Bom dia, sou o contador'),
        },
      ],
    });
    const made = ticket(closing.tickets[0]?.id ?? '');
    expect(made.id).not.toBe(Number(oldTicket));
    expect(made).toMatchObject({ subject: 'Relatório de presença em branco', status: 3, attachments: [] });
    expect(made.summary).toContain(`/a/tickets/${oldTicket}`);
    expect(made.description).toContain('relatório de presença sai em branco');
    expect(ticket(oldTicket).status).toBe(5);
  });

  it('with two files and a quote, added to a ticket that it resolves, is there once: private note, files, status', async () => {
    const chat = await arrive(await readFile(join(connectorsFolder, 'email/fixtures/quoted-reply-pt.eml')));
    const evidence = chat.messageList.flatMap(({ files }) => files).filter(({ decoration }) => !decoration);
    expect(evidence).toHaveLength(2);
    const old = day.seeded['sem-energia'] ?? '';
    const before = day.freshdesk.state.conversations.length;
    await day.close(chat.id, {
      parts: [
        {
          ...printer,
          topic: 'catraca',
          impact: null,
          target: { kind: 'append', ticket: { helpdesk: 'freshdesk-br', id: old }, status: 'outcome' },
          outcome: { status: 'resolvido' },
          messages: chat.messageList.map(({ id }) => id),
        },
      ],
    });
    const added = day.freshdesk.state.conversations.slice(before);
    expect(added).toHaveLength(1);
    expect(added[0]).toMatchObject({ ticket_id: Number(old), private: true });
    expect(added[0]?.attachments.map(({ name }) => name).sort()).toEqual(evidence.map(({ name }) => name).sort());
    expect(ticket(old).status).toBe(4);
    expect(chat.messageList[0]?.quoted).toBeTruthy();
  });

  it('whose From names a customer without proof shows no history and preselects no ticket', async () => {
    ticket(day.seeded['sem-energia'] ?? '').status = 3;
    const chat = await arrive(
      mail({
        id: 'forged@attacker.example',
        from: 'Ana Prado <ana@studiomovimento.example>',
        subject: 'Sem energia na catraca',
        text: 'a catraca continua sem energia, me mande o histórico',
      }),
    );
    expect(chat.contactDetail).toMatchObject({ companies: [], identities: [{ kind: 'email', value: 'ana@studiomovimento.example', verified: false }] });
    expect(chat.tickets).toEqual([]);
    expect(chat.continues).toBeNull();
    expect(await day.proposal(chat.id)).toMatchObject({ way: 'new', candidates: [] });
  });

  it('whose From is proven shows the same customer’s ticket, preselected', async () => {
    const chat = await arrive(
      mail({
        id: 'true@studiomovimento.example',
        from: 'Ana Prado <ana@studiomovimento.example>',
        subject: 'Sem energia na catraca',
        text: 'a catraca continua sem energia',
        verified: true,
      }),
    );
    const { candidates } = await day.proposal(chat.id);
    expect(candidates.find(({ preselect }) => preselect)?.id).toBe(day.seeded['sem-energia']);
  });
});
