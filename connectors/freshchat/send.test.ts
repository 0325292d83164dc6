import { afterEach, describe, expect, it } from 'vitest';
import type { InternalText, PublicMessage, ReplyContext, Step } from '../../src/kit/index.ts';
import { memoryBlobs, memoryJournal, testStep } from '../../test/support/context.ts';
import { say } from './simulator/state.ts';
import { type TestAccount, testAccount } from './test-account.ts';

const maria = { id: 'maria', name: 'Maria Souza' };
const blobs = memoryBlobs();
const journal = () => memoryJournal();

const open: TestAccount[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

interface Chat extends TestAccount {
  readonly to: ReplyContext;
  /** A step over a journal that outlives attempts. */
  step(over?: ReturnType<typeof memoryJournal>): Step;
  shown(): readonly { text: string; files: readonly string[] }[];
}

async function chat(options: Parameters<typeof testAccount>[0] = {}): Promise<Chat> {
  const at = await testAccount({ ...options, context: { blobs, ...options.context } });
  open.push(at);
  await at.account.write({ conversation: 'c', person: maria, text: 'oi' });
  await at.account.settled();
  const thread = at.events[0]?.thread ?? '';
  return {
    ...at,
    to: { message: 'msg-1', thread, replyToken: 'r', subject: undefined, to: [], earlier: [], agent: 'Ana Lima' },
    step: (over = journal()) => testStep(over, at.clock.now),
    shown: () =>
      at.account
        .shown('c', maria)
        .filter(({ from }) => from === 'business')
        .map(({ text, files }) => ({ text, files: files.map(({ name, bytes }) => `${name}: ${bytes}`) })),
  };
}
const reply = (text: string, files: PublicMessage['files'] = []): PublicMessage => ({ kind: 'public', text, files });
const note = (text: string): InternalText => ({ kind: 'internal', blocks: [{ type: 'paragraph', text }] });
const file = async (name: string, mime: string, text: string) => ({ ...(await blobs.put(Buffer.from(text))), name, mime });
const authors = ({ account }: Chat) =>
  account
    .conversation('c', maria)
    .messages.filter(({ source }) => source === 'api')
    .map(({ actorId }) => account.state.agents.find(({ id }) => id === actorId)?.name);

describe('a reply', () => {
  it('goes out in the name of the agent who wrote it, and resolves with the id that its webhook has', async () => {
    const at = await chat();
    const { externalId } = await at.channel.send(reply('O técnico chega às 15h.'), at.to, at.step());
    await at.account.settled();
    expect(at.shown()).toEqual([{ text: 'O técnico chega às 15h.', files: [] }]);
    expect(authors(at)).toEqual(['Ana Lima']);
    expect(at.events.at(-1)).toMatchObject({ type: 'message', id: externalId, from: { role: 'agent' } });
  });

  it.each([
    ['nobody has the name', 'Zé', {}],
    ['two have it', 'Bia Sá', {}],
    ['ops want one for all', 'Ana Lima', { sendAs: 'actor' }],
  ])('goes out as the configured agent where %s', async (_why, agent, settings) => {
    const at = await chat({ settings });
    for (const id of ['b1', 'b2']) at.account.state.agents.push({ id, name: 'Bia Sá', email: `${id}@suporte.example`, deactivated: false });
    await at.channel.send(reply('oi'), { ...at.to, agent }, at.step());
    expect(authors(at)).toEqual(['Deskbridge']);
  });

  it('has its pictures and files below its last words, uploaded first', async () => {
    const at = await chat({ settings: { splitAt: 100 } });
    const files = [await file('foto.png', 'image/png', 'pixels'), await file('guia.pdf', 'application/pdf', 'páginas')];
    await at.channel.send(reply(`${'a'.repeat(90)}\n\n${'b'.repeat(90)}`, files), at.to, at.step());
    expect(at.shown()).toEqual([
      { text: 'a'.repeat(90), files: [] },
      { text: 'b'.repeat(90), files: ['foto.png: pixels', 'guia.pdf: páginas'] },
    ]);
  });

  it('may be a file alone, and is refused when it is nothing', async () => {
    const at = await chat();
    await at.channel.send(reply('', [await file('guia.pdf', 'application/pdf', 'x')]), at.to, at.step());
    expect(at.shown()).toEqual([{ text: '', files: ['guia.pdf: x'] }]);
    await expect(at.channel.send(reply(' '), { ...at.to, message: 'm2' }, at.step())).rejects.toMatchObject({ code: 'refused' });
  });

  it('to a mail is a part of mail', async () => {
    const at = await chat();
    const conversation = at.account.conversation('c', maria);
    say(at.account.state, conversation, at.clock.now(), {
      actor: 'user',
      actorId: conversation.user,
      type: 'normal',
      parts: [{ email: { subject: 'Boleto', content: '<p>segue</p>' } }],
    });
    await at.account.settled();
    await at.channel.send(reply('Recebido.'), at.to, at.step());
    expect(conversation.messages.at(-1)?.parts).toEqual([{ email: { subject: 'Boleto', content: 'Recebido.' } }]);
  });

  it('to a conversation that is gone is refused for good', async () => {
    const at = await chat();
    await expect(at.channel.send(reply('oi'), { ...at.to, thread: 'nowhere/A' }, at.step())).rejects.toMatchObject({
      code: 'not-found',
      retry: 'never',
      effect: 'none',
    });
  });
});

describe('a reply whose answer was lost', () => {
  const lost = { kind: 'reset', when: 'after' } as const;
  const never = { kind: 'reset', when: 'before' } as const;
  const messages = { method: 'POST', path: /\/messages$/ } as const;
  async function struck(at: Chat, fault: typeof lost | typeof never, message = reply('uma vez só')) {
    const over = journal();
    at.account.dials.set(fault, messages);
    await expect(at.channel.send(message, at.to, at.step(over))).rejects.toMatchObject({ effect: 'unclear' });
    return async () => {
      at.clock.advance(30_000);
      return at.channel.send(message, at.to, at.step(over));
    };
  }

  it('is known by its webhook, without a look', async () => {
    const at = await chat();
    const again = await struck(at, lost);
    await at.account.settled();
    const looks = at.account.dials.calls.length;
    await again();
    expect(at.shown()).toHaveLength(1);
    expect(at.account.dials.calls.length).toBe(looks);
  });

  it('is found among the messages where its webhook was lost too', async () => {
    const at = await chat();
    at.account.webhooks.chance('lose', 1);
    const { externalId } = await (await struck(at, lost))();
    expect(at.shown()).toHaveLength(1);
    expect(at.account.shown('c', maria).at(-1)?.id).toBe(externalId);
  });

  it('goes again where it never arrived, though a colleague wrote the same words in the screen of Freshchat, or we did long ago', async () => {
    const at = await chat();
    await at.channel.send(reply('uma vez só'), { ...at.to, message: 'earlier' }, at.step());
    at.clock.advance(3_600_000);
    const again = await struck(at, never);
    await at.account.write({ conversation: 'c', person: maria, agent: 'Ana Lima', text: 'uma vez só' });
    await at.account.settled();
    await again();
    expect(authors(at)).toEqual(['Ana Lima', 'Ana Lima']);
    expect(at.shown()).toHaveLength(3);
  });

  it('is given to a person where nothing proves it: two alike, or a picture', async () => {
    const at = await chat();
    at.account.webhooks.chance('lose', 1);
    const twice = await struck(at, lost);
    const conversation = at.account.conversation('c', maria);
    const [ours] = conversation.messages.filter(({ source }) => source === 'api');
    if (ours) conversation.messages.push({ ...ours, id: 'another' });
    await expect(twice()).rejects.toMatchObject({ code: 'unclear' });

    const other = await chat();
    other.account.webhooks.chance('lose', 1);
    const picture = await struck(other, lost, reply('', [await file('foto.png', 'image/png', 'pixels')]));
    await expect(picture()).rejects.toMatchObject({ code: 'unclear' });
    expect(other.shown()).toHaveLength(1);
  });

  it('is not looked for before a look can be trusted', async () => {
    const at = await chat({ settings: { settleSeconds: 60 } });
    at.account.webhooks.chance('lose', 1);
    await expect((await struck(at, lost))()).rejects.toMatchObject({ code: 'unavailable', retry: { afterMs: 30_000 } });
  });
});

describe('a note', () => {
  it('is private: agents see it, the customer does not, and it opens nothing when it comes back', async () => {
    const at = await chat();
    await at.channel.note?.(note('cliente difícil'), at.to, at.step());
    await at.account.settled();
    expect(at.account.notes('c', maria)).toEqual(['cliente difícil']);
    expect(at.shown()).toEqual([]);
    expect(at.events.at(-1)).toMatchObject({ type: 'message', kind: 'internal' });
  });
});

describe('a filed closing', () => {
  const tickets = ['4711', '4712'].map((number) => ({ helpdesk: 'fd', id: number, number, url: `https://desk.example/${number}` }));

  it('leaves a private note with links on the ended chat, and the numbers in the property, each once', async () => {
    const at = await chat({ settings: { ticketProperty: 'cf_ticket_id' } });
    const over = journal();
    await at.channel.end?.(at.to, at.step());
    at.account.dials.set({ kind: 'error', when: 'after', status: 502 }, { method: 'PUT' });
    const told = note('Chamados: #4711 https://desk.example/4711');
    await expect(at.channel.filed?.(tickets, told, at.to, at.step(over))).rejects.toMatchObject({ code: 'unavailable' });
    await at.channel.filed?.(tickets, told, at.to, at.step(over));
    expect(at.account.notes('c', maria)).toEqual(['Chamados: #4711 https://desk.example/4711\n\n#4712 https://desk.example/4712']);
    expect(at.account.conversation('c', maria).properties).toEqual({ cf_ticket_id: '4711, 4712' });
    await at.account.settled();
    expect(at.events.filter(({ type }) => type === 'reopened')).toEqual([]);
  });

  it('writes no property unless ops chose one, and names the one that is not there', async () => {
    const at = await chat();
    await at.channel.filed?.(tickets, note('x'), at.to, at.step());
    expect(at.account.dials.calls.some(({ method }) => method === 'PUT')).toBe(false);
    const wrong = await chat({ settings: { ticketProperty: 'cf_nada' } });
    await expect(wrong.channel.filed?.(tickets, note('x'), wrong.to, wrong.step())).rejects.toThrow('cf_nada');
  });
});

describe('ending', () => {
  it('resolves the chat, and comes back as its end', async () => {
    const at = await chat();
    await at.channel.end?.(at.to, at.step());
    await at.account.settled();
    expect(at.account.conversation('c', maria).status).toBe('resolved');
    expect(at.events.at(-1)).toMatchObject({ type: 'ended', thread: at.to.thread });
  });
});
