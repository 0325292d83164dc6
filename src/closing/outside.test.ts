import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startTestServer, type TestServer } from '../../test/support/server.ts';
import { type ToyChannel, toyChannel, written } from '../../test/support/toy-channel.ts';
import type { ClosingView, TicketRow } from '../api/contract.ts';
import type { ClosingChoice, ClosingForm, ClosingPart, Closings } from '../kit/index.ts';

let server: TestServer;
let toy: ToyChannel;
let agent: { id: string; email: string };
const port = (): Closings => toy.context().closings;

beforeAll(async () => {
  toy = toyChannel();
  server = await startTestServer({
    config: {
      channels: { chat: { connector: 'toy' }, shop: { connector: 'webhook', secret: { env: 'HOOK_SECRET' }, identitiesVerified: true } },
      hold_seconds: 7,
    },
    registry: toy.registry,
  });
  agent = await server.agent('Ana');
});
afterAll(() => server.stop());

let people = 0;
async function chat(text = 'The turnstile stands still'): Promise<{ thread: string; form: ClosingForm; say(text: string): Promise<void> }> {
  const phone = `+55119876500${++people}`;
  let said = 0;
  const say = (words: string): Promise<void> => toy.hear(written(phone, words, { id: `${phone}-${++said}` }));
  await say(text);
  const thread = phone.slice(1);
  const found = await port().find(thread);
  const form = await port().form(found?.conversation ?? '', agent.id);
  if (!form) throw new Error('no form');
  return { thread, form, say };
}

const choiceOf = (form: ClosingForm, more: Partial<ClosingPart> = {}): ClosingChoice => ({
  conversation: form.conversation,
  agent: agent.id,
  ends: true,
  parts: form.parts.map((part) => ({
    ...part,
    title: 'The turnstile stands still',
    summary: 'It stood still; a restart helped.',
    status: 'solved',
    impact: 'question',
    ...more,
  })),
});

async function file(choice: ClosingChoice, key: string): Promise<string> {
  const seen = await port().preview(choice);
  const result = await port().commit(choice, { digest: seen?.digest ?? '', key });
  if (result.is !== 'committed') throw new Error(JSON.stringify(result));
  return result.closing;
}
const now = (closing: string) => server.call(server.admin, `/api/closings/${closing}/now`, { method: 'POST' });
const done = (id: string): Promise<ClosingView> =>
  vi.waitFor(
    async () => {
      const { body } = await server.call<ClosingView>(server.admin, `/api/closings/${id}`);
      expect(body.progress).toBe('done');
      return body;
    },
    { timeout: 10_000 },
  );

