/** The channel's contract on Slack's payloads, both doors, replies, files, and every error with a body as Slack sends it. */
import { WebClient } from '@slack/web-api';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Json, PublicMessage, ReplyContext } from '../../src/kit/index.ts';
import type { SimulatedPerson } from '../../src/kit/simulator.ts';
import { describeChannel } from '../../test/contract/channel.ts';
import { describeFaults } from '../../test/contract/channel-faults.ts';
import { memoryJournal, testClock, testStep } from '../../test/support/context.ts';
import { linkedMessage, msOf, tsOf } from './address.ts';
import { type Harness, startHarness } from './harness.ts';
import slack from './index.ts';
import { escapeText, plainText } from './mrkdwn.ts';
import { normalize } from './normalize.ts';
import { messagesOf } from './send.ts';
import { settings } from './settings.ts';
import { signed } from './simulator/feed.ts';
import { simulatedChannel } from './simulator.ts';
import { type TestAccount, testAccount } from './test-account.ts';

const maria: SimulatedPerson = { id: 'maria', name: 'Maria Souza', email: 'maria@corpovivo.example' };

let account: TestAccount;
let shared: ReturnType<TestAccount['channel']> | undefined;
beforeAll(async () => {
  account = await testAccount();
});
afterAll(() => account.close());

let open: Harness | undefined;
afterEach(async () => {
  account.slack.dials.clear();
  await open?.close();
  open = undefined;
});
const harness = async (options: Parameters<typeof startHarness>[0] = {}): Promise<Harness> => {
  open = await startHarness(options);
  return open;
};

const event = (inner: Json): Json => ({ type: 'event_callback', team_id: 'T1', event: inner });
describeChannel({
  definition: slack,
  // One for all: Slack counts look-ups by the minute, and so does the made-up one.
  make: () => (shared ??= account.channel({ botMessages: true })),
  fixtures: new URL('./fixtures/', import.meta.url),
  unknown: [
    null,
    'oi',
    { type: 'unreadable', text: '{' },
    { type: 'event_callback', team_id: 'T1' },
    event({ type: 'workflow_step_done' }),
    event({ type: 'message', channel: 'C1', text: 'sem ts', user: 'U1' }),
    event({ type: 'message', channel: 'C1', text: 'ts', user: 'U1', ts: 1700000000.123456 }),
    event({ type: 'message', subtype: 'hologram', channel: 'C1', text: 'oi', user: 'U1', ts: '1700000000.123456' }),
    event({ type: 'message', channel: 'C1', text: 'de ninguém', ts: '1700000000.123456' }),
  ],
});

describeFaults({
  definition: slack,
  account: (now) => simulatedChannel({ now, minuteMs: 20, settings: { maxMessageLength: 4000 } }),
  visible: { method: 'POST', path: /^\/api\/chat\.postMessage$/ },
  piece: 4000,
});

describe('who is who', () => {
  const write = async (user: string, more: Readonly<Record<string, unknown>>) => {
    const channel = account.channel(more);
    const { arrival, fetchedByUs } = await import('../../src/kit/index.ts');
    const payload = event({ type: 'message', channel: 'C0SUPPORT1', user, text: 'oi', ts: '1700000000.123456' });
    const came = arrival(fetchedByUs(), payload, 0);
    const [first] = channel.normalize((await channel.unpack?.(came)) ?? came);
    return first?.type === 'message' ? first.from.role : undefined;
  };

  it.each([
    ['everyone', 'U0MARIA', 'contact'],
    ['everyone', 'U0GUEST', 'contact'],
    ['everyone', 'U0ANA', 'agent'],
    ['everyone', 'U0PARTNER', 'contact'],
    ['external', 'U0MARIA', 'agent'],
    ['external', 'U0GUEST', 'contact'],
    ['external', 'U0PARTNER', 'contact'],
    ['external', 'U0NOBODY', 'contact'],
    ['everyone', 'U0ROBOT', 'bot'],
  ])('customersAre %s: %s writes as %s', async (customersAre, user, role) => {
    expect(await write(user, { customersAre })).toBe(role);
  });

  it('takes only the channels that are set, and direct messages as was said', () => {
    const at = (channel: string): Json => event({ type: 'message', channel, user: 'U1', text: 'oi', ts: '1700000000.123456' });
    const rules = settings.parse({ token: 'x', signingSecret: 'y', channels: ['C1'], directMessages: false });
    expect([at('C1'), at('C2'), at('D1')].map((payload) => normalize(payload, rules).length)).toEqual([1, 0, 0]);
  });
});

