import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startTestServer, type TestServer } from '../../test/support/server.ts';
import { listen } from '../kit/simulator.ts';

let server: TestServer;
let program: { url: string; close(): Promise<void> };
const received: { id: string; text: string; files: { name: string; mime: string; size: number; data: string }[] }[] = [];

beforeAll(async () => {
  program = await listen((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk;
    });
    request.on('end', () => {
      received.push(JSON.parse(text));
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  const shop = { connector: 'webhook', secret: { env: 'HOOK_SECRET' }, reply: program.url };
  server = await startTestServer({ config: { channels: { shop, silent: { connector: 'chat-widget' } } } });
});
afterAll(async () => {
  await server.stop();
  await program.close();
});

const write = (conversation: string, body: object) => server.call(server.admin, `/api/conversations/${conversation}/messages`, { method: 'POST', body });
const deliveriesOf = async (conversation: string) =>
  (await server.call<{ items: { conversation: string; kind: string; state: string }[] }>(server.admin, '/api/deliveries')).body.items.filter(
    (one) => one.conversation === conversation,
  );

describe('replies', () => {
  it('sent twice with one id are one message and one delivery', async () => {
    const conversation = await server.say('Ana', 'Hello?');
    const reply = { id: randomUUID(), kind: 'public', text: 'Hello Ana' };
    const first = await write(conversation, reply);
    expect(first).toMatchObject({ status: 201, body: { id: reply.id, direction: 'out', kind: 'public', sending: 'queued', author: { name: 'Root' } } });
    const again = await write(conversation, { ...reply, text: 'something else' });
    expect(again).toMatchObject({ status: 200, body: { id: reply.id, text: 'Hello Ana' } });
    await vi.waitFor(async () => expect(await deliveriesOf(conversation)).toMatchObject([{ kind: 'send', state: 'done' }]));
    expect(received.filter(({ id }) => id === reply.id)).toHaveLength(1);
    expect((await server.detail(conversation)).messageList.filter(({ id }) => id === reply.id)).toMatchObject([{ sending: 'sent' }]);
  });

  it('at the same moment with one id are one, too', async () => {
    const conversation = await server.say('Ada', 'Hello?');
    const reply = { id: randomUUID(), kind: 'public', text: 'Hello Ada' };
    const both = await Promise.all([write(conversation, reply), write(conversation, reply)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 201]);
    expect(await deliveriesOf(conversation)).toHaveLength(1);
  });

  it('cannot take the id of a message elsewhere', async () => {
    const [one, other] = [await server.say('Bea', 'Hello?'), await server.say('Ben', 'Hello?')];
    const reply = { id: randomUUID(), kind: 'public', text: 'For Bea' };
    await write(one, reply);
    expect(await write(other, reply)).toMatchObject({ status: 409, body: { key: 'id-taken' } });
    expect((await server.detail(other)).messageList).toHaveLength(1);
  });

  it('that are internal notes are never sent to anybody', async () => {
    const conversation = await server.say('Cid', 'Hello?');
    const note = { id: randomUUID(), kind: 'internal', text: 'He is angry' };
    expect(await write(conversation, note)).toMatchObject({ status: 201, body: { kind: 'internal', sending: 'sent' } });
    expect(await deliveriesOf(conversation)).toEqual([]);
    expect(received.some(({ text }) => text.includes('angry'))).toBe(false);
  });

  it('are refused in words once the conversation has ended; a note is not', async () => {
    const conversation = await server.say('Dora', 'Bye');
    await server.post({ type: 'ended', conversation: 'Dora', at: Date.now() });
    const refused = await write(conversation, { id: randomUUID(), kind: 'public', text: 'Wait!' });
    expect(refused).toMatchObject({ status: 409, body: { key: 'conversation-ended', detail: 'This conversation has ended; nothing can be sent in it.' } });
    expect(await deliveriesOf(conversation)).toEqual([]);
    expect((await write(conversation, { id: randomUUID(), kind: 'internal', text: 'She will call' })).status).toBe(201);
  });

  it('without words and files are nothing, and those too long for the channel are refused before they are queued', async () => {
    const conversation = await server.say('Eli', 'Hello?');
    expect(await write(conversation, { id: randomUUID(), kind: 'public', text: ' \n' })).toMatchObject({ status: 400, body: { key: 'empty-message' } });
    expect((await write(conversation, { id: randomUUID(), kind: 'public', text: 'x'.repeat(50_001) })).status).toBe(400);
    expect((await write('nothing', { id: randomUUID(), kind: 'public', text: 'x' })).status).toBe(404);
    expect(await deliveriesOf(conversation)).toEqual([]);
  });
});

describe('files', () => {
  const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
  interface Stored {
    readonly sha256: string;
    readonly name: string;
    readonly mime: string;
    readonly size: number;
  }
  const upload = (bytes: Uint8Array, name: string, type: string) =>
    server.call<Stored>(server.admin, `/api/files?name=${encodeURIComponent(name)}`, { method: 'POST', body: bytes, headers: { 'content-type': type } });
  /** Sends them in a reply and reads the first one as a browser would. */
  const shown = async (thread: string, files: readonly Stored[]) => {
    const conversation = await server.say(thread, 'Send it, please');
    const reply = await write(conversation, { id: randomUUID(), kind: 'public', text: '', files });
    const [file] = (reply.body as { files?: { id: string; mime: string; size: number }[] }).files ?? [];
    return { reply, file, answer: await server.call<string>(server.admin, `/api/messages/${(reply.body as { id: string }).id}/files/${file?.id}`) };
  };

  it('are what their bytes say, whatever their sender says', async () => {
    expect((await upload(png, 'a.txt', 'text/plain')).body).toMatchObject({ mime: 'image/png', size: png.length, name: 'a.txt' });
    expect((await upload(Buffer.from('<html>'), 'a.png', 'image/png')).body.mime).toBe('application/octet-stream');
    expect((await upload(Buffer.from('a,b'), 'a.csv', 'text/csv')).body.mime).toBe('text/csv');
    expect((await upload(Buffer.from('{"a":1}'), 'a.json', 'application/json')).body).toMatchObject({ mime: 'application/json', size: 7 });
  });

  it('go out with the reply, and are shown with headers that let nothing run', async () => {
    const { body: stored } = await upload(png, 'Foto do "braço".png', 'image/png');
    const { answer } = await shown('Fay', [{ ...stored, size: 1, mime: 'text/html' }]);
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-disposition': "inline; filename*=UTF-8''Foto%20do%20%22bra%C3%A7o%22.png",
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
    });
    const sent = await vi.waitFor(() => {
      const found = received.find(({ files }) => files.some(({ name }) => name.startsWith('Foto')));
      expect(found).toBeDefined();
      return found;
    });
    expect(sent?.files[0]).toMatchObject({ mime: 'image/png', size: png.length, data: png.toString('base64') });
  });

  it.each([
    ['HTML', 'x.html', 'text/html', '<script>alert(1)</script>'],
    ['SVG', 'x.svg', 'image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
    ['XML', 'x.xml', 'application/xhtml+xml', '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>'],
  ])('of %s are saved and never shown', async (_what, name, type, text) => {
    const { body: stored } = await upload(Buffer.from(text), name, type);
    const { answer } = await shown(name, [stored]);
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment;/);
    expect(answer.headers.get('content-type')).toBe('application/octet-stream');
  });

  it('may have 50 MB and not one byte more, said aloud or streamed', async () => {
    const most = 50 * 2 ** 20;
    expect((await upload(Buffer.alloc(most), 'full.bin', 'application/octet-stream')).body.size).toBe(most);
    expect(await upload(Buffer.alloc(most + 1), 'over.bin', 'application/octet-stream')).toMatchObject({ status: 413, body: { key: 'too-large' } });
    const streamed = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { cookie: server.admin.cookie ?? '', 'x-deskbridge': '1', 'transfer-encoding': 'chunked' };
      const request = http.request(`${server.url}/api/files?name=x`, { method: 'POST', headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject);
      for (let n = 0; n < 51; n += 1) request.write(Buffer.alloc(2 ** 20));
      request.end();
    });
    expect(streamed).toBe(413);
  });

  it('that were never stored cannot be sent, and those of others’ messages cannot be read without signing in', async () => {
    const conversation = await server.say('Gus', 'Hello?');
    const unknown = { sha256: 'ab'.repeat(32), name: 'x', mime: 'text/plain', size: 3 };
    expect((await write(conversation, { id: randomUUID(), kind: 'public', text: '', files: [unknown] })).status).toBe(404);
    expect((await write(conversation, { id: randomUUID(), kind: 'public', text: '', files: [{ ...unknown, sha256: '../../secret' }] })).status).toBe(404);
    expect((await server.detail(conversation)).messageList).toHaveLength(1);
    const { body: stored } = await upload(png, 'a.png', 'image/png');
    const { reply, file } = await shown('Hal', [stored]);
    const path = `/api/messages/${(reply.body as { id: string }).id}/files/${file?.id}`;
    expect((await server.call({}, path)).status).toBe(401);
    expect((await server.call(server.admin, `${path}x`)).status).toBe(404);
  });
});

