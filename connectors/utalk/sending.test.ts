/** Replies, notes, endings and first messages: each once, whatever the answers are. */
import { afterEach, describe, expect, it } from 'vitest';
import type { FirstContact, InternalText } from '../../src/kit/index.ts';
import { memoryJournal, testStep } from '../../test/support/context.ts';
import { spellings } from './first.ts';
import { createPace } from './pace.ts';
import { type Account, ana, openAccount, reply, towards } from './test-account.ts';

const open: Account[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
async function began(...options: Parameters<typeof openAccount>): Promise<Account> {
  const one = await openAccount(...options);
  open.push(one);
  await one.account.write({ conversation: 'c', person: ana, text: 'a catraca não libera' });
  return one;
}

const shown = ({ account }: Account) =>
  account
    .shown('c', ana)
    .filter(({ from }) => from === 'business')
    .map(({ text, files }) => [text, ...files.map(({ bytes }) => bytes.toString())]);
const notes = ({ account }: Account) => account.notes?.('c', ana);
const posts = /^\/api\/v1\/messages\/$/;
const told = (text: string): InternalText => ({ kind: 'internal', blocks: [{ type: 'paragraph', text }] });
const lost = { kind: 'reset', when: 'after' } as const;

describe('a reply', () => {
  it('goes into its chat with the agent’s name before it, and leaves the chat to whom it was given', async () => {
    const one = await began();
    const { externalId } = await one.channel.send(reply('Já olhamos'), towards(one), testStep());
    expect(one.account.state.messages.at(-1)).toMatchObject({ id: externalId, content: 'Já olhamos', prefix: '*Bia:*', isPrivate: false, source: 'Member' });
    expect(one.account.state.chats.at(-1)?.member).toBeNull();
  });

  it('has no name before it where ops want none', async () => {
    const one = await began({}, { prefix: '' });
    await one.channel.send(reply('Já olhamos'), towards(one), testStep());
    expect(one.account.state.messages.at(-1)?.prefix).toBeNull();
  });

  it('shows each text and file once, in order, by steps of stable names', async () => {
    const one = await began({}, { maxTextLength: 100 });
    const bytes = [Buffer.from('%PDF'), Buffer.from('JPEG')];
    const files = await Promise.all(
      bytes.map(async (data, index) => ({
        ...(await one.context.blobs.put(data)),
        name: index ? 'foto.jpg' : 'nota.pdf',
        mime: index ? 'image/jpeg' : 'application/pdf',
      })),
    );
    const journal = memoryJournal();
    const text = `${'a'.repeat(90)}\n\n${'b'.repeat(90)}`;
    await one.channel.send(reply(text, files), towards(one), testStep(journal));
    await one.channel.send(reply(text, files), towards(one), testStep(journal));
    expect(shown(one)).toEqual([['a'.repeat(90)], ['b'.repeat(90)], ['nota.pdf', '%PDF'], ['', 'JPEG']]);
    expect([...journal.records.keys()]).toEqual(['text-0', 'text-1', 'file-0', 'file-1']);
  });

  it('is found in the chat when its answer was lost, and goes again when it is not there', async () => {
    for (const when of ['after', 'before'] as const) {
      const one = await began();
      const journal = memoryJournal();
      one.account.dials.set({ kind: 'reset', when }, { path: posts });
      const send = () => one.channel.send(reply('uma vez'), towards(one), testStep(journal, one.clock.now));
      await expect(send()).rejects.toMatchObject({ code: 'unavailable', effect: 'unclear' });
      one.clock.advance(5000);
      const { externalId } = await send();
      expect(shown(one)).toEqual([['uma vez']]);
      expect(externalId).toBe(one.account.state.messages.at(-1)?.id);
    }
  });

  it('is not taken for an earlier one with the same words, nor for a colleague’s or a note', async () => {
    const one = await began();
    const first = await one.channel.send(reply('ok'), towards(one), testStep());
    await one.account.write({ conversation: 'c', person: ana, text: 'ok', agent: 'Colega' });
    one.account.writeNote('c', ana, 'ok');
    one.account.dials.set({ kind: 'reset', when: 'before' }, { path: posts });
    const journal = memoryJournal();
    const send = () => one.channel.send(reply('ok'), towards(one, [first.externalId]), testStep(journal, one.clock.now));
    await expect(send()).rejects.toMatchObject({ effect: 'unclear' });
    one.clock.advance(5000);
    const { externalId } = await send();
    expect(one.account.state.messages.filter(({ member }) => member === one.account.state.member).map(({ id }) => id)).toEqual([first.externalId, externalId]);
  });

  it('is for a person to judge where two could be it', async () => {
    const one = await began();
    await one.channel.send(reply('ok'), towards(one), testStep());
    one.account.dials.set(lost, { path: posts });
    const journal = memoryJournal();
    const send = () => one.channel.send(reply('ok'), towards(one), testStep(journal, one.clock.now));
    await expect(send()).rejects.toMatchObject({ effect: 'unclear' });
    one.clock.advance(5000);
    await expect(send()).rejects.toMatchObject({ code: 'unclear', retry: 'never' });
    expect(shown(one)).toHaveLength(2);
  });

  it('with a picture that uTalk has not described yet is for a person to judge', async () => {
    const one = await began();
    const file = { ...(await one.context.blobs.put(Buffer.from('JPEG'))), name: 'foto.jpg', mime: 'image/jpeg' };
    one.account.dials.set(lost, { path: posts });
    const journal = memoryJournal();
    const send = () => one.channel.send(reply('', [file]), towards(one), testStep(journal, one.clock.now));
    await expect(send()).rejects.toMatchObject({ effect: 'unclear' });
    one.clock.advance(5000);
    const { externalId } = await send();
    expect(externalId).toBe(one.account.state.messages.at(-1)?.id);
    expect(shown(one)).toHaveLength(1);
  });

  it('that cannot be sent is refused before anything is', async () => {
    const one = await began({}, { maxFileMegabytes: 1 });
    const large = { sha256: 'x', name: 'video.mp4', mime: 'video/mp4', size: 2 ** 20 + 1 };
    await expect(one.channel.send(reply('veja', [large]), towards(one), testStep())).rejects.toMatchObject({ code: 'too-large', retry: 'never' });
    await expect(one.channel.send(reply(' '), towards(one), testStep())).rejects.toMatchObject({ code: 'refused' });
    expect(shown(one)).toEqual([]);
  });
});

describe('what uTalk answers', () => {
  const answers = (status: number, body = '{"message":"words of uTalk"}', type = 'application/json') => ({ kind: 'answer', status, type, body }) as const;
  it.each([
    [401, 'unauthorized', 'none', 'never'],
    [403, 'forbidden', 'none', 'never'],
    [404, 'not-found', 'none', 'never'],
    [400, 'refused', 'none', 'never'],
    [422, 'refused', 'none', 'never'],
    [429, 'rate-limited', 'none', { afterMs: 5000 }],
    [500, 'unavailable', 'unclear', 'backoff'],
    [503, 'unavailable', 'unclear', 'backoff'],
  ] as const)('with %i is %s', async (status, code, effect, retry) => {
    const one = await began();
    one.account.dials.set(answers(status), { path: posts });
    const sent = one.channel.send(reply('oi'), towards(one), testStep());
    await expect(sent).rejects.toMatchObject({ code, effect, retry, message: 'uTalk: words of uTalk' });
  });

  it('in a shape that nobody knows is not understood, and may have had its effect', async () => {
    const one = await began();
    one.account.dials.set(answers(200, '<html>', 'text/html'), { path: posts });
    await expect(one.channel.send(reply('oi'), towards(one), testStep())).rejects.toMatchObject({ code: 'not-understood', effect: 'unclear' });
  });

  it('never shows the token', async () => {
    const one = await began();
    one.account.dials.set(answers(500, '{}'), { path: posts });
    const error = await one.channel.send(reply('oi'), towards(one), testStep()).catch((given: unknown) => given);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('utalk-simulator-token');
  });
});

describe('what is for the team', () => {
  it('is private at uTalk: notes, and word of tickets, each once', async () => {
    const one = await began();
    const journal = memoryJournal();
    one.account.dials.set(lost, { path: posts });
    const file = () => one.channel.filed?.([], told('Chamado 42: https://desk.example/42'), towards(one), testStep(journal, one.clock.now));
    await expect(file()).rejects.toMatchObject({ effect: 'unclear' });
    one.clock.advance(5000);
    await file();
    await one.channel.note?.(told('cliente pediu visita'), towards(one), testStep());
    expect(notes(one)).toEqual(['Chamado 42: https://desk.example/42', 'cliente pediu visita']);
    expect(shown(one)).toEqual([]);
  });

  it('cannot be handed public text by somebody who gets around the type', async () => {
    const one = await began();
    const forced = reply('oi') as unknown as InternalText;
    await expect((async () => one.channel.note?.(forced, towards(one), testStep()))()).rejects.toThrow(/internal/);
  });
});

describe('ending a chat', () => {
  it('closes it once, and leaves a closed one alone', async () => {
    const one = await began();
    const journal = memoryJournal();
    one.account.dials.set(lost, { method: 'PUT' });
    const end = () => one.channel.end?.(towards(one), testStep(journal, one.clock.now));
    await expect(end()).rejects.toMatchObject({ effect: 'unclear' });
    one.clock.advance(5000);
    await end();
    expect(one.account.state.chats.at(-1)).toMatchObject({ open: false });
    await one.channel.end?.(towards(one), testStep());
    expect(one.account.dials.calls.filter(({ method }) => method === 'PUT')).toHaveLength(1);
  });
});

const template = { id: 'Ztemplate_Visit1', values: ['Ana', '42'] };
const first = (phone = '+5511930009999'): FirstContact => ({ message: 'm-9', phone, name: 'Rogério', agent: 'Bia' });

describe('a first message', () => {
  it('finds or makes contact and chat before it is sent, so that its thread is known', async () => {
    const one = await began();
    const journal = memoryJournal();
    one.account.dials.set(lost, { path: posts });
    const start = () => one.channel.start?.(reply('Bom dia!'), first(), testStep(journal, one.clock.now));
    await expect(start()).rejects.toMatchObject({ effect: 'unclear' });
    one.clock.advance(5000);
    const started = await start();
    const chat = one.account.state.chats.at(-1);
    expect(started).toEqual({ thread: `${chat?.id}:${chat?.createdAt}`, externalId: one.account.state.messages.at(-1)?.id });
    expect(one.account.state.messages.filter(({ content }) => content === 'Bom dia!')).toHaveLength(1);
    expect(one.account.state.contacts.at(-1)).toMatchObject({ name: 'Rogério', phoneNumber: '+5511930009999' });
    expect([...journal.records.keys()]).toEqual(['contact', 'chat', 'text-0']);
  });

  it('goes to the contact that uTalk knows with or without the ninth digit', async () => {
    const one = await began();
    one.account.state.contacts.push(
      { id: 'Zold', name: 'Rogério', phoneNumber: '+551193000999', group: false },
      { id: 'Zshort', name: 'R', phoneNumber: '+551187654321', group: false },
    );
    await one.channel.start?.(reply('Bom dia!'), first('+5511987654321'), testStep());
    expect(one.account.state.chats.at(-1)?.contact).toBe('Zshort');
  });

  it.each([
    ['+5511987654321', ['+5511987654321', '+551187654321']],
    ['+551187654321', ['+551187654321', '+5511987654321']],
    ['+551133334444', ['+551133334444']],
    ['+4930123456', ['+4930123456']],
  ])('knows the spellings of %s', (phone, wanted) => {
    expect(spellings(phone)).toEqual(wanted);
  });

  it('is a template where the channel demands one, and the console can know that', async () => {
    const one = await began({ channelType: 'WhatsappCloudApi' });
    expect(one.channel.startNeedsTemplate).toBe(false);
    await one.channel.health();
    expect(one.channel.startNeedsTemplate).toBe(true);
    expect((await one.channel.templates?.())?.map(({ id, values }) => [id, values])).toEqual([
      ['Ztemplate_Visit1', 2],
      ['Ztemplate_Hello1', 0],
    ]);
    await expect(one.channel.start?.(reply('Bom dia!'), first(), testStep())).rejects.toMatchObject({ code: 'refused', field: 'template' });
    await one.channel.start?.({ ...reply('Olá Ana…'), template }, first(), testStep());
    expect(one.account.state.messages.at(-1)).toMatchObject({ content: 'Olá Ana, sobre o chamado 42: podemos falar?', templateId: template.id });
  });

  it('as a template is for a person to judge when its answer was lost', async () => {
    const one = await began({ channelType: 'WhatsappCloudApi' });
    one.account.dials.set(lost, { path: /template-messages/ });
    const journal = memoryJournal();
    const start = () => one.channel.start?.({ ...reply('Olá Ana…'), template }, first(), testStep(journal, one.clock.now));
    await expect(start()).rejects.toMatchObject({ effect: 'unclear' });
    one.clock.advance(5000);
    await expect(start()).rejects.toMatchObject({ code: 'unclear' });
    expect(one.account.state.messages.filter(({ templateId }) => templateId !== null)).toHaveLength(1);
  });

  it('by a template that is not listed, or with other values than it takes, is refused before anything is made', async () => {
    const one = await began();
    for (const use of [
      { id: 'other', values: [] },
      { ...template, values: ['Ana'] },
    ])
      await expect(one.channel.start?.({ ...reply('x'), template: use }, first(), testStep())).rejects.toMatchObject({ code: 'refused', field: 'template' });
    expect(one.account.state.contacts).toHaveLength(1);
  });

  it('needs to know the channel where there are several', async () => {
    const one = await began();
    one.account.state.channels.push({ id: 'Zsecond', name: 'Vendas', phoneNumber: '+5511940000002', channelType: 'WhatsappBroker', state: 'Live' });
    await expect(one.channel.start?.(reply('oi'), first(), testStep())).rejects.toMatchObject({ code: 'refused', field: 'startChannelId' });
  });
});

describe('health', () => {
  it('names the organization and its channels', async () => {
    const one = await began();
    expect(await one.channel.health()).toEqual({ detail: 'Suporte: Suporte' });
  });

  it.each([
    ['a wrong token', { token: 'wrong' }, 'unauthorized'],
    ['another organization', { organizationId: 'AnotherOrganiz_1' }, 'forbidden'],
    ['channels that are not there', { channelIds: ['Zother'] }, 'not-found'],
  ])('says so with %s', async (_what, more, code) => {
    const one = await began({}, more);
    await expect(one.channel.health()).rejects.toMatchObject({ code });
  });

  it('says so when no phone is connected', async () => {
    const one = await began();
    const [channel] = one.account.state.channels;
    if (channel) channel.state = 'Disconnected';
    await expect(one.channel.health()).rejects.toMatchObject({ code: 'unavailable', message: 'uTalk: no channel is connected: Suporte (Disconnected)' });
  });
});

describe('pacing', () => {
  it('lets 100 calls of a route leave within five seconds, in their order, and never one more', async () => {
    let at = 0;
    const left: number[] = [];
    const waits: number[] = [];
    const wait = async (ms: number) => {
      waits.push(ms);
      at += ms;
    };
    const pace = createPace({ now: () => at, calls: 100, wait });
    await Promise.all(
      Array.from({ length: 250 }, async () => {
        await pace('post /messages/');
        left.push(at);
      }),
    );
    await pace('get /chats/');
    expect(waits).toEqual([5000, 5000]);
    for (const [index, time] of left.entries()) expect(left.filter((other, place) => place <= index && other > time - 5000).length).toBeLessThanOrEqual(100);
  });
});