describe('the HTTP door', () => {
  const post = async (url: string, body: string, now: number, headers: Record<string, string> = {}) => {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...signed('simulated signing secret', body, now), ...headers },
    });
    return { status: response.status, noRetry: response.headers.get('x-slack-no-retry'), text: await response.text() };
  };
  const said = JSON.stringify({
    type: 'event_callback',
    team_id: 'T0GYMDESK1',
    event_id: 'Ev1',
    event: { type: 'message', channel: 'C0SUPPORT1', user: 'U0MARIA', text: 'oi', ts: '1795089600.000100' },
  });

  it.each(['', '/events', '/interactive', '/commands'])('answers the challenge at %s', async (path) => {
    const { url, clock } = await harness();
    expect(await post(url + path, '{"type":"url_verification","challenge":"abc"}', clock.now())).toMatchObject({ status: 200, text: '{"challenge":"abc"}' });
  });

  it('lets in what is up to five minutes old or early, and nothing further off either way', async () => {
    const { url, clock, committed } = await harness();
    const statuses: number[] = [];
    for (const off of [-301, -299, 299, 301]) statuses.push((await post(url, said, clock.now() + off * 1000)).status);
    expect(statuses).toEqual([401, 200, 200, 401]);
    // The same event_id is one event.
    expect(committed).toHaveLength(1);
  });

  it.each([
    ['another secret’s signature', (body: string, now: number) => signed('another secret', body, now)],
    ['a signature of other bytes', (body: string, now: number) => signed('simulated signing secret', `${body} `, now)],
    ['no time', () => ({ 'x-slack-request-timestamp': '' })],
    ['no signature', () => ({ 'x-slack-signature': '' })],
  ])('refuses %s for good, and commits nothing', async (_what, headers) => {
    const { url, clock, committed } = await harness();
    expect(await post(url, said, clock.now(), headers(said, clock.now()))).toMatchObject({ status: 401, noRetry: '1' });
    expect(committed).toEqual([]);
  });

  it('acknowledges only after the commit, and lets Slack come again when there was none', async () => {
    const desk = await harness();
    let commits = 0;
    desk.beforeCommit = async () => {
      commits += 1;
      if (commits === 1) throw new Error('the disk is full');
    };
    expect(await post(desk.url, said, desk.clock.now())).toMatchObject({ status: 503, noRetry: null });
    const gate = Promise.withResolvers<void>();
    desk.beforeCommit = () => gate.promise;
    let answered = false;
    const answer = post(desk.url, said, desk.clock.now(), { 'x-slack-retry-num': '1' }).finally(() => (answered = true));
    // Time enough for an answer that does not wait: others get theirs meanwhile.
    for (let round = 0; round < 5; round += 1) await post(desk.url, '{"type":"url_verification","challenge":"abc"}', desk.clock.now());
    expect(answered).toBe(false);
    gate.resolve();
    expect((await answer).status).toBe(200);
    expect(desk.committed).toHaveLength(1);
  });

  it('acknowledges within three seconds although Slack tells no names, which come afterwards', async () => {
    const desk = await harness();
    desk.slack.dials.set({ kind: 'silence', when: 'before' }, { path: /users\.info/ });
    const before = performance.now();
    expect((await post(desk.url, said, desk.clock.now())).status).toBe(200);
    expect(performance.now() - before).toBeLessThan(2500);
    const [first] = desk.events;
    expect(first).toMatchObject({ from: { id: 'U0MARIA' }, enrich: { people: ['U0MARIA'] } });
    desk.slack.workspace.user(maria);
    desk.slack.dials.clear();
    // The look-up that nobody answered ends by its own time-out first.
    const named = await vi.waitFor(async () => (first ? ((await desk.channel.enrich?.(first)) ?? []) : []), { timeout: 5000 });
    expect(named).toMatchObject([{ id: first && 'id' in first ? first.id : '', from: { name: 'Maria Souza' } }]);
    expect(named[0]).not.toHaveProperty('enrich');
  });

  it('keeps what Slack signed and nobody can read', async () => {
    const { url, clock, committed } = await harness();
    expect((await post(url, '{"type":', clock.now())).status).toBe(200);
    expect(committed).toEqual([{ type: 'unreadable', text: '{"type":' }]);
  });

  it('refuses a press that nothing answers to, for good', async () => {
    const { url, clock } = await harness();
    const shortcut = JSON.stringify({
      type: 'message_action',
      callback_id: 'somebody_elses',
      trigger_id: 't',
      team: { id: 'T1' },
      user: { id: 'U1' },
      channel: { id: 'C1' },
    });
    const form = new URLSearchParams({ payload: shortcut }).toString();
    expect(await post(url, form, clock.now(), { 'content-type': 'application/x-www-form-urlencoded' })).toMatchObject({ status: 404, noRetry: '1' });
  });

  it('tells in its health that Slack left events out', async () => {
    const { url, clock, channel } = await harness();
    await post(url, JSON.stringify({ type: 'app_rate_limited', team_id: 'T1', minute_rate_limited: 1 }), clock.now());
    expect((await channel.health()).detail).toMatch(/^Gym Desk as @deskbridge, events at .*; Slack left events out at 2026-11-19T12:00:00/);
  });
});

