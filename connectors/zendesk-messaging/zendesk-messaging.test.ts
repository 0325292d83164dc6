import type http from 'node:http';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  arrival,
  type Channel,
  ConnectorError,
  type Context,
  createHttp,
  fetchedByUs,
  type InboundEvent,
  type Json,
  type PublicMessage,
  type RawRequest,
  type ReplyContext,
  UnknownPayload,
} from '../../src/kit/index.ts';
import { type Listening, listen } from '../../src/kit/simulator.ts';
import { describeChannel, receivedAt } from '../../test/contract/channel.ts';
import { describeFaults } from '../../test/contract/channel-faults.ts';
import { memoryJournal, testClock, testContext, testStep } from '../../test/support/context.ts';
import messaging from './index.ts';
import { type MessagingSettings, settings } from './settings.ts';
import { supportClient } from './simulator/support.ts';
import { appId, type MessagingOptions, type MessagingSimulator, simulatedChannel } from './simulator.ts';

const base = {
  address: 'https://academia.zendesk.com/sc',
  appId,
  keyId: 'app_key',
  keySecret: 'key-secret-never-shown',
  webhookSecret: 'hook-secret',
};

const make = (more: object = {}, parts: Partial<Context<MessagingSettings>> = {}): Channel =>
  messaging.create(testContext(settings.parse({ ...base, ...more }), { now: () => receivedAt, ...parts }));

const posted = (body: Buffer, headers: Record<string, string> = { 'x-api-key': 'hook-secret' }): RawRequest => ({
  method: 'POST',
  path: '/',
  query: new URLSearchParams(),
  headers,
  remoteAddress: '203.0.113.9',
  body,
});

const event = (type: string, payload: object): Json => ({ id: 'e1', createdAt: '2026-11-19T11:00:00.000Z', type, payload }) as Json;
const hook = (...events: readonly Json[]): Json => ({ app: { id: appId }, webhook: { id: 'w', version: 'v2' }, events });
const conversation = { id: 'c1' };
const user = { type: 'user', userId: 'u1' };
const said = (more: object = {}, author: object = user): Json =>
  event('conversation:message', {
    conversation,
    message: { id: 'm1', received: '2026-11-19T11:00:00.000Z', author, content: { type: 'text', text: 'olá' }, ...more },
  });

const normalize = (body: Json, more: object = {}): readonly InboundEvent[] => make(more).normalize(arrival(fetchedByUs(), body, receivedAt));

describeChannel({
  definition: messaging,
  make: () => make(),
  fixtures: new URL('./fixtures/', import.meta.url),
  token: true,
  signed: (body) => posted(body),
  unknown: [
    null,
    'text',
    [],
    {},
    { events: 'none' },
    { ...(hook(said()) as object), app: { id: 'another-app' } },
    hook('text'),
    hook(event('conversation:dance', { conversation })),
    hook(event('conversation:message', { conversation })),
    hook(said({ content: { type: 'hologram' } })),
    hook(said({ content: null })),
    hook(said({ id: '' })),
    hook(said({ received: 'yesterday' })),
    hook(said({}, { type: 'king' })),
    hook(said({ content: { type: 'image', mediaUrl: 'file:///etc/passwd' } })),
    hook(event('user:merge', { mergedUsers: {} })),
  ],
});

describeFaults({
  definition: messaging,
  account: (now) => simulatedChannel({ now, hurry: 3000 }),
  visible: { method: 'POST', path: /\/messages$/ },
  piece: 4096,
});

describe('the door', () => {
  const door = (more: object = {}) => {
    const [first] = make(more).intake;
    if (first?.via !== 'webhook') throw new Error('the first intake must be a webhook');
    return first;
  };

  it('takes a POST apart, and knows each event by its own id in whatever batch it comes', () => {
    const parts = door().split?.(hook(said(), { ...(said() as object), id: 'e2' } as Json)) ?? [];
    expect(parts.map((part) => door().partKey?.(part))).toEqual(['e1', 'e2']);
    expect(normalize(parts[0] ?? null)).toHaveLength(1);
    expect(door().partKey?.(hook({ odd: true }))).toBeUndefined();
    expect(door().split?.('nothing of the kind')).toEqual(['nothing of the kind']);
  });

  it('takes both secrets while they are changed', () => {
    const both = door({ webhookSecret: ['new', 'hook-secret'] });
    for (const secret of ['new', 'hook-secret']) expect(both.verify(posted(Buffer.from('{}'), { 'x-api-key': secret }), receivedAt)).toBeDefined();
    expect(both.verify(posted(Buffer.from('{}'), { 'x-api-key': 'old' }), receivedAt)).toBeUndefined();
  });
});

