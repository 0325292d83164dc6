/** Closing from Slack: shortcut, dialog, preview, filing; through Bolt, with signed requests, as a person at Slack's client would. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SimulatedPerson } from '../../src/kit/simulator.ts';
import { type Harness, type HarnessOptions, startHarness, ticket } from './harness.ts';
import type { Dialog } from './simulator/person.ts';

const maria: SimulatedPerson = { id: 'maria', name: 'Maria Souza', email: 'maria@corpovivo.example' };
const ana: SimulatedPerson = { id: 'ana', name: 'Ana Lima', email: 'ana@desk.example' };

let open: Harness | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

async function begin(options: HarnessOptions = {}, texts: readonly string[] = ['a catraca não libera', 'a impressora do totem parou', 'reiniciei e nada']) {
  const desk = await startHarness(options);
  open = desk;
  desk.closings.agents.set('ana@desk.example', { id: 'agent-ana', name: 'Ana Lima', locale: 'pt-BR' });
  const written: { id: string }[] = [];
  for (const text of texts) {
    desk.clock.advance(1000);
    written.push(await desk.slack.write({ conversation: 'c1', person: maria, text, at: desk.clock.now() }));
  }
  await desk.slack.settled();
  const [first] = written;
  const agent = desk.slack.person(ana);
  /** The dialog, once the form or a notice stands in it. */
  const dialog = async (is: (dialog: Dialog) => boolean = ({ button }) => button !== undefined): Promise<Dialog> =>
    vi.waitFor(() => {
      const found = agent.dialog();
      if (!found || !is(found)) throw new Error(`no such dialog: ${found?.text ?? 'none'}`);
      return found;
    });
  return { desk, agent, dialog, message: desk.slack.place(first?.id ?? ''), written };
}

const messageIds = (desk: Harness): string[] => desk.events.flatMap((event) => (event.type === 'message' ? [event.id] : []));