describe('the Socket Mode door', () => {
  it('commits an envelope before it acknowledges, and takes it again over the next connection when it could not', async () => {
    const desk = await harness({ socket: true });
    const gate = Promise.withResolvers<void>();
    let tries = 0;
    desk.beforeCommit = async () => {
      tries += 1;
      if (tries === 1) throw new Error('the disk is full');
      await gate.promise;
    };
    await desk.slack.write({ conversation: 'c', person: maria, text: 'pelo socket', at: desk.clock.now() });
    await vi.waitFor(() => expect(tries).toBe(1));
    expect(desk.slack.feed.acknowledged).toEqual([]);
    desk.slack.feed.renew();
    await vi.waitFor(() => expect(tries).toBe(2), { timeout: 5000 });
    expect(desk.slack.feed.acknowledged).toEqual([]);
    gate.resolve();
    await desk.slack.settled();
    expect(desk.slack.feed.acknowledged).toHaveLength(1);
    expect(desk.events).toMatchObject([{ type: 'message', text: 'pelo socket', from: { name: 'Maria Souza' } }]);
    // Each connection has an address of its own.
    expect(desk.slack.dials.calls.filter(({ path }) => path === '/api/apps.connections.open').length).toBe(2);
  });

  it('opens dialogs too, and files', async () => {
    const desk = await harness({ socket: true });
    desk.closings.agents.set('ana@desk.example', { id: 'a1', name: 'Ana', locale: 'en' });
    const { id } = await desk.slack.write({ conversation: 'c', person: maria, text: 'oi', at: desk.clock.now() });
    await desk.slack.settled();
    const ana = desk.slack.person({ id: 'ana', name: 'Ana', email: 'ana@desk.example' });
    await ana.shortcut(desk.slack.place(id));
    const form = await vi.waitFor(() => {
      const found = ana.dialog();
      if (found?.button !== 'Show what happens') throw new Error('not yet');
      return found;
    });
    await form.fill('0:title', 'Olá');
    await form.submit();
    await form.submit();
    expect(desk.closings.filed.size).toBe(1);
  });

  it('says that its token was refused, and does not end', async () => {
    const states: string[] = [];
    const stop = new AbortController();
    const other = simulatedChannel({ socket: true });
    const { listen } = await import('../../src/kit/simulator.ts');
    const vendor = await listen(other.app);
    const channel = account.channel({ ...other.settings(vendor.url), appToken: 'xapp-wrong', signingSecret: undefined });
    const [intake] = channel.intake;
    const failed = Promise.withResolvers<void>();
    const state = (now: { state: string; detail?: string }): void => {
      states.push(`${now.state} ${now.detail ?? ''}`.trim());
      if (now.state === 'failed') failed.resolve();
    };
    const running =
      intake?.via === 'session'
        ? intake.run({ cursor: undefined, emit: async () => ({ arrival: '', state: 'stored' }), state, signal: stop.signal })
        : undefined;
    await failed.promise;
    stop.abort();
    await running;
    expect(states).toEqual(['connecting', 'failed Slack: invalid_auth']);
    await other.close();
    await vendor.close();
  });
});