describe('the settings', () => {
  it('refuse an empty secret, a misspelt name, and a helpdesk without the credentials to ask for its tickets', () => {
    const refused = (more: object) => settings.safeParse({ ...base, ...more }).success;
    expect([{ webhookSecret: '' }, { webhookSecret: [] }, { onend: 'nothing' }, { helpdesk: 'zendesk-br' }].map(refused)).toEqual([false, false, false, false]);
    expect(refused({})).toBe(true);
  });
});

describe('what webhooks say', () => {
  it('asks for the ticket with each message of a customer, where a helpdesk is named, and with nobody else', () => {
    const more = { helpdesk: 'zendesk-br', support: { address: 'https://academia.zendesk.com', clientId: 'c', clientSecret: 's' } };
    expect(normalize(hook(said()), more)).toMatchObject([{ enrich: { ticket: 'c1' } }]);
    expect(normalize(hook(said({}, { type: 'business', displayName: 'Ana' })), more)[0]).not.toHaveProperty('enrich');
    expect(normalize(hook(said()))[0]).not.toHaveProperty('enrich');
  });

  it('names no host for Zendesk users at an address from before Zendesk', () => {
    const zendeskId = said({}, { ...user, user: { id: 'u1', zendeskId: '300' } });
    const accounts = (more: object) =>
      normalize(hook(zendeskId), more).flatMap((one) => (one.type === 'message' ? one.from.identities.map(({ scope }) => scope) : []));
    expect(accounts({ address: 'https://api.smooch.io' })).toEqual([appId]);
    expect(accounts({})).toEqual([appId, 'academia.zendesk.com']);
  });

  it('is understood or quarantined, whatever JSON it is', () => {
    const anything = fc.jsonValue() as fc.Arbitrary<Json>;
    fc.assert(
      fc.property(
        fc.oneof(
          anything,
          anything.map((value) => hook(value)),
          anything.map((value) => hook(said({ content: value }))),
          anything.map((value) => hook(said({}, { ...user, user: value }))),
          anything.map((value) => hook(said({ content: { type: 'formResponse', fields: value } }))),
          fc
            .tuple(fc.constantFrom('conversation:read', 'user:merge', 'conversation:postback', 'switchboard:passControl'), anything)
            .map(([type, payload]) => hook(event(type, payload as object))),
        ),
        (body) => {
          try {
            expect(Array.isArray(normalize(body))).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(UnknownPayload);
          }
        },
      ),
    );
  });

  it('keeps the words of every message as they were written', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }).filter((text) => text.trim() !== '' && !text.includes('\0')),
        (text) => {
          expect(normalize(hook(said({ content: { type: 'text', text } })))).toMatchObject([{ text }]);
        },
      ),
    );
  });
});

const ana = { id: 'ana', name: 'Ana Reis', email: 'ana@studio.example', phone: '+5511930001004' };
const to = (thread: string, message = 'm-1'): ReplyContext => ({ message, thread, replyToken: 'r', subject: undefined, to: [], earlier: [], agent: 'Bia' });
const reply = (text: string, files: PublicMessage['files'] = []): PublicMessage => ({ kind: 'public', text, files });

