import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { arrival, type Channel, fetchedByUs, type InboundEvent, type Json, type MediaRef, type RawRequest, UnknownPayload } from '../../src/kit/index.ts';
import { describeChannel, receivedAt } from '../../test/contract/channel.ts';
import { describeFaults } from '../../test/contract/channel-faults.ts';
import { testContext } from '../../test/support/context.ts';
import { isGenerated } from './directory.ts';
import freshchat from './index.ts';
import { isHtml, plain } from './plain.ts';
import { settings } from './settings.ts';
import { say } from './simulator/state.ts';
import { simulatedChannel } from './simulator.ts';
import { type TestAccount, testAccount } from './test-account.ts';

const vendor = simulatedChannel();
const make = (more: object = {}): Channel => freshchat.create(testContext(settings.parse({ ...vendor.settings('http://127.0.0.1:1'), ...more })));
const post = (body: Buffer, headers: Record<string, string>): RawRequest => ({
  ...{ method: 'POST', path: '/', query: new URLSearchParams(), remoteAddress: '203.0.113.9' },
  ...{ headers, body },
});
const maria = { id: 'maria', name: 'Maria Souza', email: 'Maria@corpovivo.example', phone: '+5511930001001' };

const message = { id: 'm', conversation_id: 'c', created_time: '2026-11-19T11:58:29.971Z', actor_type: 'user', actor_id: 'u', message_type: 'normal' };
const created = (more: object): Json => ({
  action: 'message_create',
  action_time: '2026-11-19T11:58:29.971Z',
  data: { message: { ...message, message_parts: [{ text: { content: 'oi' } }], ...more } },
});

describeChannel({
  definition: freshchat,
  make,
  fixtures: new URL('./fixtures/', import.meta.url),
  unknown: [
    null,
    'text',
    [],
    {},
    { action: 'conversation_vanished', action_time: '2026-11-19T12:00:00Z', data: {} },
    created({ message_parts: undefined }),
    created({ conversation_id: '' }),
    created({ created_time: 'yesterday' }),
    created({ id: '' }),
    { action: 'conversation_resolution', action_time: '2026-11-19T12:00:00Z', data: { resolve: { conversation: {} } } },
    { action: 'conversation_reopen', data: { reopen: { conversation: { conversation_id: 'c' } } } },
  ],
  signed: (body) => post(body, { 'x-freshchat-signature': vendor.sign(body) }),
});

describeFaults({
  definition: freshchat,
  account: (now) => simulatedChannel({ now, hurry: 60_000 }),
  visible: { method: 'POST', path: /\/messages$/ },
  piece: 5000,
});

