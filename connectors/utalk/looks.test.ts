/** A uTalk organization with the real intake before it: what no webhook tells is found, and everything is there once. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { v7 } from 'uuid';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { downloadDue } from '../../src/intake/downloads.ts';
import { createHistory } from '../../src/intake/history.ts';
import { createHooks } from '../../src/intake/hooks.ts';
import { createIntake } from '../../src/intake/intake.ts';
import { fetchedByUs, type Json, type Log } from '../../src/kit/index.ts';
import { memoryRecords } from '../../test/support/context.ts';
import { openPlace, type Place } from '../../test/support/deliveries.ts';
import type { UtalkOptions } from './simulator.ts';
import { type Account, ana, openAccount, posted } from './test-account.ts';

interface Desk extends Account {
  readonly place: Place;
  readonly lines: string[];
  readonly hook: string;
  /** One round of the looks, from where the last one stood. */
  look(): Promise<void>;
  messages(): Promise<readonly { text: string; kind: string; conversation_id: string; receipt: string | null; edited_at: number | null }[]>;
  conversations(): Promise<readonly { id: string; state: string; ended_by: string | null }[]>;
}

const desks: (Desk & { stop(): Promise<void> })[] = [];
afterEach(async () => {
  for (const desk of desks.splice(0)) await desk.stop();
});