const open: Listening[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

interface Bench {
  readonly account: MessagingSimulator;
  readonly channel: Channel;
  readonly context: Context<MessagingSettings>;
  readonly clock: ReturnType<typeof testClock>;
  readonly url: string;
  /** Vendor's id of the chat that Ana began. */
  readonly thread: string;
}

async function bench(options: MessagingOptions = {}, more: object = {}): Promise<Bench> {
  const clock = testClock(receivedAt);
  const account = simulatedChannel({ now: clock.now, hurry: 3000, ...options });
  const vendor = await listen(account.app);
  open.push(vendor);
  const context = testContext(settings.parse({ ...account.settings(vendor.url), ...more }), { now: clock.now });
  await account.write({ conversation: 'chat', person: ana, text: 'oi' });
  return { account, channel: messaging.create(context), context, clock, url: vendor.url, thread: account.idOf('chat', ana) };
}

const businessTexts = ({ account }: Bench): string[] =>
  account
    .shown('chat', ana)
    .filter(({ from }) => from === 'business')
    .map(({ text }) => text);

describe('replies', () => {
  it.each(['basic', 'jwt'])('go out by the key as %s, in the name of the agent, and their echo says nothing new', async (auth) => {
    const on = await bench({}, { auth });
    const sent = await on.channel.send(reply('O técnico chega às 15h.'), to(on.thread), testStep());
    expect(on.account.shown('chat', ana).at(-1)).toMatchObject({ id: sent.externalId, from: 'business', text: 'O técnico chega às 15h.' });
    const echo = hook(said({ id: sent.externalId, metadata: { deskbridge: 'm-1/text-1' } }, { type: 'business', displayName: 'Bia' }));
    expect(normalize(echo)).toEqual([]);
  });

  it('are found by their mark after a lost answer, even past pages of other messages, and not mistaken for the same words', async () => {
    const on = await bench();
    await on.channel.send(reply('já vamos'), to(on.thread, 'm-0'), testStep(memoryJournal(), on.clock.now));
    on.account.dials.set({ kind: 'reset', when: 'after' }, { method: 'POST', path: /messages$/ });
    const step = testStep(memoryJournal(), on.clock.now);
    await expect(on.channel.send(reply('já vamos'), to(on.thread), step)).rejects.toMatchObject({ code: 'unavailable', effect: 'unclear' });
    for (let n = 0; n < 230; n += 1) on.account.whisper({ conversation: 'chat', person: ana, text: `depois ${n}` });
    on.clock.advance(3_600_000);
    await on.channel.send(reply('já vamos'), to(on.thread), step);
    expect(businessTexts(on)).toEqual(['já vamos', 'já vamos']);
    expect(on.account.dials.calls.filter(({ method, path }) => method === 'GET' && path.endsWith('/messages')).length).toBeGreaterThanOrEqual(3);
  });

  it('go again when the look finds nothing, and the look does not read the whole history for that', async () => {
    const on = await bench();
    for (let n = 0; n < 300; n += 1) on.account.whisper({ conversation: 'chat', person: ana, text: `antes ${n}`, at: receivedAt - 86_400_000 });
    on.account.dials.set({ kind: 'error', when: 'before' }, { method: 'POST', path: /messages$/ });
    const step = testStep(memoryJournal(), on.clock.now);
    await expect(on.channel.send(reply('já vamos'), to(on.thread), step)).rejects.toMatchObject({ code: 'unavailable' });
    on.clock.advance(60_000);
    await on.channel.send(reply('já vamos'), to(on.thread), step);
    expect(businessTexts(on)).toEqual(['já vamos']);
    expect(on.account.dials.calls.filter(({ method }) => method === 'GET')).toHaveLength(1);
  });

  it('carry their files: each uploaded, then shown by a message of its own', async () => {
    const on = await bench();
    const files = await Promise.all(
      [
        { name: 'guia.pdf', mime: 'application/pdf', bytes: Buffer.from('%PDF') },
        { name: 'foto.png', mime: 'image/png', bytes: Buffer.from([137, 80, 78, 71]) },
      ].map(async ({ bytes, ...file }) => ({ ...file, ...(await on.context.blobs.put(bytes)) })),
    );
    const journal = memoryJournal();
    on.account.dials.set({ kind: 'reset', when: 'after' }, { method: 'POST', path: /attachments$/ });
    const send = () => on.channel.send(reply('segue', files), to(on.thread), testStep(journal, on.clock.now));
    await expect(send()).rejects.toMatchObject({ code: 'unavailable' });
    await send();
    const shown = on.account.shown('chat', ana).filter(({ from }) => from === 'business');
    expect(shown.map(({ text, files: [file] }) => [text, file?.name, file?.bytes.length])).toEqual([
      ['segue', undefined, undefined],
      ['', 'guia.pdf', 4],
      ['', 'foto.png', 4],
    ]);
    expect([...journal.records.keys()]).toEqual(['text-1', 'upload-1', 'file-1', 'upload-2', 'file-2']);
  });

  it('are refused before anything is sent when a file is too large, or when there is nothing to send', async () => {
    const on = await bench();
    const before = on.account.dials.calls.length;
    const large = [{ sha256: 'x', name: 'video.mp4', mime: 'video/mp4', size: 51 * 2 ** 20 }];
    await expect(on.channel.send(reply('', large), to(on.thread), testStep())).rejects.toMatchObject({ code: 'too-large', retry: 'never' });
    await expect(on.channel.send(reply('  \n'), to(on.thread), testStep())).rejects.toMatchObject({ code: 'refused' });
    expect(on.account.dials.calls).toHaveLength(before);
  });

  const json = 'application/json';
  it.each([
    ['unauthorized', { kind: 'answer', status: 401, type: json, body: '{"errors":[{"code":"unauthorized","title":"Authorization is required"}]}' }, 'never'],
    ['forbidden', { kind: 'answer', status: 403, type: json, body: '{"errors":[{"code":"forbidden","title":"Forbidden"}]}' }, 'never'],
    [
      'not-found',
      { kind: 'answer', status: 404, type: json, body: '{"errors":[{"code":"conversation_not_found","title":"Conversation not found"}]}' },
      'never',
    ],
    ['refused', { kind: 'answer', status: 400, type: json, body: '{"errors":[{"code":"bad_request","title":"\\"content.text\\" is required"}]}' }, 'never'],
    ['too-large', { kind: 'answer', status: 413, type: json, body: '{"errors":[{"code":"payload_too_large","title":"too large"}]}' }, 'never'],
    ['rate-limited', { kind: 'rate-limited', retryAfterSeconds: 7 }, { afterMs: 7000 }],
    ['rate-limited', { kind: 'answer', status: 429, type: json, body: '{"errors":[{"code":"too_many_requests","title":"slow down"}]}' }, 'backoff'],
    ['unavailable', { kind: 'error', when: 'before', status: 502 }, 'backoff'],
    ['not-understood', { kind: 'answer', status: 404, type: 'text/html', body: '<html>nginx</html>' }, 'never'],
    ['not-understood', { kind: 'answer', status: 200, type: 'text/html', body: '<html>welcome</html>' }, 'never'],
  ] as const)('fail with the code %s when the vendor answers so (%#)', async (code, fault, retry) => {
    const on = await bench();
    on.account.dials.set(fault, { method: 'POST' });
    const failed = await on.channel.send(reply('oi'), to(on.thread), testStep()).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ConnectorError);
    expect(failed).toMatchObject({ code, retry });
    expect(String(failed)).not.toContain('simulated-key-secret');
  });

  it('are refused for good in a conversation that is full', async () => {
    const on = await bench({ messageLimit: 1 });
    await expect(on.channel.send(reply('oi'), to(on.thread), testStep())).rejects.toMatchObject({
      code: 'closed',
      retry: 'never',
      effect: 'none',
      status: 423,
    });
  });

  it.each(['basic', 'jwt'])('with a wrong secret are refused (%s)', async (auth) => {
    const on = await bench({}, { auth, keySecret: 'wrong' });
    await expect(on.channel.send(reply('oi'), to(on.thread), testStep())).rejects.toMatchObject({ code: 'unauthorized' });
  });
});

