/** The real child process, protocol, spool and watchdog, against the made-up account; nothing here is mocked. */

import { fork } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Context, Json, Session, SessionState } from '../../src/kit/index.ts';
import { type Listening, listen, type SimulatedPerson } from '../../src/kit/simulator.ts';
import { memoryRecords, quiet, testContext } from '../../test/support/context.ts';
import type { Heard } from './heard.ts';
import { createLine, type Line } from './line.ts';
import { createParts } from './parts.ts';
import { membersOf } from './profile.ts';
import { runSession } from './session.ts';
import { settings, type WhatsAppWebSettings } from './settings.ts';
import { type SimulatedNumber, simulatedChannel } from './simulator.ts';

const maria: SimulatedPerson = { id: 'maria', name: 'Maria Souza', phone: '+5511930001001' };
const teo: SimulatedPerson = { id: 'teo', name: 'Téo' };
const within20s = { timeout: 20_000, interval: 20 };

let folder: string;
let account: SimulatedNumber;
let vendor: Listening;
const running = new Set<Running>();
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'deskbridge-wweb-'));
  account = simulatedChannel();
  vendor = await listen(account.app);
});
afterEach(async () => {
  for (const one of running) await one.stop();
  running.clear();
  await vendor.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Running {
  readonly emitted: readonly Heard[];
  readonly states: readonly SessionState[];
  readonly line: Line;
  readonly cursor: string | undefined;
  readonly logged: readonly string[];
  texts(): readonly string[];
  stop(): Promise<void>;
}

const records = new WeakMap<object, Context<WhatsAppWebSettings>['records']>();

interface Starting {
  readonly settings?: object;
  readonly cursor?: string | undefined;
  readonly firstPauseMs?: number;
  readonly screen?: { isTTY: boolean; write(text: string): unknown };
  /** Called before a payload counts as committed; a rejection is a database that is away. */
  commit?(payload: Json): Promise<void>;
}

function begin({ settings: more = {}, cursor, firstPauseMs = 20, screen, commit }: Starting = {}): Running {
  const kept = records.get(account) ?? memoryRecords();
  records.set(account, kept);
  const logged: string[] = [];
  const log = { ...quiet, warn: (data: object, message: string) => void logged.push(`${JSON.stringify(data)} ${message}`) };
  const context = testContext(settings.parse({ ...account.settings(vendor.url), ...more }), { records: kept, log });
  const line = createLine();
  const emitted: Heard[] = [];
  const states: SessionState[] = [];
  const keys = new Set<string>();
  const stopping = new AbortController();
  let at = cursor;
  const session: Session = {
    cursor,
    signal: stopping.signal,
    state: (state) => void states.push(state),
    async emit(payload, { key, cursor: moved } = {}) {
      await commit?.(payload);
      at = moved ?? at;
      if (key !== undefined && keys.has(key)) return { arrival: key, state: 'repeated' };
      if (key !== undefined) keys.add(key);
      emitted.push(payload as unknown as Heard);
      return { arrival: 'a', state: 'stored' };
    },
  };
  const done = runSession({ context, line, parts: createParts(kept), folder, firstPauseMs, ...(screen && { screen }) }, session);
  const self: Running = {
    emitted,
    states,
    line,
    logged,
    get cursor() {
      return at;
    },
    texts: () => emitted.flatMap((event) => (event.kind === 'message' ? [event.body] : [])),
    async stop() {
      running.delete(self);
      stopping.abort();
      await done;
    },
  };
  running.add(self);
  return self;
}

const ready = (one: Running) => vi.waitFor(() => expect(one.states.at(-1)?.state).toBe('ready'), within20s);
const say = (person: SimulatedPerson, text: string) => account.write({ conversation: person.id, person, text });

/** Process ids whose folder is this test's: those of the child and of everything it started. */
function ours(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`HOME=${folder}`) &&
          !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
        );
      } catch {
        return false;
      }
    });
}
const child = async (): Promise<number> => vi.waitFor(() => ours()[0] ?? expect.fail('no child yet'), within20s);

