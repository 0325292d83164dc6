/** The contracts of every channel, the door, and what uTalk's payloads become. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrival, fetchedByUs, type InboundEvent, type Json, Secret, UnknownPayload } from '../../src/kit/index.ts';
import { describeChannel, receivedAt } from '../../test/contract/channel.ts';
import { describeFaults } from '../../test/contract/channel-faults.ts';
import { quiet, testContext } from '../../test/support/context.ts';
import utalk from './index.ts';
import { createSenders, networksIn } from './senders.ts';
import { settings } from './settings.ts';
import { simulatedChannel } from './simulator.ts';
import { bare, posted } from './test-account.ts';

const make = (more: object = {}) =>
  utalk.create(
    testContext(settings.parse({ ...bare, groups: true, members: { ZmemberAna_____1: 'Ana@Suporte.example' }, ...more }), { now: () => receivedAt }),
  );
const normalize = (payload: Json, more: object = {}): readonly InboundEvent[] => make(more).normalize(arrival(fetchedByUs(), payload, receivedAt));

interface Payload {
  Type: string;
  EventId: string;
  Payload: { Type: string; Content: { [name: string]: Json; LastMessage: { [name: string]: Json } } };
}
const fixture = (name: string): Payload => JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8')) as Payload;
/** The recorded message with some of it otherwise. */
function changed(message: { [name: string]: Json }, chat: { [name: string]: Json } = {}): Json {
  const payload = fixture('text');
  Object.assign(payload.Payload.Content, chat);
  Object.assign(payload.Payload.Content.LastMessage, message);
  return payload as unknown as Json;
}

describeChannel({
  definition: utalk,
  make: () => make(),
  fixtures: new URL('./fixtures/', import.meta.url),
  unknown: [
    null,
    'text',
    {},
    [],
    { Type: 'ContactUpdated', EventDate: '2026-11-19T11:06:56Z', Payload: { Type: 'Contact', Content: { Id: 'c' } } },
    { ...fixture('text'), Payload: { Type: 'Chat', Content: { Id: 'c', Open: true } } } as unknown as Json,
    changed({ Source: 'Robot' }),
    changed({ Content: null }),
    changed({ Id: '' }),
    changed({ CreatedAtUTC: 'yesterday' }),
    changed({}, { Open: 'yes' }),
    { look: { chat: {} } },
  ],
  signed: (body) => posted('/a-secret-of-sixteen', body),
  token: true,
});

describeFaults({
  definition: utalk,
  account: (now) => simulatedChannel({ now, retryMs: [50, 200] }),
  visible: { method: 'POST', path: /^\/api\/v1\/messages\/$/ },
  piece: 4096,
});

describe('the door', () => {
  const webhook = (more: object = {}) => {
    const found = make(more).intake.find((one) => one.via === 'webhook');
    if (!found) throw new Error('there is no webhook');
    return found;
  };

  it('is the secret as the last part of the address, whatever stands before it', () => {
    const { verify, below } = webhook();
    expect(below).toBe(true);
    for (const path of ['/a-secret-of-sixteen', '/a-secret-of-sixteen/', '/x/a-secret-of-sixteen', '/a-secret%2Dof-sixteen'])
      expect(verify(posted(path), receivedAt), path).toBeDefined();
    for (const path of ['/', '', '/a-secret-of-sixtee', '/a-secret-of-sixteen/x', '/A-SECRET-OF-SIXTEEN', '/%E0%A4%A'])
      expect(verify(posted(path), receivedAt), path).toBeUndefined();
  });

  it('answers 200 and knows no delivery by its id, since a repeat has another', () => {
    const one = webhook();
    expect(one.reply?.({ arrival: 'a', state: 'stored' })).toEqual({ status: 200 });
    expect(one.key).toBeUndefined();
  });

  it('needs a secret that is long enough and can stand in an address', () => {
    for (const hookSecret of ['short', 'with a blank in it', 'with/a/slash/in/it'])
      expect(settings.safeParse({ ...bare, hookSecret }).success, hookSecret).toBe(false);
  });

  const senders = (ranges: () => Promise<unknown>, now = () => 0) =>
    createSenders({ secret: new Secret('a-secret-of-sixteen'), checkAddress: true, now, log: quiet, ranges });
  const from = (address: string) => posted('/a-secret-of-sixteen', Buffer.alloc(0), address);

  it('opens to nobody before the networks are known, and to them alone afterwards', async () => {
    const door = senders(async () => ({ items: [{ range: '20.195.10.1/32' }, { range: '2001:db8::/48' }] }));
    expect(door.verify(from('20.195.10.1'), 0)).toBeUndefined();
    await door.refresh();
    expect(door.verify(from('20.195.10.1'), 0)).toBeDefined();
    expect(door.verify(from('::ffff:20.195.10.1'), 0)).toBeDefined();
    expect(door.verify(from('2001:db8::5'), 0)).toBeDefined();
    for (const other of ['20.195.10.2', '::1', 'nonsense', '']) expect(door.verify(from(other), 0), other).toBeUndefined();
    expect(door.verify({ ...from('20.195.10.1'), path: '/other' }, 0)).toBeUndefined();
  });

  it('opens to nobody when the networks cannot be read, and keeps old ones when they cannot be read again', async () => {
    let now = 0;
    let answer: () => unknown = () => {
      throw new Error('down');
    };
    const door = senders(
      async () => answer(),
      () => now,
    );
    await door.refresh();
    expect(door.verify(from('20.195.10.1'), 0)).toBeUndefined();
    answer = () => ['20.195.10.1'];
    await door.refresh();
    answer = () => [];
    now = 3_600_001;
    await door.refresh();
    expect(door.verify(from('20.195.10.1'), 0)).toBeDefined();
  });

  it('takes no network of everything, and no number for an address', () => {
    expect(networksIn(['0.0.0.0/0', '::/0', 7, '7', 'x', null, { a: ['10.1.2.3/32'] }])).toHaveLength(1);
  });
});

