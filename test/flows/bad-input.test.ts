/** Everything that must not get in, or must not stop what comes after it, over the real HTTP door. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectorsFolder } from '../../src/cli/sandbox/demo-day.ts';
import { idsOf, type Journey, journeySecret, startJourney } from '../support/journey.ts';

let day: Journey;
let mappings: string;
beforeAll(async () => {
  mappings = await mkdtemp(join(tmpdir(), 'deskbridge-mappings-'));
  await cp(join(connectorsFolder, '../mappings'), mappings, { recursive: true });
  day = await startJourney({ mappings });
});
afterAll(async () => {
  await day.stop();
  await rm(mappings, { recursive: true, force: true });
});

const hello = (conversation: string, id = 'm1', more: object = {}) => ({
  type: 'message',
  conversation,
  id: `${conversation}-${id}`,
  at: Date.now(),
  from: { id: conversation, role: 'contact', name: 'Rosa' },
  text: 'a catraca não libera',
  ...more,
});
const quarantined = async (): Promise<readonly { error: string; payload: string }[]> =>
  (await day.call<{ items: { error: string; payload: string }[] }>('GET', '/api/quarantine?limit=100')).body.items;
const stored = async () => [(await day.inbox('utalk', 'any')).length, (await quarantined()).length];

describe('a webhook whose sender is not proven', () => {
  it.each([
    ['unsigned', async () => (await fetch(`${day.url}/hooks/utalk`, { method: 'POST', body: JSON.stringify(hello('u1')) })).status],
    ['wrongly signed', async () => (await day.post('utalk', hello('u2'), { secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` })).status],
    ['signed ten minutes ago', async () => (await day.post('utalk', hello('u3'), { now: Date.now() - 600_000 })).status],
    ['signed ten minutes ahead', async () => (await day.post('utalk', hello('u4'), { now: Date.now() + 600_000 })).status],
  ])('is refused with 401 and leaves nothing behind: %s', async (_what, post) => {
    const before = await stored();
    expect(await post()).toBe(401);
    expect(await stored()).toEqual(before);
  });
});

describe('a webhook that comes again', () => {
  it('is acknowledged again and stored once', async () => {
    const payload = hello('repeated');
    const answers = [
      await day.post('utalk', payload, { id: 'w-1' }),
      await day.post('utalk', payload, { id: 'w-1' }),
      await day.post('utalk', payload, { id: 'w-2' }),
    ];
    expect(answers.every(({ status }) => status >= 200 && status < 300)).toBe(true);
    const [newest] = await day.inbox('utalk');
    expect((await day.detail(newest?.id ?? '')).messages).toBe(1);
  });
});

describe('a body that is too large', () => {
  it('is refused with 413, and the next one is taken', async () => {
    const before = await stored();
    expect((await day.post('utalk', hello('large', 'm1', { text: 'x'.repeat(11 * 2 ** 20) }))).status).toBe(413);
    expect(await stored()).toEqual(before);
    expect((await day.post('utalk', hello('small'))).status).toBe(202);
  });
});

describe('what is not understood', () => {
  it('is kept for ops where it is no JSON at all', async () => {
    expect((await day.post('freshchat', '{"type": "message", ')).status).toBe(202);
    expect(await quarantined()).toContainEqual(expect.objectContaining({ error: 'this is not JSON', payload: expect.stringContaining('message') }));
  });

  it('is kept alone, and the rest of its batch goes on', async () => {
    const events = [hello('b1'), { type: 'dance', conversation: 'b1' }, { ...hello('b1', 'm2'), text: 'e a impressora parou' }];
    expect((await day.post('freshchat', { events })).status).toBe(202);
    const [newest] = await day.inbox('freshchat');
    expect((await day.detail(newest?.id ?? '')).messageList.map(({ text }) => text)).toEqual(['a catraca não libera', 'e a impressora parou']);
    const kept = (await quarantined()).filter(({ payload }) => payload.includes('dance'));
    expect(kept).toHaveLength(1);
  });
});

describe('a mapping with a typo', () => {
  it('is told with its line, and the last good version stays in force', async () => {
    const file = join(mappings, 'academias.yaml');
    const good = await readFile(file, 'utf8');
    const problems = async () =>
      (await day.call<{ mappings: { problems: { line: number; message: string }[] } }>('GET', '/api/connectors')).body.mappings.problems;
    expect(await problems()).toEqual([]);
    await writeFile(file, good.replace('priority: urgent', 'prioridade: urgent'));
    await expect
      .poll(problems, { timeout: 10_000 })
      .toContainEqual(expect.objectContaining({ line: expect.any(Number), message: expect.stringContaining('prioridade') }));
    await day.post('whatsapp', hello('typo'));
    const [newest] = await day.inbox('whatsapp');
    expect((await day.proposal(newest?.id ?? '')).mapping.impacts).toContainEqual(expect.objectContaining({ id: 'catraca-livre', priority: 'urgent' }));
    await writeFile(file, good);
    await expect.poll(problems, { timeout: 10_000 }).toEqual([]);
  });
});

describe('a helpdesk that answers with a web page', () => {
  const page = { kind: 'answer', status: 200, type: 'text/html', body: '<html><body>Please sign in</body></html>' } as const;
  const decide = (id: string[]) => ({
    parts: [
      {
        key: 'p1',
        topic: 'catraca',
        target: { kind: 'new' as const },
        title: 'Catraca não libera',
        summary: 'Problema: catraca parada, sem visita ainda',
        impact: 'parado',
        outcome: { status: 'pendente' },
        messages: id,
      },
    ],
  });

  it('stops that delivery, tells the agent why, and has the ticket once when the agent retries', async () => {
    await day.post('whatsapp', hello('page'));
    const [newest] = await day.inbox('whatsapp');
    const chat = await day.detail(newest?.id ?? '');
    const tickets = day.freshdesk.state.tickets.length;
    await day.proposal(chat.id);
    day.freshdesk.dials.set(page, { method: 'POST', path: /\/tickets$/ });
    const { id } = await day.commit(chat.id, decide(idsOf(chat, 'a catraca')));
    const told = () =>
      day.call<{ progress: string; deliveries: { id: string; kind: string; state: string; error: { message: string } | null }[] }>(
        'GET',
        `/api/closings/${id}`,
      );
    await expect
      .poll(async () => (await told()).body.deliveries.find(({ kind }) => kind === 'open')?.error?.message ?? '', { timeout: 10_000 })
      .toMatch(/not JSON|web page|HTML|not its API|not understood/i);
    const parked = (await told()).body.deliveries.find(({ kind }) => kind === 'open');
    expect(parked).toMatchObject({ state: 'parked' });
    expect((await day.call('POST', `/api/deliveries/${parked?.id}/retry`)).status).toBe(204);
    await expect.poll(async () => day.advance(10_000) ?? (await told()).body.progress, { timeout: 15_000, interval: 300 }).toBe('done');
    expect(day.freshdesk.state.tickets.length).toBe(tickets + 1);
  });
});

it('tells no secret in any answer', async () => {
  const { body } = await day.call('GET', '/api/connectors');
  expect(JSON.stringify(body)).not.toContain(journeySecret);
});