const open: TestAccount[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
async function begun(...options: Parameters<typeof testAccount>): Promise<TestAccount> {
  const made = await testAccount(...options);
  open.push(made);
  return made;
}

describe('the door', () => {
  /** From the public tests of nyaruka/courier: a real key as its page shows it, and a real delivery. */
  const published = {
    key: '-----BEGIN RSA PUBLIC KEY----- MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuGJLF4hTTtxWogT6dNkGf3CEgLAR2mGJzlds5cNbrHFoJNFnmVhkRYGzLYxx4EtDiezNCZVHfyMI2AKuNSQW2fEdDatVIG+q3Zr/X9eeDl8kQOGy804J/fgCYDrN8RQu0n5Dh1inv4puca0wb29SCvoAwrWb33ehDBIvv6+rUKBdjtv2xTV65kNiVDo5VRCaYRVeE10osxeONgw55HVY4nczuxnR+dmc2282de6WHe5LXtr0ZBdJ8yttFOLIluZ/sNM5DIWZBkIWQhyT581tbA7bTpsIbrT/IMBlmioIILw8WGtI7zcmNkjU5dnq5HnlVKEDhj/Ug/dLiyno8+Vp7QIDAQAB -----END RSA PUBLIC KEY-----',
    signature:
      'AhrmypOSWoewHG6LmIRuWjxyokuMDmPklrSU9p0gpUNjdSRCJzvpL6rjuTi5poV/ZLzWRWNM7X9yWjT5m9YFPshYrvigcd1ph4Ot2xmaJGYoUNJHijQccE6oDtDIp6i/8oLRafHgObQnGukZWPbP9OE5EiKz/VcsMP0Wv7hawI/sfIviM0w+6fNOKXWi0jDBH9ap1mj5CqOUOojni7OD5iYmIrjV/h33dyNmbvAta9E+trzcEhYqxfHIN4Z8R2FsatfRHWicoQ4PE5cQ8+UONVya8qr85nQ9w8N7Ql7yNg9fEViYG4/W/JnGEbPPEf8WrYtKzoVyuupDz4mVHdfKWg==',
    body: '{"actor":{"actor_type":"user","actor_id":"882f3926-b292-414b-a411-96380db373cd"},"action":"message_create","action_time":"2019-06-21T17:43:20.875Z","data":{"message":{"message_parts":[{"text":{"content":"Test 2"}}],"app_id":"55b190fa-5d3c-45c4-bc49-74ddcfcf53d7","actor_id":"882f3926-b292-414b-a411-96380db373cd","id":"7a454fde-c720-4c97-a61d-0ffe70449eb6","channel_id":"c8fddfaf-622a-4a0e-b060-4f3ccbeab606","conversation_id":"c327498e-f713-481e-8d83-0603e03d2521","message_type":"normal","actor_type":"user","created_time":"2019-06-21T17:43:20.866Z"}}}',
  };
  const door = () => {
    const [first] = make({ webhookKey: published.key }).intake;
    if (first?.via !== 'webhook') throw new Error('the first intake must be a webhook');
    return first;
  };
  const real = (body: string) => post(Buffer.from(body), { 'x-freshchat-signature': published.signature });

  it('lets in a real delivery with the key as it was pasted, and not one byte else', () => {
    expect(door().verify(real(published.body), receivedAt)).toBeDefined();
    expect(door().verify(real(`${published.body}\n`), receivedAt)).toBeUndefined();
  });

  it('knows a retry by its bytes, and answers 200', () => {
    expect(door().key?.(real('{"a":1}'))).toBe(door().key?.(real('{"a":1}')));
    expect(door().key?.(real('{"a":1}'))).not.toBe(door().key?.(real('{"a":2}')));
    expect(door().reply?.({ arrival: 'a', state: 'stored' }).status).toBe(200);
  });

  it('is only made with a public key', () => {
    expect(settings.safeParse({ ...vendor.settings('http://a.example'), webhookKey: 'secret' }).success).toBe(false);
  });

  it('hears of a webhook again that was answered with a failure: five times, with the count in a header', async () => {
    const { account, requests, events } = await begun({ statuses: [500, 503, 429] });
    await account.write({ conversation: 'c', person: maria, text: 'oi' });
    await account.settled();
    expect(requests.map(({ headers }) => headers['x-retry-count'])).toEqual(['0', '1', '2', '3']);
    expect(requests[0]?.headers['x-freshchat-payload-version']).toBe('1.0');
    expect(events).toMatchObject([{ type: 'message', text: 'oi' }]);
    const deaf = await begun({ statuses: Array(20).fill(500) });
    await deaf.account.write({ conversation: 'c', person: maria, text: 'oi' });
    await deaf.account.settled();
    expect(deaf.requests).toHaveLength(6);
  });
});

describe('words', () => {
  it.each([
    ['a < b & c', 'a < b & c'],
    ['<p>a</p><p>b</p>', 'a\nb'],
    ['x<script>alert(1)</script><br>y', 'x\ny'],
    ['<a href="https://x.example/">https://x.example</a>', 'https://x.example'],
    ['Ol&aacute;', 'Ol&aacute;'],
    ['caf&eacute;&nbsp;com leite', 'café com leite'],
  ])('%j are %j', (html, text) => {
    expect(plain(html)).toBe(text);
  });

  it('stay as they were typed where they are no HTML', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => isHtml(text) || plain(text) === text));
  });

  it('never keep a tag that they came with', () => {
    const tags = fc.constantFrom('<p>', '</p>', '<b>', '<script>', '</script>', '<img src=x onerror=y>', '<br/>', 'olá', '&lt;', '<div style="a">');
    fc.assert(fc.property(fc.array(tags), (parts) => !/<(?:p|b|script|img|br|div)[ />]/.test(plain(`<p>${parts.join('')}</p>`))));
  });
});

