import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  arrival,
  type Channel,
  type Context,
  fetchedByUs,
  type InboundEvent,
  type Json,
  type PublicMessage,
  type RawRequest,
  type ReplyContext,
  UnknownPayload,
} from '../../src/kit/index.ts';
import { describeChannel, receivedAt } from '../../test/contract/channel.ts';
import { describeFaults } from '../../test/contract/channel-faults.ts';
import { memoryJournal, testContext, testStep } from '../../test/support/context.ts';
import webhook from './index.ts';
import { deleted, edited, ended, message, payload } from './payload.ts';
import { signedPost, signedRequest } from './sender.ts';
import { settings, type WebhookSettings } from './settings.ts';
import { simulatedChannel } from './simulator.ts';

const whsec = `whsec_${Buffer.from('the sandbox shares this!').toString('base64')}`;

const make = (more: object = {}, parts: Partial<Context<WebhookSettings>> = {}): Channel =>
  webhook.create(testContext(settings.parse({ secret: whsec, ...more }), { now: () => receivedAt, ...parts }));

const asRequest = (sent: { headers: Record<string, string>; body: Buffer }): RawRequest => ({
  method: 'POST',
  path: '/',
  query: new URLSearchParams(),
  remoteAddress: '203.0.113.9',
  ...sent,
});

const normalize = (payload: Json, more: object = {}): readonly InboundEvent[] => make(more).normalize(arrival(fetchedByUs(), payload, receivedAt));

const hello = { type: 'message', conversation: 'c', id: 'm', at: receivedAt, from: { id: 'u', role: 'contact' }, text: 'olá' };
const ending = { type: 'ended', conversation: 'c', at: receivedAt };

describeChannel({
  definition: webhook,
  make: () => make({ reply: 'https://example.com/replies' }),
  fixtures: new URL('./fixtures/', import.meta.url),
  unknown: [
    null,
    'text',
    {},
    [],
    { events: 'none' },
    { type: 'reaction', conversation: 'c', id: 'm', at: receivedAt },
    { ...hello, type: 'Message' },
    { ...hello, kind: 'secret' },
    { ...hello, conversation: '' },
    { ...hello, id: 7 },
    { ...hello, at: 'yesterday' },
    { ...hello, at: '2026-11-19T12:00:00' },
    { ...hello, at: receivedAt / 1000 },
    { ...hello, from: { id: 'u', role: 'king' } },
    { ...hello, files: [{ id: 'f', name: 'a.txt' }] },
    { ...hello, files: [{ id: 'f', name: 'a.txt', url: 'file:///etc/passwd' }] },
    { events: [hello, { ...hello, at: 'yesterday' }] },
  ],
  signed: (body, now) => asRequest(signedRequest({ secret: whsec, id: 'w1', payload: body, now })),
});

describe('the settings', () => {
  it.each([[''], [[]], [undefined], [['whsec_abc', '']]])('refuse the secret %j: it would open the door to everybody', (secret) => {
    expect(settings.safeParse({ secret }).success).toBe(false);
  });

  it('refuse a misspelt setting and an address that is not http', () => {
    expect(settings.safeParse({ secret: whsec, toleranceSecond: 10 }).success).toBe(false);
    expect(settings.safeParse({ secret: whsec, reply: 'javascript:alert(1)' }).success).toBe(false);
  });

  it('accept both secrets while they are rotated', () => {
    const next = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
    const { intake } = make({ secret: [next, whsec] });
    const verify = intake[0]?.via === 'webhook' ? intake[0].verify : undefined;
    for (const secret of [next, whsec])
      expect(verify?.(asRequest(signedRequest({ secret, id: 'w', payload: hello, now: receivedAt })), receivedAt)).toBeDefined();
  });
});

