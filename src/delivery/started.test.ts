import { v7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { messageRow, noteOperation, openPlace, type Place, scriptedChannel } from '../../test/support/deliveries.ts';
import { scriptedHelpdesk, timedOut } from '../../test/support/helpdesk.ts';
import type { Channel, FirstContact, PublicMessage, ReplyContext, TicketRef } from '../kit/index.ts';
import { type ChannelWork, channelRow } from './replies.ts';
import { placeholderThread } from './started.ts';

let place: Place;
beforeEach(async () => {
  place = await openPlace();
});
afterEach(() => place.close());

const phone = '+5511987650001';
const never: Channel['send'] = async () => {
  throw new Error('nothing is sent here');
};

async function queue(work: ChannelWork, conversation: { id: string; channel: string }, message?: string): Promise<string> {
  const id = v7();
  const now = place.clock.now();
  const row = channelRow(work, { id, conversation, now, due: now, ...(message ? { message } : {}) });
  await place.store.write((tx) => tx.insertInto('deliveries').values(row).execute());
  return id;
}

async function outgoing(conversation: string, text: string): Promise<string> {
  const id = v7();
  const row = messageRow({ id, conversation, channel: 'chat', contact: place.contact, at: place.clock.now() });
  await place.store.write((tx) =>
    tx
      .insertInto('messages')
      .values({ ...row, external_id: null, direction: 'out', author_role: 'agent', author_name: 'Ana', text, sending: 'queued' })
      .execute(),
  );
  return id;
}

async function begun(template?: { id: string; values: string[] }) {
  const conversation = await place.conversation({ thread: placeholderThread(phone) });
  const message = await outgoing(conversation.id, 'Bom dia, o técnico pode ir quinta?');
  const delivery = await queue({ kind: 'start', phone, name: 'Ana', ...(template ? { template } : {}) }, conversation, message);
  return { conversation, message, delivery };
}

async function run(channel: Channel, more: Parameters<Place['engine']>[0] = {}) {
  const engine = place.engine({ channels: { chat: channel }, ...more });
  await engine.start();
  await engine.idle();
}

const conversationOf = (id: string) => place.store.read.selectFrom('conversations').selectAll().where('id', '=', id).executeTakeFirst();
const starts = (thread: string, sent: { first: PublicMessage; to: FirstContact }[] = [], meanwhile: () => Promise<unknown> = async () => undefined): Channel =>
  scriptedChannel(never, {
    start: (first, to, step) =>
      step('start', {
        body: () => null,
        send: async () => {
          sent.push({ first, to });
          await meanwhile();
          return { thread, externalId: 'out-1' };
        },
      }),
  });

describe('a conversation that we begin', () => {
  it('gets its thread from the vendor, and its message the vendor’s id', async () => {
    const sent: { first: PublicMessage; to: FirstContact }[] = [];
    const { conversation, message, delivery } = await begun({ id: 'visit', values: ['quinta'] });
    await run(starts('wa-551198', sent));
    expect(sent).toMatchObject([
      { first: { kind: 'public', template: { id: 'visit', values: ['quinta'] } }, to: { message, phone, name: 'Ana', agent: 'Ana' } },
    ]);
    expect(await conversationOf(conversation.id)).toMatchObject({ thread: 'wa-551198', state: 'open' });
    expect(await place.delivery(delivery)).toMatchObject({ state: 'done' });
    const row = await place.store.read.selectFrom('messages').selectAll().where('id', '=', message).executeTakeFirstOrThrow();
    expect(row).toMatchObject({ sending: 'sent', external_id: 'out-1' });
  });

  it('takes over what the answer opened by itself when that came first: messages, closings, tickets and deliveries', async () => {
    const { conversation } = await begun();
    let answered = { id: '', channel: '', message: '' };
    const waiting = v7();
    await run(
      starts('wa-551198', [], async () => {
        const contact = v7();
        await place.store.write((tx) => tx.insertInto('contacts').values({ id: contact, name: 'Marcelo', created_at: 0, erased_at: null }).execute());
        answered = await place.conversation({ thread: 'wa-551198' });
        await place.store.write((tx) => tx.updateTable('conversations').set({ contact_id: contact, unread: 2 }).where('id', '=', answered.id).execute());
        await queue({ kind: 'note', note: { kind: 'internal', blocks: [] } }, answered);
        await place.deliver({ id: waiting, operation: JSON.stringify(noteOperation(waiting, 'desk-a', '7')), kind: 'note', conversation_id: answered.id });
      }),
      { helpdesks: [] },
    );
    const joined = await conversationOf(conversation.id);
    expect(joined).toMatchObject({ thread: 'wa-551198', state: 'open', message_count: 2, unread: 3 });
    expect(await conversationOf(answered.id)).toBeUndefined();
    const people = await place.store.read
      .selectFrom('contacts')
      .select('name')
      .where('id', '=', joined?.contact_id ?? '')
      .execute();
    expect(people).toEqual([{ name: 'Marcelo' }]);
    const messages = await place.store.read.selectFrom('messages').select('conversation_id').where('channel', '=', 'chat').execute();
    expect(new Set(messages.map(({ conversation_id }) => conversation_id))).toEqual(new Set([conversation.id]));
    const deliveries = await place.store.read.selectFrom('deliveries').select(['conversation_id', 'lane', 'target_kind']).execute();
    expect(deliveries.every(({ conversation_id }) => conversation_id === conversation.id)).toBe(true);
    expect(deliveries.filter(({ target_kind }) => target_kind === 'channel').map(({ lane }) => lane)).toEqual(
      Array.from({ length: 2 }, () => `conversation:${conversation.id}`),
    );
  });

  it('whose message was echoed before the answer holds it once', async () => {
    const { conversation, message } = await begun();
    await run(
      starts('wa-551198', [], async () => {
        const echoed = await place.conversation({ thread: 'wa-551198' });
        await place.store.write((tx) =>
          tx.updateTable('messages').set({ external_id: 'out-1', direction: 'out', author_role: 'agent' }).where('conversation_id', '=', echoed.id).execute(),
        );
      }),
    );
    const messages = await place.store.read.selectFrom('messages').select(['id', 'external_id']).where('direction', '=', 'out').execute();
    expect(messages).toEqual([{ id: message, external_id: 'out-1' }]);
    expect(await conversationOf(conversation.id)).toMatchObject({ contact_id: place.contact, thread: 'wa-551198' });
  });

  it('that may have begun is asked of a person, and nothing else goes out in it until then', async () => {
    const { conversation, message, delivery } = await begun();
    const later = await queue({ kind: 'send' }, conversation, await outgoing(conversation.id, 'Tudo bem?'));
    const channel = scriptedChannel(never, { start: (_first, _to, step) => step('start', { body: () => null, send: () => Promise.reject(timedOut()) }) });
    const engine = place.engine({ channels: { chat: channel } });
    await engine.start();
    await engine.idle();
    place.clock.advance(3_600_000);
    await engine.idle();
    expect(await place.delivery(delivery)).toMatchObject({ state: 'parked' });
    expect(await place.store.read.selectFrom('messages').select('sending').where('id', '=', message).executeTakeFirst()).toEqual({ sending: 'unclear' });
    expect(await place.delivery(later)).toMatchObject({ state: 'parked', error: expect.stringContaining('has not been sent') });
  });

  it('is noted on its ticket once the message is out, and not before', async () => {
    const { conversation, delivery } = await begun();
    const desk = scriptedHelpdesk('desk-a');
    const note = v7();
    await place.deliver({
      id: note,
      operation: JSON.stringify(noteOperation(note, 'desk-a', '7')),
      kind: 'note',
      lane: 'desk-a:7',
      after: JSON.stringify([delivery]),
    });
    let noted = -1;
    await run(
      starts('t', [], async () => {
        noted = desk.effects.length;
      }),
      { helpdesks: [desk] },
    );
    expect(noted).toBe(0);
    expect(desk.effects).toHaveLength(1);
    expect(await conversationOf(conversation.id)).toMatchObject({ thread: 't' });
  });
});

describe('what a channel’s own agents are told', () => {
  const tickets: readonly TicketRef[] = [{ helpdesk: 'desk-a', id: '9', number: '4711', url: 'https://desk-a.example/9' }];
  const note = { kind: 'internal' as const, blocks: [{ type: 'tickets' as const, label: 'Ticket', tickets }] };

  it('goes by the channel’s own steps, with the conversation it belongs to', async () => {
    const told: { tickets?: readonly TicketRef[]; to: ReplyContext }[] = [];
    const tell = (one: (typeof told)[number]) => ({
      body: () => null,
      async send() {
        told.push(one);
        return null;
      },
    });
    const conversation = await place.conversation({ thread: 'room-7' });
    const [noted, filed] = [await queue({ kind: 'note', note }, conversation), await queue({ kind: 'filed', tickets, note }, conversation)];
    await run(
      scriptedChannel(never, {
        note: async (_note, to, step) => void (await step('note', tell({ to }))),
        filed: async (refs, _note, to, step) => void (await step('filed', tell({ tickets: refs, to }))),
      }),
    );
    expect(told).toMatchObject([{ to: { thread: 'room-7' } }, { tickets, to: { thread: 'room-7' } }]);
    for (const id of [noted, filed]) expect(await place.delivery(id)).toMatchObject({ state: 'done' });
  });

  it('is refused, and left to a person, where the channel has no such thing', async () => {
    const conversation = await place.conversation();
    const ids = [
      await queue({ kind: 'note', note }, conversation),
      await queue({ kind: 'filed', tickets, note }, conversation),
      await queue({ kind: 'start', phone, name: null }, conversation),
      await queue({ kind: 'end' }, conversation),
    ];
    await run(scriptedChannel(never));
    for (const id of ids) expect(await place.delivery(id)).toMatchObject({ state: 'parked', error: expect.stringContaining('this channel cannot') });
  });
});
