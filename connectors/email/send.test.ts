import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import { ConnectorError, type PublicMessage, type ReplyContext } from '../../src/kit/index.ts';
import { memoryBlobs, memoryJournal, testContext, testStep } from '../../test/support/context.ts';
import { eventsOf, testSettings } from './fixtures.ts';
import channel from './index.ts';
import { smtpError } from './send.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface Received {
  readonly raw: Buffer;
  readonly mail: ParsedMail;
  readonly from: string;
  readonly to: string[];
}

/** A real SMTP server on a port of its own that keeps what it took. */
async function smtpServer(options: SMTPServerOptions = {}) {
  const received: Received[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onAuth: (auth, _session, done) => (auth.password === 'smtp secret' ? done(null, { user: 'suporte' }) : done(new Error('Wrong password'))),
    async onData(stream, session, done) {
      const raw = await buffer(stream);
      const { mailFrom, rcptTo } = session.envelope;
      received.push({ raw, mail: await simpleParser(raw), from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address) });
      done();
    },
    ...options,
  });
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  closers.push(() => new Promise<void>((resolve) => server.close(resolve)));
  return { port: portOf(listening), received };
}

const portOf = (server: Server): number => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return address.port;
};

/** A server that speaks SMTP up to the body, and then hangs up without a word. */
async function mute(when: 'at the greeting' | 'at DATA' | 'after the body'): Promise<number> {
  const server = createServer((socket: Socket) => {
    if (when === 'at the greeting') return socket.destroy();
    let inBody = false;
    socket.write('220 mx.example ESMTP\r\n');
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      const line = bytes.toString();
      if (inBody) return line.endsWith('\r\n.\r\n') ? socket.destroy() : undefined;
      if (!line.startsWith('DATA')) return socket.write('250 fine\r\n');
      if (when === 'at DATA') return socket.destroy();
      inBody = true;
      return socket.write('354 go on\r\n');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return portOf(server);
}

const settingsFor = (port: number, change: object = {}) =>
  testSettings({ smtp: { host: '127.0.0.1', port, tls: 'none', user: 'suporte', password: 'smtp secret', ...change } });
const withoutAuth = (port: number) => testSettings({ smtp: { host: '127.0.0.1', port, tls: 'none' } });

const reply: PublicMessage = { kind: 'public', text: 'Bom dia, Ana!\n\nPode <reiniciar> a catraca?\nObrigada', files: [] };
const context: ReplyContext = {
  message: '0198aaaa',
  thread: '<first-1@studio.example>',
  replyToken: 't0k3n',
  subject: 'Catraca não libera',
  to: [
    { kind: 'phone', value: '+551155550100' },
    { kind: 'email', value: 'ana@studio.example', name: 'Ana Lúcia' },
  ],
  earlier: ['<second-1@studio.example>', '<deskbridge.0197@academia.example>', '<first-1@studio.example>'],
  agent: 'Carla',
};
const create = (settings: ReturnType<typeof testSettings>, blobs = memoryBlobs()) => channel.create(testContext(settings, { blobs }));

describe('an answer', () => {
  it('reaches the customer with ids that bind it to the thread, text, HTML and files', async () => {
    const { port, received } = await smtpServer();
    const blobs = memoryBlobs();
    const { sha256, size } = await blobs.put(Buffer.from('%PDF-1.4 manual'));
    const files = [{ sha256, size, name: 'manual é este.pdf', mime: 'application/pdf' }];
    const result = await create(settingsFor(port), blobs).send({ ...reply, files }, context, testStep());
    expect(result).toEqual({ externalId: '<deskbridge.0198aaaa@academia.example>' });
    expect(received).toHaveLength(1);
    const [{ mail, from, to } = { mail: undefined, from: '', to: [] }] = received;
    expect({ from, to }).toEqual({ from: 'suporte@academia.example', to: ['ana@studio.example'] });
    expect(mail).toMatchObject({
      messageId: '<deskbridge.0198aaaa@academia.example>',
      inReplyTo: '<second-1@studio.example>',
      references: ['<first-1@studio.example>', '<deskbridge.0197@academia.example>', '<second-1@studio.example>'],
      subject: 'Re: Catraca não libera',
      from: { value: [{ name: 'Carla (Suporte Academia)', address: 'suporte@academia.example' }] },
      replyTo: { value: [{ name: 'Suporte Academia', address: 'suporte+t0k3n@academia.example' }] },
      to: { value: [{ name: 'Ana Lúcia', address: 'ana@studio.example' }] },
    });
    expect(mail?.text?.trim()).toBe(reply.text);
    expect(mail?.html).toContain('<p>Pode &#60;reiniciar&#62; a catraca?<br>Obrigada</p>');
    expect(mail?.headers.get('x-deskbridge-message')).toBe('0198aaaa suporte@academia.example');
    expect(mail?.attachments.map(({ filename, contentType, content }) => [filename, contentType, content.toString()])).toEqual([
      ['manual é este.pdf', 'application/pdf', '%PDF-1.4 manual'],
    ]);
  });

  it('is recognised as our own when it comes back', async () => {
    const { port, received } = await smtpServer();
    await create(settingsFor(port)).send(reply, context, testStep());
    expect(await eventsOf(received[0]?.raw ?? '')).toEqual([]);
  });

  it('cannot be made to carry other headers or recipients by what people typed', async () => {
    const { port, received } = await smtpServer();
    const hostile = 'x\r\nBcc: eva@attacker.example\r\n\r\nnew body';
    const to = { ...context, subject: hostile, agent: hostile, to: [{ kind: 'email', value: 'ana@studio.example', name: hostile }] };
    await create(settingsFor(port)).send(reply, to, testStep());
    expect(received[0]?.to).toEqual(['ana@studio.example']);
    expect(received[0]?.mail.bcc).toBeUndefined();
    expect(received[0]?.mail.text?.trim()).toBe(reply.text);
  });

  it('asks for no tokens where ops switched them off', async () => {
    const { port, received } = await smtpServer();
    const settings = { ...settingsFor(port), replyTokens: false };
    await create(settings).send(reply, context, testStep());
    expect(received[0]?.mail.replyTo).toBeUndefined();
  });

  it('is sent once, however often its delivery runs', async () => {
    const { port, received } = await smtpServer();
    const journal = memoryJournal();
    const instance = create(settingsFor(port));
    const results = [await instance.send(reply, context, testStep(journal)), await instance.send(reply, context, testStep(journal))];
    expect(results[0]).toEqual(results[1]);
    expect(received).toHaveLength(1);
  });
});

describe('a failure before the server took the mail', () => {
  const failing = (responseCode: number, at: 'onMailFrom' | 'onRcptTo' | 'onData', text: string): SMTPServerOptions => {
    const refusal = () => Object.assign(new Error(text), { responseCode });
    if (at !== 'onData') return { [at]: (_address: unknown, _session: unknown, done: (error: Error) => void) => done(refusal()) };
    return {
      onData(stream, _session, done) {
        stream.resume();
        stream.once('end', () => done(refusal()));
      },
    };
  };

  it.each([
    ['greylisting', 450, 'onRcptTo', '4.2.0 try again later', { code: 'unavailable', retry: 'backoff' }],
    ['a full disk after the body', 452, 'onData', '4.3.1 no space', { code: 'unavailable', retry: 'backoff' }],
    ['an unknown recipient', 550, 'onRcptTo', '5.1.1 no such user', { code: 'not-found', retry: 'never' }],
    ['spam, after the body', 554, 'onData', '5.7.1 looks like spam', { code: 'refused', retry: 'never' }],
    ['too much', 552, 'onMailFrom', '5.3.4 too big', { code: 'too-large', retry: 'never' }],
  ] as const)('%s: nothing was sent', async (_name, status, at, text, expected) => {
    const { port } = await smtpServer(failing(status, at, text));
    const journal = memoryJournal();
    await expect(create(settingsFor(port)).send(reply, context, testStep(journal))).rejects.toMatchObject({ ...expected, effect: 'none', status });
    expect(journal.records.get('smtp')?.state).toBe('refused');
  });

  it('a wrong password is not tried again', async () => {
    const { port } = await smtpServer();
    const send = create(settingsFor(port, { password: 'wrong' })).send(reply, context, testStep());
    await expect(send).rejects.toMatchObject({ code: 'unauthorized', retry: 'never', effect: 'none' });
    await expect(send).rejects.not.toThrow(/wrong/);
  });

  it('no server at all is tried again', async () => {
    const { port } = await smtpServer();
    await closers.pop()?.();
    await expect(create(settingsFor(port)).send(reply, context, testStep())).rejects.toMatchObject({ code: 'unavailable', retry: 'backoff', effect: 'none' });
  });

  it.each(['at the greeting', 'at DATA'] as const)('a line cut %s is tried again', async (when) => {
    const port = await mute(when);
    await expect(create(withoutAuth(port)).send(reply, context, testStep())).rejects.toMatchObject({ code: 'unavailable', retry: 'backoff', effect: 'none' });
  });

  it('a server that does not offer the demanded encryption gets no password', async () => {
    let asked = false;
    const { port } = await smtpServer({
      onAuth: (_auth, _session, done) => {
        asked = true;
        done(null, { user: 'x' });
      },
    });
    await expect(create(settingsFor(port, { tls: 'starttls' })).send(reply, context, testStep())).rejects.toMatchObject({ effect: 'none' });
    expect(asked).toBe(false);
  });

  it('a customer without an address, and a file that is gone, are said plainly', async () => {
    const { port, received } = await smtpServer();
    const instance = create(settingsFor(port));
    await expect(instance.send(reply, { ...context, to: [] }, testStep())).rejects.toMatchObject({ code: 'not-found', effect: 'none' });
    const files = [{ sha256: '0'.repeat(64), size: 1, name: 'x', mime: 'text/plain' }];
    await expect(instance.send({ ...reply, files }, context, testStep())).rejects.toMatchObject({ code: 'not-found', effect: 'none' });
    expect(received).toEqual([]);
  });
});

describe('a line cut after the body', () => {
  it('may have sent the mail: it is never sent again by itself', async () => {
    const port = await mute('after the body');
    const journal = memoryJournal();
    const instance = create(withoutAuth(port));
    await expect(instance.send(reply, context, testStep(journal))).rejects.toMatchObject({ code: 'unclear', effect: 'unclear' });
    expect(journal.records.get('smtp')?.state).toBe('started');
    const { received, port: healthy } = await smtpServer();
    await expect(create(withoutAuth(healthy)).send(reply, context, testStep(journal))).rejects.toMatchObject({ code: 'unclear', effect: 'unclear' });
    expect(received).toEqual([]);
  });
});

it('leaves a ConnectorError as it is', () => {
  const error = new ConnectorError('not-found', 'no blob');
  expect(smtpError(error, true)).toBe(error);
});