describe('what is posted', () => {
  const door = () => {
    const [first] = make().intake;
    if (first?.via !== 'webhook') throw new Error('the first intake must be a webhook');
    return first;
  };

  it('is known by its webhook-id, so that a repeat is stored once', () => {
    expect(door().key?.(asRequest(signedRequest({ secret: whsec, id: 'evt_9', payload: hello })))).toBe('evt_9');
  });

  it.each([-301, 301])('is refused when its clock is %i seconds off', (off) => {
    expect(door().verify(asRequest(signedRequest({ secret: whsec, id: 'w', payload: hello, now: receivedAt + off * 1000 })), receivedAt)).toBeUndefined();
  });

  it('comes apart, so that a broken event never stops its batch', () => {
    const parts = door().split?.({ events: [hello, { type: 'nonsense' }, ending] }) ?? [];
    expect(parts).toHaveLength(3);
    const [good, bad, last] = parts.map((part) => () => normalize(part));
    expect(good?.()).toMatchObject([{ type: 'message', text: 'olá' }]);
    expect(bad).toThrow(UnknownPayload);
    expect(last?.()).toMatchObject([{ type: 'ended' }]);
  });

  it('says in its quarantine which property was wrong', () => {
    expect(() => normalize({ ...hello, at: receivedAt / 1000 })).toThrow(/not seconds[\s\S]*at/);
  });

  it('vouches for addresses and numbers only when ops say that the program checks them', () => {
    const from = { id: 'u', role: 'contact', email: 'a@b.com', phone: '+44 20 7946 0958' };
    const verified = (more: object) =>
      normalize({ ...hello, from }, more).flatMap((event) => (event.type === 'message' ? event.from.identities.map((i) => [i.kind, i.verified]) : []));
    expect(verified({})).toEqual([
      ['account', true],
      ['email', false],
      ['phone', false],
    ]);
    expect(verified({ identitiesVerified: true })).toEqual([
      ['account', true],
      ['email', true],
      ['phone', true],
    ]);
  });

  it('reads numbers by the country that ops set', () => {
    const phone = (country: string) =>
      normalize({ ...hello, from: { id: 'u', role: 'contact', phone: '030 123456' } }, { defaultCountry: country }).flatMap((event) =>
        event.type === 'message' ? event.from.identities.filter((i) => i.kind === 'phone').map((i) => i.value) : [],
      );
    expect(phone('DE')).toEqual(['+4930123456']);
  });

  it.each(['123', 'ramal 4512', ''])('takes %j for no phone number, and keeps the message', (phone) => {
    expect(normalize({ ...hello, from: { id: 'u', role: 'contact', phone } })).toMatchObject([{ text: 'olá', from: { identities: [{ kind: 'account' }] } }]);
    expect(JSON.stringify(normalize({ ...hello, from: { id: 'u', role: 'contact', phone } }))).not.toContain('"phone"');
  });

  it('loses a NUL, which databases cannot keep in text, and nothing else', () => {
    expect(normalize({ ...hello, text: 'a\0b' })).toMatchObject([{ text: 'ab' }]);
    expect(() => normalize({ ...hello, id: 'a\0b' })).toThrow(UnknownPayload);
  });

  it('is understood or quarantined, whatever JSON it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          fc.jsonValue().map((value) => ({ ...hello, from: value })),
          fc.jsonValue().map((value) => ({ events: value })),
        ),
        (json) => {
          try {
            expect(Array.isArray(normalize(json as Json))).toBe(true);
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
        fc.string({ unit: 'binary', maxLength: 200 }).filter((text) => !text.includes('\0')),
        (text) => {
          expect(normalize({ ...hello, text })).toMatchObject([{ text }]);
        },
      ),
    );
  });
});

describe('files', () => {
  it('come out of the message when they were sent in it', async () => {
    const stream = await make().download?.({ id: 'f', name: 'nota.txt', ref: { data: 'YXBhZ2E=' } });
    expect((await buffer(stream ?? Readable.from([]))).toString()).toBe('apaga');
  });

  it('are refused from private addresses that ops did not allow', async () => {
    const { createHttp } = await import('../../src/kit/index.ts');
    const channel = make({}, { http: createHttp({ egress: { allow: [] } }) });
    await expect(channel.download?.({ id: 'f', name: 'x', ref: { url: 'http://169.254.169.254/latest/meta-data' } })).rejects.toMatchObject({
      code: 'blocked',
    });
  });
});

