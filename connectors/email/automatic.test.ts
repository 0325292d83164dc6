import { describe, expect, it } from 'vitest';
import { eventsOf, messageOf } from './fixtures.ts';

const mail = (lines: string): string => `Message-ID: <x@b.example>\r\nDate: Thu, 19 Nov 2026 10:00:00 -0300\r\n${lines.replace(/\n/g, '\r\n')}\r\n\r\nbody\r\n`;
const kind = async (lines: string) => (await messageOf(mail(lines))).automatic;
const from = 'From: Ana <ana@b.example>';

describe('written by a machine', () => {
  it.each([
    'Auto-Submitted: auto-replied',
    'Auto-Submitted: auto-generated; owner-email="x"',
    'X-Auto-Response-Suppress: OOF, AutoReply',
    'Precedence: bulk',
    'Precedence: auto_reply',
    'X-Autoreply: yes',
    'Subject: Automatic reply: Turnstile',
    'Subject: Resposta automática: Catraca',
    'Subject: Automatische Antwort: Drehkreuz',
    'Subject: Risposta automatica: Tornello',
    'Subject: Respuesta automática: Torno',
    'Return-Path: <>\nSubject: Estou ausente até segunda',
  ])('an automatic answer: %s', async (header) => expect(await kind(`${from}\n${header}`)).toBe('auto-reply'));

  it.each(['X-Failed-Recipients: julia@c.example', 'Return-Path: <>\nFrom: MAILER-DAEMON@b.example'])(
    'a bounce that is no RFC 3464 report: %s',
    async (header) => expect(await kind(header.includes('From:') ? header : `${from}\n${header}`)).toBe('bounce'),
  );

  it('a read receipt is no bounce', async () => {
    const receipt = `${from}\nContent-Type: multipart/report; report-type=disposition-notification; boundary=r\n\n--r\n\nread\n--r\nContent-Type: message/disposition-notification\n\nOriginal-Message-ID: <deskbridge.1@academia.example>\nDisposition: manual-action/MDN-sent-manually; displayed\n--r--`;
    expect(await messageOf(mail(receipt))).toMatchObject({ automatic: 'auto-reply', follows: ['<deskbridge.1@academia.example>'] });
  });
});

describe('written by a person', () => {
  it.each([
    'Subject: Re: Resposta automática: Catraca',
    'Subject: A resposta automática não funciona',
    'Subject: estou de férias e a catraca parou',
    'Auto-Submitted: no',
    'Precedence: list',
    'X-Auto-Response-Suppress: DR',
    'Auto-Submitted: auto-generated\nReply-To: Diego <diego@forma.example>',
  ])('%s', async (header) => expect(await kind(`${from}\n${header}`)).toBeUndefined());
});

describe('our own mail', () => {
  it.each([
    'From: suporte@academia.example',
    'From: Carla <SUPORTE+abc@Academia.example>',
    'From: Lista <lista@c.example>\nX-Deskbridge-Message: 0198 suporte@academia.example',
  ])('is dropped: %s', async (lines) => expect(await eventsOf(mail(lines))).toEqual([]));

  it('is known by its Message-ID', async () => {
    expect(await eventsOf('From: x@c.example\r\nMessage-ID: <deskbridge.0198@academia.example>\r\n\r\nx')).toEqual([]);
  });

  it("is not another company's Deskbridge writing to us, nor a name that resembles ours", async () => {
    expect(await eventsOf(mail('From: help@c.example\nX-Deskbridge-Message: 0198 help@c.example'))).toHaveLength(1);
    expect(await eventsOf(mail('From: suporte2@academia.example'))).toHaveLength(1);
    expect(await eventsOf('From: x@c.example\r\nMessage-ID: <deskbridge.0198@c.example>\r\n\r\nx')).toHaveLength(1);
  });
});

describe('who is verified', () => {
  const verified = async (results: string, lines = from): Promise<boolean | undefined> =>
    (await messageOf(mail(`${results}\n${lines}`))).from.identities[0]?.verified;
  const pass = 'Authentication-Results: mx.academia.example; dmarc=pass header.from=b.example';

  it('a sender for whose domain the trusted server says dmarc=pass', async () => {
    expect(await verified(pass)).toBe(true);
    expect(await verified('Authentication-Results: MX.academia.example 1; spf=none; dmarc=pass (p=none) header.from=B.example')).toBe(true);
    expect(await verified(`Authentication-Results: mx.academia.example; dkim=pass header.d=b.example\n${pass}`)).toBe(true);
  });

  it.each([
    ['another server says so', 'Authentication-Results: mx.attacker.example; dmarc=pass header.from=b.example'],
    ['another domain passed', 'Authentication-Results: mx.academia.example; dmarc=pass header.from=attacker.example'],
    ['no domain is named', 'Authentication-Results: mx.academia.example; dmarc=pass'],
    ['it failed', 'Authentication-Results: mx.academia.example; dmarc=fail header.from=b.example'],
    ['only DKIM passed', 'Authentication-Results: mx.academia.example; dkim=pass header.d=b.example'],
    ['the pass stands in a comment', 'Authentication-Results: mx.academia.example; none (; dmarc=pass header.from=b.example)'],
    ['the pass stands in quotes', 'Authentication-Results: mx.academia.example; spf=pass smtp.mailfrom="; dmarc=pass header.from=b.example ;"@c.example'],
    ['a second result disagrees', `Authentication-Results: mx.academia.example; dmarc=fail header.from=b.example\n${pass}`],
    ['there is none', 'X-Nothing: at all'],
  ])('not if %s', async (_why, results) => expect(await verified(results)).toBe(false));

  it('not a mail with two senders, nor with two From lines', async () => {
    expect(await verified(pass, 'From: ana@b.example, eva@b.example')).toBe(false);
    expect(await verified(pass, 'From: eva@attacker.example\nFrom: ana@b.example')).toBe(false);
  });

  it('nobody, where no server is trusted', async () => {
    expect((await messageOf(mail(`${pass}\n${from}`), { settings: { trustedAuthServ: undefined } })).from.identities[0]?.verified).toBe(false);
  });

  it('never an address of Reply-To', async () => {
    const { identities } = (await messageOf(mail(`${pass}\n${from}\nReply-To: eva@attacker.example`))).from;
    expect(identities).toEqual([
      { kind: 'email', value: 'ana@b.example', verified: true },
      { kind: 'email', value: 'eva@attacker.example', verified: false },
    ]);
  });
});