describe('a payload', () => {
  const events = async (payload: Json): Promise<readonly InboundEvent[]> => {
    const channel = make();
    const stored = arrival(fetchedByUs(), payload, receivedAt);
    return channel.normalize((await channel.unpack?.(stored)) ?? stored);
  };

  it('is understood or quarantined, whatever JSON it is', async () => {
    const shapes = fc.oneof(
      fc.jsonValue(),
      fc.jsonValue().map((value) => created({ message_parts: [{ text: value }] })),
      fc.array(fc.dictionary(fc.string(), fc.jsonValue())).map((parts) => created({ message_parts: parts })),
      fc.jsonValue().map((value) => created({ interaction_id: value, meta_data: value })),
    );
    await fc.assert(
      fc.asyncProperty(shapes, async (payload) => {
        try {
          expect(Array.isArray(await events(payload as Json))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(UnknownPayload);
        }
      }),
    );
  });

  it('is never public when it is private, whoever wrote it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('user', 'agent', 'bot', 'system', undefined),
        fc.constantFrom('private', 'PRIVATE', 'system', 'something-new'),
        async (actor_type, message_type) => {
          expect((await events(created({ actor_type, message_type }))).map((event) => event.type === 'message' && event.kind)).toEqual(['internal']);
        },
      ),
    );
  });
});

