/** A made-up mail server with one mailbox, and the people who write to it: IMAP for what comes in, SMTP for what goes out. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import express from 'express';
import { simpleParser } from 'mailparser';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import { SMTPServer } from 'smtp-server';
import { createDials, faultable, type ShownMessage, type SimulatedChannel, type SimulatedMessage, type SimulatedPerson } from '../../src/kit/simulator.ts';
import { createImapSimulator } from './simulator/imap.ts';

const address = 'suporte@academia.example';
const authServ = 'mx.academia.example';
const password = 'sandbox-mailbox';

export interface MailboxOptions {
  readonly now?: () => number;
}

interface Letter extends ShownMessage {
  /** Message-ID, with its brackets. */
  readonly id: string;
}

const addressOf = ({ id, email }: SimulatedPerson): string => email ?? `${id}@customers.example`;

export async function simulatedChannel({ now = Date.now }: MailboxOptions = {}): Promise<SimulatedChannel> {
  const imap = createImapSimulator({ user: address, password });
  const dials = createDials();
  /** By the person's address: everybody has one correspondence with the desk. */
  const letters = new Map<string, Letter[]>();
  let written = 0;
  const correspondence = (who: string): Letter[] => letters.get(who) ?? letters.set(who, []).get(who) ?? [];

  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    async onData(stream, { envelope }, done) {
      const raw = await buffer(stream);
      const mail = await simpleParser(raw);
      const files = mail.attachments.map(({ filename = 'file', content }) => ({ name: filename, bytes: content }));
      for (const { address: to } of envelope.rcptTo)
        if (to.toLowerCase() === address) imap.deliver(raw, now());
        else correspondence(to.toLowerCase()).push({ id: mail.messageId ?? '', from: 'business', text: mail.text ?? '', files });
      done();
    },
  });
  const listening = [imap.server.listen(0, '127.0.0.1'), smtp.listen(0, '127.0.0.1')] as const;
  await Promise.all(listening.map((server) => once(server, 'listening')));
  const [imapPort, smtpPort] = listening.map((server) => (server.address() as AddressInfo).port);

  const app = express().use(faultable(dials));
  app.use((_request, response) => void response.status(501).json({ error: 'a mail server is reached by IMAP and SMTP' }));

  return {
    app,
    dials,
    agents: false,
    settings: () => ({
      address,
      name: 'Suporte Academia',
      imap: { host: '127.0.0.1', port: imapPort ?? 0, tls: 'none', user: address, password },
      smtp: { host: '127.0.0.1', port: smtpPort ?? 0, tls: 'none' },
      trustedAuthServ: authServ,
      language: 'pt-BR',
    }),
    async write(message) {
      const who = addressOf(message.person);
      const id = `<m${++written}.${message.conversation}@customers.example>`;
      const before = correspondence(who).map((letter) => letter.id);
      const at = message.at ?? now();
      imap.deliver(await compose(message, { who, id, before, at }), at);
      correspondence(who).push({ id, from: 'customer', text: message.text, files: message.files ?? [] });
      return { id };
    },
    async settled() {},
    shown: (_conversation, person) => correspondence(addressOf(person)),
    async close() {
      for (const server of listening) server.close();
      await new Promise<void>((resolve) => smtp.close(() => resolve()));
    },
  };
}

function compose(
  { person, text, files = [], subject }: SimulatedMessage,
  mail: { who: string; id: string; before: readonly string[]; at: number },
): Promise<Buffer> {
  const domain = mail.who.slice(mail.who.lastIndexOf('@') + 1);
  return new MailComposer({
    from: { name: person.name ?? '', address: mail.who },
    to: address,
    subject: subject ?? `${mail.before.length ? 'Re: ' : ''}Chamado de ${person.name ?? mail.who}`,
    messageId: mail.id,
    date: new Date(mail.at),
    ...(mail.before.length ? { inReplyTo: mail.before.at(-1), references: [...mail.before] } : {}),
    headers: { 'Authentication-Results': `${authServ}; dmarc=pass header.from=${domain}` },
    text,
    attachments: files.map(({ name, mime, bytes }) => ({ filename: name, contentType: mime, content: bytes })),
  })
    .compile()
    .build();
}