describe('closing from a channel’s own screen', () => {
  it('knows agents by their address, and conversations by their thread', async () => {
    expect(await port().agent(agent.email.toUpperCase())).toEqual({ id: agent.id, name: 'Ana', locale: 'en' });
    expect(await port().agent('nobody@desk.example')).toBeUndefined();
    const { thread, form } = await chat();
    expect(await port().find(thread)).toEqual({ conversation: form.conversation, open: true });
    expect(await port().find('no such thread')).toBeUndefined();
  });

  it('offers what the dialog offers, with nothing decided', async () => {
    const { form } = await chat('The turnstile stands still');
    expect(form.messages).toMatchObject([{ externalId: expect.stringContaining('-1'), author: 'Maria', text: 'The turnstile stands still' }]);
    expect(form.parts).toMatchObject([{ target: { kind: 'new' }, status: null, impact: null, messages: [form.messages[0]?.id] }]);
    expect(form.statuses.length).toBeGreaterThan(1);
    expect(form.impacts.length).toBeGreaterThan(1);
    expect(form.helpdesks).toMatchObject([{ name: 'desk' }]);
    expect(form.link).toMatch(new RegExp(`/conversations/${form.conversation}\\?end=true$`));
  });

  it('is previewed in sentences, and says what is missing by the form’s own fields', async () => {
    const { form } = await chat();
    const empty = await port().preview(choiceOf(form, { title: '', summary: '', status: null, impact: null }));
    expect(empty?.missing.map(({ part, field }) => [part, field])).toEqual([
      ['p1', 'status'],
      ['p1', 'title'],
      ['p1', 'summary'],
      ['p1', 'impact'],
    ]);
    expect(empty?.missing[0]?.message).toBe('Say how it ended.');
    const full = await port().preview(choiceOf(form));
    expect(full?.missing).toEqual([]);
    expect(full?.lines[0]).toContain('new ticket “The turnstile stands still”');
    expect(full?.lines).toContain('The conversation ends');
    const half = choiceOf(form, { status: null });
    const seen = await port().preview(half);
    expect(await port().commit(half, { digest: seen?.digest ?? '', key: 'missing' })).toMatchObject({
      is: 'missing',
      preview: { missing: [{ field: 'status' }] },
    });
  });

  it('is filed as the agent, held as in the console, and once however often it is sent', async () => {
    const { thread, form, say } = await chat();
    const choice = choiceOf(form);
    const seen = await port().preview(choice);
    const [one, two] = await Promise.all([1, 2].map(() => port().commit(choice, { digest: seen?.digest ?? '', key: 'once' })));
    expect(one).toEqual(two);
    if (one?.is !== 'committed') throw new Error('not committed');
    const view = (await server.call<ClosingView>(server.admin, `/api/closings/${one.closing}`)).body;
    expect(view).toMatchObject({ agent: { name: 'Ana' }, state: 'held' });
    expect(view.notBefore - view.createdAt).toBe(7_000);
    await now(one.closing);
    const { tickets } = await done(one.closing);
    expect(tickets).toHaveLength(1);
    // The channel's own agents are told, once.
    const told = () => toy.effects.filter((effect) => effect.did === 'filed' && effect.to.thread === thread);
    await vi.waitFor(
      () => expect(told()).toMatchObject([{ tickets: [{ number: tickets[0]?.number }], note: `Ticket #${tickets[0]?.number} ${tickets[0]?.url}` }]),
      {
        timeout: 10_000,
      },
    );
    // Sent again after the customer went on writing: still the same closing.
    await say('And the door?');
    expect(await port().commit(choice, { digest: seen?.digest ?? '', key: 'once' })).toEqual(one);
    await expect(port().commit({ ...choice, ends: false }, { digest: '', key: 'once' })).rejects.toThrow('another decision');
  });

  it('files nothing unseen: a message that came meanwhile gives it back with the new plan', async () => {
    const { form, say } = await chat();
    const choice = choiceOf(form);
    const seen = await port().preview(choice);
    await say('Now the printer is dark too');
    const result = await port().commit(choice, { digest: seen?.digest ?? '', key: 'unseen' });
    expect(result).toMatchObject({ is: 'changed', preview: { missing: [{ part: '', field: 'messages' }] } });
    expect(await server.detail(form.conversation)).toMatchObject({ state: 'open' });
  });

  it('adds to a ticket, and resolves it only where that was said', async () => {
    const first = await chat('The totem is dark');
    const opened = await file(choiceOf(first.form, { title: 'Totem dark', status: 'pending' }), 'first');
    await now(opened);
    const ticket = (await done(opened)).tickets[0];
    if (!ticket) throw new Error('no ticket');
    const found = await port().search(`#${ticket.number}`);
    expect(found).toMatchObject([{ helpdesk: 'desk', number: ticket.number, subject: 'Totem dark' }]);
    expect(await port().search('totem dark')).toMatchObject([{ id: ticket.id }]);
    const statusNow = async () => (await server.call<TicketRow>(server.admin, `/api/tickets/desk/${ticket.id}`)).body.status.meaning;
    const before = await statusNow();

    const photo = await chat('A photo of the totem');
    const keeping = choiceOf(photo.form, { target: { kind: 'append', helpdesk: 'desk', id: ticket.id, resolve: false } });
    expect((await port().preview(keeping))?.lines.join('\n')).toContain('keeps its status');
    const kept = await file(keeping, 'keep');
    await now(kept);
    await done(kept);
    expect(await statusNow()).toBe(before);

    const thanks = await chat('It works again');
    const solved = await file(choiceOf(thanks.form, { status: null, target: { kind: 'append', helpdesk: 'desk', id: ticket.id, resolve: true } }), 'resolve');
    await now(solved);
    await done(solved);
    expect(await statusNow()).toBe('resolved');
  });

  it('reaches this channel’s conversations alone, and only people who may still sign in', async () => {
    const other = await server.say('Outsider', 'The door is open');
    const { form } = await chat();
    expect(await port().form(other, agent.id)).toBeUndefined();
    expect(await port().preview({ ...choiceOf(form), conversation: other })).toBeUndefined();
    expect(await port().commit({ ...choiceOf(form), conversation: other }, { digest: '', key: 'x' })).toEqual({ is: 'not-found' });
    const bia = await server.agent('Bia');
    await server.call(server.admin, `/api/agents/${bia.id}`, { method: 'PUT', body: { disabled: true } });
    expect(await port().agent(bia.email)).toBeUndefined();
    expect(await port().preview({ ...choiceOf(form), agent: bia.id })).toBeUndefined();
  });

  it('names the field that it does not understand', async () => {
    const { form } = await chat();
    await expect(port().preview(choiceOf(form, { title: 'x'.repeat(300) }))).rejects.toThrow(/parts\.0\.title/);
  });
});