async function openDesk(options: UtalkOptions = {}, more: object = {}, { hooked = true } = {}): Promise<Desk> {
  const place = await openPlace();
  const name = 'under-test';
  const history = createHistory(place.store, name);
  const one = await openAccount({ ...options, now: place.clock.now }, more, { now: place.clock.now, history, records: memoryRecords() });
  const lines: string[] = [];
  const write = (data: object, message: string) => void lines.push(JSON.stringify([data, message]));
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const runtime = { name, connector: one.channel };
  const intake = createIntake({ store: place.store, now: place.clock.now, id: () => v7(), log });
  const hooks = createHooks({ channels: new Map([[name, runtime]]), intake, now: place.clock.now, log });
  const server = createServer((request, response) => void (hooks(request, response) || response.writeHead(404).end()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const hook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/${name}`;
  if (hooked) one.account.hook?.(hook);
  const cursors = new Map<number, string>();
  const desk = {
    ...one,
    clock: place.clock,
    place,
    lines,
    hook,
    async look() {
      for (const [index, poller] of one.channel.intake.entries()) {
        if (poller.via !== 'poll') continue;
        const { payloads, cursor } = await poller.poll(cursors.get(index));
        for (const payload of payloads) await intake.accept({ channel: runtime, proof: fetchedByUs(), payload });
        cursors.set(index, cursor);
      }
    },
    messages: () =>
      place.store.read
        .selectFrom('messages')
        .select(['text', 'kind', 'conversation_id', 'receipt', 'edited_at'])
        .orderBy('at')
        .orderBy('vendor_order')
        .execute(),
    conversations: () => place.store.read.selectFrom('conversations').select(['id', 'state', 'ended_by']).orderBy('started_at').orderBy('id').execute(),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      history.close();
      await one.close();
      await place.close();
    },
  };
  desks.push(desk);
  await desk.look();
  return desk;
}

const says = async (desk: Desk, text: string, more: object = {}) => {
  desk.clock.advance(1000);
  return desk.account.write({ conversation: 'c', person: ana, text, ...more });
};
const texts = async (desk: Desk) => (await desk.messages()).map(({ text }) => text);
const states = async (desk: Desk) => (await desk.conversations()).map(({ state }) => state);

describe('the end of a chat', () => {
  it('that no webhook told is found, once', async () => {
    const desk = await openDesk();
    await says(desk, 'a catraca não libera');
    await desk.account.settled();
    expect(await states(desk)).toEqual(['open']);
    desk.clock.advance(60_000);
    await desk.account.end?.('c', ana);
    await desk.look();
    await desk.look();
    expect(await desk.conversations()).toMatchObject([{ state: 'ended', ended_by: 'vendor' }]);
    expect(await texts(desk)).toEqual(['a catraca não libera']);
  });

  it('before we were there is none of ours', async () => {
    const desk = await openDesk({}, {}, { hooked: false });
    await says(desk, 'antes');
    await desk.account.end?.('c', ana, desk.clock.now() - 3_600_000);
    await desk.look();
    expect(await desk.conversations()).toEqual([]);
  });

  it('is told by any webhook about the closed chat, and a farewell after it opens nothing', async () => {
    const desk = await openDesk();
    const { id } = await says(desk, 'como faço?', { agent: 'Colega' });
    await says(desk, 'obrigada');
    await desk.account.settled();
    desk.clock.advance(60_000);
    await desk.account.end?.('c', ana);
    desk.account.read(id);
    await desk.account.settled();
    expect(await states(desk)).toEqual(['ended']);
  });

  it('is taken back when the chat goes on, although no webhook says that it ever ended', async () => {
    const desk = await openDesk();
    await says(desk, 'travou');
    await desk.account.settled();
    desk.clock.advance(60_000);
    await desk.account.end?.('c', ana);
    await desk.look();
    expect(await states(desk)).toEqual(['ended']);
    await says(desk, 'travou de novo');
    await desk.account.settled();
    expect(await states(desk)).toEqual(['open']);
    expect(await texts(desk)).toEqual(['travou', 'travou de novo']);
  });

  it('stays where ops have each cycle be a conversation of its own', async () => {
    const desk = await openDesk({}, { reopens: 'new' });
    await says(desk, 'travou');
    await desk.account.settled();
    desk.clock.advance(60_000);
    await desk.account.end?.('c', ana);
    await desk.look();
    await says(desk, 'travou de novo');
    await desk.account.settled();
    expect(await states(desk)).toEqual(['ended', 'open']);
  });

  it('stays where uTalk makes another chat of it', async () => {
    const desk = await openDesk({ reopening: 'new' });
    await says(desk, 'travou');
    await desk.account.settled();
    desk.clock.advance(60_000);
    await desk.account.end?.('c', ana);
    await desk.look();
    await says(desk, 'travou de novo');
    await desk.account.settled();
    expect(await states(desk)).toEqual(['ended', 'open']);
  });
});

describe('messages whose webhook was lost', () => {
  it('are found in the open chat, with those before them, and once', async () => {
    const desk = await openDesk();
    await says(desk, 'um');
    await desk.account.settled();
    desk.account.webhooks?.set('lose', 3);
    for (const text of ['dois', 'três', 'quatro']) await says(desk, text);
    await desk.account.settled();
    expect(await texts(desk)).toEqual(['um']);
    await desk.look();
    await desk.look();
    expect(await texts(desk)).toEqual(['um', 'dois', 'três', 'quatro']);
    expect(await desk.conversations()).toHaveLength(1);
  });

  it('are found in a chat that began, went on for pages and ended meanwhile', async () => {
    const desk = await openDesk({}, {}, { hooked: false });
    const said = Array.from({ length: 120 }, (_, index) => `mensagem ${index}`);
    for (const text of said) await says(desk, text);
    desk.clock.advance(1000);
    await desk.account.end?.('c', ana);
    await desk.look();
    expect(await texts(desk)).toEqual(said);
    expect(await states(desk)).toEqual(['ended']);
  });

  it('cost no call where nothing is missing', async () => {
    const desk = await openDesk();
    await says(desk, 'um');
    await desk.account.settled();
    await desk.look();
    expect(desk.account.dials.calls.filter(({ path }) => path.includes('relative-messages'))).toEqual([]);
  });
});

describe('a message', () => {
  it('is one however many webhooks tell its states, and its receipt goes up', async () => {
    const desk = await openDesk();
    await says(desk, 'oi');
    const { id } = await says(desk, 'O técnico chega às 15h.', { agent: 'Colega' });
    await desk.account.settled();
    expect(await desk.messages()).toMatchObject([{ receipt: null }, { text: 'O técnico chega às 15h.', receipt: null }]);
    desk.account.read(id);
    await desk.account.settled();
    expect(await desk.messages()).toMatchObject([{}, { receipt: 'read' }]);
  });

  it('that was edited keeps what it said before', async () => {
    const desk = await openDesk();
    const { id } = await says(desk, 'eletricista só quinta');
    await desk.account.settled();
    desk.clock.advance(1000);
    await desk.account.edit?.(id, 'eletricista só sexta');
    await desk.account.settled();
    expect(await texts(desk)).toEqual(['eletricista só sexta']);
    expect(await desk.place.store.read.selectFrom('revisions').select('text').execute()).toEqual([{ text: 'eletricista só quinta' }]);
  });

  it('for the team stays internal', async () => {
    const desk = await openDesk();
    await says(desk, 'oi');
    desk.clock.advance(1000);
    desk.account.writeNote('c', ana, 'cliente difícil');
    await desk.account.settled();
    expect(await desk.messages()).toMatchObject([{ kind: 'public' }, { kind: 'internal', text: 'cliente difícil' }]);
  });
});

describe('a file', () => {
  const nota = { name: 'nota.pdf', mime: 'application/pdf', bytes: Buffer.from('%PDF nota') };

  it('is asked for until it has an address, and comes whole, without our credentials', async () => {
    const desk = await openDesk({ mediaLooks: 2 });
    await says(desk, 'segue', { files: [nota] });
    await desk.account.settled();
    const attempt = () =>
      downloadDue({
        store: desk.place.store,
        channels: new Map([['under-test', { name: 'under-test', connector: desk.channel }]]),
        now: desk.clock.now,
        log: quietLog,
      });
    for (let tries = 0; tries < 3; tries += 1) {
      await attempt();
      desk.clock.advance(600_000);
    }
    const [row] = await desk.place.store.read.selectFrom('attachments').selectAll().execute();
    expect(row).toMatchObject({ state: 'stored', name: 'nota.pdf', mime: 'application/pdf', attempts: 3 });
    expect((await desk.place.store.blobs.read(row?.sha256 ?? '')).toString()).toBe('%PDF nota');
  });

  it('that is not there yet says when to ask again', async () => {
    const desk = await openDesk({ mediaLooks: 1 });
    const { id } = await says(desk, 'segue', { files: [nota] });
    const media = { id: 'file', name: 'nota.pdf', ref: { message: id } };
    await expect(desk.channel.download?.(media)).rejects.toMatchObject({ code: 'unavailable', retry: { afterMs: 5000 } });
    await expect(desk.channel.download?.(media)).resolves.toBeDefined();
  });

  it.each([[['files.example.com']], [[]]])('is refused from hosts that are not among %j', async (mediaHosts) => {
    const desk = await openDesk({}, { mediaHosts });
    const { id } = await says(desk, 'segue', { files: [nota] });
    await expect(desk.channel.download?.({ id: 'file', name: 'x', ref: { message: id } })).rejects.toMatchObject({ code: 'blocked', field: 'mediaHosts' });
  });

  it('of no message is not found', async () => {
    const desk = await openDesk();
    await expect(desk.channel.download?.({ id: 'file', name: 'x' })).rejects.toMatchObject({ code: 'not-found' });
    await expect(desk.channel.download?.({ id: 'file', name: 'x', ref: { message: 'gone' } })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('of an audio brings its words once uTalk knows them', async () => {
    const desk = await openDesk({ mediaLooks: 1 });
    const { id } = await says(desk, '', { files: [{ name: '', mime: 'audio/ogg', bytes: Buffer.from('ogg') }] });
    const message = desk.account.state.messages.find((one) => one.id === id);
    if (message?.file) message.file = { ...message.file, transcription: 'a catraca travou' };
    const { payload } = { payload: await lastPayload(desk) };
    const [event] = desk.channel.normalize((await desk.channel.unpack?.(payload)) ?? payload);
    if (!event) throw new Error('the audio made no event');
    await expect(desk.channel.enrich?.(event)).rejects.toMatchObject({ retry: { afterMs: 5000 } });
    expect(await desk.channel.enrich?.(event)).toMatchObject([{ type: 'message', id, text: '🎤 a catraca travou', media: [{ mime: 'audio/ogg' }] }]);
  });
});

const quietLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

async function lastPayload(desk: Desk) {
  await desk.account.settled();
  const row = await desk.place.store.read.selectFrom('arrivals').select('payload').orderBy('id', 'desc').executeTakeFirstOrThrow();
  const { arrival } = await import('../../src/kit/index.ts');
  return arrival(fetchedByUs(), JSON.parse(row.payload) as Json, desk.clock.now());
}

describe('the secret in the address', () => {
  it('stands in no log and no answer, whether it is right or wrong and whatever fails', async () => {
    const desk = await openDesk();
    const right = 'simulated-hook-secret-0001';
    const post = async (path: string, body: string) => {
      const response = await fetch(`${desk.hook}${path}`, { method: 'POST', body });
      return `${response.status} ${await response.text()}`;
    };
    const answers = [await post(`/${right}`, 'no json'), await post(`/${right}`, '{}'), await post('/wrong-secret-0000001', '{}'), await post('', '{}')];
    expect(answers.map((answer) => answer.slice(0, 3))).toEqual(['200', '200', '401', '401']);
    vi.spyOn(desk.place.store, 'batch').mockRejectedValue(new Error('the disk is full'));
    answers.push(await post(`/${right}`, '{}'));
    expect(answers.at(-1)).toMatch(/^503/);
    expect(desk.lines.length).toBeGreaterThanOrEqual(3);
    for (const text of [...desk.lines, ...answers]) expect(text).not.toMatch(/secret-0/);
  });

  it('is not enough where the sender’s address is checked', async () => {
    const desk = await openDesk({}, { checkSenderAddress: true });
    const door = desk.channel.intake.find((one) => one.via === 'webhook');
    const from = (address: string) => (door?.via === 'webhook' ? door.verify(posted('/simulated-hook-secret-0001', Buffer.alloc(0), address), 0) : undefined);
    expect([from('127.0.0.1') !== undefined, from('203.0.113.9') !== undefined]).toEqual([true, false]);
  });
});