describe('the shortcut', () => {
  it('splits a conversation into two tickets, with the shared message in both', async () => {
    const { desk, agent, dialog, message } = await begin();
    await agent.shortcut(message);
    const form = await dialog();
    expect(form.title).toBe('Salvar como ticket');
    expect(form.text).toContain('3 mensagens para salvar');
    await form.fill('way', 'Tickets separados para dois assuntos');
    await vi.waitFor(() => expect(form.inputs).toContain('1:messages'));
    await form.fill('0:messages', ['Maria Souza: a catraca não libera', 'Maria Souza: reiniciei e nada']);
    await form.fill('0:title', 'Catraca não libera');
    await form.fill('0:summary', 'A catraca ficou travada.');
    await form.fill('0:status', 'Visita');
    await vi.waitFor(() => expect(form.inputs).toContain('0:date'));
    await form.fill('0:date', '2026-11-23');
    await form.fill('1:messages', ['Maria Souza: a impressora do totem parou', 'Maria Souza: reiniciei e nada']);
    await form.fill('1:title', 'Impressora do totem');
    await form.fill('1:status', 'Resolvido');
    expect(form.button).toBe('Ver o que acontece');
    expect(await form.submit()).toEqual({});

    expect(form.button).toBe('Salvar');
    expect(form.text).toContain('• New: Catraca não libera (2)\n• New: Impressora do totem (2)\n• The conversation ends');
    expect(desk.closings.filed.size).toBe(0);
    expect(await form.submit()).toEqual({});
    expect(agent.dialog()).toBeUndefined();

    const [turnstile, printer, both] = messageIds(desk);
    const [choice] = desk.closings.filed.values();
    expect(choice).toMatchObject({
      agent: 'agent-ana',
      ends: true,
      parts: [
        {
          title: 'Catraca não libera',
          summary: 'A catraca ficou travada.',
          messages: [turnstile, both],
          status: 'visit',
          date: '2026-11-23',
          target: { kind: 'new' },
        },
        { title: 'Impressora do totem', messages: [printer, both], status: 'solved', date: null, target: { kind: 'new' } },
      ],
    });
    expect(choice?.parts[0]?.key).not.toBe(choice?.parts[1]?.key);
  });

  it('adds to a ticket that was found by its number, and resolves it with the same button', async () => {
    const { desk, agent, dialog, message } = await begin({ form: { candidates: [ticket('41', 'Placa queimada')] } });
    await agent.shortcut(message);
    const form = await dialog();
    await form.fill('way', 'Acrescentar a um ticket');
    await vi.waitFor(() => expect(form.inputs).toContain('0:found'));
    expect(form.options('0:target')).toEqual(['#41 Placa queimada']);
    expect(await form.search('0:found', '77')).toEqual(['#77 found by 77']);
    await form.fill('0:found', '#77 found by 77');
    await form.fill('0:resolve', ['Resolver o ticket junto']);
    await form.fill('0:summary', 'Troquei a placa.');
    await form.submit();
    // The found ticket stays chosen over redraws.
    expect(form.value('0:found')).toBe('#77 found by 77');
    await form.submit();
    const [choice] = desk.closings.filed.values();
    expect(choice?.parts).toMatchObject([
      { target: { kind: 'append', helpdesk: 'desk', id: 'id-77', resolve: true }, summary: 'Troquei a placa.', messages: messageIds(desk) },
    ]);
  });

  it('files one ticket, to be agreed, and keeps the conversation open where that was said', async () => {
    const { desk, agent, dialog, message } = await begin({ form: { titles: ['Catraca não libera', 'Finger apagado'] } });
    await agent.shortcut(message);
    const form = await dialog();
    await form.fill('0:pick', 'Finger apagado');
    await form.fill('0:status', 'Visita');
    await vi.waitFor(() => expect(form.inputs).toContain('0:agreed'));
    await form.fill('0:agreed', ['A combinar']);
    await form.fill('0:impact', 'A academia parou');
    await form.fill('keepOpen', ['continua depois disto']);
    await form.submit();
    expect(form.text).toContain('The conversation goes on');
    await form.submit();
    const [choice] = desk.closings.filed.values();
    expect(choice).toMatchObject({ ends: false, parts: [{ title: 'Finger apagado', status: 'visit', date: 'to-be-agreed', impact: 'down' }] });
  });
});

describe('what is missing', () => {
  it('stands at its input, and nothing is filed', async () => {
    const { desk, agent, dialog, message } = await begin();
    desk.closings.missing = ({ parts }) =>
      parts.filter(({ summary }) => summary === '').map(({ key }) => ({ part: key, field: 'summary', message: 'Falta o resumo' }));
    await agent.shortcut(message);
    const form = await dialog();
    await form.fill('0:title', 'Catraca');
    expect(await form.submit()).toEqual({ '0:summary': 'Falta o resumo' });
    await form.fill('0:summary', 'Resolvido por telefone.');
    expect(await form.submit()).toEqual({});
    await form.submit();
    expect(desk.closings.filed.size).toBe(1);
  });

  it('brings up a field of the helpdesk that was not shown, and takes its value', async () => {
    const field = { name: 'cf_produto', label: 'Produto', type: 'choice', required: 'to-resolve', choices: [{ value: 'catraca', label: 'Catraca' }] } as const;
    const { desk, agent, dialog, message } = await begin({ form: { helpdesks: [{ name: 'desk', title: 'Desk', groups: [], fields: [field] }] } });
    desk.closings.missing = ({ parts }) =>
      parts.filter(({ fields }) => fields.cf_produto === undefined).map(({ key }) => ({ part: key, field: 'fields.cf_produto', message: 'Falta o produto' }));
    await agent.shortcut(message);
    const form = await dialog();
    expect(form.inputs).not.toContain('0:fields.cf_produto');
    await form.fill('0:title', 'Catraca');
    await form.submit();
    expect(form.text).toContain('Falta o produto');
    await form.fill('0:fields.cf_produto', 'Catraca');
    await form.submit();
    await form.submit();
    expect([...desk.closings.filed.values()][0]?.parts[0]?.fields).toEqual({ cf_produto: 'catraca' });
  });

  it('shows fields that are always required at once', async () => {
    const field = { name: 'cf_unidade', label: 'Unidade', type: 'text', required: 'always', choices: null } as const;
    const { agent, dialog, message } = await begin({ form: { helpdesks: [{ name: 'desk', title: 'Desk', groups: [], fields: [field] }] } });
    await agent.shortcut(message);
    expect((await dialog()).inputs).toContain('0:fields.cf_unidade');
  });
});

