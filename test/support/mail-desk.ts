/** Mail journeys: a real Dovecot, a real SMTP server, and the product between them; and mails as customers' programs write them. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type ParsedMail, simpleParser } from 'mailparser';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import { SMTPServer } from 'smtp-server';
import { vi } from 'vitest';
import type { ConversationDetail } from '../../src/api/contract.ts';
import { type Dovecot, startDovecot } from './dovecot.ts';
import { type Journey, type JourneyOptions, startJourney } from './journey.ts';

/** Below a test's own limit, so that what is missing is said. */
export const patience = { timeout: 15_000, interval: 50 };
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Our own mail server's name, whose results are believed. */
const authServ = 'mx.academia.example';
export const dmarcPass = (domain: string) => ({ 'Authentication-Results': `${authServ}; dmarc=pass header.from=${domain}` });

type Compose = ConstructorParameters<typeof MailComposer>[0];

/** The bytes of a mail as a mail program would send it. */
export const compose = (mail: Compose): Promise<Buffer> => new MailComposer({ to: 'suporte@academia.example', ...mail }).compile().build();

export interface Outgoing {
  readonly port: number;
  /** In the order of their arrival. */
  readonly mails: readonly ParsedMail[];
  stop(): Promise<void>;
}

/** Takes every mail and keeps it; `deliver` brings it to where it was sent. */
export async function startSmtp(deliver: (raw: Buffer, to: readonly string[]) => Promise<void> = async () => {}): Promise<Outgoing> {
  const mails: ParsedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    async onData(stream, { envelope }, done) {
      const raw = await buffer(stream);
      mails.push(await simpleParser(raw));
      const to = envelope.rcptTo.map(({ address }) => address);
      await deliver(raw, to).then(() => done(), done);
    },
  });
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  return { port, mails, stop: () => new Promise((resolve) => server.close(resolve)) };
}

/** Entry of deskbridge.yaml for a mailbox on these servers. */
export const mailChannel = (imapPort: number, { user, password }: Pick<Dovecot, 'user' | 'password'>, smtpPort: number, more: object = {}) => ({
  connector: 'email',
  title: 'E-mail suporte',
  address: user,
  name: 'Suporte Academia',
  imap: { host: '127.0.0.1', port: imapPort, tls: 'none', user, password },
  smtp: { host: '127.0.0.1', port: smtpPort, tls: 'none' },
  trustedAuthServ: authServ,
  language: 'pt-BR',
  ...more,
});

export const mailChannelName = 'email-suporte';

export interface MailDesk {
  readonly day: Journey;
  readonly dovecot: Dovecot;
  readonly outgoing: Outgoing;
  /** Delivers a mail by LMTP and waits until a conversation shows a message with `words`. */
  receive(raw: Buffer, words: string, to?: string): Promise<ConversationDetail>;
  /** Waits until a conversation shows a message with `words`. */
  holding(words: string): Promise<ConversationDetail>;
  /** Bytes of a file of a message, as the console loads them. */
  file(message: string, file: string): Promise<Buffer>;
  /** Keeps a file for a reply, as the console does. */
  upload(name: string, bytes: Uint8Array): Promise<{ sha256: string; name: string; mime: string; size: number }>;
  stop(): Promise<void>;
}

export async function startMailDesk(options: JourneyOptions & { readonly email?: object } = {}): Promise<MailDesk> {
  const [dovecot, outgoing] = await Promise.all([startDovecot(), startSmtp()]);
  const channels = { [mailChannelName]: mailChannel(dovecot.imapPort, dovecot, outgoing.port, options.email), ...options.channels };
  const day = await startJourney({ start: Date.now(), ...options, channels });
  const authorization = `Bearer ${day.token}`;
  const holding = (words: string): Promise<ConversationDetail> =>
    vi.waitFor(async () => {
      for (const { id } of await day.inbox(mailChannelName, 'any')) {
        const conversation = await day.detail(id);
        if (conversation.messageList.some(({ text }) => text.includes(words))) return conversation;
      }
      const { items } = (await day.call<{ items: { name: string }[] }>('GET', '/api/connectors')).body;
      throw new Error(`no conversation shows "${words}": ${JSON.stringify(items.find(({ name }) => name === mailChannelName))}`);
    }, patience);
  return {
    day,
    dovecot,
    outgoing,
    holding,
    async receive(raw, words, to) {
      await dovecot.deliver(raw, to === undefined ? {} : { to });
      return holding(words);
    },
    async file(message, file) {
      const response = await fetch(`${day.url}/api/messages/${message}/files/${file}`, { headers: { authorization } });
      if (!response.ok) throw new Error(`the file answered ${response.status}`);
      return Buffer.from(await response.arrayBuffer());
    },
    async upload(name, bytes) {
      const headers = { authorization, 'content-type': 'application/octet-stream' };
      const response = await fetch(`${day.url}/api/files?name=${encodeURIComponent(name)}`, { method: 'POST', headers, body: new Uint8Array(bytes) });
      if (response.status !== 201) throw new Error(`the upload answered ${response.status}: ${await response.text()}`);
      return (await response.json()) as { sha256: string; name: string; mime: string; size: number };
    },
    async stop() {
      await day.stop();
      await Promise.all([dovecot.stop(), outgoing.stop()]);
    },
  };
}