describe('a linked number', () => {
  it('hears both sides, changes, reactions and receipts, in their order', async () => {
    const one = begin();
    await ready(one);
    const { id } = await say(maria, 'a catraca não libera');
    await account.write({ conversation: 'x', person: maria, text: 'já estou vendo', agent: 'Ana' });
    await say(teo, 'oi');
    // The look for what was missed before may still be under way; what it finds changed already, it rightly tells at once.
    const heard = (events: number) => vi.waitFor(() => expect(one.emitted).toHaveLength(events), within20s);
    await heard(3);
    await account.edit?.(id, 'a catraca 2 não libera');
    await heard(4);
    await account.react?.(id, '👍');
    await heard(5);
    await account.remove?.(id);
    await account.settled();
    expect(one.emitted.map((event) => event.kind)).toEqual(['message', 'message', 'message', 'edit', 'reaction', 'revoke']);
    expect(one.emitted[0]).toMatchObject({ fromMe: false, from: { name: 'Maria Souza', phone: '+5511930001001' }, body: 'a catraca não libera' });
    expect(one.emitted[1]).toMatchObject({ fromMe: true, from: { name: 'Suporte Academia' }, device: 'android' });
    // Somebody who keeps the number private is known by the id that WhatsApp gives.
    expect(one.emitted[2]).toMatchObject({ chat: expect.stringMatching(/@lid$/), from: { name: 'Téo' } });
    expect((one.emitted[2] as { from: object }).from).not.toHaveProperty('phone');
    expect(one.emitted[5]).toMatchObject({ kind: 'revoke', id });
  });

  it('fetches what was written while nobody listened, once, and from where it had read', async () => {
    const first = begin();
    await ready(first);
    await say(maria, 'um');
    await account.settled();
    await first.stop();
    await say(maria, 'dois');
    await say(teo, 'três');
    const second = begin({ cursor: first.cursor });
    await account.settled();
    // The stretch before the cursor is read once more, and recognised by its key.
    expect(second.texts()).toEqual(['um', 'dois', 'três']);
    await say(maria, 'quatro');
    await account.settled();
    expect(second.texts()).toEqual(['um', 'dois', 'três', 'quatro']);
    expect(JSON.parse(second.cursor ?? '{}')).toMatchObject({ account: '5511900000001@c.us', since: expect.any(Number) });
  });

  it('takes in nothing from before it was linked, unless told to', async () => {
    const before = Date.now() - 7_200_000;
    await account.write({ conversation: 'm', person: maria, text: 'antes', at: before });
    const one = begin({ settings: { catchUpHours: 0 } });
    await account.settled();
    await say(maria, 'agora');
    await account.settled();
    expect(one.texts()).toEqual(['agora']);
  });

  it('loses nothing when the child is killed -9 again and again, and stores nothing twice', async () => {
    const one = begin();
    await ready(one);
    const said: string[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      for (let word = 0; word < 3; word += 1) {
        said.push(`${turn}.${word}`);
        await say(maria, `${turn}.${word}`);
      }
      process.kill(await child(), 'SIGKILL');
      await vi.waitFor(() => expect(one.states.at(-1)?.state).not.toBe('ready'), within20s);
      said.push(`${turn} while away`);
      await say(maria, `${turn} while away`);
      await ready(one);
    }
    await account.settled();
    expect([...one.texts()].sort()).toEqual(said.sort());
  });

  it('sends again from the spool what the parent could not commit, though the account has forgotten it', async () => {
    const refusing = begin({ commit: () => Promise.reject(new Error('the database is away')), firstPauseMs: 60_000 });
    await ready(refusing);
    await say(maria, 'não se perca');
    await vi.waitFor(() => expect(refusing.states.at(-1)).toMatchObject({ state: 'reconnecting', detail: 'the database is away' }), within20s);
    await refusing.stop();
    expect(refusing.emitted).toEqual([]);
    // Another account answers from now on, where the message never was.
    await vendor.close();
    account = simulatedChannel();
    vendor = await listen(account.app);
    const after = begin();
    await ready(after);
    await vi.waitFor(() => expect(after.texts()).toEqual(['não se perca']), within20s);
    await after.stop();
    expect(readFileSync(join(folder, 'spool.jsonl'), 'utf8')).toBe('');
  });

  it('starts a new client after each disconnection, and is ready again', async () => {
    const one = begin();
    await ready(one);
    const before = await child();
    account.disconnect('CONFLICT');
    await vi.waitFor(() => expect(one.states).toContainEqual({ state: 'reconnecting', detail: 'CONFLICT' }), within20s);
    await ready(one);
    expect(await child()).not.toBe(before);
    await say(maria, 'de novo');
    await account.settled();
    expect(one.texts()).toEqual(['de novo']);
  });

  it('says that WhatsApp blocked the number, and does not hammer', async () => {
    const one = begin({ firstPauseMs: 1 });
    await ready(one);
    account.disconnect('TOS_BLOCK');
    await vi.waitFor(() => expect(one.states.at(-1)).toMatchObject({ state: 'failed', detail: expect.stringContaining('blocked') }), within20s);
    await vi.waitFor(() => expect(ours()).toEqual([]), within20s);
  });

  it('asks for a new scan when it is unlinked on the phone, on a fresh profile', async () => {
    const one = begin();
    await ready(one);
    const profile = join(folder, 'session-under-test');
    writeFileSync(join(profile, 'old'), '');
    account.unlink();
    await vi.waitFor(() => expect(one.states.at(-1)).toMatchObject({ state: 'unpaired', qr: account.qr }), within20s);
    expect(readdirSync(profile)).toEqual([]);
    await expect(one.line.ask({ what: 'connection' }, 1000)).rejects.toMatchObject({ code: 'unauthorized' });
    account.scan();
    await ready(one);
  });

  it('ends a child whose page has lost its connection, and one that fell silent', async () => {
    const one = begin({ settings: { silenceSeconds: 2 } });
    await ready(one);
    account.connection(null);
    await vi.waitFor(() => expect(one.states.some(({ detail }) => detail?.includes('no connection to WhatsApp'))).toBe(true), within20s);
    account.connection('CONNECTED');
    await ready(one);
    process.kill(await child(), 'SIGSTOP');
    await vi.waitFor(() => expect(one.states.some(({ detail }) => detail?.includes('silent'))).toBe(true), within20s);
    await ready(one);
  });
});

