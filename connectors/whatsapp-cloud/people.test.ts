import { describe, expect, it } from 'vitest';
import type { Channel, Json } from '../../src/kit/index.ts';
import { memoryRecords } from '../../test/support/context.ts';
import { createPeople } from './people.ts';
import { eventsOf, hook, makeChannel } from './test-account.ts';

const phone = '5511930001001';
type Who = { wa_id?: string; user_id?: string; parent_user_id?: string };
let count = 0;

const from = ({ wa_id, user_id, parent_user_id }: Who): Json =>
  hook({
    contacts: [{ ...(wa_id && { wa_id }), ...(user_id && { user_id }), ...(parent_user_id && { parent_user_id }) }],
    messages: [
      {
        ...(wa_id && { from: wa_id }),
        ...(user_id && { from_user_id: user_id }),
        id: `wamid.${++count}`,
        timestamp: '1763546400',
        type: 'text',
        text: { body: 'oi' },
      },
    ],
  });

async function threadsOf(channel: Channel, ...people: readonly Who[]): Promise<string[]> {
  const threads: string[] = [];
  for (const who of people) threads.push((await eventsOf(channel, from(who)))[0]?.thread ?? '');
  return threads;
}

const alone: Who = { wa_id: phone };
const both: Who = { wa_id: phone, user_id: 'BR.1' };
const hidden: Who = { user_id: 'BR.1' };

describe('one person', () => {
  it.each([
    ['a number, then a user id with it, then the user id alone', [alone, both, hidden, alone]],
    ['a user id alone, then a number with it, then the number alone', [hidden, both, alone]],
    ['both at once, then each alone', [both, alone, hidden]],
    [
      'a parent portfolio that is told later',
      [both, { ...both, parent_user_id: 'BR.ENT.9' }, { user_id: 'BR.1' }, { user_id: 'BR.2', parent_user_id: 'BR.ENT.9' }],
    ],
  ])('keeps one thread: %s', async (_what, people) => {
    expect(new Set(await threadsOf(makeChannel(), ...people)).size).toBe(1);
  });

  it('keeps it after a restart, and on another host', async () => {
    const records = memoryRecords();
    const [before] = await threadsOf(makeChannel({}, { records }), alone);
    const [after] = await threadsOf(makeChannel({}, { records }), both);
    const [elsewhere] = await threadsOf(makeChannel({}, { records }), hidden);
    expect([after, elsewhere]).toEqual([before, before]);
  });

  it('keeps it when the first webhooks come at the same moment', async () => {
    const channel = makeChannel();
    const events = await Promise.all([alone, both, hidden, both, alone].map((who) => eventsOf(channel, from(who))));
    const shared = events.filter((_, index) => index !== 2).map(([event]) => event?.thread);
    expect(new Set(shared).size).toBe(1);
  });

  it('keeps it when number and user id change, whatever comes next', async () => {
    const channel = makeChannel();
    const [before] = await threadsOf(channel, both);
    const system = { type: 'user_changed_user_id', wa_id: '5511950005005', user_id: 'BR.7', previous_user_id: 'BR.1' };
    await eventsOf(channel, hook({ messages: [{ from: phone, id: 'wamid.S', timestamp: '1763546400', type: 'system', system }] }));
    expect(await threadsOf(channel, { wa_id: '5511950005005' }, { user_id: 'BR.7' })).toEqual([before, before]);
  });

  it('is told by statuses and by what we write in the phone app in the same thread', async () => {
    const channel = makeChannel();
    const [thread] = await threadsOf(channel, both);
    const status = { id: 'wamid.X', status: 'read', timestamp: '1763546400', recipient_id: phone };
    const echo = { from: '15550783881', to: phone, id: 'wamid.Y', timestamp: '1763546400', type: 'text', text: { body: 'olá' } };
    expect(await eventsOf(channel, hook({ statuses: [status] }))).toMatchObject([{ type: 'receipt', thread }]);
    expect(await eventsOf(channel, hook({ message_echoes: [echo] }, 'smb_message_echoes'))).toMatchObject([
      { type: 'message', thread, from: { role: 'agent' } },
    ]);
  });
});

describe('two people', () => {
  it('have two threads although a number passed from one to the other', async () => {
    const [first, second, later] = await threadsOf(makeChannel(), both, { wa_id: phone, user_id: 'BR.other' }, alone);
    expect(second).not.toBe(first);
    expect(later, 'the number alone is the new owner').toBe(second);
  });

  it('on two numbers of ours never share one', async () => {
    const [here] = await threadsOf(makeChannel(), both);
    const there = JSON.parse(JSON.stringify(from(both)).replace('106540352242922', '222222')) as Json;
    expect((await eventsOf(makeChannel({ phoneNumberId: '222222' }), there))[0]?.thread).not.toBe(here);
  });
});

describe('the address of a person', () => {
  it.each([
    ['the number while it is shown', [both], { to: phone }],
    ['the user id once the number is hidden', [both, hidden], { recipient: 'BR.1' }],
    ['the number again', [hidden, both], { to: phone }],
    ['the own user id, not the parent’s', [{ user_id: 'BR.1', parent_user_id: 'BR.ENT.9' }], { recipient: 'BR.1' }],
  ])('is %s', async (_what, people, address) => {
    const records = memoryRecords();
    const [thread = ''] = await threadsOf(makeChannel({}, { records }), ...people);
    expect(await createPeople(records).addressOf(thread.slice(thread.indexOf(':') + 1))).toEqual(address);
  });

  it('of somebody who never wrote is their name itself', async () => {
    const people = createPeople(memoryRecords());
    expect(await people.addressOf(phone)).toEqual({ to: phone });
    expect(await people.addressOf('BR.1')).toEqual({ recipient: 'BR.1' });
  });
});