describe('files', () => {
  const bytes = Buffer.from('a foto');
  const photo = { name: 'foto.jpg', mime: 'image/jpeg', bytes };
  const read = async (channel: Channel, url: string): Promise<string> => {
    const stream = await channel.download?.({ id: 'media', name: 'foto.jpg', ref: { url } });
    return stream ? (await buffer(stream)).toString() : '';
  };

  /** A host that is not the vendor's: it tells what it was asked with. */
  async function stranger(answer: (request: http.IncomingMessage, response: http.ServerResponse) => void): Promise<Listening> {
    const listening = await listen(answer);
    open.push(listening);
    return listening;
  }

  it('behind the key come from the vendor’s own host', async () => {
    const on = await bench({ privateFiles: true });
    await on.account.write({ conversation: 'chat', person: ana, text: 'veja', files: [photo] });
    const events = on.account.shown('chat', ana).at(-1);
    expect(events?.files).toEqual([{ name: 'foto.jpg', bytes }]);
    const listed = (await (
      await fetch(`${on.url}/sc/v2/apps/${appId}/conversations/${on.thread}/messages`, {
        headers: { authorization: `Basic ${Buffer.from(`${on.account.key.id}:${on.account.key.secret}`).toString('base64')}` },
      })
    ).json()) as { messages: { content: { mediaUrl?: string } }[] };
    const url = listed.messages.at(-1)?.content.mediaUrl ?? '';
    expect((await fetch(url)).status).toBe(401);
    expect(await read(on.channel, url)).toBe('a foto');
  });

  it('at other hosts are fetched without our key, also when our host leads there', async () => {
    const seen: (string | undefined)[] = [];
    const other = await stranger((request, response) => {
      seen.push(request.headers.authorization);
      response.end('de fora');
    });
    const on = await bench();
    expect(await read(on.channel, `${other.url}/foto.jpg`)).toBe('de fora');
    const leading = await stranger((_request, response) => void response.writeHead(302, { location: `${other.url}/x` }).end());
    const ours = messaging.create(testContext(settings.parse({ ...base, address: `${leading.url}/sc` })));
    expect(await read(ours, `${leading.url}/sc/attachments/1`)).toBe('de fora');
    expect(seen).toEqual([undefined, undefined]);
  });

  it('are given up when their address leads in circles, is gone, or is forbidden by the egress rules', async () => {
    const circle = await stranger((_request, response) => void response.writeHead(302, { location: '/again' }).end());
    await expect(read(make(), `${circle.url}/x`)).rejects.toMatchObject({ code: 'not-found' });
    const gone = await stranger((_request, response) => void response.writeHead(404).end());
    await expect(read(make(), `${gone.url}/x`)).rejects.toMatchObject({ code: 'not-found' });
    const guarded = make({}, { http: createHttp({ egress: { allow: [] } }) });
    await expect(read(guarded, 'http://169.254.169.254/latest')).rejects.toMatchObject({ code: 'blocked' });
    await expect(make().download?.({ id: 'media', name: 'x' })).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('ending at Zendesk', () => {
  it('is left alone unless ops say otherwise', () => {
    expect(make().end).toBeUndefined();
  });

  it('passes control to the next one, once, although the answer was lost', async () => {
    const on = await bench({}, { onEnd: 'passControl' });
    on.account.dials.set({ kind: 'reset', when: 'after' }, { path: /passControl$/ });
    const step = testStep(memoryJournal(), on.clock.now);
    await expect(on.channel.end?.(to(on.thread), step)).rejects.toMatchObject({ code: 'unavailable' });
    on.clock.advance(60_000);
    await on.channel.end?.(to(on.thread), step);
    // From the agents' workspace one further, and not two.
    expect(on.account.inControl('chat', ana)).toBe('deskbridge');
    expect(on.account.dials.calls.filter(({ path }) => path.endsWith('passControl'))).toHaveLength(1);
  });

  it('passes control again when the call certainly did not arrive', async () => {
    const on = await bench({}, { onEnd: 'passControl' });
    on.account.dials.set({ kind: 'reset', when: 'before' }, { path: /passControl$/ });
    const step = testStep(memoryJournal(), on.clock.now);
    await expect(on.channel.end?.(to(on.thread), step)).rejects.toMatchObject({ code: 'unavailable' });
    on.clock.advance(60_000);
    await on.channel.end?.(to(on.thread), step);
    expect(on.account.inControl('chat', ana)).toBe('deskbridge');
  });

  it('passes control to a named integration, and says so when there is none of that name', async () => {
    const named = await bench({}, { onEnd: 'passControl', passTo: 'zd:answerBot' });
    await named.channel.end?.(to(named.thread), testStep());
    expect(named.account.inControl('chat', ana)).toBe('zd-answerBot');
    const nobody = await bench({}, { onEnd: 'passControl', passTo: 'nobody' });
    await expect(nobody.channel.end?.(to(nobody.thread), testStep())).rejects.toMatchObject({ code: 'not-found' });
  });

  it('gives control up, which is done already when somebody else did', async () => {
    const on = await bench({}, { onEnd: 'releaseControl' });
    await on.channel.end?.(to(on.thread), testStep());
    expect(on.account.inControl('chat', ana)).toBeUndefined();
    const strict = await bench({ scope: 'integration' }, { onEnd: 'releaseControl' });
    await expect(strict.channel.end?.(to(strict.thread), testStep())).rejects.toMatchObject({ code: 'forbidden' });
    await strict.account.end?.('chat', ana);
    await strict.channel.end?.(to(strict.thread), testStep());
  });
});

const textsOf = (events: readonly InboundEvent[] | undefined): string[] => (events ?? []).flatMap((one) => (one.type === 'message' ? [one.text] : []));

describe('the transcript at the end', () => {
  const endOf = (on: Bench, at = on.clock.now()): InboundEvent => ({ type: 'ended', thread: on.thread, at, enrich: { transcript: on.thread, at } });

  it('brings what no webhook brought, from all its pages, oldest first', async () => {
    const on = await bench();
    for (let n = 0; n < 250; n += 1) {
      on.clock.advance(1000);
      on.account.whisper({ conversation: 'chat', person: ana, text: `linha ${n}` });
    }
    await on.channel.send(reply('nossa'), to(on.thread), testStep());
    await on.account.end?.('chat', ana);
    const events = await on.channel.enrich?.(endOf(on));
    expect(textsOf(events)).toEqual(['oi', ...Array.from({ length: 250 }, (_, n) => `linha ${n}`)]);
    expect(events?.every(({ type }) => type === 'message')).toBe(true);
  });

  it('stops where the chat before it ended, and at the days that ops allow', async () => {
    const on = await bench();
    await on.account.end?.('chat', ana);
    on.clock.advance(3_600_000);
    on.account.whisper({ conversation: 'chat', person: ana, text: 'segunda vez' });
    on.clock.advance(60_000);
    await on.account.end?.('chat', ana);
    expect(textsOf(await on.channel.enrich?.(endOf(on)))).toEqual(['segunda vez']);
    const short = await bench({}, { transcriptDays: 1 });
    short.clock.advance(2 * 86_400_000);
    short.account.whisper({ conversation: 'chat', person: ana, text: 'hoje' });
    expect(textsOf(await short.channel.enrich?.(endOf(short)))).toEqual(['hoje']);
    const none = await bench({}, { transcriptDays: 0 });
    expect(await none.channel.enrich?.(endOf(none))).toEqual([]);
  });

  it('leaves out what came after the end', async () => {
    const on = await bench();
    const at = on.clock.now();
    on.clock.advance(7_200_000);
    on.account.whisper({ conversation: 'chat', person: ana, text: 'outro dia' });
    expect(textsOf(await on.channel.enrich?.(endOf(on, at)))).toEqual(['oi']);
  });

  it('fails as the vendor does, so that it is asked again', async () => {
    const on = await bench();
    on.account.dials.set({ kind: 'error', when: 'before' }, { method: 'GET' });
    await expect(on.channel.enrich?.(endOf(on))).rejects.toMatchObject({ code: 'unavailable', retry: 'backoff' });
  });
});

describe('the ticket that a chat already is', () => {
  const withSupport = async () => {
    const settled = await bench();
    const more = { helpdesk: 'zendesk-br', support: { address: settled.url, ...supportClient } };
    const context = testContext(settings.parse({ ...settled.account.settings(settled.url), ...more }), { now: settled.clock.now });
    return { ...settled, context, channel: messaging.create(context) };
  };
  const from = ({ thread, clock }: Bench): InboundEvent => ({
    ...(normalize(hook(said()))[0] as InboundEvent),
    thread,
    at: clock.now(),
    enrich: { ticket: thread },
  });
  const asked = ({ account }: Bench): number => account.dials.calls.filter(({ path }) => path.includes('/tickets/messaging/')).length;

  it('is told as one of the configured helpdesk, and asked for once a chat', async () => {
    const on = await withSupport();
    const events = await on.channel.enrich?.(from(on));
    expect(events).toEqual([
      {
        type: 'ticket',
        thread: on.thread,
        at: on.clock.now(),
        ticket: { helpdesk: 'zendesk-br', id: '4711', number: '4711', url: `${on.url}/agent/tickets/4711` },
      },
    ]);
    expect(await on.channel.enrich?.(from(on))).toEqual(events);
    expect(asked(on)).toBe(1);
  });

  it('is remembered at the end, when the vendor tells it no more; the next chat is another', async () => {
    const on = await withSupport();
    await on.channel.enrich?.(from(on));
    on.clock.advance(60_000);
    await on.account.end?.('chat', ana);
    const at = on.clock.now();
    const ended: InboundEvent = { type: 'ended', thread: on.thread, at, enrich: { transcript: on.thread, at } };
    expect((await on.channel.enrich?.(ended))?.at(-1)).toMatchObject({ type: 'ticket', ticket: { id: '4711' } });
    on.clock.advance(60_000);
    await on.account.write({ conversation: 'chat', person: ana, text: 'voltei' });
    expect(await on.channel.enrich?.(from(on))).toMatchObject([{ ticket: { id: '4712' } }]);
  });

  it('is none while there is none, and asked for again a minute later', async () => {
    const on = await withSupport();
    await on.account.end?.('chat', ana);
    expect(await on.channel.enrich?.(from(on))).toEqual([]);
    expect(await on.channel.enrich?.(from(on))).toEqual([]);
    expect(asked(on)).toBe(1);
    on.clock.advance(61_000);
    await on.account.write({ conversation: 'chat', person: ana, text: 'voltei' });
    expect(await on.channel.enrich?.(from(on))).toHaveLength(1);
  });

  it('fails with the code of the credentials that were refused', async () => {
    const on = await withSupport();
    on.account.dials.set({ kind: 'answer', status: 401, type: 'application/json', body: '{"error":"invalid_client"}' }, { path: /oauth/ });
    const failed = await on.channel.enrich?.(from(on)).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'unauthorized' });
    expect(String(failed)).not.toContain(supportClient.clientSecret);
  });
});

describe('health', () => {
  it('says which app answers, for keys of the app and of an integration', async () => {
    await expect((await bench()).channel.health()).resolves.toMatchObject({ detail: expect.stringContaining('Academia Suporte') });
    await expect((await bench({ scope: 'integration' })).channel.health()).resolves.toMatchObject({ detail: expect.stringContaining('integration') });
  });

  it('finds out about a webhook that is missing, elsewhere or half deaf', async () => {
    const on = await bench({}, { integrationId: '5ef21b86e933b7355c11c703' });
    await expect(on.channel.health()).rejects.toMatchObject({ code: 'not-found' });
    on.account.hook?.('http://localhost:3000/hooks/under-test');
    await expect(on.channel.health()).resolves.toMatchObject({ detail: expect.not.stringContaining('includeFullUser') });
    const deaf = await bench({ triggers: ['conversation:message'], includeFullUser: false }, { integrationId: 'me' });
    deaf.account.hook?.('http://localhost:3000/hooks/under-test');
    await expect(deaf.channel.health()).rejects.toThrow(/switchboard:passControl, switchboard:releaseControl/);
  });

  it('finds out about Support credentials that nobody knows, although the vendor answers 200', async () => {
    const on = await bench();
    const more = { helpdesk: 'zendesk-br', support: { address: on.url, ...supportClient } };
    const channel = messaging.create(testContext(settings.parse({ ...on.account.settings(on.url), ...more }), { now: on.clock.now }));
    await expect(channel.health()).resolves.toBeDefined();
    on.account.dials.set(
      { kind: 'answer', status: 200, type: 'application/json', body: '{"user":{"id":null,"name":"Anonymous user"}}' },
      { path: /users\/me/ },
    );
    await expect(channel.health()).rejects.toMatchObject({ code: 'unauthorized' });
  });
});
