import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { describeChannel } from '../../test/contract/channel.ts';
import { describeFaults } from '../../test/contract/channel-faults.ts';
import { testContext, testStep } from '../../test/support/context.ts';
import { cleanName } from './files.ts';
import { type Harness, startHarness } from './harness.ts';
import widget from './index.ts';
import { heartbeatMs, streamThread } from './live.ts';
import { settings } from './settings.ts';
import { simulatedChannel } from './simulator.ts';

describeChannel({
  definition: widget,
  make: () => widget.create(testContext(settings.parse({}))),
  fixtures: new URL('./fixtures/', import.meta.url),
  unknown: [
    null,
    {},
    { kind: 'typing', visitor: 'v' },
    { kind: 'message', channel: 'c', visitor: '', id: 'm', at: 1, text: '' },
    { kind: 'message', visitor: 'v', id: 'm', text: 'x' },
    { kind: 'read', channel: 'c', visitor: 'v', at: 1, messages: [] },
    { kind: 'read', channel: 'c', visitor: 'v', messages: ['m'] },
  ],
});

describeFaults({ definition: widget, account: simulatedChannel });

const running: Harness[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const harness of running.splice(0)) await harness.stop();
});
const start = async (...given: Parameters<typeof startHarness>): Promise<Harness> => {
  const harness = await startHarness(...given);
  running.push(harness);
  return harness;
};

interface Client {
  readonly visitor: string;
  readonly token: string;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
}