describe('filing', () => {
  it('shows what changed meanwhile and asks once more, with what came in between', async () => {
    const { desk, agent, dialog, message } = await begin();
    await agent.shortcut(message);
    const form = await dialog();
    await form.fill('0:title', 'Catraca');
    await form.submit();
    await desk.slack.write({ conversation: 'c1', person: maria, text: 'mais uma coisa', at: desk.clock.now() });
    await desk.slack.settled();
    await form.submit();
    expect(desk.closings.filed.size).toBe(0);
    expect(form.text).toContain('Algo mudou nesse meio-tempo');
    expect(form.text).toContain('New: Catraca (4)');
    await form.submit();
    expect([...desk.closings.filed.values()][0]?.parts[0]?.messages).toHaveLength(4);
  });

  it('files once what is submitted twice: a double click, or Slack that comes again', async () => {
    const { desk, agent, dialog, message } = await begin();
    await agent.shortcut(message);
    const form = await dialog();
    await form.fill('0:title', 'Catraca');
    await form.submit();
    const view = structuredClone(desk.slack.workspace.views.get(form.id));
    await form.submit();
    // The second click was on its way when the dialog closed.
    if (view) desk.slack.workspace.views.set(form.id, view);
    const again = agent.dialog();
    await again?.submit();
    expect(agent.dialog()).toBeUndefined();
    expect(desk.closings.filed.size).toBe(1);
  });

  it('answers Slack in time although a preview takes long, and shows it when it is there', async () => {
    const { desk, agent, dialog, message } = await begin();
    await agent.shortcut(message);
    const form = await dialog();
    await form.fill('0:title', 'Catraca');
    const gate = Promise.withResolvers<void>();
    desk.closings.beforePreview = () => gate.promise;
    await form.submit();
    expect(form.button).toBeUndefined();
    gate.resolve();
    await dialog(({ button }) => button === 'Salvar');
    expect(form.text).toContain('New: Catraca (3)');
  });

  it('tells the links to the agent who filed, and to nobody else', async () => {
    const { desk, agent, dialog, message } = await begin();
    await agent.shortcut(message);
    const form = await dialog();
    await form.fill('0:title', 'Catraca');
    await form.submit();
    await form.submit();
    const thread = [...desk.events].find((event) => event.type === 'message')?.thread ?? '';
    const { testStep } = await import('../../test/support/context.ts');
    const tickets = [{ helpdesk: 'desk', id: '1', number: '101', url: 'https://help.example/101' }];
    const to = { message: 'm1', thread, replyToken: '', subject: undefined, to: [], earlier: [], agent: 'Ana' };
    const note = { kind: 'internal', blocks: [{ type: 'paragraph', text: 'cliente difícil' }] } as const;
    await desk.channel.filed?.(tickets, note, to, testStep());
    expect(agent.whispers.map(({ text }) => text)).toEqual(['Filed as <https://help.example/101|#101>']);
    expect(desk.slack.shown('c1', maria)).toHaveLength(3);
  });
});

