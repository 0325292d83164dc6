import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerAddress } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import { testContext } from '../../test/support/context.ts';
import { eventsOf, messageOf, testSettings } from './fixtures.ts';
import channel from './index.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function smtpServer(refuses = false) {
  const mails: { raw: Buffer; to: readonly string[] }[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo: (_to: SMTPServerAddress, _session, done) => done(refuses ? Object.assign(new Error('5.1.1 no such mailbox'), { responseCode: 550 }) : null),
    async onData(stream, { envelope }, done) {
      mails.push({ raw: await buffer(stream), to: envelope.rcptTo.map(({ address }) => address) });
      done();
    },
  });
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  closers.push(() => new Promise<void>((resolve) => server.close(resolve)));
  return { mails, settings: { smtp: { host: '127.0.0.1', port: (listening.address() as AddressInfo).port, tls: 'none' } } };
}

const channelOf = (settings: object) => channel.create(testContext(testSettings(settings)));

describe('a canary', () => {
  it('goes to ourselves by SMTP, and is known by its token when it is back', async () => {
    const { mails, settings } = await smtpServer();
    await channelOf({ canary: true, language: 'pt-BR', ...settings }).canary?.('t-0k3n');
    const [mail] = mails;
    expect(mail?.to).toEqual(['suporte@academia.example']);
    expect(mail?.raw.toString()).toContain('Subject: Deskbridge: e-mail de teste');
    expect(await eventsOf(mail?.raw ?? '')).toEqual([expect.objectContaining({ type: 'canary', token: 't-0k3n' })]);
  });

  it('is written by a machine, so that no absence notice answers it', async () => {
    const { mails, settings } = await smtpServer();
    await channelOf({ canary: true, ...settings }).canary?.('t');
    expect(mails[0]?.raw.toString()).toMatch(/^Auto-Submitted: auto-generated\r?$/m);
  });

  it('of somebody else is a mail like any other: nobody hides words behind the header', async () => {
    expect(await messageOf('From: Eva <eva@c.example>\r\nX-Deskbridge-Canary: t\r\n\r\nSocorro')).toMatchObject({ type: 'message', text: 'Socorro' });
    const form = 'From: suporte@academia.example\r\nReply-To: Diego <diego@forma.example>\r\nX-Deskbridge-Canary: t\r\n\r\nSocorro';
    expect(await messageOf(form)).toMatchObject({ type: 'message', text: 'Socorro', from: { id: 'diego@forma.example' } });
  });

  it('that came back undelivered is a bounce, and says nothing of any reply', async () => {
    const bounce = `From: MAILER-DAEMON@academia.example\r\nReturn-Path: <>\r\nIn-Reply-To: <deskbridge-canary.t@academia.example>\r\n\r\nx`;
    expect((await eventsOf(bounce)).map((event) => event.type)).toEqual(['message']);
  });

  it('that the server refuses says so', async () => {
    const { settings } = await smtpServer(true);
    await expect(channelOf({ canary: true, ...settings }).canary?.('t')).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('5.1.1'),
    });
  });

  it('is sent only where ops ask for it', () => {
    expect(channelOf({}).canary).toBeUndefined();
  });
});