const to = (thread: string): ReplyContext => ({ message: 'm1', thread, replyToken: 'r', subject: undefined, to: [], earlier: [], agent: 'Ana Lima' });
const saying = (text: string, files: PublicMessage['files'] = []): PublicMessage => ({ kind: 'public', text, files });

async function thread(desk: Harness): Promise<string> {
  await desk.slack.write({ conversation: 'c', person: maria, text: 'oi', at: desk.clock.now() });
  await desk.slack.settled();
  const [first] = desk.events;
  return first?.thread ?? '';
}
const shown = (desk: Harness): string[] => desk.slack.shown('c', maria).flatMap(({ from, text }) => (from === 'business' ? [text] : []));

describe('replies', () => {
  it('arrive as they were written, under the agent’s name, and do not come back as messages', async () => {
    const desk = await harness({ settings: { botMessages: true } });
    const text = 'veja <aqui> & *não* _mude_ nada: @channel <!channel> https://gym.example?a=1&b=2';
    const { externalId } = await desk.channel.send(saying(text), to(await thread(desk)), testStep());
    expect(shown(desk)).toEqual([text]);
    const [, post] = desk.slack.workspace.room('C0SUPPORT1')?.posts ?? [];
    expect(externalId).toBe(`T0GYMDESK1:C0SUPPORT1:${post?.ts}`);
    expect(post?.username).toBe('Ana Lima');
    await desk.slack.settled();
    expect(desk.events).toHaveLength(1);
  });

  it('name their steps for ever: what was sent under them is not sent again', async () => {
    const desk = await harness({ settings: { maxMessageLength: 100 } });
    const journal = memoryJournal();
    const context = account.context();
    const { sha256, size } = await context.blobs.put(Buffer.from('boleto'));
    const channel = slack.create({
      ...context,
      settings: settings.parse({ ...desk.slack.settings(desk.slack.workspace.address), maxMessageLength: 100 }),
      now: desk.clock.now,
    });
    const reply = saying(`${'a'.repeat(90)}\n\n${'b'.repeat(90)}`, [{ sha256, name: 'boleto.txt', mime: 'text/plain', size }]);
    const where = to(await thread(desk));
    await channel.send(reply, where, testStep(journal, desk.clock.now));
    expect([...journal.records.keys()]).toEqual(['message', 'message 2', 'upload 1', 'files']);
    await channel.send(reply, where, testStep(journal, desk.clock.now));
    expect(
      desk.slack
        .shown('c', maria)
        .slice(1)
        .map(({ text, files }) => [text.slice(0, 1), files.map(({ bytes }) => String(bytes))]),
    ).toEqual([
      ['a', []],
      ['b', []],
      ['', ['boleto']],
    ]);
  });

  it('are found by their mark after a lost answer, and by their words where Slack shows no marks', async () => {
    const desk = await harness();
    const where = to(await thread(desk));
    for (const hidden of [false, true]) {
      const journal = memoryJournal();
      const message = hidden ? 'm-hidden' : 'm-marked';
      desk.slack.dials.set({ kind: 'reset', when: 'after' }, { path: /chat\.postMessage/ });
      const send = () => desk.channel.send(saying(`já vou ${message}`), { ...where, message }, testStep(journal, desk.clock.now));
      await expect(send()).rejects.toMatchObject({ code: 'unavailable', effect: 'unclear' });
      if (hidden) for (const post of desk.slack.workspace.room('C0SUPPORT1')?.posts ?? []) Object.assign(post, { metadata: undefined });
      desk.clock.advance(31_000);
      await expect(send()).resolves.toMatchObject({ externalId: expect.stringMatching(/^T0GYMDESK1:C0SUPPORT1:\d/) });
    }
    expect(shown(desk)).toEqual(['já vou m-marked', 'já vou m-hidden']);
  });

  it('ask a person where Slack does not let us look', async () => {
    const desk = await harness();
    const where = to(await thread(desk));
    const journal = memoryJournal();
    desk.slack.dials.set({ kind: 'reset', when: 'after' }, { path: /chat\.postMessage/ });
    const send = () => desk.channel.send(saying('já vou'), where, testStep(journal, desk.clock.now));
    await expect(send()).rejects.toMatchObject({ effect: 'unclear' });
    desk.slack.workspace.scopes = desk.slack.workspace.scopes.filter((scope) => scope !== 'channels:history');
    desk.clock.advance(31_000);
    await expect(send()).rejects.toMatchObject({ code: 'unclear', retry: 'never' });
    expect(shown(desk)).toEqual(['já vou']);
  });

  it('share their files once although the answer was lost', async () => {
    const desk = await harness();
    const context = account.context();
    const { sha256, size } = await context.blobs.put(Buffer.from('%PDF'));
    const channel = slack.create({ ...context, settings: settings.parse(desk.slack.settings(desk.slack.workspace.address)), now: desk.clock.now });
    const where = to(await thread(desk));
    const journal = memoryJournal();
    desk.slack.dials.set({ kind: 'error', when: 'after', status: 502 }, { path: /completeUploadExternal/ });
    const send = () => channel.send(saying('', [{ sha256, name: 'nota.pdf', mime: 'application/pdf', size }]), where, testStep(journal, desk.clock.now));
    await expect(send()).rejects.toMatchObject({ code: 'unavailable' });
    desk.clock.advance(31_000);
    await send();
    expect(desk.slack.shown('c', maria).flatMap(({ files }) => files.map(({ name }) => name))).toEqual(['nota.pdf']);
  });

  it('put the ticket links into the thread, once, where ops said so: numbers and addresses alone', async () => {
    const desk = await harness({ settings: { ticketLinks: 'thread' } });
    const where = to(await thread(desk));
    const tickets = [{ helpdesk: 'desk', id: '1', number: '101', url: 'https://help.example/101' }];
    const note = { kind: 'internal', blocks: [{ type: 'paragraph', text: 'cliente difícil' }] } as const;
    const journal = memoryJournal();
    desk.slack.dials.set({ kind: 'reset', when: 'after' }, { path: /chat\.postMessage/ });
    await expect(desk.channel.filed?.(tickets, note, where, testStep(journal, desk.clock.now))).rejects.toThrow();
    desk.clock.advance(31_000);
    await desk.channel.filed?.(tickets, note, where, testStep(journal, desk.clock.now));
    expect(shown(desk)).toEqual(['Filed as <https://help.example/101|#101>']);
  });
});