const client = (url: string, visitor: string, token: string): Client => ({
  visitor,
  token,
  call: (method, path, body, headers = {}) =>
    fetch(`${url}/hooks/site-chat${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(body !== undefined && { body: body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body) }),
    }),
});

async function visit({ url }: Harness): Promise<Client> {
  const { visitor, token } = (await (await fetch(`${url}/hooks/site-chat/session`, { method: 'POST' })).json()) as { visitor: string; token: string };
  return client(url, visitor, token);
}

const message = (text: string, more: object = {}) => ({ id: randomUUID(), text, ...more });

/** Reads lines of a stream until `enough` holds. */
async function lines(response: Response, enough: (got: Line[]) => boolean): Promise<Line[]> {
  const got: Line[] = [];
  let rest = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    got.push(...parts.map((part) => JSON.parse(part) as Line));
    if (enough(got)) return got;
  }
  return got;
}
interface Line {
  readonly type: string;
  readonly agent?: string;
  readonly message?: { id: string; client?: string; text: string; from: string; deleted: boolean; files: { id: string; ready: boolean }[] };
}
const texts = (got: Line[]): (string | undefined)[] => got.filter(({ type }) => type === 'message').map((line) => line.message?.text);
const ready = (got: Line[]): boolean => got.some(({ type }) => type === 'ready');

describe('the visitor’s token', () => {
  it.each([
    ['POST', '/messages'],
    ['PUT', '/files?name=a.txt'],
    ['POST', '/read'],
    ['POST', '/typing'],
    ['GET', '/files/x'],
    ['GET', '/stream'],
  ])('is needed for %s %s', async (method, path) => {
    const harness = await start();
    const { visitor, token } = await visit(harness);
    const other = await visit(harness);
    const [, othersSecret] = other.token.split('.');
    for (const wrong of ['', visitor, `${visitor}.`, `${visitor}.${othersSecret}`, `${token}x`, token.toUpperCase(), `${randomUUID()}.${othersSecret}`]) {
      const body = method === 'GET' ? undefined : message('oi');
      expect((await client(harness.url, visitor, wrong).call(method, path, body)).status, wrong).toBe(401);
      expect((await client(harness.url, visitor, '').call(method, `${path}${path.includes('?') ? '&' : '?'}token=${token}`, body)).status).toBe(401);
    }
    expect(harness.accepted).toEqual([]);
    expect(harness.typed).toEqual([]);
  });

  it('is kept as a hash alone', async () => {
    const harness = await start();
    const { token, visitor } = await visit(harness);
    const stored = JSON.stringify(await harness.context.records.list('visitors'));
    expect(stored).toContain(visitor);
    expect(stored).not.toContain(token.split('.')[1]);
  });

  it('opens its own conversation only: another visitor’s id in the request shows nothing of theirs', async () => {
    const harness = await start();
    const maria = await visit(harness);
    const mallory = await visit(harness);
    await maria.call('POST', '/messages', message('meu CPF é 123'));
    const stream = await mallory.call('GET', `/stream?visitor=${maria.visitor}&thread=${maria.visitor}`, undefined, { 'x-visitor': maria.visitor });
    expect(texts(await lines(stream, ready))).toEqual([]);
    await mallory.call('POST', '/messages', message('sou eu', { visitor: maria.visitor, thread: maria.visitor }));
    expect(harness.accepted).toMatchObject([{ visitor: maria.visitor }, { visitor: mallory.visitor }]);
    expect(harness.history.get(maria.visitor)).toHaveLength(1);
  });
});

describe('messages', () => {
  it('are stored once, however often they are sent again', async () => {
    const harness = await start();
    const bruna = await visit(harness);
    const sent = message('Como exporto o relatório?');
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await bruna.call('POST', '/messages', sent)).status);
    expect(statuses).toEqual([201, 200, 200]);
    expect(harness.accepted).toHaveLength(1);
  });

  it('of two visitors never collide, though their browsers made the same id', async () => {
    const harness = await start();
    const [one, two] = [await visit(harness), await visit(harness)];
    const sent = message('oi');
    for (const who of [one, two]) expect((await who.call('POST', '/messages', sent)).status).toBe(201);
    expect(harness.accepted).toHaveLength(2);
  });

  it('are answered only once they are committed', async () => {
    const { promise: commit, resolve: committed } = Promise.withResolvers<void>();
    const routes = widget.create(testContext(settings.parse({}))).intake.flatMap((intake) => (intake.via === 'routes' ? intake.routes : []));
    const answers: number[] = [];
    const request = { method: 'POST', path: '/', query: new URLSearchParams(), remoteAddress: '', body: Buffer.from(''), headers: {} };
    const exchange = (more: object) => ({
      request,
      params: {},
      upload: undefined,
      file() {},
      stream: () => ({ write() {}, closed: AbortSignal.abort() }),
      ...more,
    });
    let token = '';
    await routes
      .find(({ path }) => path === '/session')
      ?.handle(exchange({ json: (_status: number, body: { token: string }) => (token = body.token) }) as never);
    const posting = routes
      .find(({ path }) => path === '/messages')
      ?.handle(
        exchange({
          request: { ...request, headers: { authorization: `Bearer ${token}` }, body: Buffer.from(JSON.stringify(message('oi'))) },
          accept: () => commit.then(() => ({ arrival: 'a', state: 'stored' })),
          json: (status: number) => answers.push(status),
        }) as never,
      );
    await new Promise(setImmediate);
    expect(answers).toEqual([]);
    committed();
    await posting;
    expect(answers).toEqual([201]);
  });

  it.each([
    ['without text or file', { id: randomUUID(), text: ' ' }],
    ['with an id that is no UUID', { id: '1', text: 'oi' }],
    ['longer than the limit', message('x'.repeat(10_001))],
    ['with an address that is none', message('oi', { email: 'sem' })],
    ['with a file that does not exist', message('oi', { files: [{ id: randomUUID() }] })],
    ['that are no object', 'oi'],
  ])('%s are refused and not stored', async (_what, body) => {
    const harness = await start();
    expect((await (await visit(harness)).call('POST', '/messages', body)).status).toBe(422);
    expect(harness.accepted).toEqual([]);
  });

  it('that are broken JSON are refused', async () => {
    const harness = await start();
    expect((await (await visit(harness)).call('POST', '/messages', Buffer.from('{"id":'))).status).toBe(422);
  });
});

describe('the form before the first message', () => {
  const preChat = [
    { key: 'unit', kind: 'choice', label: 'Unidade', choices: ['Centro', 'Sul'], required: true },
    { key: 'phone', kind: 'phone', country: 'BR' },
  ];

  it('stands above the first words, and its answers are claimed', async () => {
    const harness = await start({ preChat });
    const who = await visit(harness);
    expect((await who.call('POST', '/messages', message('oi', { answers: { phone: '11 93000-1001', unit: 'Sul' }, language: 'de' }))).status).toBe(201);
    expect(harness.history.get(who.visitor)?.map(({ text }) => text)).toEqual(['Unidade: Sul\nTelefonnummer: 11 93000-1001\n\noi']);
    const [event] = harness.channel.normalize({ payload: harness.accepted[0] } as never);
    expect(event).toMatchObject({
      from: {
        identities: [
          { kind: 'account', verified: true },
          { kind: 'phone', value: '+5511930001001', verified: false },
        ],
      },
    });
  });

  it.each([
    ['a choice that is none', { answers: { unit: 'Norte' } }],
    ['a question that nobody asks', { answers: { cpf: '123' } }],
    ['answers that are no texts', { answers: { unit: 1 } }],
    ['an address that is none', { email: 'josé@' }],
  ])('is refused with %s, told apart from the message itself', async (_what, more) => {
    const harness = await start({ preChat });
    const response = await (await visit(harness)).call('POST', '/messages', message('oi', more));
    expect([response.status, ((await response.json()) as { error: string }).error]).toEqual([422, 'profile']);
    expect(harness.accepted).toEqual([]);
  });

  it('asks for one e-mail address at most', async () => {
    const asked = async (given: object) => (await (await fetch(`${(await start(given)).url}/hooks/site-chat/config`)).json()) as { askEmail: string };
    expect(await asked({ askEmail: 'required' })).toMatchObject({ askEmail: 'required' });
    expect(await asked({ askEmail: 'required', preChat: [{ key: 'mail', kind: 'email' }] })).toMatchObject({ askEmail: 'no' });
  });
});

describe('read marks', () => {
  it('become receipts of the messages that the visitor saw', async () => {
    const harness = await start();
    const who = await visit(harness);
    await who.call('POST', '/messages', message('oi'));
    const [first, second] = ['Olá!', 'Está aí?'].map((text) => harness.say(who.visitor, text));
    const own = harness.history.get(who.visitor)?.[0]?.id;
    harness.say(who.visitor, 'ainda não visto');
    expect((await who.call('POST', '/read', { ids: [first?.id, second?.id, own] })).status).toBe(204);
    expect(harness.accepted.at(-1)).toMatchObject({ kind: 'read', visitor: who.visitor, messages: [first?.id, second?.id] });
  });

  it('told again are stored once', async () => {
    const harness = await start();
    const who = await visit(harness);
    const { id } = harness.say(who.visitor, 'Olá!');
    for (let i = 0; i < 3; i += 1) expect((await who.call('POST', '/read', { ids: [id] })).status).toBe(204);
    expect(harness.accepted).toHaveLength(1);
  });

  it('of another visitor’s messages, or of none, say nothing', async () => {
    const harness = await start();
    const [maria, mallory] = [await visit(harness), await visit(harness)];
    const { id } = harness.say(maria.visitor, 'Olá!');
    expect((await mallory.call('POST', '/read', { ids: [id, randomUUID()] })).status).toBe(204);
    expect(harness.accepted).toEqual([]);
  });

  it.each([[{}], [{ ids: [] }], [{ ids: ['1'] }], [{ ids: Array.from({ length: 51 }, () => randomUUID()) }]])('that are %j are refused', async (body) => {
    const harness = await start();
    expect((await (await visit(harness)).call('POST', '/read', body)).status).toBe(422);
  });
});

describe('typing', () => {
  it('is told to the agents of the visitor’s own conversation', async () => {
    const harness = await start();
    const who = await visit(harness);
    expect((await who.call('POST', '/typing', { thread: 'somebody else' })).status).toBe(204);
    expect(harness.typed).toEqual([who.visitor]);
  });

  it('of an agent goes to the visitor who will get the answer, and to no other', async () => {
    const harness = await start();
    const [maria, bruna] = [await visit(harness), await visit(harness)];
    const response = await maria.call('GET', '/stream');
    const reading = lines(response, (got) => got.some(({ type }) => type === 'typing'));
    await vi.waitFor(() => expect(harness.open.size).toBe(1));
    harness.types(bruna.visitor, 'Téo');
    harness.types(maria.visitor, 'Ana');
    expect((await reading).filter(({ type }) => type === 'typing')).toEqual([{ type: 'typing', agent: 'Ana' }]);
  });
});

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

describe('files', () => {
  const upload = async (
    who: Client,
    name: string,
    bytes: Uint8Array,
    type = '',
  ): Promise<{ status: number; id: string; mime: string; name: string; size: number }> => {
    const response = await who.call('PUT', `/files?name=${encodeURIComponent(name)}`, bytes, { 'content-type': type });
    return { status: response.status, ...((await response.json()) as { id: string; mime: string; name: string; size: number }) };
  };

  it('are told by their bytes, not by their name', async () => {
    const who = await visit(await start());
    expect(await upload(who, 'foto.pdf', png, 'application/pdf')).toMatchObject({ status: 201, mime: 'image/png', name: 'foto.pdf', size: png.length });
    expect(await upload(who, 'x.html', Buffer.from('<script>1</script>'), 'text/html')).toMatchObject({ mime: 'application/octet-stream' });
    expect(await upload(who, 'nota.txt', Buffer.from('oi'), 'text/plain; charset=utf-8')).toMatchObject({ mime: 'text/plain' });
    expect(await upload(who, 'nota.txt', Buffer.from([0, 1, 2]), 'text/plain')).toMatchObject({ mime: 'application/octet-stream' });
  });

  it('travel with their message and come back as they were, as a download', async () => {
    const harness = await start();
    const who = await visit(harness);
    const { id } = await upload(who, 'tela.png', png, 'image/png');
    await who.call('POST', '/messages', message('', { files: [{ id }] }));
    expect(harness.accepted).toMatchObject([{ files: [{ id, name: 'tela.png', mime: 'image/png', size: png.length }] }]);
    const got = await who.call('GET', `/files/${id}`);
    expect(Buffer.from(await got.arrayBuffer()).equals(png)).toBe(true);
    expect(got.headers.get('content-disposition')).toMatch(/^attachment/);
    expect(got.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('of another visitor are refused, to read and to send', async () => {
    const harness = await start();
    const [maria, mallory] = [await visit(harness), await visit(harness)];
    const { id } = await upload(maria, 'exame.png', png);
    await maria.call('POST', '/messages', message('', { files: [{ id }] }));
    expect((await mallory.call('GET', `/files/${id}`)).status).toBe(404);
    expect((await mallory.call('POST', '/messages', message('', { files: [{ id }] }))).status).toBe(422);
  });

  it('of agents can be read by the visitor whose conversation they stand in, until the message is deleted', async () => {
    const harness = await start();
    const [maria, mallory] = [await visit(harness), await visit(harness)];
    const { sha256, size } = await harness.context.blobs.put(Buffer.from('boleto'));
    const said = harness.say(maria.visitor, 'segue', [{ id: 'f-9', sha256, size, name: 'boleto.txt', mime: 'text/plain' }]);
    expect(await (await maria.call('GET', '/files/f-9')).text()).toBe('boleto');
    expect((await mallory.call('GET', '/files/f-9')).status).toBe(404);
    harness.change(said.id, { deleted: true });
    expect((await maria.call('GET', '/files/f-9')).status).toBe(404);
  });

  it('past the limit are refused, whether or not the browser says how long they are', async () => {
    const who = await visit(await start({ maxFileBytes: 100 }));
    expect((await who.call('PUT', '/files?name=a', Buffer.alloc(101, 1))).status).toBe(413);
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array(101));
        controller.close();
      },
    });
    const url = `${running[0]?.url}/hooks/site-chat/files?name=a`;
    const unsaid = await fetch(url, { method: 'PUT', headers: { authorization: `Bearer ${who.token}` }, body: stream, duplex: 'half' } as RequestInit);
    expect(unsaid.status).toBe(413);
    expect((await upload(who, 'a', Buffer.alloc(100, 1))).status).toBe(201);
  });

  it('that are empty are refused', async () => {
    expect((await upload(await visit(await start()), 'a.txt', new Uint8Array())).status).toBe(422);
  });

  it.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\temp\\foto.png', 'foto.png'],
    ['photo\u202egnp.exe', 'photognp.exe'],
    ['a\r\nb.txt', 'ab.txt'],
    ['..', 'file'],
    ['', 'file'],
    ['relatório 📊.pdf', 'relatório 📊.pdf'],
  ])('named %j are kept as %j', (name, kept) => {
    expect(cleanName(name)).toBe(kept);
  });
});

describe('the stream', () => {
  it('tells what was said, then what is being said', async () => {
    const harness = await start();
    const who = await visit(harness);
    const sent = message('oi');
    await who.call('POST', '/messages', sent);
    harness.say(who.visitor, 'Olá! Como posso ajudar?');
    const response = await who.call('GET', '/stream');
    const reading = lines(response, (got) => got.length >= 4);
    await vi.waitFor(() => expect(harness.open.size).toBe(1));
    harness.say(who.visitor, 'Ainda está aí?');
    const got = await reading;
    expect(texts(got)).toEqual(['oi', 'Olá! Como posso ajudar?', 'Ainda está aí?']);
    expect(got[0]?.message).toMatchObject({ client: sent.id, from: 'contact' });
    expect(got[1]?.message).toMatchObject({ from: 'agent', author: 'Ana' });
  });

  it('goes on where the visitor stopped', async () => {
    const harness = await start();
    const who = await visit(harness);
    const [first] = ['um', 'dois', 'três'].map((text) => harness.say(who.visitor, text));
    expect(texts(await lines(await who.call('GET', `/stream?after=${first?.id}`), ready))).toEqual(['dois', 'três']);
  });

  it('tells the newest 200 of a long history, and all that came since the visitor stopped', async () => {
    const harness = await start();
    const who = await visit(harness);
    const said = Array.from({ length: 450 }, (_, i) => harness.say(who.visitor, String(i)));
    expect(texts(await lines(await who.call('GET', '/stream'), ready))).toEqual(said.slice(-200).map(({ text }) => text));
    expect(texts(await lines(await who.call('GET', `/stream?after=${said[9]?.id}`), ready))).toEqual(said.slice(10).map(({ text }) => text));
  });

  it('tells a message again when it was edited or deleted, and then without its words', async () => {
    const harness = await start();
    const who = await visit(harness);
    const said = harness.say(who.visitor, 'a senha é 123');
    const edit = lines(await who.call('GET', '/stream'), (got) => texts(got).includes('a senha é outra'));
    const deletion = lines(await who.call('GET', '/stream'), (got) => got.some((line) => line.message?.deleted));
    await vi.waitFor(() => expect(harness.open.size).toBe(2));
    harness.change(said.id, { text: 'a senha é outra' });
    expect(texts(await edit)).toEqual(['a senha é 123', 'a senha é outra']);
    harness.change(said.id, { deleted: true });
    const got = (await deletion).filter(({ type }) => type === 'message');
    expect(got.map((line) => line.message?.id)).toEqual(got.map(() => said.id));
    expect(got.at(-1)?.message).toMatchObject({ deleted: true, text: '', files: [] });
  });

  it('never names a blob', async () => {
    const harness = await start();
    const who = await visit(harness);
    harness.say(who.visitor, 'segue', [{ id: 'f', sha256: 'abcdef0123', size: 3, name: 'a.txt', mime: 'text/plain' }]);
    const got = await lines(await who.call('GET', '/stream'), ready);
    expect(got[0]?.message?.files).toEqual([{ id: 'f', name: 'a.txt', mime: 'text/plain', size: 3, ready: true }]);
  });

  it('beats every 15 seconds while nothing is said, and ends with the reader, leaving nothing behind', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const written: string[] = [];
    const watching = new Set<() => void>();
    const watch = (_thread: string, changed: () => void) => {
      watching.add(changed);
      return () => void watching.delete(changed);
    };
    const reader = new AbortController();
    const exchange = { stream: () => ({ write: (line: string) => void written.push(line), closed: reader.signal }) };
    const live = { typing() {}, watchTyping: (thread: string, told: (agent: string) => void) => watch(thread, () => told('Ana')) };
    const streaming = streamThread(testContext({}, { history: { messages: async () => [], watch }, live }), 'v', exchange as never, undefined);
    expect(watching.size).toBe(2);
    await vi.advanceTimersByTimeAsync(heartbeatMs - 1);
    expect(written).toEqual(['{"type":"ready"}']);
    await vi.advanceTimersByTimeAsync(heartbeatMs + 1);
    expect(written.slice(1)).toEqual(['{"type":"alive"}', '{"type":"alive"}']);
    reader.abort();
    await streaming;
    expect(watching.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('sites', () => {
  it('that ops did not list may not use the widget', async () => {
    const { url } = await start({ allowedOrigins: ['https://www.example.com/'] });
    const from = async (origin: string) => (await fetch(`${url}/hooks/site-chat/config`, { headers: { origin } })).status;
    expect(await from('https://www.example.com')).toBe(200);
    expect(await from('https://evil.example')).toBe(403);
    expect((await fetch(`${url}/hooks/site-chat/session`, { method: 'POST', headers: { origin: 'https://evil.example' } })).status).toBe(403);
  });

  it('learn the texts and theme, and no other setting', async () => {
    const now = Date.parse('2026-11-19T12:00:00Z');
    const hours = { zone: 'America/Sao_Paulo', week: { thu: '08:00-18:00' } };
    const preChat = [{ key: 'phone', kind: 'phone', country: 'BR' }];
    const { url } = await start({ title: 'Suporte', allowedOrigins: ['https://www.example.com'], hours, preChat }, { now: () => now });
    const span = (date: string): number[] => [Date.parse(`${date}T08:00-03:00`), Date.parse(`${date}T18:00-03:00`)];
    expect(await (await fetch(`${url}/hooks/site-chat/config`)).json()).toEqual({
      title: 'Suporte',
      color: '#1f5eff',
      corner: 'right',
      scheme: 'light',
      radius: 20,
      language: 'auto',
      askName: 'optional',
      askEmail: 'optional',
      preChat: [{ key: 'phone', kind: 'phone', required: false }],
      hours: { open: [span('2026-11-19'), span('2026-11-26')], until: Date.parse('2026-12-03T00:00-03:00') },
      maxFileBytes: 20 * 2 ** 20,
    });
  });
});

describe('replies', () => {
  it('need no call: their id is our message id', async () => {
    const to = { message: 'm-1', thread: 'v', replyToken: 'r', subject: undefined, to: [], earlier: [], agent: 'Ana' };
    await expect(widget.create(testContext(settings.parse({}))).send({ kind: 'public', text: 'oi', files: [] }, to, testStep())).resolves.toEqual({
      externalId: 'm-1',
    });
  });
});

describe('the README', () => {
  it('has a row for every setting', () => {
    const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8');
    for (const name of Object.keys(settings.shape)) expect(readme).toContain(`| \`${name}\` |`);
  });
});
