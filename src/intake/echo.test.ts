import { v7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quiet } from '../../test/support/context.ts';
import { messageRow, openPlace, type Place, scriptedChannel } from '../../test/support/deliveries.ts';
import { timedOut } from '../../test/support/helpdesk.ts';
import { channelOf, said } from '../../test/support/intake.ts';
import { type ChannelWork, channelRow } from '../delivery/replies.ts';
import { placeholderThread } from '../delivery/started.ts';
import { type Channel, fetchedByUs, type MessageEvent } from '../kit/index.ts';
import { createIntake, type Intake } from './intake.ts';

let place: Place;
let intake: Intake;
beforeEach(async () => {
  place = await openPlace();
  intake = createIntake({ store: place.store, now: place.clock.now, id: () => v7(), log: quiet });
});
afterEach(() => place.close());

const thread = 'chat-7';
const text = 'O técnico chega às 15h.';
const colleague = { role: 'agent', id: 'vendor-agent', name: 'Bia', identities: [] } as const;

/** What the vendor tells of a message of the business. */
const echo = (id: string, words: string, more: Partial<MessageEvent> = {}) =>
  intake.accept({
    channel: channelOf('chat'),
    proof: fetchedByUs(),
    payload: said(thread, id, words, { from: colleague, at: place.clock.now(), ...more }),
  });

async function queued(words: string, work: ChannelWork = { kind: 'send' }, files: readonly string[] = [], key = thread) {
  const conversation = await place.conversation({ thread: key });
  const message = v7();
  const row = messageRow({ id: message, conversation: conversation.id, channel: 'chat', contact: place.contact, at: place.clock.now() });
  const delivery = channelRow(work, { id: v7(), conversation, now: 0, due: 0, ...(work.kind === 'note' ? {} : { message }) });
  await place.store.write(async (tx) => {
    await tx
      .insertInto('messages')
      .values({ ...row, external_id: null, direction: 'out', author_role: 'agent', author_name: 'Ana', text: words, sending: 'queued' })
      .execute();
    for (const [index, name] of files.entries())
      await tx
        .insertInto('attachments')
        .values({
          ...{ id: v7(), message_id: message, media_id: String(index), name, mime: 'image/png', size: 3, sha256: 'a'.repeat(64), state: 'stored' },
          ...{ ref: '{}', decoration: 0, attempts: 0, next_at: 0 },
        })
        .execute();
    await tx.insertInto('deliveries').values(delivery).execute();
  });
  return { message, conversation, delivery: delivery.id };
}

const run = async (channel: Channel): Promise<void> => {
  const engine = place.engine({ channels: { chat: channel } });
  await engine.start();
  await engine.idle();
};

/** Until the attempts are over and a person is asked. */
const runToTheEnd = async (channel: Channel): Promise<void> => {
  const engine = place.engine({ channels: { chat: channel } });
  await engine.start();
  await engine.idle();
  place.clock.advance(60_000);
  await engine.idle();
};

const sending = (...steps: readonly { body: string | { sha256: string }; id: string; meanwhile?: () => Promise<unknown>; lost?: boolean }[]): Channel =>
  scriptedChannel(async (_reply, _to, step) => {
    for (const [index, { body, id, meanwhile, lost }] of steps.entries())
      await step(`piece-${index}`, {
        body: () => body,
        send: async () => {
          await meanwhile?.();
          if (lost) throw timedOut();
          return { id };
        },
      });
    return { externalId: steps[0]?.id ?? '' };
  });

/** Of the business, beside the message that the customer began with. */
const ours = () =>
  place.store.read
    .selectFrom('messages')
    .select(['id', 'text', 'external_id', 'sending', 'kind', 'author_name'])
    .where('direction', '=', 'out')
    .orderBy('id')
    .execute();