describe('replies', () => {
  const servers: http.Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });
  interface Received {
    headers: Record<string, string>;
    body: string;
  }
  /** A program that takes replies; `answer` decides the status. */
  async function program(answer: (count: number) => [number, string] | 'reset'): Promise<{ url: string; received: Received[] }> {
    const received: Received[] = [];
    const server = http.createServer(async (request, response) => {
      received.push({ headers: request.headers as Record<string, string>, body: (await buffer(request)).toString() });
      const answered = answer(received.length);
      if (answered === 'reset') request.socket.destroy();
      else response.writeHead(answered[0], { 'content-type': 'application/json' }).end(answered[1]);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/replies`, received };
  }

  const reply: PublicMessage = { kind: 'public', text: 'O técnico chega às 15h.', files: [] };
  const to: ReplyContext = { message: 'msg-1', thread: 'c-1042', replyToken: 'r', subject: undefined, to: [], earlier: [], agent: 'Ana' };

  it('arrive signed, under our message id, and take the id that the program answers', async () => {
    const { url, received } = await program(() => [200, '{"id":"their-1"}']);
    const now = Date.now();
    await expect(make({ reply: url }, { now: () => now }).send(reply, to, testStep())).resolves.toEqual({ externalId: 'their-1' });
    const [{ headers, body } = { headers: {}, body: '' }] = received;
    expect(new Webhook(whsec).verify(body, headers)).toEqual({
      type: 'reply',
      id: 'msg-1',
      conversation: 'c-1042',
      at: new Date(now).toISOString(),
      agent: 'Ana',
      text: reply.text,
      files: [],
    });
    expect(headers['webhook-id']).toBe('msg-1');
  });

  it('go again after a lost answer with the same id and the same words, signed anew', async () => {
    const { url, received } = await program((count) => (count === 1 ? 'reset' : [204, '']));
    const journal = memoryJournal();
    let now = Date.now();
    const clock = (): number => now;
    const channel = make({ reply: url }, { now: clock });
    await expect(channel.send(reply, to, testStep(journal, clock))).rejects.toMatchObject({ code: 'unavailable', effect: 'unclear' });
    now += 3600_000;
    await expect(channel.send(reply, to, testStep(journal, clock))).resolves.toEqual({ externalId: 'msg-1' });
    expect(received.map(({ headers }) => headers['webhook-id'])).toEqual(['msg-1', 'msg-1']);
    expect(received[1]?.body).toBe(received[0]?.body);
    expect(received[1]?.headers['webhook-timestamp']).not.toBe(received[0]?.headers['webhook-timestamp']);
  });

  it('carry their files as bytes', async () => {
    const { url, received } = await program(() => [200, '{}']);
    const context = testContext(settings.parse({ secret: whsec, reply: url }));
    const { sha256, size } = await context.blobs.put(Buffer.from('boleto'));
    await webhook.create(context).send({ ...reply, files: [{ sha256, name: 'boleto.txt', mime: 'text/plain', size }] }, to, testStep());
    expect(JSON.parse(received[0]?.body ?? '{}')).toMatchObject({
      files: [{ name: 'boleto.txt', mime: 'text/plain', size: 6, data: Buffer.from('boleto').toString('base64') }],
    });
  });

  it('are refused for good, before anything is sent, when their files are too large', async () => {
    const { url, received } = await program(() => [200, '{}']);
    const files = [{ sha256: 'x', name: 'video.mp4', mime: 'video/mp4', size: 8 * 2 ** 20 }];
    await expect(make({ reply: url }).send({ ...reply, files }, to, testStep())).rejects.toMatchObject({ code: 'too-large', retry: 'never' });
    expect(received).toEqual([]);
  });

  it('are refused with a sentence for ops where no address is configured', async () => {
    await expect(make().send(reply, to, testStep())).rejects.toThrow('no `reply` address in its settings');
  });

  it('cannot be fed back to us as messages', async () => {
    const { url, received } = await program(() => [200, '{}']);
    await make({ reply: url }).send(reply, to, testStep());
    expect(() => normalize(JSON.parse(received[0]?.body ?? '{}') as Json)).toThrow(UnknownPayload);
  });
});

describe('the small sender', () => {
  it('posts what the channel lets in, and tells the status', async () => {
    const statuses: boolean[] = [];
    const server = http.createServer(async (request, response) => {
      const [first] = make().intake;
      const raw = asRequest({ headers: request.headers as Record<string, string>, body: await buffer(request) });
      const good = first?.via === 'webhook' && first.verify(raw, Date.now()) !== undefined;
      statuses.push(good);
      response.writeHead(good ? 202 : 401).end('ok');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/any`;
    expect(await signedPost({ url, secret: whsec, id: 'w1', payload: hello })).toEqual({ status: 202, body: 'ok' });
    expect(await signedPost({ url, secret: `whsec_${Buffer.alloc(24).toString('base64')}`, id: 'w1', payload: hello })).toMatchObject({ status: 401 });
    server.close();
  });
});

describe('the README', () => {
  const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8');

  it('shows examples that the channel understands', () => {
    const examples = [...readme.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) => JSON.parse(text ?? '') as Json);
    expect(examples.length).toBeGreaterThan(1);
    for (const example of examples.slice(0, -1)) expect(normalize(example).length).toBeGreaterThan(0);
  });

  it('has a row for every property that the schema reads, and for every setting', () => {
    const names = [message, edited, deleted, ended].flatMap(({ shape }) => Object.keys(shape));
    const nested = ['from', 'files'].flatMap((key) => Object.keys(inner(key)).map((name) => `${key}.${name}`));
    for (const name of [...names, ...nested, ...Object.keys(settings.shape)]) expect(readme, name).toContain(`| \`${name}\` |`);
  });

  /** Properties of a nested schema, through its JSON Schema form. */
  function inner(key: string): object {
    const schema = z.toJSONSchema(payload, { io: 'input' }) as {
      oneOf: { properties: Record<string, { properties?: object; items?: { properties: object } }> }[];
    };
    const property = schema.oneOf[0]?.properties[key];
    return property?.properties ?? property?.items?.properties ?? {};
  }
});

describeFaults({
  definition: webhook,
  account: (now) => simulatedChannel({ now, hurry: true }),
  visible: { method: 'POST', path: /^\/replies$/ },
});