describe('what webhooks leave out', () => {
  const enriched = async ({ channel, events }: TestAccount): Promise<readonly InboundEvent[]> => {
    const more: InboundEvent[] = [];
    for (const event of events) if (event.enrich) more.push(...((await channel.enrich?.(event)) ?? []));
    return more;
  };

  it('is the author: name, e-mail, phone and company, the topic, and an agent with the address that the account vouches for', async () => {
    const at = await begun();
    await at.account.write({ conversation: 'c', person: maria, text: 'oi' });
    at.account.state.users[0]?.properties.push({ name: 'cf_Empresa', value: 'Academia Corpo Vivo' });
    await at.account.write({ conversation: 'c', person: maria, agent: 'Ana Lima', text: 'olá' });
    await at.account.settled();
    const all = await enriched(at);
    const customer = all.find((event) => event.type === 'message' && event.text === 'oi');
    const assigned = all.find(({ type }) => type === 'assigned');
    const agent = all.find((event) => event.type === 'message' && event.text === 'olá');
    expect(customer).toMatchObject({
      subject: 'Suporte técnico',
      from: {
        name: 'Maria Souza',
        company: 'Academia Corpo Vivo',
        identities: [
          { kind: 'account', scope: 'under-test', verified: true },
          { kind: 'email', value: 'maria@corpovivo.example', verified: false },
          { kind: 'phone', value: '+5511930001001', verified: false },
        ],
      },
    });
    const ana = { role: 'agent', name: 'Ana Lima', identities: [{ kind: 'account' }, { kind: 'email', value: 'ana@suporte.example', verified: true }] };
    expect(assigned).toMatchObject({ type: 'assigned', agent: ana });
    expect(agent).toMatchObject({ type: 'message', from: ana });
  });

  it('is no name where the vendor made one up', async () => {
    const at = await begun();
    await at.account.write({ conversation: 'c', person: { id: 'visitor' }, text: 'oi' });
    await at.account.settled();
    const [event] = await enriched(at);
    expect(event).toMatchObject({ type: 'message', text: 'oi' });
    expect(event?.type === 'message' && event.from).not.toHaveProperty('name');
    expect(['Dancing Horse', 'Swimming Banana'].map(isGenerated)).toEqual([true, true]);
    expect(['Maria Souza', 'Ming Li', 'Irving Berlin', 'Dancing', 'Dancing Horse Ltda'].map(isGenerated)).toEqual([false, false, false, false, false]);
  });

  it('asks once for many messages of one person, and again when it may have changed', async () => {
    const at = await begun();
    for (const text of ['um', 'dois', 'três']) await at.account.write({ conversation: 'c', person: maria, text });
    await at.account.settled();
    await enriched(at);
    const asked = () => at.account.dials.calls.filter(({ path }) => path.startsWith('/v2/users/')).length;
    expect(asked()).toBe(1);
    at.clock.advance(300_000);
    await enriched(at);
    expect(asked()).toBe(2);
  });

  it('is every message of the chat at its end: also those whose webhooks were lost, over several pages, and none of an earlier turn', async () => {
    const at = await begun();
    const { account, clock } = at;
    await account.write({ conversation: 'c', person: maria, text: 'de um turno antigo' });
    await account.end('c', maria);
    clock.advance(48 * 3_600_000);
    account.webhooks.chance('lose', 1);
    const said = Array.from({ length: 120 }, (_, index) => `mensagem ${index}`);
    for (const text of said) {
      clock.advance(1000);
      await account.write({ conversation: 'c', person: maria, text });
    }
    account.webhooks.clear();
    clock.advance(1000);
    await account.end('c', maria);
    await account.settled();
    const ended = at.events.findLast(({ type }) => type === 'ended');
    expect(ended).toMatchObject({ by: { role: 'agent' } });
    const all = (await at.channel.enrich?.(ended as InboundEvent)) ?? [];
    expect(all.flatMap((event) => (event.type === 'message' ? [event.text] : []))).toEqual(said);
    expect(new Set(all.map(({ thread }) => thread))).toEqual(new Set([ended?.thread]));
    expect(all.at(-1)).toMatchObject({ type: 'ended', by: { name: 'Ana Lima' } });
    expect(account.dials.calls.filter(({ path }) => path.endsWith('/messages')).length).toBe(3);
  });

  it('does not end again, when it is fetched late, what was taken up meanwhile', async () => {
    const at = await begun();
    await at.account.write({ conversation: 'c', person: maria, text: 'oi' });
    at.clock.advance(1000);
    await at.account.end('c', maria);
    at.clock.advance(1000);
    await at.account.write({ conversation: 'c', person: maria, text: 'voltou a travar' });
    await at.account.settled();
    const ended = at.events.find(({ type }) => type === 'ended') as InboundEvent;
    expect(((await at.channel.enrich?.(ended)) ?? []).filter(({ type }) => type === 'ended')).toEqual([]);
  });
});

