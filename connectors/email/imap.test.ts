import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { testSettings } from './fixtures.ts';
import { createImap, imapError } from './imap.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** An IMAP server that answers a log-in with `answer` and everything else with OK; without an answer it hangs up. */
async function server(answer: string | undefined): Promise<number> {
  const listening = createServer((socket) => {
    socket.on('error', () => {});
    socket.write('* OK [CAPABILITY IMAP4rev1] here\r\n');
    socket.on('data', (bytes) => {
      for (const line of bytes.toString().split('\r\n').filter(Boolean)) {
        const [tag, command] = line.split(' ');
        if (command !== 'LOGIN') socket.write(`${tag} OK\r\n`);
        else if (answer === undefined) socket.destroy();
        else socket.write(`${tag} ${answer}\r\n`);
      }
    });
  }).listen(0, '127.0.0.1');
  servers.push(listening);
  await once(listening, 'listening');
  return (listening.address() as AddressInfo).port;
}

async function failureOf(answer: string | undefined) {
  const imap = { host: '127.0.0.1', port: await server(answer), tls: 'none', user: 'suporte', password: 'imap secret' };
  const client = createImap(testSettings({ imap }));
  const error = await client.connect().then(
    () => Promise.reject(new Error('the log-in was expected to fail')),
    (reason: unknown) => reason,
  );
  client.close();
  return imapError(error);
}

describe('a log-in that fails', () => {
  it.each([
    ['for a refused password', 'NO [AUTHENTICATIONFAILED] Authentication failed.', 'unauthorized'],
    ['with a plain no', 'NO Invalid user or password', 'unauthorized'],
    ['because the server cannot look the password up', 'NO [UNAVAILABLE] Temporary authentication failure.', 'unavailable'],
    ['because of too many connections', 'NO [LIMIT] Too many connections', 'unavailable'],
    ['because of a fault of the server', 'NO [SERVERBUG] Internal error', 'unavailable'],
    ['because the connection ends', undefined, 'unavailable'],
  ])('%s (%s) is %s', async (_what, answer, code) => {
    const error = await failureOf(answer);
    expect(error).toMatchObject({ code, retry: code === 'unauthorized' ? 'never' : 'backoff' });
    expect(error.message).not.toContain('imap secret');
  });
});