describe('the echo of our own message', () => {
  it('is that message although it overtakes the answer, also while nobody knows yet, and however often it comes', async () => {
    const { message } = await queued(text);
    const meanwhile = async () => {
      await echo('v-1', ` ${text}\n`);
      expect(await ours()).toHaveLength(1);
    };
    await run(sending({ body: text, id: 'v-1', meanwhile }));
    await echo('v-1', text);
    expect(await ours()).toEqual([{ id: message, text, external_id: 'v-1', sending: 'sent', kind: 'public', author_name: 'Ana' }]);
  });

  it('is that message in all its pieces, before and after their answers', async () => {
    const { message } = await queued('parte um\n\nparte dois', { kind: 'send' }, ['foto.png']);
    const file = { text: '', media: [{ id: 'f', name: 'imagem' }] };
    await run(
      sending(
        { body: 'parte um', id: 'v-1' },
        { body: 'parte dois', id: 'v-2', meanwhile: () => echo('v-2', 'parte dois') },
        { body: { sha256: 'a'.repeat(64) }, id: 'v-3', meanwhile: () => echo('v-3', '', file) },
      ),
    );
    for (const [id, words] of [
      ['v-1', 'parte um'],
      ['v-2', 'parte dois'],
    ] as const)
      await echo(id, words);
    await echo('v-3', '', file);
    expect((await ours()).map(({ id }) => id)).toEqual([message]);
  });

  it('gives way where its words were changed on the way, in every piece, once the answers name it', async () => {
    const { message } = await queued('parte um\n\nparte dois');
    await run(
      sending(
        { body: 'parte um', id: 'v-1', meanwhile: () => echo('v-1', 'Ana: parte um') },
        { body: 'parte dois', id: 'v-2', meanwhile: () => echo('v-2', 'Ana: parte dois') },
      ),
    );
    expect((await ours()).map(({ id, external_id }) => [id, external_id])).toEqual([[message, 'v-1']]);
  });

  it('answers the question whether it arrived, before it is asked', async () => {
    const { delivery } = await queued(text);
    await runToTheEnd(sending({ body: text, id: '', meanwhile: () => echo('v-1', text), lost: true }));
    expect(await ours()).toMatchObject([{ sending: 'sent', external_id: 'v-1' }]);
    expect(await place.delivery(delivery)).toMatchObject({ state: 'done' });
  });

  it('answers the question whether it arrived, after it was asked', async () => {
    const { delivery } = await queued(text);
    await runToTheEnd(sending({ body: text, id: '', lost: true }));
    expect(await ours()).toMatchObject([{ sending: 'unclear' }]);
    await echo('v-1', text);
    expect(await ours()).toMatchObject([{ sending: 'sent', external_id: 'v-1' }]);
    expect(await place.delivery(delivery)).toMatchObject({ state: 'done', error: null });
  });

  it('of a note on a conversation that has ended opens no new one', async () => {
    const note = { kind: 'internal', blocks: [{ type: 'paragraph', text: 'Chamado 7' }] } as const;
    const { conversation } = await queued('x', { kind: 'note', note });
    await place.store.write((tx) => tx.updateTable('conversations').set({ state: 'ended', ended_by: 'closing', ended_at: 1 }).execute());
    await run(
      scriptedChannel(async () => ({ externalId: '' }), {
        note: async (_note, _to, step) => void (await step('note', { body: () => ({ text: 'Chamado 7' }), send: async () => ({ id: 'n-1' }) })),
      }),
    );
    await echo('n-1', 'Chamado 7', { kind: 'internal' });
    expect(await place.store.read.selectFrom('conversations').select('id').execute()).toEqual([{ id: conversation.id }]);
  });

  it('of a first message opens no conversation although the thread is not known yet', async () => {
    const { conversation } = await queued(text, { kind: 'start', phone: '+5511987650001', name: null }, [], placeholderThread('+5511987650001'));
    await run(
      scriptedChannel(async () => ({ externalId: '' }), {
        start: async (_first, _to, step) => {
          const send = async () => {
            await echo('v-1', text);
            return { id: 'v-1' };
          };
          const { id } = await step('first', { body: () => ({ text }), send });
          expect(await place.store.read.selectFrom('conversations').select('id').execute()).toEqual([{ id: conversation.id }]);
          return { thread, externalId: id };
        },
      }),
    );
    expect(await ours()).toMatchObject([{ external_id: 'v-1', sending: 'sent' }]);
  });
});

describe('no echo', () => {
  it('is what a colleague writes with the same words when nothing of ours is under way', async () => {
    await queued(text);
    await run(sending({ body: text, id: 'v-1' }));
    await echo('v-2', text);
    expect((await ours()).map(({ external_id, author_name }) => [external_id, author_name])).toEqual([
      ['v-1', 'Ana'],
      ['v-2', 'Bia'],
    ]);
  });

  it('is what a colleague writes meanwhile with other words, or wrote long before', async () => {
    await queued(text);
    const meanwhile = async () => {
      await echo('v-2', 'Chega às 15h.');
      await echo('v-3', text, { at: place.clock.now() - 300_000 });
    };
    await run(sending({ body: text, id: 'v-1', meanwhile }));
    expect((await ours()).map(({ external_id }) => external_id)).toEqual(['v-1', 'v-2', 'v-3']);
  });

  it('is what a customer writes with the same words', async () => {
    await queued(text);
    const meanwhile = () => intake.accept({ channel: channelOf('chat'), proof: fetchedByUs(), payload: said(thread, 'c-1', text) });
    await run(sending({ body: text, id: 'v-1', meanwhile }));
    const rows = await place.store.read.selectFrom('messages').select('external_id').where('text', '=', text).orderBy('id').execute();
    expect(rows.map(({ external_id }) => external_id).sort()).toEqual(['c-1', 'v-1']);
  });

  it('is a reply of another conversation', async () => {
    await queued(text);
    const meanwhile = () => echo('v-2', text, { thread: 'another chat' });
    await run(sending({ body: text, id: 'v-1', meanwhile }));
    expect((await ours()).map(({ external_id }) => external_id)).toEqual(['v-1', 'v-2']);
  });
});
