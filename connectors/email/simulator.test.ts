import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { ImapFlow } from 'imapflow';
import { afterEach, expect, it } from 'vitest';
import { describeFaults } from '../../test/contract/channel-faults.ts';
import email from './index.ts';
import { createImapSimulator } from './simulator/imap.ts';
import { simulatedChannel } from './simulator.ts';

describeFaults({ definition: email, account: (now) => simulatedChannel({ now }) });

const account = { user: 'suporte@academia.example', password: 'so secret' };
const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0)) close();
});

async function signIn(password = account.password) {
  const simulator = createImapSimulator(account);
  simulator.server.listen(0, '127.0.0.1');
  await once(simulator.server, 'listening');
  const { port } = simulator.server.address() as AddressInfo;
  const client = new ImapFlow({
    host: '127.0.0.1',
    port,
    secure: false,
    doSTARTTLS: false,
    auth: { user: account.user, pass: password },
    logger: false,
    disableAutoIdle: true,
  });
  client.on('error', () => {});
  opened.push(
    () => client.close(),
    () => simulator.server.close(),
  );
  return { simulator, client };
}

it('lets a real client sign in, find, read and mark a mail, and hear of the next one in IDLE', async () => {
  const { simulator, client } = await signIn();
  simulator.deliver(Buffer.from('Subject: um\r\n\r\nolá'), Date.parse('2026-11-19T12:00:00Z'));
  await client.connect();
  await client.mailboxOpen('INBOX');
  expect(await client.search({ uid: '1:*' }, { uid: true })).toEqual([1]);
  expect(await client.search({ uid: '1:*', since: new Date('2026-11-20') }, { uid: true })).toEqual([]);
  const { content } = await client.download('1', undefined, { uid: true });
  const chunks: Buffer[] = [];
  for await (const chunk of content ?? []) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString()).toBe('Subject: um\r\n\r\nolá');
  await client.messageFlagsAdd('1', ['\\Seen'], { uid: true });
  expect([...(simulator.mails[0]?.flags ?? [])]).toEqual(['\\Seen']);
  const heard = once(client, 'exists');
  void client.idle();
  simulator.deliver(Buffer.from('Subject: dois\r\n\r\n'), Date.now());
  expect((await heard)[0]).toMatchObject({ count: 2 });
});

it('refuses a wrong password', async () => {
  const { client } = await signIn('wrong');
  await expect(client.connect()).rejects.toMatchObject({ authenticationFailed: true });
});

it('refuses what it does not know, so that nothing is made up', async () => {
  const { client } = await signIn();
  await client.connect();
  await client.mailboxOpen('INBOX');
  expect(await client.search({ subject: 'um' }, { uid: true })).toBe(false);
});
