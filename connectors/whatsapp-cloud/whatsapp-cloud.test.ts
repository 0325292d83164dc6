import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Json, type RawRequest, UnknownPayload } from '../../src/kit/index.ts';
import { describeChannel } from '../../test/contract/channel.ts';
import { describeFaults } from '../../test/contract/channel-faults.ts';
import { escaped } from './door.ts';
import whatsapp from './index.ts';
import { settings } from './settings.ts';
import { simulatedChannel } from './simulator.ts';
import { split } from './split.ts';
import { eventsOf, hook, makeChannel, plainSettings } from './test-account.ts';

const request = (more: Partial<RawRequest>): RawRequest => ({
  method: 'POST',
  path: '/',
  query: new URLSearchParams(),
  headers: {},
  body: Buffer.alloc(0),
  remoteAddress: '203.0.113.9',
  ...more,
});

const sign = (bytes: Buffer, secret = plainSettings.appSecret): Record<string, string> => ({
  'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(bytes).digest('hex')}`,
});

const message = (more: object): Json =>
  hook({ contacts: [{ wa_id: '5511930001001' }], messages: [{ from: '5511930001001', id: 'wamid.1', timestamp: '1763546400', ...more }] });
const status = (more: object): Json => hook({ statuses: [{ id: 'wamid.1', status: 'read', timestamp: '1763546400', recipient_id: '5511930001001', ...more }] });

describeChannel({
  definition: whatsapp,
  make: () => makeChannel(),
  fixtures: new URL('./fixtures/', import.meta.url),
  unknown: [
    null,
    'text',
    {},
    [],
    { object: 'page', entry: [] },
    { object: 'whatsapp_business_account', entry: [{ id: '1', changes: ['what'] }] },
    hook({}),
    hook({ messages: [] }),
    hook({ messages: [{}] }),
    hook({ calls: [{}] }, 'calls'),
    message({ type: 'hologram', hologram: {} }),
    message({ type: 'text' }),
    message({ type: 'text', text: { body: 'a' }, timestamp: 'yesterday' }),
    message({ type: 'interactive', interactive: { type: 'dance_reply' } }),
    message({ type: 'image', image: { mime_type: 'image/jpeg' } }),
    message({ type: 'system', system: { type: 'user_grew_wings' } }),
    message({ type: 'system', system: { type: 'user_changed_user_id', user_id: 'BR.2' }, from: undefined }),
    message({ type: 'edit', edit: { original_message_id: 'wamid.0', message: {} } }),
    message({ type: 'text', text: { body: 'in a group' }, group_id: 'Y2FwaV9' }),
    hook({ messages: [{ id: 'wamid.1', timestamp: '1763546400', type: 'text', text: { body: 'from nobody' } }] }),
    status({ status: 'teleported' }),
    status({ recipient_id: undefined }),
    hook({ errors: [{ code: 131_042, title: 'Business eligibility payment issue' }] }),
  ],
  signed: (body) => request({ body, headers: sign(body) }),
});

describeFaults({ definition: whatsapp, account: (now) => simulatedChannel({ now }), visible: { method: 'POST', path: /\/messages$/ } });

const door = (more: object = {}) => {
  const [first] = makeChannel(more).intake;
  if (first?.via !== 'webhook') throw new Error('the first intake must be a webhook');
  return first;
};

describe('the set-up question', () => {
  const ask = (query: string) => door().handshake?.(request({ method: 'GET', query: new URLSearchParams(query) }));

  it('is answered with the challenge alone, as plain text', () => {
    expect(ask('hub.mode=subscribe&hub.verify_token=our-word&hub.challenge=1158201444')).toMatchObject({
      status: 200,
      body: '1158201444',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    });
  });

  it.each([
    ['hub.mode=subscribe&hub.verify_token=another&hub.challenge=1'],
    ['hub.mode=subscribe&hub.challenge=1'],
    ['hub.mode=unsubscribe&hub.verify_token=our-word&hub.challenge=1'],
    ['hub.mode=subscribe&hub.verify_token=our-word'],
    [''],
  ])('is refused: %s', (query) => {
    const answer = ask(query);
    expect(answer?.status).toBe(403);
    expect(answer?.body).not.toContain('our-word');
  });

  it('is none when something is posted', () => {
    expect(door().handshake?.(request({}))).toBeUndefined();
  });
});

