import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryBlobs } from '../../test/support/context.ts';
import { arrivedAt, eventsOf, messageOf, sample } from './fixtures.ts';

describe('a Portuguese reply with two attachments', () => {
  it('shows the reply, folds the quote, and keeps both files by their bytes', async () => {
    const blobs = memoryBlobs();
    const message = await messageOf(sample('quoted-reply-pt'), { blobs });
    expect(message.text).toBe('Bom dia! Reiniciei e voltou a funcionar. Segue a foto e o laudo.');
    expect(message.quoted).toContain('Enviado do meu iPhone');
    expect(message.quoted).toContain('> pode reiniciar a catraca?');
    expect(message.media.map(({ name, mime, decoration }) => [name, mime, decoration])).toEqual([
      ['laudo técnico.pdf', 'application/pdf', undefined],
      ['catraca.png', 'image/png', undefined],
    ]);
    const [pdf] = message.media;
    expect((await blobs.read(pdf?.blob ?? '')).toString()).toMatch(/^%PDF-1\.4/);
    expect(pdf?.size).toBe((await blobs.read(pdf?.blob ?? '')).length);
  });

  it('belongs to the thread of its first ancestor and follows the nearest first', async () => {
    const message = await messageOf(sample('quoted-reply-pt'));
    expect(message).toMatchObject({
      id: '<CAF-reply-1@mail.studiomovimento.example>',
      thread: '<first-1@mail.studiomovimento.example>',
      follows: ['<deskbridge.0198aaaa@academia.example>', '<first-1@mail.studiomovimento.example>'],
      replyToken: 't0k3n',
      subject: 'Catraca não libera',
      at: Date.parse('2026-11-19T12:12:00Z'),
      kind: 'public',
    });
    expect(message.automatic).toBeUndefined();
  });

  it('is verified, because the trusted server saw DMARC pass for exactly that domain', async () => {
    const message = await messageOf(sample('quoted-reply-pt'));
    expect(message.from).toEqual({
      role: 'contact',
      id: 'ana@studiomovimento.example',
      name: 'Ana Lúcia',
      identities: [{ kind: 'email', value: 'ana@studiomovimento.example', verified: true }],
    });
  });
});

describe('an Outlook answer in HTML alone', () => {
  it('is read as text, with the block De/Enviado/Para/Assunto folded and the HTML kept as it came', async () => {
    const message = await messageOf(sample('outlook-html-pt'));
    expect(message.text).toContain('A impressora do totem parou, veja a tela:');
    expect(message.text).toContain('Rogério & filhos');
    expect(message.text).not.toContain('Segue o boleto');
    expect(message.quoted).toMatch(/^De: Suporte Academia <suporte@academia\.example>\nEnviado: .*[\s\S]*Segue o boleto\.$/);
    expect(message.html).toContain('<b>De:</b>');
    expect(message.text).not.toContain('margin');
  });

  it('takes the screenshot as evidence and the logo under the signature as decoration', async () => {
    const { media } = await messageOf(sample('outlook-html-pt'));
    expect(media.map(({ inline, decoration }) => [inline, decoration])).toEqual([
      ['tela@power', undefined],
      ['logo@power', true],
    ]);
  });
});

