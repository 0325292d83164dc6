/** The made-up organization refuses what uTalk would, and what nobody knows. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { listen } from '../../src/kit/simulator.ts';
import { simulatedChannel, type UtalkOptions } from './simulator.ts';
import { ana } from './test-account.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function open(options: UtalkOptions = {}) {
  const account = simulatedChannel({ retryMs: [10, 10], ...options });
  const server = await listen(account.app);
  closers.push(server.close);
  const call = async (method: string, path: string, body?: object, headers: object = { authorization: 'Bearer utalk-simulator-token' }) => {
    const response = await fetch(`${server.url}/api/v1${path}`, { method, headers: { ...headers }, ...(body ? { body: JSON.stringify(body) } : {}) });
    return { status: response.status, body: (await response.json().catch(() => null)) as { [name: string]: unknown } };
  };
  return { account, call, url: server.url };
}

const organizationId = 'ZorgaNizat-on_01';
const query = `?organizationId=${organizationId}`;

describe('the made-up uTalk', () => {
  it.each([
    ['a missing token', 'GET', `/channels/${query}`, undefined, {}, 401],
    ['another organization', 'GET', '/channels/?organizationId=other', undefined, undefined, 403],
    ['no organization', 'GET', '/channels/', undefined, undefined, 400],
    ['a path without its last slash', 'GET', `/channels${query}`, undefined, undefined, 501],
    ['an unknown path', 'GET', `/bots/${query}`, undefined, undefined, 501],
    ['an unknown query', 'GET', `/chats/${query}&ChatState=Open&Colour=red`, undefined, undefined, 501],
    ['an unknown state of chats', 'GET', `/chats/${query}&ChatState=Sleeping`, undefined, undefined, 501],
    ['an unknown member of a body', 'POST', '/messages/', { organizationId, chatId: 'x', message: 'oi', colour: 'red' }, undefined, 501],
    ['a chat that is not there', 'POST', '/messages/', { organizationId, chatId: 'x', message: 'oi' }, undefined, 404],
    ['a phone without its plus', 'POST', '/contacts/', { organizationId, phoneNumber: '5511930001004' }, undefined, 400],
    ['a change that is no end', 'PUT', `/chats/x/${query}`, { open: true }, undefined, 404],
  ])('refuses %s', async (_what, method, path, body, headers, status) => {
    const { call } = await open();
    expect((await call(method, path, body, headers)).status).toBe(status);
  });

  it('refuses a message without words or a file, and a file that is no data address', async () => {
    const { account, call } = await open();
    await account.write({ conversation: 'c', person: ana, text: 'oi' });
    const chatId = account.state.chats[0]?.id;
    expect((await call('POST', '/messages/', { organizationId, chatId, message: '' })).status).toBe(400);
    expect((await call('POST', '/messages/', { organizationId, chatId, message: 'x', file: 'https://example.com/x' })).status).toBe(400);
    expect((await call('PUT', `/chats/${chatId}/${query}`, { open: true })).status).toBe(501);
  });

  it('takes 100 calls of a route in five seconds', async () => {
    const { call } = await open({ now: () => 1_800_000_000_000 });
    const statuses = await Promise.all(Array.from({ length: 101 }, async () => (await call('GET', `/channels/${query}`)).status));
    expect([statuses.filter((one) => one === 200).length, statuses.filter((one) => one === 429).length]).toEqual([100, 1]);
    expect((await call('GET', '/members/me/')).status).toBe(200);
  });

  it('tells a message again with each of its states, under a new id each time, and again until it is taken', async () => {
    const { account } = await open();
    const got: {
      Type: string;
      EventId: string;
      Payload: { Content: { LastMessage: { Id: string; MessageState: string; File: { Url: string | null } | null } } };
    }[] = [];
    let refuse = 1;
    const server = createServer(async (request, response) => {
      const body = (await json(request)) as (typeof got)[number];
      if (refuse-- > 0) return response.writeHead(503).end();
      got.push(body);
      return response.writeHead(200).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => new Promise((resolve) => server.close(resolve)));
    account.hook?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/x`);
    const file = { name: 'nota.pdf', mime: 'application/pdf', bytes: Buffer.from('x') };
    const { id } = await account.write({ conversation: 'c', person: ana, text: 'oi', agent: 'Colega', files: [file] });
    await account.settled();
    account.read(id);
    await account.settled();
    expect(got.map(({ Payload }) => Payload.Content.LastMessage.MessageState).sort()).toEqual(['Processing', 'Read', 'Sent']);
    expect(new Set(got.map(({ Payload }) => Payload.Content.LastMessage.Id))).toEqual(new Set([id]));
    expect(new Set(got.map(({ EventId }) => EventId)).size).toBe(3);
    expect(got.every(({ Payload }) => Payload.Content.LastMessage.File?.Url === null)).toBe(true);
  });

  it('gives a file to everybody but those who bring credentials', async () => {
    const { account, call, url } = await open();
    const file = { name: 'nota fiscal.pdf', mime: 'application/pdf', bytes: Buffer.from('%PDF') };
    const { id } = await account.write({ conversation: 'c', person: ana, text: 'oi', files: [file] });
    const { body } = await call('GET', `/messages/${id}/${query}`);
    const address = (body.file as { url: string }).url;
    expect(address.startsWith(url)).toBe(true);
    expect(await (await fetch(address)).text()).toBe('%PDF');
    expect((await fetch(address, { headers: { authorization: 'Bearer utalk-simulator-token' } })).status).toBe(400);
  });
});