describe('the signature', () => {
  const body = Buffer.from('{"text":"não libera 😕"}');

  it('counts over the raw bytes, and else over the form with escaped characters', () => {
    expect(escaped(body).toString()).toBe('{"text":"n\\u00e3o libera \\ud83d\\ude15"}');
    expect(door().verify(request({ body, headers: sign(body) }), 0)).toBeDefined();
    expect(door().verify(request({ body, headers: sign(escaped(body)) }), 0)).toBeDefined();
  });

  it.each([
    ['of another secret', sign(body, 'stolen')],
    ['of other bytes', sign(Buffer.from('{"text":"libera"}'))],
    ['without its prefix', { 'x-hub-signature-256': createHmac('sha256', plainSettings.appSecret).update(body).digest('hex') }],
    ['that is cut off', { 'x-hub-signature-256': 'sha256=' }],
  ])('%s lets nobody in', (_what, headers) => {
    expect(door().verify(request({ body, headers }), 0)).toBeUndefined();
  });

  it('may be of either secret while the app secret is changed', () => {
    const both = door({ appSecret: ['new', 'old'] });
    for (const secret of ['new', 'old']) expect(both.verify(request({ body, headers: sign(body, secret) }), 0)).toBeDefined();
  });

  it('is answered with 200 whatever became of it: with anything else Meta would send it for a week', () => {
    for (const state of ['stored', 'repeated', 'quarantined'] as const) expect(door().reply?.({ arrival: 'a', state })?.status).toBe(200);
  });
});

describe('a batch', () => {
  const two = [
    { from: '551191', id: 'wamid.A', timestamp: '1763546400', type: 'text', text: { body: 'um' } },
    { from: '551192', id: 'wamid.B', timestamp: '1763546400', type: 'hologram' },
  ];
  const contacts = [
    { wa_id: '551191', profile: { name: 'Ana' } },
    { wa_id: '551192', profile: { name: 'Bia' } },
  ];

  it('comes apart with the right contact beside each message, so that a bad one never stops the others', async () => {
    const [first, second] = split(hook({ contacts, messages: two }));
    expect(await eventsOf(makeChannel(), first ?? null)).toMatchObject([{ type: 'message', text: 'um', from: { name: 'Ana' } }]);
    await expect(eventsOf(makeChannel(), second ?? null)).rejects.toThrow(UnknownPayload);
    expect(JSON.stringify(second)).not.toContain('Ana');
  });

  it('has its parts known by their own ids, in whatever batch they come again', () => {
    const { partKey } = door();
    const keys = split(hook({ contacts, messages: two })).map((part) => partKey?.(part));
    expect(new Set(keys).size).toBe(2);
    expect(split(hook({ messages: two.toReversed() })).map((part) => partKey?.(part))).toEqual(keys.toReversed());
  });

  it('tells apart what has one id: the statuses of a message, and a message that could not be shown at first', () => {
    const { partKey } = door();
    const keys = [status({}), status({ status: 'delivered' }), message({ type: 'text' }), message({ type: 'unsupported' })].map((part) => partKey?.(part));
    expect(new Set(keys).size).toBe(4);
  });

  it('loses nothing and makes nothing up, whatever it looks like', () => {
    const element = fc.record({ id: fc.uuid(), from: fc.constantFrom('551191', '551192', '551193'), type: fc.constantFrom('text', 'image', 'x') });
    const value = fc.record({ messages: fc.array(element), statuses: fc.array(element), contacts: fc.constantFrom(contacts, []) }, { requiredKeys: [] });
    fc.assert(
      fc.property(fc.array(fc.array(value, { maxLength: 3 }), { maxLength: 3 }), (entries) => {
        const body = {
          object: 'whatsapp_business_account',
          entry: entries.map((values) => ({ id: '1', changes: values.map((one) => ({ field: 'messages', value: one })) })),
        };
        const ids = (json: Json): string[] => [...JSON.stringify(json).matchAll(/"id":"([0-9a-f-]{36})"/g)].map(([, id]) => id ?? '').sort();
        expect(
          split(body as unknown as Json)
            .flatMap(ids)
            .sort(),
        ).toEqual(ids(body as unknown as Json));
      }),
    );
  });

  it.each([
    [null],
    ['x'],
    [{ object: 'whatsapp_business_account' }],
    [{ object: 'whatsapp_business_account', entry: [] }],
    [{ object: 'whatsapp_business_account', entry: [7] }],
  ])('that is none stays whole: %j', (body) => {
    expect(split(body as Json)).toEqual([body]);
  });
});