describe('a file', () => {
  const photo = { name: 'E-07.jpg', mime: 'image/jpeg', bytes: Buffer.from('ÿØÿ uma foto') };
  async function sent(options: Parameters<typeof testAccount>[0] = {}): Promise<TestAccount & { media: MediaRef }> {
    const at = await begun(options);
    await at.account.write({ conversation: 'c', person: maria, text: 'olha', files: [photo] });
    await at.account.settled();
    const event = at.events.find(({ type }) => type === 'message');
    if (event?.type !== 'message' || !event.media[0]) throw new Error('no file came');
    return { ...at, media: event.media[0] };
  }
  const bytes = async ({ channel }: TestAccount, media: MediaRef): Promise<Buffer> => {
    const stream = await channel.download?.(media);
    return stream ? buffer(stream) : Buffer.alloc(0);
  };

  it('that came without a link is read again until it has one, and storage never sees the token', async () => {
    const at = await sent();
    expect(await bytes(at, at.media)).toEqual(photo.bytes);
  });

  it('whose link has ended is fetched by a fresh one', async () => {
    const at = await sent({ simulator: { account: { readsWithoutLink: 0 }, linkMs: 1000 } });
    const { conversation, message: id } = at.media.ref as { conversation: string; message: string };
    const answer = await fetch(`${at.url}/v2/conversations/${conversation}/messages`, { headers: { authorization: 'Bearer simulator-token' } });
    const { messages } = (await answer.json()) as { messages: { id: string; message_parts: { image?: { url: string } }[] }[] };
    const url = messages.find((one) => one.id === id)?.message_parts[1]?.image?.url ?? '';
    const old = { ...at.media, ref: { ...(at.media.ref as object), url } as Json };
    at.clock.advance(2000);
    expect((await fetch(url)).status).toBe(403);
    expect(await bytes(at, old)).toEqual(photo.bytes);
  });

  it('without a link for longer is tried later, and one whose message is gone never again', async () => {
    const at = await sent({ simulator: { account: { readsWithoutLink: 9 } } });
    await expect(bytes(at, at.media)).rejects.toMatchObject({ code: 'unavailable', retry: 'backoff' });
    at.account.state.conversations[0]?.messages.splice(0);
    await expect(bytes(at, at.media)).rejects.toMatchObject({ code: 'not-found', retry: 'never' });
  });
});

describe('the two ids of a conversation', () => {
  it('are both tried, once both were seen', async () => {
    const at = await begun({ simulator: { account: { messagesBy: 'number' } } });
    await at.account.write({ conversation: 'c', person: maria, text: 'oi' });
    await at.account.settled();
    const chat = at.account.conversation('c', maria);
    const resolution = { resolver: 'agent', conversation: { conversation_id: chat.id, conversation_internal_id: Number(chat.number) } };
    const [ended] = await at.read({
      action: 'conversation_resolution',
      action_time: new Date(at.clock.now() + 1).toISOString(),
      data: { resolve: resolution },
    });
    expect(await at.channel.enrich?.(ended as InboundEvent)).toMatchObject([{ type: 'message', text: 'oi' }, { type: 'ended' }]);
  });

  it('lead to one thread', async () => {
    const { read, clock } = await begun();
    const at = new Date(clock.now()).toISOString();
    const [first] = await read(created({ created_time: at, conversation_id: 'guid', freshchat_conversation_id: 4711 }));
    const [second] = await read(created({ created_time: at, id: 'm2', conversation_id: '4711' }));
    expect(second?.thread).toBe(first?.thread);
  });
});

describe('health', () => {
  it('names the account and the agent', async () => {
    const { channel } = await begun({ settings: { ticketProperty: 'cf_ticket_id' } });
    await expect(channel.health()).resolves.toEqual({ detail: 'Account 681406910844650, writing as deskbridge@suporte.example' });
  });

  it.each([
    ['a wrong token', { token: 'wrong' }, { code: 'unauthorized', status: 401 }],
    ['an agent that is not there', { actorAgentId: 'nobody' }, { code: 'not-found', field: 'actorAgentId' }],
    ['a property that is not there', { ticketProperty: 'cf_nada' }, { code: 'refused', field: 'ticketProperty' }],
  ])('refuses %s', async (_what, given, error) => {
    const { channel } = await begun({ settings: given });
    await expect(channel.health()).rejects.toMatchObject(error);
  });

  it('refuses an agent who was deactivated', async () => {
    const { channel, account } = await begun();
    if (account.state.agents[0]) account.state.agents[0].deactivated = true;
    await expect(channel.health()).rejects.toMatchObject({ code: 'forbidden', field: 'actorAgentId' });
  });
});