describe('who is at it', () => {
  it('is an agent that exists', async () => {
    const conversation = await server.say('Ivo', 'Hello?');
    const assign = (agent: string | null) => server.call(server.admin, `/api/conversations/${conversation}/assignee`, { method: 'PUT', body: { agent } });
    const eva = await server.agent('Eva');
    expect((await assign('nobody')).status).toBe(404);
    expect((await assign(eva.id)).status).toBe(204);
    expect((await server.detail(conversation)).assignee).toMatchObject({ id: eva.id, name: 'Eva' });
    const mine = await server.call<{ items: { id: string }[] }>(eva, '/api/conversations?assignee=me');
    expect(mine.body.items.map(({ id }) => id)).toEqual([conversation]);
    await server.call(server.admin, `/api/agents/${eva.id}`, { method: 'PUT', body: { disabled: true } });
    expect((await assign(eva.id)).status).toBe(404);
    expect((await assign(null)).status).toBe(204);
    expect((await server.detail(conversation)).assignee).toBeNull();
  });

  it('is told while an agent is ending it, until they leave or another takes over', async () => {
    const conversation = await server.say('Jo', 'Bye');
    const [lia, leo] = [await server.agent('Lia'), await server.agent('Leo')];
    const ending = (who: object, body: object = {}) =>
      server.call<{ agent: { name: string } }>(who, `/api/conversations/${conversation}/ending`, { method: 'POST', body });
    expect((await ending(lia)).body.agent.name).toBe('Lia');
    expect((await ending(leo)).body.agent.name).toBe('Lia');
    expect((await server.detail(conversation)).ending?.agent.name).toBe('Lia');
    expect((await ending(leo, { takeOver: true })).body.agent.name).toBe('Leo');
    await server.call(lia, `/api/conversations/${conversation}/ending`, { method: 'DELETE' });
    expect((await server.detail(conversation)).ending?.agent.name).toBe('Leo');
    await server.call(leo, `/api/conversations/${conversation}/ending`, { method: 'DELETE' });
    expect((await server.detail(conversation)).ending).toBeNull();
  });
});