describe('a webhook for another number', () => {
  const other = JSON.parse(JSON.stringify(message({ type: 'text', text: { body: 'para o outro' } })).replace('106540352242922', '999')) as Json;

  it('is kept with a sentence that says what to do', async () => {
    await expect(eventsOf(makeChannel(), other)).rejects.toThrow(/number 999 .*this channel has 106540352242922.*otherNumbers: ignore/);
  });

  it('is dropped where another channel takes it', async () => {
    expect(await eventsOf(makeChannel({ otherNumbers: 'ignore' }), other)).toEqual([]);
  });
});

describe('a message', () => {
  it('whatever its words are, says them and nothing else', async () => {
    const channel = makeChannel();
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), async (body) => {
        const [event] = await eventsOf(channel, message({ type: 'text', text: { body } }));
        expect(event).toMatchObject({ type: 'message', text: body.replaceAll('\0', ''), media: [] });
      }),
    );
  });

  it('of any shape is understood or kept, and nothing else is thrown', async () => {
    const channel = makeChannel();
    const types = ['text', 'image', 'contacts', 'interactive', 'order', 'system', 'edit', 'reaction', 'location', 'unsupported', 'button'];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...types), fc.jsonValue(), fc.jsonValue(), async (type, object, context) => {
        await eventsOf(channel, message({ type, [type]: object, context } as object)).catch((error: unknown) => expect(error).toBeInstanceOf(UnknownPayload));
      }),
    );
  });

  it('is marked as read by and by where ops want it so, and only a customer’s', async () => {
    const channel = makeChannel({ markRead: 'on-arrival' });
    expect(await eventsOf(channel, message({ type: 'text', text: { body: 'oi' } }))).toMatchObject([{ enrich: { markRead: 'wamid.1' } }]);
    const echo = { from: '15550783881', to: '551191', id: 'wamid.E', timestamp: '1763546400', type: 'text', text: { body: 'olá' } };
    expect((await eventsOf(channel, hook({ message_echoes: [echo] }, 'smb_message_echoes')))[0]).not.toHaveProperty('enrich');
  });

  it('ends a conversation that was silent for as long as ops say', async () => {
    expect(await eventsOf(makeChannel({ idleHours: 0.5 }), message({ type: 'text', text: { body: 'oi' } }))).toMatchObject([{ idleMs: 1_800_000 }]);
  });
});

describe('the settings', () => {
  it.each([
    [{ appSecret: '' }],
    [{ appSecret: [] }],
    [{ accessToken: '' }],
    [{ verifyToken: '' }],
    [{ phoneNumberId: '+55 11 93000-1001' }],
    [{ graph: 'https://graph.facebook.com/v25.0' }],
    [{ graphVersion: '25' }],
    [{ graphversion: 'v25.0' }],
  ])('refuse %j', (more) => {
    expect(settings.safeParse({ ...plainSettings, ...more }).success).toBe(false);
  });
});