describe('the QR code', () => {
  it('is shown to administrators and on a terminal, and stands in no log, file or spool', async () => {
    account = simulatedChannel({ linked: false });
    await vendor.close();
    vendor = await listen(account.app);
    const drawn: string[] = [];
    const one = begin({ settings: { qrInTerminal: true }, screen: { isTTY: true, write: (text) => drawn.push(text) } });
    await vi.waitFor(() => expect(one.states.at(-1)).toMatchObject({ state: 'unpaired', qr: account.qr }), within20s);
    await vi.waitFor(() => expect(drawn.join('')).toMatch(/▀|▄|█/), within20s);
    expect(one.logged.join('\n')).not.toContain(account.qr);
    expect(readFileSync(join(folder, 'spool.jsonl'), 'utf8')).toBe('');
    account.scan();
    await ready(one);
    expect(one.states.at(-1)).not.toHaveProperty('qr');
  });

  it.each([
    ['the output is no terminal', false, true],
    ['the setting is off', true, false],
  ])('is not drawn where %s', async (_why, isTTY, qrInTerminal) => {
    account = simulatedChannel({ linked: false });
    await vendor.close();
    vendor = await listen(account.app);
    const drawn: string[] = [];
    const one = begin({ settings: { qrInTerminal }, screen: { isTTY, write: (text) => drawn.push(text) } });
    await vi.waitFor(() => expect(one.states.at(-1)?.state).toBe('unpaired'), within20s);
    account.scan();
    await ready(one);
    expect(drawn).toEqual([]);
  });

  it('that nobody scans is replaced by one of a new client in time', async () => {
    account = simulatedChannel({ linked: false });
    await vendor.close();
    vendor = await listen(account.app);
    const one = begin({ settings: { readySeconds: 5 } });
    await vi.waitFor(() => expect(one.states.filter(({ state }) => state === 'unpaired')).toHaveLength(2), within20s);
    expect(one.states.some(({ detail }) => detail?.includes('not ready within 5 s'))).toBe(true);
  });
});

describe('the child', () => {
  it('ends by itself when its parent is killed -9', async () => {
    const program = join(folder, 'parent.mjs');
    const options = {
      library: account.settings(vendor.url).library,
      folder,
      clientId: 'x',
      executablePath: '',
      browserArgs: [],
      webVersionCache: { type: 'none' },
    };
    writeFileSync(
      program,
      `import { startRun } from ${JSON.stringify(new URL('./process.ts', import.meta.url).href)};
      startRun(${JSON.stringify({ ...options, takeover: false, readyMs: 60_000, probeMs: 1000 })}, ({ type }) => process.send(type));`,
    );
    const parent = fork(program, { stdio: 'ignore', execArgv: [] });
    const heard: unknown[] = [];
    parent.on('message', (type) => heard.push(type));
    await vi.waitFor(() => expect(heard).toContain('ready'), within20s);
    expect(ours()).toHaveLength(1);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(ours()).toEqual([]), within20s);
  });

  it('is gone with all that belongs to it when the session stops', async () => {
    const one = begin();
    await ready(one);
    const pid = await child();
    expect(membersOf(pid)).toContain(pid);
    await one.stop();
    expect(membersOf(pid)).toEqual([]);
    expect(ours()).toEqual([]);
  });

  it('inherits no secrets of ours', async () => {
    process.env.DATABASE_URL = 'postgres://secret';
    const one = begin();
    await ready(one);
    const names = readFileSync(`/proc/${await child()}/environ`, 'utf8')
      .split('\0')
      .map((line) => line.split('=')[0]);
    delete process.env.DATABASE_URL;
    expect(names).toContain('PATH');
    expect(names).not.toContain('DATABASE_URL');
  });

  it('that meets a rejection which nobody handles, or a thrown string, ends with that as the reason', async () => {
    const broken = join(folder, 'broken.mjs');
    const client = `export class LocalAuth {}
      export const MessageMedia = {};
      export class Client { on() {} listeners() { return [] } async destroy() {} async initialize() { WHAT } }`;
    for (const [what, reason] of [
      [`throw 'auth timeout'`, 'auth timeout'],
      [`setTimeout(async () => { throw 'ready timeout' })`, 'ready timeout'],
      [`setTimeout(() => { throw new Error('Execution context was destroyed') })`, 'Execution context was destroyed'],
    ] as const) {
      writeFileSync(broken, client.replace('WHAT', what));
      const one = begin({ settings: { library: `file://${broken}` }, firstPauseMs: 60_000 });
      await vi.waitFor(() => expect(one.states.at(-1)).toMatchObject({ state: 'reconnecting', detail: reason }), within20s);
      await one.stop();
    }
  });
});
