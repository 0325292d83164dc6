/** What goes out and what comes back: signatures, ids, files, values, and every answer that a receiver may give. */
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConnectorError, createHttp, type NoteOperation, type OpenOperation, type Operation, type ReplyOperation } from '../../src/kit/index.ts';
import { listen } from '../../src/kit/simulator.ts';
import { summarize } from '../../test/contract/helpdesk/samples.ts';
import { drive, samples } from '../../test/contract/helpdesk.ts';
import { memoryJournal, testContext, testStep } from '../../test/support/context.ts';
import webhookHelpdesk from './index.ts';
import { jsonSchema } from './payload.ts';
import { secrets, type TestReceiver, testReceiver } from './test-account.ts';

let under: TestReceiver;
beforeEach(async () => {
  under = await testReceiver();
});
afterEach(() => under.close());

const run = (operation: Operation, settings: object = {}) => under.connect(settings).run(operation, testStep(memoryJournal(), under.clock.now));
const note = (): NoteOperation => samples(under).note.operation as NoteOperation;
const opening = (): OpenOperation => samples(under).open.operation as OpenOperation;
const answer = (status: number, body: string, type = 'application/json') => under.dials?.set({ kind: 'answer', status, type, body });

describe('a signature', () => {
  test('of every secret stands in each request, as the public library verifies it', async () => {
    const seen: { headers: Record<string, string>; body: string }[] = [];
    const server = await listen(async (request, response) => {
      seen.push({ headers: request.headers as Record<string, string>, body: await text(request) });
      response.end();
    });
    const settings = webhookHelpdesk.settings.parse({ address: server.url, secrets: [secrets.old, secrets.new] });
    const http = createHttp({ egress: { allow: ['127.0.0.0/8'] } });
    const operation = opening();
    await webhookHelpdesk.create(testContext(settings, { http })).run(operation, testStep());
    await server.close();
    const [{ headers, body } = { headers: {}, body: '' }] = seen;
    expect(headers).toMatchObject({ 'webhook-id': `${operation.id}.1`, 'content-type': 'application/json' });
    for (const secret of Object.values(secrets)) expect(new Webhook(secret).verify(body, headers)).toMatchObject({ type: 'ticket.open' });
    const stranger = new Webhook(`whsec_${Buffer.from('nobody shares this one').toString('base64')}`);
    expect(() => stranger.verify(body, headers)).toThrow();
  });

  test('by a secret that the receiver does not know is refused as a credential, and nothing is made', async () => {
    const { operation, mark } = samples(under).note;
    await expect(run(operation, { secrets: [secrets.new] })).rejects.toMatchObject({ code: 'unauthorized', status: 401 });
    expect(under.places(mark)).toEqual([]);
  });

  test.each(['whsec_', 'whsec_short', 'plain words', ''])('cannot be made with "%s": the settings say so at start', (secret) => {
    expect(webhookHelpdesk.settings.safeParse({ address: 'https://a.example', secrets: [secret] }).success).toBe(false);
  });
});