describe('files', () => {
  it('come with the token; one of another workspace is asked for first', async () => {
    const { slack: made } = account;
    const upload = { id: 'F0ASK', name: 'foto.png', mime: 'image/png', bytes: Buffer.from('png'), mode: 'hosted', asks: true } as const;
    made.workspace.files.set(upload.id, upload);
    const stream = await account.channel().download?.({ id: 'F0ASK', name: 'foto.png', ref: { file: 'F0ASK' } });
    const chunks: Buffer[] = [];
    for await (const chunk of stream ?? []) chunks.push(chunk as Buffer);
    expect(String(Buffer.concat(chunks))).toBe('png');
  });

  it('are not mistaken for the log-in page', async () => {
    const { workspace } = account.slack;
    const url = `${workspace.address}/files-pri/F0NONE/x.png`;
    await expect(account.channel().download?.({ id: 'F', name: 'x.png', mime: 'image/png', ref: { file: 'F', url } })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });

  it('send the token to no host that a message names', async () => {
    const ref = { file: 'F', url: 'https://files.slack.com.evil.example/x.png' };
    await expect(account.channel().download?.({ id: 'F', name: 'x.png', ref })).rejects.toMatchObject({ code: 'blocked' });
  });

  it('that are kept elsewhere, or gone, are not found', async () => {
    account.slack.workspace.files.set('F0EXT', { id: 'F0EXT', name: 'x', mime: 'text/plain', bytes: Buffer.from(''), mode: 'external', asks: false });
    for (const file of ['F0EXT', 'F0NEVER'])
      await expect(account.channel().download?.({ id: file, name: 'x', ref: { file } })).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('errors', () => {
  const answer = (status: number, body: string, type = 'application/json') => ({ kind: 'answer', status, type, body }) as const;
  const refusing = (error: string, more: object = {}) => answer(200, JSON.stringify({ ok: false, error, ...more }));

  it.each([
    ['unauthorized', refusing('token_revoked'), { retry: 'never', effect: 'none' }],
    [
      'forbidden',
      refusing('missing_scope', { needed: 'chat:write', provided: 'users:read' }),
      { message: expect.stringContaining('the app needs the scope chat:write') },
    ],
    ['not-found', refusing('channel_not_found'), { retry: 'never' }],
    [
      'refused',
      refusing('invalid_blocks', { response_metadata: { messages: ['[ERROR] must be more than 0 characters'] } }),
      { message: expect.stringContaining('must be more than 0') },
    ],
    ['too-large', refusing('msg_too_long'), { retry: 'never' }],
    ['rate-limited', { kind: 'rate-limited', retryAfterSeconds: 7 } as const, { retry: { afterMs: 7000 }, effect: 'none' }],
    ['rate-limited', answer(429, '{"ok":false,"error":"ratelimited"}'), { retry: { afterMs: 30_000 }, effect: 'none' }],
    ['rate-limited', refusing('ratelimited'), { retry: 'backoff' }],
    ['unavailable', refusing('internal_error'), { retry: 'backoff', effect: 'unclear' }],
    ['unavailable', answer(503, 'upstream', 'text/plain'), { effect: 'unclear' }],
    ['unavailable', { kind: 'reset', when: 'before' } as const, { effect: 'unclear' }],
    ['not-understood', answer(200, '<html>proxy</html>', 'text/html'), { effect: 'unclear' }],
    ['not-understood', answer(200, '{"ok":true}'), { effect: 'unclear' }],
    ['not-understood', answer(404, 'nothing here', 'text/plain'), {}],
  ])('%s', async (code, fault, more) => {
    account.slack.dials.set(fault, { path: /chat\.postMessage/ });
    const failure: unknown = await account
      .channel()
      .send(saying('oi'), to('T0GYMDESK1:C0SUPPORT1:1.000000'), testStep())
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code, ...more });
    expect(String(failure)).not.toContain('xoxb');
  });

  it('health says which scopes are missing', async () => {
    const other = await testAccount();
    other.slack.workspace.scopes = other.slack.workspace.scopes.filter((scope) => scope !== 'files:read');
    await expect(other.channel().health()).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('files:read') });
    await other.close();
  });

  it('an empty reply is refused before anything is sent', async () => {
    await expect(account.channel().send(saying('  '), to('T:C:1.0'), testStep())).rejects.toMatchObject({ code: 'refused', field: 'text' });
  });
});

describe('text', () => {
  const nobody = { person: () => undefined, channel: () => undefined };

  it.each([
    ['&lt;b&gt; &amp;amp;', '<b> &amp;'],
    ['<https://a.example>', 'https://a.example'],
    ['<https://a.example|a.example>', 'https://a.example'],
    ['<mailto:a@b.example|a@b.example> <tel:+5511|(11)>', 'a@b.example (11) (+5511)'],
    ['<!subteam^S1|@turno> <!date^1700000000^{date}|14/11> <#C1|geral>', '@turno 14/11 #geral'],
    ['às 10:30:15 :pray: :nosuch:', 'às 10:30:15 🙏 :nosuch:'],
  ])('reads %s', (mrkdwn, text) => expect(plainText(mrkdwn, nobody)).toBe(text));

  it('brings back whatever was escaped', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).filter((text) => !/:[a-z0-9+_-]+:/.test(text)),
        (text) => plainText(escapeText(text), nobody) === text,
      ),
    );
  });

  it('cuts any text into pieces that fit once escaped, and loses nothing but white space', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '&', '<', ' ', '\n', '😀'), maxLength: 400 }), fc.integer({ min: 20, max: 60 }), (text, longest) => {
        const pieces = messagesOf(text, longest);
        for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(longest);
        expect(
          pieces
            .map((piece) => plainText(piece, nobody))
            .join('')
            .replace(/\s/g, ''),
        ).toBe(text.replace(/\s/g, ''));
      }),
    );
  });

  it('takes any words of a message as they are, and never fails on them', () => {
    const rules = settings.parse({ token: 'x', signingSecret: 'y' });
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const [first] = normalize(event({ type: 'message', channel: 'C1', user: 'U1', text, ts: '1700000000.123456' }), rules);
        expect(first).toMatchObject({ type: 'message', at: 1_700_000_000_123, order: '1700000000.123456' });
      }),
    );
  });

  it('keeps times whole, there and back', () => {
    fc.assert(fc.property(fc.integer({ min: 1e12, max: 2e12 }), (ms) => msOf(tsOf(ms)) === ms));
    expect(msOf('1700000000.000001')).toBe(1_700_000_000_000);
  });

  it('finds the message that a link names', () => {
    expect(linkedMessage('<https://x.slack.com/archives/C1AB/p1700000000123456|link>')).toEqual({ channel: 'C1AB', root: '1700000000.123456' });
    expect(linkedMessage('https://x.slack.com/archives/C1AB/p1700000000123456?thread_ts=1699999999.000100&amp;cid=C1AB')).toEqual({
      channel: 'C1AB',
      root: '1699999999.000100',
    });
    expect(linkedMessage('https://x.slack.com/archives/C1AB')).toBeUndefined();
  });
});

