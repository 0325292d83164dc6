import { expect, it } from 'vitest';
import { compareConversation, type HeldConversation, type HeldMessage } from './compare.ts';
import { playDay } from './play.ts';
import { type DayConversation, scriptDay } from './script.ts';

const can = { edit: true, remove: true, react: true, end: true, agents: true, files: true };
const person = { id: 'p1', name: 'Maria', phone: '+5511930000001', email: 'p1@gym.example' };
const conversation: DayConversation = {
  channel: 'shop',
  name: 'day-1',
  person,
  steps: [
    { do: 'write', key: 'k1', text: 'oi [k1]', files: [], agent: false },
    { do: 'write', key: 'k2', text: 'segue [k2]', files: [], agent: false },
    { do: 'reply', key: 'r1', text: 'já vamos [r1]' },
    { do: 'edit', of: 'k1', text: 'olá [k1]' },
    { do: 'end' },
  ],
};
const held = (text: string, more: Partial<HeldMessage> = {}): HeldMessage => ({
  conversation: 'c',
  text,
  deleted: false,
  files: [],
  reactions: 0,
  sending: 'received',
  ...more,
});
const good = [held('olá [k1]'), held('segue [k2]', { files: [{ name: 'a', sha256: 'f' }] }), held('já vamos [r1]', { sending: 'sent' })];
const judged = (messages: readonly HeldMessage[], more: Partial<HeldConversation> = {}, shown = 1) =>
  compareConversation({ conversation, files: new Map([['k2', ['f']]]), shown: new Map([['r1', shown]]) }, [{ id: 'c', state: 'ended', messages, ...more }]).map(
    ({ kind }) => kind,
  );

it('finds nothing in a day that went well', () => {
  expect(judged(good)).toEqual([]);
});

it.each<[string, string[], readonly HeldMessage[], Partial<HeldConversation>, number]>([
  ['a message that is not there', ['lost'], good.slice(0, 1).concat(good.slice(2)), {}, 1],
  ['a message that is there twice', ['doubled'], [...good, held('olá [k1]')], {}, 1],
  ['messages in another order', ['out of order'], [good[1] ?? held(''), good[0] ?? held(''), good[2] ?? held('')], {}, 1],
  ['an edit that did not come', ['lost'], [held('oi [k1]'), ...good.slice(1)], {}, 1],
  ['a file that is not whole', ['lost'], [good[0] ?? held(''), held('segue [k2]'), good[2] ?? held('')], {}, 1],
  ['a reply that the customer saw twice', ['doubled', 'doubled'], good, {}, 2],
  ['a reply that the customer never saw', ['lost'], good, {}, 0],
  ['an end that did not come', ['lost'], good, { state: 'open' }, 1],
])('finds %s', (_what, kinds, messages, more, shown) => {
  expect(judged(messages, more, shown)).toEqual(kinds);
});

it('asks no question of a reply that a person is asked about', () => {
  expect(judged([...good.slice(0, 2), held('já vamos [r1]', { sending: 'unclear' })], {}, 0)).toEqual([]);
});

it('finds a conversation that came apart', () => {
  const parts = [
    { id: 'a', state: 'ended' as const, messages: good.slice(0, 1) },
    { id: 'b', state: 'ended' as const, messages: good.slice(1) },
  ];
  expect(compareConversation({ conversation, files: new Map([['k2', ['f']]]), shown: new Map([['r1', 1]]) }, parts).map(({ kind }) => kind)).toEqual(['wrong']);
});

it('writes the same day for the same seed, and every step of it is played', () => {
  const options = {
    seed: 7,
    count: 30,
    channels: new Map([
      ['a', can],
      ['b', { ...can, end: false }],
    ]),
  };
  const day = scriptDay(options);
  expect(scriptDay(options)).toEqual(day);
  expect(scriptDay({ ...options, seed: 8 }).order).not.toEqual(day.order);
  const played = day.conversations.map((_one, index) => day.order.filter((turn) => turn === index).length);
  expect(played).toEqual(day.conversations.map(({ steps }) => steps.length));
});

it('plays a short day on every vendor that can be simulated: every message once, in order, files whole', { timeout: 240_000 }, async () => {
  const report = await playDay({ seed: 1, conversations: 36, outages: 1 });
  expect(report.findings).toEqual([]);
  expect(report.channels.every(({ conversations }) => conversations > 0)).toBe(true);
});