describe('odd mails', () => {
  it('reads a mail whose header is broken in every line', async () => {
    const message = await messageOf(sample('broken-header'));
    expect(JSON.stringify([message.text, message.html ?? ''])).toContain('Como exporto o relatorio de presenca?');
    expect(message.at).toBe(arrivedAt);
    expect(message.id).not.toBe('');
  });

  it('reads a mail in an unknown charset', async () => {
    expect(await messageOf(sample('unknown-charset'))).toMatchObject({ text: 'Pedido 42: leitor apagado.', from: { id: 'erp@velho.example' } });
  });

  it('reads names and subjects of old systems that write Latin-1 into the header', async () => {
    expect(await messageOf(sample('latin1-headers'))).toMatchObject({
      subject: 'Manutenção da catraca',
      text: 'Não libera ninguém.',
      from: { name: 'José Conceição', id: 'jose@antigo.example' },
    });
  });

  it('takes a mail without From and without Message-ID, once however often it comes', async () => {
    const message = await messageOf(sample('no-from'));
    expect(message.from).toEqual({ role: 'contact', id: 'sensor@predio.example', identities: [] });
    expect(message.id).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(message.thread).toBe(message.id);
    expect((await messageOf(sample('no-from'))).id).toBe(message.id);
    const nobody = await messageOf('Subject: x\r\n\r\ny\r\n');
    expect(nobody.from).toEqual({ role: 'contact', id: nobody.id.replace('sha256:', 'unknown:'), identities: [] });
  });

  it('never verifies a forged From, whatever the sender wrote into results, comments and quotes', async () => {
    const message = await messageOf(sample('forged-from'));
    expect(message.from.identities).toEqual([{ kind: 'email', value: 'carlos@irongym.example', verified: false }]);
  });

  it('shows the words and files of a mail within the mail', async () => {
    const message = await messageOf(sample('nested-message'));
    expect(message.text).toContain('Segue o que recebi.');
    expect(message.text).toContain('A garantia acabou.');
    expect(message.media.map(({ name }) => name)).toEqual(['1.eml', 'garantia.csv']);
  });

  it('takes an empty mail, a body without header, and NUL characters', async () => {
    expect((await messageOf('')).text).toBe('');
    expect((await messageOf('\r\njust words\r\n')).text).toBe('just words');
    expect((await messageOf('Subject: a\0b\r\n\r\nc\0d')).text).not.toContain('\0');
  });

  it('turns a text too long for a conversation into a file as well', async () => {
    const long = `first line\n${'x'.repeat(600_000)}\nlast line`;
    const blobs = memoryBlobs();
    const message = await messageOf(`From: a@b.example\r\n\r\n${long}`, { blobs });
    expect(message.text.length).toBeLessThanOrEqual(500_000);
    expect(message.media.map(({ name }) => name)).toEqual(['message.txt']);
    expect((await blobs.read(message.media[0]?.blob ?? '')).toString()).toContain('last line');
  });

  it('makes one message of any bytes at all, the same each time', async () => {
    const header = fc.constantFrom('From', 'Subject', 'Date', 'Message-ID', 'References', 'Content-Type', 'Content-Transfer-Encoding', 'To', 'Auto-Submitted');
    const value = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.constantFrom('multipart/mixed; boundary=x', 'base64', 'text/html; charset=utf-7', '=?utf-8?B?////?=', '<a@b>', 'message/rfc822', '"', 'a@b.example'),
    );
    const lines = fc.array(fc.oneof(fc.string({ maxLength: 40 }), fc.constantFrom('--x', '--x--', '> quoted', '', 'Content-Type: text/html')), {
      maxLength: 8,
    });
    const mail = fc.tuple(fc.array(fc.tuple(header, value), { maxLength: 8 }), lines);
    await fc.assert(
      fc.asyncProperty(mail, async ([headers, body]) => {
        const raw = `${headers.map(([name, text]) => `${name}: ${text}`).join('\r\n')}\r\n\r\n${body.join('\r\n')}`;
        const once = await eventsOf(raw);
        expect(once.length).toBeLessThanOrEqual(1);
        expect(await eventsOf(raw)).toEqual(once);
      }),
      { numRuns: 150 },
    );
  });
});

describe('times', () => {
  const dated = async (date: string): Promise<number> => (await messageOf(`From: a@b.example\r\nDate: ${date}\r\n\r\nx`)).at;
  it('believes the Date header when it can be true', async () => {
    expect(await dated('Thu, 19 Nov 2026 10:00:00 -0300 (BRT)')).toBe(Date.parse('2026-11-19T13:00:00Z'));
  });
  it('takes the arrival for dates in the future, long ago, or unreadable', async () => {
    for (const date of ['Fri, 20 Nov 2026 10:00:00 -0300', 'Thu, 01 Jan 1970 00:00:00 +0000', 'soon', '']) expect(await dated(date)).toBe(arrivedAt);
  });
  it('takes the time of receipt when the server knows none', async () => {
    expect((await messageOf('From: a@b.example\r\n\r\nx', { payload: { internalDate: null } })).at).toBe(arrivedAt + 1000);
  });
});

describe('machines', () => {
  it('knows a bounce, says whose it is, and follows the mail that did not arrive', async () => {
    const message = await messageOf(sample('bounce'));
    expect(message).toMatchObject({ automatic: 'bounce', from: { role: 'system', identities: [] } });
    expect(message.follows?.[0]).toBe('<deskbridge.0198bbbb@academia.example>');
    expect(message.text).toContain('could not be delivered');
    expect(message.text).not.toContain('pode enviar uma foto');
    const [, receipt, ...more] = await eventsOf(sample('bounce'));
    expect(receipt).toMatchObject({ type: 'receipt', id: '<deskbridge.0198bbbb@academia.example>', state: 'failed', reason: expect.stringContaining('5.') });
    expect(more).toEqual([]);
  });

  it('knows an out-of-office answer, which still belongs to its thread', async () => {
    expect(await messageOf(sample('out-of-office-pt'))).toMatchObject({
      automatic: 'auto-reply',
      thread: '<deskbridge.0198cccc@academia.example>',
      from: { role: 'contact', id: 'marcelo@corpovivo.example' },
    });
  });

  it('drops our own mail that comes back', async () => {
    expect(await eventsOf(sample('own-mail'))).toEqual([]);
  });

  it('takes a contact form that writes from our own address as the person in Reply-To, claimed', async () => {
    const message = await messageOf(sample('contact-form'));
    expect(message.from).toEqual({
      role: 'contact',
      id: 'diego@forma.example',
      name: 'Diego',
      identities: [{ kind: 'email', value: 'diego@forma.example', verified: false }],
    });
    expect(message.automatic).toBeUndefined();
  });
});

it('stands for a mail that is too large with its sender, its subject and a sentence', async () => {
  const head = sample('quoted-reply-pt').toString().split('\n\n')[0] ?? '';
  const message = await messageOf(`${head}\n\n`, { settings: { language: 'pt-BR' }, payload: { problem: 'too-large', size: 80 * 2 ** 20 } });
  expect(message.text).toBe('Este e-mail é grande demais para ser importado (80.0 MB). Ele continua na caixa postal.');
  expect(message).toMatchObject({ subject: 'Catraca não libera', from: { id: 'ana@studiomovimento.example' }, media: [] });
});

