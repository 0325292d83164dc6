import type http from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { type Listening, listen } from '../../src/kit/simulator.ts';
import { appId, type MessagingOptions, type MessagingSimulator, simulatedChannel } from './simulator.ts';

const open: Listening[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const ana = { id: 'ana', name: 'Ana Reis', email: 'ana@studio.example' };

interface Hooked {
  readonly headers: http.IncomingHttpHeaders;
  readonly body: { app: { id: string }; events: { id: string; type: string; payload: Record<string, unknown> }[] };
}

/** An account whose webhooks come to a program that answers with these statuses, and 200 after them. */
async function hooked(
  options: MessagingOptions = {},
  statuses: readonly number[] = [],
): Promise<{ account: MessagingSimulator; posts: Hooked[]; url: string }> {
  const account = simulatedChannel({ hurry: 60_000, ...options });
  const posts: Hooked[] = [];
  const program = await listen(async (request, response) => {
    posts.push({ headers: request.headers, body: JSON.parse((await buffer(request)).toString()) });
    response.writeHead(statuses[posts.length - 1] ?? 200).end();
  });
  const vendor = await listen(account.app);
  open.push(program, vendor);
  account.settings(vendor.url);
  account.hook?.(program.url);
  return { account, posts, url: vendor.url };
}

describe('webhooks of the simulated account', () => {
  it('come with the shared secret, one event each or several', async () => {
    const single = await hooked();
    await single.account.write({ conversation: 'c', person: ana, text: 'oi' });
    await single.account.settled();
    expect(single.posts).toHaveLength(1);
    expect(single.posts[0]?.headers['x-api-key']).toBe('simulated-webhook-secret');
    const batched = await hooked({ batch: 3 });
    for (const text of ['um', 'dois', 'três', 'quatro']) await batched.account.write({ conversation: 'c', person: ana, text });
    await batched.account.settled();
    expect(batched.posts.map(({ body }) => body.events.length).sort()).toEqual([1, 3]);
  });

  it.each([
    [true, true],
    [false, false],
  ])('carry profile and identities only where the webhook asks for the full user: %s', async (includeFullUser, there) => {
    const { account, posts } = await hooked({ includeFullUser });
    await account.write({ conversation: 'c', person: ana, text: 'oi' });
    await account.settled();
    const text = JSON.stringify(posts[0]?.body);
    expect(text.includes('"identities"')).toBe(there);
    expect(text.includes('"profile"')).toBe(there);
    expect(text).toContain('"zendeskId"');
  });

  it.each([400, 401, 403, 404, 406])('do not come again after a %i', async (status) => {
    const { account, posts } = await hooked({}, [status]);
    await account.write({ conversation: 'c', person: ana, text: 'oi' });
    await account.settled();
    expect(posts).toHaveLength(1);
    expect(account.webhooks?.lost).toBe(1);
  });

  it.each([500, 503, 429, 302, 409])('come again after a %i', async (status) => {
    const { account, posts } = await hooked({}, [status]);
    await account.write({ conversation: 'c', person: ana, text: 'oi' });
    await account.settled();
    expect(posts).toHaveLength(2);
    expect(posts[0]?.body.events[0]?.id).toBe(posts[1]?.body.events[0]?.id);
  });

  it('are given up after five attempts', async () => {
    const { account, posts } = await hooked({}, Array(9).fill(500));
    await account.write({ conversation: 'c', person: ana, text: 'oi' });
    await account.settled();
    expect(posts).toHaveLength(5);
  });

  it('tell an end by the activity’s message and by the switchboard', async () => {
    const { account, posts } = await hooked();
    await account.write({ conversation: 'c', person: ana, text: 'oi' });
    await account.end?.('c', ana);
    await account.settled();
    expect(posts.flatMap(({ body }) => body.events.map(({ type }) => type)).sort()).toEqual([
      'conversation:message',
      'conversation:message',
      'switchboard:releaseControl',
    ]);
  });
});

describe('the simulated API', () => {
  const call = async (path: string, init: { method?: string; body?: unknown } = {}) => {
    const account = simulatedChannel();
    const vendor = await listen(account.app);
    open.push(vendor);
    account.settings(vendor.url);
    await account.write({ conversation: 'c', person: ana, text: 'oi' });
    const authorization = `Basic ${Buffer.from(`${account.key.id}:${account.key.secret}`).toString('base64')}`;
    const response = await fetch(`${vendor.url}${path.replace(':c', account.idOf('c', ana))}`, {
      method: init.method ?? 'GET',
      headers: { authorization, 'content-type': 'application/json' },
      ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
    });
    return { status: response.status, body: (await response.json()) as { errors?: { code: string; title: string }[] } };
  };
  const root = `/sc/v2/apps/${appId}`;
  const post = (content: unknown, more: object = {}) =>
    call(`${root}/conversations/:c/messages`, { method: 'POST', body: { author: { type: 'business' }, content, ...more } });
  const text = { type: 'text', text: 'oi' };

  it.each([
    ['a text that is too long', { type: 'text', text: 'x'.repeat(4097) }, {}],
    ['an empty text', { type: 'text', text: '' }, {}],
    ['a file that is nowhere', { type: 'file', mediaUrl: 'nowhere' }, {}],
    ['no content', undefined, {}],
    ['metadata with more than 4 kB', text, { metadata: { a: 'x'.repeat(5000) } }],
    ['metadata that is not flat', text, { metadata: { a: { b: 1 } } }],
  ])('refuses %s', async (_what, content, more) => {
    expect(await post(content, more)).toMatchObject({ status: 400, body: { errors: [{ code: 'bad_request' }] } });
  });

  it.each([
    ['a field that it does not know', text, { destination: { integrationType: 'none' } }],
    ['a kind of content whose checks are not documented', { type: 'carousel', items: [] }, {}],
    ['a message in the name of a user', text, { author: { type: 'user', userId: 'u' } }],
  ])('says loudly that it does not know %s', async (_what, content, more) => {
    expect(await post(content, more)).toMatchObject({ status: 501, body: { errors: [{ title: expect.stringContaining('does not know') }] } });
  });

  it('refuses JSON past 100 kB, unknown conversations, apps and paths', async () => {
    expect((await post({ type: 'text', text: 'x'.repeat(110_000) })).status).toBe(413);
    expect(await call(`${root}/conversations/none`)).toMatchObject({ status: 404, body: { errors: [{ code: 'conversation_not_found' }] } });
    expect(await call('/sc/v2/apps/other')).toMatchObject({ status: 404, body: { errors: [{ code: 'app_not_found' }] } });
    expect((await call(`${root}/switchboards`)).status).toBe(501);
    expect((await call('/elsewhere')).status).toBe(501);
    expect((await call(`${root}/conversations/:c/messages?page[size]=10`)).status).toBe(501);
  });
});
