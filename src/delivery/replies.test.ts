import { v7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { messageRow, openPlace, type Place, scriptedChannel } from '../../test/support/deliveries.ts';
import { timedOut } from '../../test/support/helpdesk.ts';
import type { PublicMessage, ReplyContext } from '../kit/index.ts';
import { createActions } from './actions.ts';
import { createInProcessDispatch } from './dispatch/in-process.ts';
import { queueReply } from './replies.ts';

let place: Place;
beforeEach(async () => {
  place = await openPlace();
});
afterEach(() => place.close());

async function reply(kind: 'public' | 'internal' = 'public') {
  const conversation = await place.conversation();
  await place.store.write((tx) =>
    tx
      .insertInto('identities')
      .values([
        { id: v7(), contact_id: place.contact, kind: 'email', value: 'maria@gym.example', scope: '', verified: 1, seen_at: 5 },
        { id: v7(), contact_id: place.contact, kind: 'account', value: 'maria', scope: 'chat', verified: 0, seen_at: 1 },
      ])
      .onConflict((conflict) => conflict.doNothing())
      .execute(),
  );
  const [message, delivery] = [v7(), v7()];
  await place.store.write(async (tx) => {
    const row = messageRow({ id: message, conversation: conversation.id, channel: 'chat', contact: place.contact, at: place.clock.now() + 1 });
    await tx
      .insertInto('messages')
      .values({ ...row, external_id: null, direction: 'out', kind, author_role: 'agent', author_name: 'Ana', text: 'Já olhamos', sending: 'queued' })
      .execute();
    await queueReply(tx, { delivery, message: { id: message, kind: 'public' }, conversation, now: place.clock.now() });
  });
  return { message, delivery, conversation };
}

const sendingOf = async (id: string) =>
  place.store.read.selectFrom('messages').select(['sending', 'external_id']).where('id', '=', id).executeTakeFirstOrThrow();

const actor = { kind: 'agent' as const, id: 'ana' };
const actions = () =>
  createActions({
    store: place.store,
    group: place.group,
    dispatch: createInProcessDispatch({ now: place.clock.now, pollMs: 60_000 }),
    helpdesks: new Map(),
    now: place.clock.now,
    id: () => v7(),
    meaning: () => undefined,
  });

describe('a reply', () => {
  it('is sent once, with where it goes, and keeps the id that the vendor gave it', async () => {
    const sent: { reply: PublicMessage; to: ReplyContext }[] = [];
    const channel = scriptedChannel((reply, to, step) =>
      step('send', {
        body: () => reply.text,
        send: async () => {
          sent.push({ reply, to });
          return { externalId: 'wa-1' };
        },
      }),
    );
    const { message, conversation } = await reply();
    const engine = place.engine({ channels: { chat: channel } });
    await engine.start();
    await engine.idle();
    expect(await sendingOf(message)).toEqual({ sending: 'sent', external_id: 'wa-1' });
    expect(sent).toHaveLength(1);
    expect(sent[0]?.reply).toEqual({ kind: 'public', text: 'Já olhamos', files: [] });
    expect(sent[0]?.to).toMatchObject({ message, agent: 'Ana', replyToken: conversation.id, earlier: [`x-${conversation.message}`] });
    expect(sent[0]?.to.to.map(({ value }) => value)).toEqual(['maria', 'maria@gym.example']);
  });

  it('that may have arrived is never sent again by us: a person is asked, and only their word sends it', async () => {
    let sends = 0;
    const channel = scriptedChannel((_reply, _to, step) =>
      step('send', {
        body: () => null,
        send: async () => {
          sends += 1;
          if (sends === 1) throw timedOut();
          return { externalId: 'wa-2' };
        },
      }),
    );
    const { message, delivery } = await reply();
    const engine = place.engine({ channels: { chat: channel } });
    await engine.start();
    for (let hour = 0; hour < 80; hour += 1) {
      await engine.idle();
      place.clock.advance(3_600_000);
    }
    expect(sends).toBe(1);
    expect(await place.delivery(delivery)).toMatchObject({ state: 'parked' });
    expect(await sendingOf(message)).toMatchObject({ sending: 'unclear' });
    expect(await actions().retry(delivery, actor)).toBe('ok');
    await engine.idle();
    expect(sends).toBe(1);
    expect(await actions().resend(message, actor)).toBe('ok');
    expect(await sendingOf(message)).toMatchObject({ sending: 'queued' });
    await engine.idle();
    expect(sends).toBe(2);
    expect(await sendingOf(message)).toEqual({ sending: 'sent', external_id: 'wa-2' });
    expect(await actions().resend(message, actor)).toBe('not-now');
  });

  it('that was seen to have arrived is sent no more', async () => {
    const channel = scriptedChannel((_reply, _to, step) =>
      step('send', {
        body: () => null,
        send: async () => {
          throw timedOut();
        },
      }),
    );
    const { message, delivery } = await reply();
    const engine = place.engine({ channels: { chat: channel } });
    await engine.start();
    await engine.idle();
    place.clock.advance(2_000);
    await engine.idle();
    expect(await actions().arrived(delivery, actor)).toBe('ok');
    expect(await sendingOf(message)).toEqual({ sending: 'sent', external_id: null });
    expect(await place.delivery(delivery)).toMatchObject({ state: 'done' });
  });

  it('stands there once although the vendor echoed it before it answered', async () => {
    const { message, conversation } = await reply();
    const before = await place.store.read.selectFrom('messages').select('id').execute();
    const channel = scriptedChannel((_reply, _to, step) =>
      step('send', {
        body: () => null,
        send: async () => {
          const echo = messageRow({ id: v7(), conversation: conversation.id, channel: 'chat', contact: place.contact, at: 9 });
          await place.store.write((tx) =>
            tx
              .insertInto('messages')
              .values({ ...echo, external_id: 'wa-3', direction: 'out' })
              .execute(),
          );
          return { externalId: 'wa-3' };
        },
      }),
    );
    const engine = place.engine({ channels: { chat: channel } });
    await engine.start();
    await engine.idle();
    expect(await sendingOf(message)).toEqual({ sending: 'sent', external_id: 'wa-3' });
    expect(await place.store.read.selectFrom('messages').select('id').execute()).toEqual(before);
  });

  it('is never an internal note: not when it is queued, and not when a row says so', async () => {
    let sends = 0;
    const channel = scriptedChannel(async () => {
      sends += 1;
      return { externalId: '1' };
    });
    const { message, delivery, conversation } = await reply('internal');
    const engine = place.engine({ channels: { chat: channel } });
    await engine.start();
    await engine.idle();
    expect(sends).toBe(0);
    expect(await place.delivery(delivery)).toMatchObject({ state: 'parked' });
    expect(await sendingOf(message)).toMatchObject({ sending: 'failed' });
    const note = { id: message, kind: 'internal' } as unknown as { id: string; kind: 'public' };
    await expect(place.store.write((tx) => queueReply(tx, { delivery: v7(), message: note, conversation, now: 0 }))).rejects.toThrow('internal');
  });
});