describe('a mail in two mailboxes', () => {
  const words = 'From: Rui <rui@c.example>\nTo: suporte@academia.example, vendas@academia.example\nSubject: Proposta\nDate: Thu, 19 Nov 2026 10:00:00 -0300';
  const sharedOf = async (raw: string, options?: Parameters<typeof messageOf>[1]) => (await messageOf(raw.replace(/\n/g, '\r\n'), options)).shared;
  const mail = `${words}\nMessage-ID: <p1@c.example>\n\nQuanto custa a catraca?\nE o leitor?\n`;

  it('is the same in both, whatever the servers on the way added and however they wrapped it', async () => {
    const shared = await sharedOf(`Delivered-To: suporte@academia.example\nReceived: from a by b\n${mail}`);
    expect(shared).toMatch(/^[0-9a-f]{64}$/);
    expect(await sharedOf(`Delivered-To: vendas@academia.example\n${mail}`, { settings: { address: 'vendas@academia.example' } })).toBe(shared);
    expect(await sharedOf(`Content-Transfer-Encoding: quoted-printable\n${mail.replace('a catraca', 'a =\ncatraca')}`)).toBe(shared);
  });

  it('is not one with another that has its Message-ID', async () => {
    const shared = await sharedOf(mail);
    for (const other of [
      mail.replace('catraca', 'roleta'),
      mail.replace('Rui <rui', 'Eva <eva'),
      mail.replace('10:00:00', '10:00:01'),
      mail.replace('Proposta', 'Outra'),
    ])
      expect(await sharedOf(other)).not.toBe(shared);
  });

  it('is told by nothing where it has no Message-ID, and by no placeholder, so that the mail itself is shown too', async () => {
    expect(await sharedOf(mail.replace(/Message-ID.*\n/, ''))).toBeUndefined();
    expect(await sharedOf(mail, { payload: { problem: 'too-large' } })).toBeUndefined();
  });
});

describe('clues', () => {
  const cluesOf = async (subject: string, settings = {}) => (await messageOf(`From: a@b.example\r\nSubject: ${subject}\r\n\r\nx`, { settings })).clues;

  it('are the number of a ticket, the mark of an answer, and what ops have set', async () => {
    const day = 86_400_000;
    expect(await cluesOf('Catraca')).toEqual({ threshold: 70, answers: false, withinMs: 7 * day });
    expect(await cluesOf('RES: [#4711] Catraca', { joinThreshold: 85, joinDays: 3 })).toEqual({
      threshold: 85,
      number: '4711',
      answers: true,
      withinMs: 3 * day,
    });
    for (const subject of ['Re: x', 'AW: x', 'Antw: x', 'R: x', 'Rif: x', 'SV: x', 'Re[2]: x']) expect(await cluesOf(subject)).toMatchObject({ answers: true });
    for (const subject of ['Enc: x', 'Fwd: x', 'WG: x', 'Resumo: x', 'Relatório']) expect(await cluesOf(subject)).toMatchObject({ answers: false });
    for (const subject of ['#4711', '[4711]', '[#47a]', `[#${'1'.repeat(13)}]`]) expect(await cluesOf(subject)).not.toHaveProperty('number');
  });

  it('are none for what a machine wrote', async () => {
    const away = await messageOf('From: a@b.example\r\nSubject: Re: [#4711] x\r\nAuto-Submitted: auto-replied\r\n\r\nx');
    expect(away).toMatchObject({ automatic: 'auto-reply' });
    expect(away.clues).toBeUndefined();
  });
});

describe('what a report says of our mail', () => {
  const report = sample('bounce').toString();
  const receipts = async (raw: string) => (await eventsOf(raw)).filter(({ type }) => type === 'receipt');

  it('is the recipients that the server gave up, each with its reason', async () => {
    const two = report.replace(
      '\n--dsn\nContent-Type: message/rfc822',
      '\nFinal-Recipient: rfc822; bia@c.example\nAction: failed\nStatus: 5.2.2\n\n--dsn\nContent-Type: message/rfc822',
    );
    expect(await receipts(two)).toMatchObject([{ reason: expect.stringMatching(/^julia@fitprime\.example 5\.1\.1 550 .*; bia@c\.example 5\.2\.2$/) }]);
  });

  it('is nothing yet while the server goes on trying, nor where it arrived', async () => {
    for (const action of ['delayed', 'delivered', 'relayed']) expect(await receipts(report.replace('Action: failed', `Action: ${action}`))).toEqual([]);
  });

  it('is nothing where the mail was not ours', async () => {
    expect(await receipts(report.replaceAll('deskbridge.0198bbbb@academia.example', 'x@other.example'))).toEqual([]);
    expect(await receipts(report.replaceAll('deskbridge.0198bbbb@academia.example', 'deskbridge.0198bbbb@other.example'))).toEqual([]);
  });
});