describe('payloads', () => {
  it('mean the same in the API’s words as in the webhook’s', () => {
    const lower = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(lower)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name.charAt(0).toLowerCase() + name.slice(1), lower(inner)]))
          : value;
    for (const name of ['text', 'image', 'ended', 'reply', 'transferred'])
      expect(normalize(lower(fixture(name)) as Json)).toEqual(normalize(fixture(name) as unknown as Json));
  });

  it('of another organization are kept, not taken', () => {
    expect(() => normalize(changed({}), { organizationId: 'AnotherOrganiz_1' })).toThrow(/another organization/);
    expect(normalize(changed({}), { organizationId: 'ZorgaNizat-on_01' })).toHaveLength(1);
  });

  it('of channels and groups that are not ours mean nothing', () => {
    expect(normalize(changed({}), { channelIds: ['another'] })).toEqual([]);
    expect(normalize(changed({}), { channelIds: ['another', 'ZchannelSuport_1'] })).toHaveLength(1);
    expect(normalize(fixture('group') as unknown as Json, { groups: false })).toEqual([]);
  });

  it('of a chat that goes on begin another conversation where ops say so', () => {
    const types = (more: object) => normalize(fixture('reopened') as unknown as Json, more).map(({ type }) => type);
    expect(types({ reopens: 'same' })).toEqual(['reopened', 'message']);
    expect(types({ reopens: 'new' })).toEqual(['message']);
  });

  it.each(['Delivered', 'Read', 'Undelivered', 'Error'])('never give a receipt of a customer’s or an internal message: %s', (MessageState) => {
    expect(normalize(changed({ MessageState })).map(({ type }) => type)).toEqual(['message']);
    expect(normalize(changed({ MessageState, Source: 'Member', IsPrivate: true })).map(({ type }) => type)).toEqual(['message']);
    expect(normalize(changed({ MessageState, Source: 'Bot' })).map(({ type }) => type)).toEqual(['message', 'receipt']);
  });

  it('keep their order within one millisecond', () => {
    const order = (EventAtUTC: string) => normalize(changed({ EventAtUTC })).map((event) => event.order)[0];
    expect(order('2026-11-19T11:06:55.5001239Z')).toBe('1239');
    expect(order('2026-11-19T11:06:55.500124Z')).toBe('1240');
    expect(order('2026-11-19T11:06:55Z')).toBe('0000');
  });

  it('of uTalk without a time zone are in UTC', () => {
    expect(normalize(changed({ EventAtUTC: '2026-11-19T11:06:55' }))[0]?.at).toBe(Date.parse('2026-11-19T11:06:55Z'));
  });

  it.each(['5511930001004', ' +5511930001004'])('bring the number %j in E.164', (PhoneNumber) => {
    const Contact = { ...(fixture('text').Payload.Content.Contact as { [name: string]: Json }), PhoneNumber };
    expect(JSON.stringify(normalize(changed({}, { Contact })))).toContain('"+5511930001004"');
  });

  it('keep every word', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }).filter((text) => !text.includes('\0')),
        (Content) => {
          expect(normalize(changed({ Content }))).toMatchObject([{ text: Content }]);
        },
      ),
    );
  });

  it('are understood or kept, whatever stands in them', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          fc.jsonValue().map((value) => changed({ File: value as Json, Location: value as Json, Contacts: value as Json })),
          fc.jsonValue().map((value) => changed({ LatestEdit: value as Json, InReplyTo: value as Json, ForwardedFrom: value as Json })),
          fc.jsonValue().map((value) => changed({}, { Contact: value as Json })),
          fc.jsonValue().map((value) => changed({}, { ClosedAtUTC: value as Json, RedactReason: value as Json })),
        ),
        (payload) => {
          try {
            const events = normalize(payload as Json);
            expect(JSON.parse(JSON.stringify(events))).toEqual(events);
          } catch (error) {
            expect(error).toBeInstanceOf(UnknownPayload);
          }
        },
      ),
    );
  });
});

describe('the README', () => {
  it('has a row for every setting', () => {
    const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8');
    for (const name of Object.keys(settings.shape)) expect(readme, name).toContain(`| \`${name}\` |`);
  });
});