describe('who may file', () => {
  it.each([
    ['a colleague without an account here', {}, 'beto@desk.example is not an agent of Deskbridge'],
    ['somebody of another workspace with an agent’s address', { team: 'T0OTHER' }, 'Only members of this workspace can file'],
    ['a guest with an agent’s address', { guest: true }, 'Only members of this workspace can file'],
  ])('not %s, and is told so', async (_who, more, words) => {
    const { desk, message } = await begin();
    if (Object.keys(more).length > 0) desk.closings.agents.set('beto@desk.example', { id: 'agent-beto', name: 'Beto', locale: 'en' });
    desk.slack.workspace.user({ id: 'beto', name: 'Beto', email: 'beto@desk.example' }, more);
    const beto = desk.slack.person({ id: 'beto' });
    await beto.shortcut(message);
    await vi.waitFor(() => expect(beto.dialog()?.text).toContain(words));
    expect(beto.dialog()?.button).toBeUndefined();
  });
});

describe('where it begins', () => {
  it('reads a thread that nobody saw, in pages, before the form opens', async () => {
    const { desk, agent, dialog } = await begin({}, []);
    desk.slack.webhooks?.chance('lose', 1);
    const ids: string[] = [];
    for (let n = 0; n < 250; n += 1) {
      desk.clock.advance(1000);
      ids.push((await desk.slack.write({ conversation: 'old', person: maria, text: `linha ${n}`, at: desk.clock.now() })).id);
    }
    await desk.slack.settled();
    expect(desk.committed).toEqual([]);
    await agent.shortcut(desk.slack.place(ids[3] ?? ''));
    const form = await dialog();
    expect(form.text).toContain('250 mensagens para salvar');
    expect(messageIds(desk)).toHaveLength(250);
    // The answers of a hundred and more are no list to choose from: that is for the console.
    expect(form.options('way')).toEqual(['Um ticket novo', 'Acrescentar a um ticket']);
    expect(form.text).toContain('https://desk.example/conversations/1?end=true');
  });

  it('says what to do where the bot may not read', async () => {
    const { desk, agent, dialog } = await begin({}, []);
    desk.slack.webhooks?.chance('lose', 1);
    const { id } = await desk.slack.write({ conversation: 'old', person: maria, text: 'oi', at: desk.clock.now() });
    desk.slack.workspace.scopes = desk.slack.workspace.scopes.filter((scope) => scope !== 'channels:history');
    await agent.shortcut(desk.slack.place(id));
    expect((await dialog(({ text }) => text.includes('Convide-o'))).text).toContain('channels:history');
  });

  it('takes a link with the command, and asks for one without', async () => {
    const { desk, agent, dialog, message, written } = await begin();
    await agent.command('', message.channel);
    const asking = await dialog();
    expect(asking.inputs).toEqual(['link']);
    await asking.fill('link', 'https://example.com/');
    expect(await asking.submit()).toEqual({ link: 'This is not the link of a Slack message.' });
    const reply = desk.slack.place(written[1]?.id ?? '');
    const link = `https://gymdesk.slack.example/archives/${reply.channel}/p${reply.ts.replace('.', '')}?thread_ts=${message.ts}&cid=${reply.channel}`;
    await asking.fill('link', link);
    await asking.submit();
    await dialog(({ inputs }) => inputs.includes('way'));
    await agent.command(link, message.channel);
    await dialog(({ inputs, text }) => inputs.includes('way') && text.includes('3 mensagens'));
  });

  it('needs no link in a direct conversation', async () => {
    const { desk, agent, dialog } = await begin({ direct: true }, []);
    await desk.slack.write({ conversation: 'c', person: ana, text: 'troquei a placa na Iron Gym', at: desk.clock.now() });
    await desk.slack.settled();
    await agent.command('', desk.slack.workspace.direct(agent.user.id).id);
    expect((await dialog()).text).toContain('1 mensagens');
  });

  it('opens at once: users.info that takes long does not cost the dialog its three seconds', async () => {
    const { desk, agent, message } = await begin();
    const gate = Promise.withResolvers<void>();
    desk.slack.dials.watch((moment, { path }) => (moment === 'arrived' && path === '/api/users.info' ? gate.promise : undefined));
    await agent.shortcut(message);
    await vi.waitFor(() => expect(agent.dialog()?.text).toBe('One moment…'));
    gate.resolve();
    await vi.waitFor(() => expect(agent.dialog()?.button).toBe('Ver o que acontece'));
  });
});