describe('every failure has its code', () => {
  const said = (status: number, name: string, text = 'words of the vendor') => ({
    kind: 'answer' as const,
    ...{ status, type: 'application/json', body: JSON.stringify({ code: status, status: name, message: text }) },
  });
  it.each([
    ['unauthorized', 'never', said(401, 'UNAUTHENTICATED')],
    ['forbidden', 'never', said(403, 'FORBIDDEN')],
    ['not-found', 'never', said(404, 'ACCOUNT_NOT_FOUND')],
    ['refused', 'never', said(400, 'INVALID_VALUE')],
    ['conflict', 'backoff', said(409, 'CONFLICT')],
    ['too-large', 'never', said(413, 'TOO_LARGE')],
    ['closed', 'never', said(400, 'INVALID_VALUE', 'This is not the latest conversation')],
    ['unavailable', 'backoff', said(500, 'INTERNAL_SERVER_ERROR')],
    ['unavailable', 'backoff', said(503, 'SERVICE_UNAVAILABLE')],
    ['not-understood', 'never', { kind: 'answer' as const, status: 200, type: 'text/html', body: '<html>Freshworks</html>' }],
    ['not-understood', 'never', { kind: 'answer' as const, status: 200, type: 'application/json', body: '[]' }],
    ['unavailable', 'backoff', { kind: 'reset' as const, when: 'before' as const }],
  ])('%s, %s', async (code, retry, fault) => {
    const { channel, account } = await begun();
    account.dials.set(fault);
    await expect(channel.health()).rejects.toMatchObject({ code, retry });
  });

  it('a limit is waited for until its reset, and reported as what remains', async () => {
    const told: object[] = [];
    const { channel, clock } = await begun({ simulator: { perMinute: 2 }, context: { budget: (report) => void told.push(report) } });
    await channel.health();
    clock.advance(10_000);
    await expect(channel.health()).rejects.toMatchObject({ code: 'rate-limited', status: 429, retry: { afterMs: 50_000 } });
    const resetAt = clock.now() + 50_000;
    expect(told).toEqual([1, 0, 0].map((remaining) => ({ lane: 'account', limit: 2, remaining, resetAt })));
  });

  it('addresses that ops did not allow are blocked, and no error holds the token', async () => {
    const { createHttp } = await import('../../src/kit/index.ts');
    const { channel } = await begun({ settings: { token: 'tok-7f3a' }, context: { http: createHttp({ egress: { allow: [] } }) } });
    const error = await channel.health().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'blocked' });
    expect(JSON.stringify(error) + String(error)).not.toContain('tok-7f3a');
  });
});

describe('the simulated account', () => {
  const call = (at: TestAccount, path: string, init: RequestInit = {}) =>
    fetch(`${at.url}${path}`, { ...init, headers: { authorization: 'Bearer simulator-token', 'content-type': 'application/json', ...init.headers } });

  it('refuses what its pages do not know, and answers other paths with a page', async () => {
    const at = await begun();
    expect((await call(at, '/v2/conversations')).status).toBe(501);
    expect((await call(at, '/v2/agents?colour=red')).status).toBe(501);
    expect((await call(at, '/v2/agents?items_per_page=51')).status).toBe(400);
    const portal = await call(at, '/agents');
    expect([portal.status, portal.headers.get('content-type')]).toEqual([200, expect.stringContaining('html')]);
    expect(await (await call(at, '/v2/users/nobody')).json()).toMatchObject({ code: 404, status: 'USER_NOT_FOUND', details: [{ type: 'ERROR' }] });
  });

  it('begins a new interaction when an ended chat goes on, and a bot may speak after the end without opening one for us', async () => {
    const at = await begun();
    await at.account.write({ conversation: 'c', person: maria, text: 'oi' });
    const chat = at.account.conversation('c', maria);
    at.clock.advance(1000);
    await at.account.end('c', maria);
    at.clock.advance(1000);
    say(at.account.state, chat, at.clock.now(), { actor: 'bot', actorId: null, type: 'normal', parts: [{ text: { content: 'Avalie o atendimento' } }] });
    await at.account.settled();
    expect(at.events.at(-1)).toMatchObject({ type: 'message', automatic: 'auto-reply' });
    const first = chat.interaction;
    at.clock.advance(1000);
    await at.account.write({ conversation: 'c', person: maria, text: 'travou' });
    expect(chat.interaction).not.toBe(first);
  });
});