describe('an operation', () => {
  test('that was never answered goes again under the same id, and a corrected one under another', async () => {
    const before = under.receiver.taken.length;
    const operation = note();
    under.dials?.set({ kind: 'reset', when: 'after' });
    await drive(under, operation, memoryJournal());
    await run({ ...operation, revision: 2 });
    expect(under.receiver.taken.slice(before)).toEqual([`${operation.id}.1`, `${operation.id}.2`]);
    expect(under.dials?.calls.slice(-3)).toHaveLength(3);
  });

  test('with a value that the settings do not list is refused before it is sent', async () => {
    const before = under.dials?.calls.length;
    for (const [field, value] of [
      ['status', 'elsewhere'],
      ['priority', 'P1'],
      ['group', 'Software'],
    ] as const)
      await expect(run({ ...opening(), values: { [field]: value } }, { groups: [{ value: 'hw', label: 'Hardware' }] })).rejects.toMatchObject({
        code: 'refused',
        field,
        effect: 'none',
      });
    expect(under.dials?.calls).toHaveLength(before ?? -1);
  });

  test('brings due date, fields and tags to the receiver, and they are read back', async () => {
    const at = Date.parse('2026-11-24T01:00:00Z');
    const values = { tags: ['chat'], fields: { produto: 'Totem' }, due: { at, zone: 'America/Sao_Paulo', field: { custom: 'retorno' } } };
    const { ticket } = await run({ ...opening(), values });
    expect(under.receiver.tickets.at(-1)?.open.values).toMatchObject({ due: { at: '2026-11-24T01:00:00.000Z', date: '2026-11-23', customField: 'retorno' } });
    expect(await under.connect().ticket(ticket.id)).toMatchObject({
      due: null,
      tags: ['chat'],
      status: 'new',
      fields: { produto: 'Totem', retorno: '2026-11-23' },
    });
    await run({ kind: 'update', id: 'later', revision: 1, ticket, values: { tags: ['vip'], due: { at, zone: 'UTC', field: 'due' } } });
    expect(await under.connect().ticket(ticket.id)).toMatchObject({ due: at, tags: ['chat', 'vip'] });
  });

  test('that summarizes replaces the summary, inside and outside', async () => {
    await run(summarize(under.tickets[0], 'first'));
    await run(summarize(under.tickets[0], 'second'));
    const { summary } = await under.connect().ticket(under.tickets[0].id);
    expect(summary).toContain('second');
    expect(summary).not.toContain('first');
    expect(under.receiver.tickets[0]?.summary).toBe(summary);
  });

  test('that logs time is refused, as the capabilities say', async () => {
    await expect(run(samples(under).logTime.operation)).rejects.toMatchObject({ code: 'refused', retry: 'never' });
  });
});

test('an internal text that got around the type is sent to nobody', async () => {
  const before = under.dials?.calls.length;
  const internal = note().note as unknown as OpenOperation['description'];
  await expect(run({ ...opening(), description: internal })).rejects.toMatchObject({ code: 'refused', retry: 'never' });
  const reply = samples(under).reply.operation as ReplyOperation;
  await expect(run({ ...reply, reply: internal })).rejects.toMatchObject({ code: 'refused', retry: 'never' });
  expect(under.dials?.calls).toHaveLength(before ?? -1);
});

describe('files', () => {
  const file = async (name: string, size: number) => ({ ...(await under.blobs.put(Buffer.alloc(size, 7))), name, mime: 'image/jpeg' });

  test('arrive byte by byte', async () => {
    await run({ ...note(), files: [await file('a.jpg', 9 * 2 ** 20), await file('b.jpg', 2 ** 20)] });
    expect(under.receiver.entries.at(-1)?.files).toEqual([
      { name: 'a.jpg', bytes: Buffer.alloc(9 * 2 ** 20, 7) },
      { name: 'b.jpg', bytes: Buffer.alloc(2 ** 20, 7) },
    ]);
  });

  test('of more than 10 MB are refused before anything is sent, and the message says how large they are', async () => {
    const before = under.dials?.calls.length;
    const files = [await file('a.mp4', 9 * 2 ** 20), await file('b.mp4', 3 * 2 ** 20)];
    await expect(run({ ...note(), files })).rejects.toMatchObject({ code: 'too-large', retry: 'never', message: expect.stringContaining('12.0 MB') });
    expect(under.dials?.calls).toHaveLength(before ?? -1);
  });
});