describe('people', () => {
  const make = (body: object) => server.call(server.admin, '/api/contacts', { method: 'POST', body });

  it('made by hand are kept in the way that helpdesks know them, and found by words in any case', async () => {
    const { body: gym } = await server.call<{ id: string }>(server.admin, '/api/companies', {
      method: 'POST',
      body: { name: 'Academia São  João', brand: null },
    });
    const again = await server.call<{ id: string; brand: string }>(server.admin, '/api/companies', {
      method: 'POST',
      body: { name: 'academia sao joão', brand: 'ifitness' },
    });
    expect(again.body).toMatchObject({ id: gym.id, brand: 'ifitness' });
    const made = await make({
      name: 'Zoe Prado',
      company: gym.id,
      identities: [
        { kind: 'email', value: ' Zoe@Gym.Example ' },
        { kind: 'phone', value: '+55 (11) 91234-5678' },
      ],
    });
    expect(made.status).toBe(201);
    const find = async (query: string) =>
      (await server.call<{ items: { name: string }[] }>(server.admin, `/api/contacts?${query}`)).body.items.map(({ name }) => name);
    expect(await find('words=ZOE%20PRA')).toEqual(['Zoe Prado']);
    expect(await find(`company=${gym.id}`)).toEqual(['Zoe Prado']);
    expect(await find(`company=${gym.id}&words=prado`)).toEqual(['Zoe Prado']);
    expect(await find(`company=${gym.id}&words=maria`)).toEqual([]);
    expect((await server.call<{ items: object[] }>(server.admin, '/api/companies?words=SAO%20JOAO')).body.items).toMatchObject([
      { name: 'Academia São  João' },
    ]);
  });

  it('with an address that cannot be one are refused with the field named', async () => {
    expect(await make({ name: 'X', identities: [{ kind: 'phone', value: '912345678' }] })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'identities.0.value', message: expect.stringContaining('country') }] },
    });
    expect((await make({ name: 'X', identities: [{ kind: 'email', value: 'nowhere' }] })).status).toBe(400);
    expect((await make({ name: 'X', company: 'nothing' })).status).toBe(404);
  });
});