describe('the made-up workspace', () => {
  const client = (more: object = {}) =>
    new WebClient('xoxb-simulated-bot', { slackApiUrl: `${account.vendor.url}/api/`, retryConfig: { retries: 0 }, ...more });

  it('serves Slack’s own client: who am I, a message, its thread, an update, a file', async () => {
    const web = client();
    expect(await web.auth.test()).toMatchObject({ ok: true, team: 'Gym Desk', user_id: 'U0DESKBRDG' });
    const { ts = '' } = await web.chat.postMessage({ channel: 'C0SUPPORT1', text: 'começo', metadata: { event_type: 'x', event_payload: { id: '1' } } });
    await web.chat.postMessage({ channel: 'C0SUPPORT1', text: 'resposta', thread_ts: ts });
    const replies = await web.conversations.replies({ channel: 'C0SUPPORT1', ts, include_all_metadata: true });
    expect(replies.messages?.map(({ text }) => text)).toEqual(['começo', 'resposta']);
    expect(replies.messages?.[0]).toMatchObject({ metadata: { event_payload: { id: '1' } } });
    await web.chat.update({ channel: 'C0SUPPORT1', ts, text: 'outro começo' });
    await web.filesUploadV2({ channel_id: 'C0SUPPORT1', thread_ts: ts, filename: 'a.txt', content: 'olá' });
    const { messages } = await web.conversations.replies({ channel: 'C0SUPPORT1', ts });
    expect(messages?.at(-1)?.files?.[0]).toMatchObject({ name: 'a.txt', size: 4 });
  });

  it('refuses as Slack does, and loudly what it does not know', async () => {
    await expect(client().chat.postMessage({ channel: 'C0NONE', text: 'oi' })).rejects.toMatchObject({ data: { error: 'channel_not_found' } });
    await expect(new WebClient('xoxb-wrong', { slackApiUrl: `${account.vendor.url}/api/` }).auth.test()).rejects.toMatchObject({
      data: { error: 'invalid_auth' },
    });
    await expect(client().apiCall('admin.users.list')).rejects.toMatchObject({ statusCode: 501, body: expect.stringContaining('admin.users.list') });
    await expect(client().apiCall('auth.test', { shoe: 43 })).rejects.toMatchObject({ statusCode: 501, body: expect.stringContaining('shoe') });
  });

  it('lets a trigger open one view, within three seconds, and holds the view to its limits', async () => {
    const clock = testClock();
    const other = await testAccount({ now: clock.now });
    const web = new WebClient('xoxb-simulated-bot', { slackApiUrl: `${other.vendor.url}/api/` });
    const trigger = (id: string) => other.slack.workspace.triggers.set(id, { user: 'U0ANA', at: clock.now(), used: false });
    const text = (words: string) => ({ type: 'plain_text', text: words }) as const;
    const view = (title: string) => ({ type: 'modal' as const, title: text(title), blocks: [{ type: 'divider' as const }] });
    trigger('t1');
    await expect(web.views.open({ trigger_id: 't1', view: view('a title that is far too long') })).rejects.toMatchObject({
      data: { error: 'invalid_arguments', response_metadata: { messages: ['[ERROR] must be less than 25 characters: /view/title/text'] } },
    });
    await web.views.open({ trigger_id: 't1', view: view('fine') });
    await expect(web.views.open({ trigger_id: 't1', view: view('fine') })).rejects.toMatchObject({ data: { error: 'exchanged_trigger_id' } });
    trigger('t2');
    clock.advance(3001);
    await expect(web.views.open({ trigger_id: 't2', view: view('fine') })).rejects.toMatchObject({ data: { error: 'expired_trigger_id' } });
    await other.close();
  });
});