describe('an answer', () => {
  test.each([
    [400, '{"error":"bad"}', { code: 'refused', retry: 'never', effect: 'none' }],
    [403, '{}', { code: 'forbidden', effect: 'none' }],
    [404, '{"error":"no such ticket"}', { code: 'not-found', retry: 'never' }],
    [404, '<html>nothing here</html>', { code: 'not-understood', retry: 'never', effect: 'none' }],
    [413, '', { code: 'too-large', retry: 'never' }],
    [422, '{"message":"unknown group","field":"group"}', { code: 'refused', field: 'group', message: expect.stringContaining('unknown group') }],
    [302, '', { code: 'not-understood', retry: 'never' }],
    [200, '<!doctype html><title>Sign in</title>', { code: 'not-understood', effect: 'unclear' }],
    [503, '', { code: 'unavailable', retry: 'backoff', effect: 'unclear' }],
    [429, '', { code: 'rate-limited', retry: 'backoff', effect: 'none' }],
  ])('of %i %s has its class', async (status, body, expected) => {
    answer(status, body);
    await expect(run(note())).rejects.toMatchObject(expected);
  });

  test('of 410 stops for good, says why, shows no more of the address than its host, and stays in the health until it is mended', async () => {
    const secretive = `${under.url}?token=never-shown`;
    answer(410, '{}');
    const error = await run(note(), { address: secretive }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ConnectorError);
    expect(error).toMatchObject({ code: 'not-found', retry: 'never', effect: 'none', status: 410, message: expect.stringContaining('gone for good') });
    expect(String(error)).not.toMatch(/never-shown|whsec_/);
    await expect(under.connect({ address: secretive }).health()).rejects.toMatchObject({ code: 'not-found' });
    expect(JSON.stringify(await under.records.get('endpoint', 'trouble'))).not.toContain('never-shown');
    expect((await under.connect().health()).detail).toContain('127.0.0.1');
    await run(note(), { address: secretive });
    expect((await under.connect({ address: secretive }).health()).detail).not.toContain('never-shown');
  });

  test('names the ticket, as text or number; what is no name leaves the ticket under the operation’s id', async () => {
    const named = async (body: unknown) => {
      const operation = opening();
      under.dials?.set({ kind: 'answer', when: 'after', status: 201, type: 'application/json', body: JSON.stringify(body) });
      const { ticket } = await run(operation);
      expect((await under.connect().ticket(ticket.id)).ref).toEqual(ticket);
      return { ...ticket, own: operation.id };
    };
    expect(await named({ id: 77, number: 'INC-77', url: 'https://a.example/77' })).toMatchObject({ id: '77', number: 'INC-77', url: 'https://a.example/77' });
    expect(await named({ id: 'x/1', url: 'javascript:alert(1)' })).toMatchObject({ number: 'x/1', url: 'http://localhost:3000/tickets/elsewhere/x%2F1' });
    for (const body of [{}, { id: null }, { id: '' }, [], 'ok', { ok: true }]) {
      const { id, number, own } = await named(body);
      expect([id, number]).toEqual([own, own]);
    }
  });

  test('with an id that another ticket has already makes no one ticket of the two', async () => {
    const answers = { kind: 'answer', when: 'after', status: 200, type: 'application/json', body: '{"id":"same"}' } as const;
    under.dials?.set(answers, { times: 2 });
    const [first, second] = [opening(), opening()];
    expect((await run(first)).ticket.id).toBe('same');
    expect((await run(second)).ticket.id).toBe(second.id);
    expect((await under.connect().ticket('same')).subject).toBe(first.subject);
    expect((await under.connect().ticket(second.id)).subject).toBe(second.subject);
  });
});

test.each(['', 'thanks', '<?xml version="1.0"?><ok/>'])('a success in other words (%s) is one', async (body) => {
  const { operation, mark } = samples(under).note;
  under.dials?.set({ kind: 'answer', when: 'after', status: 202, type: 'text/plain', body });
  await run(operation);
  expect(under.places(mark)).toHaveLength(1);
  expect((await under.connect().ticket(under.tickets[0].id)).entries).toHaveLength(1);
});

test('the published schema is what is sent', () => {
  const published = JSON.parse(readFileSync(new URL('payload.schema.json', import.meta.url), 'utf8'));
  expect(published, 'write jsonSchema() of payload.ts into payload.schema.json, then npm run format').toEqual(JSON.parse(JSON.stringify(jsonSchema())));
});
