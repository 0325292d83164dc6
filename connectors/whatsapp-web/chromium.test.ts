/** The real library in a real browser, as far as one gets without WhatsApp: a page of ours stands in the version cache, from which the library serves it itself. */
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Session, SessionState } from '../../src/kit/index.ts';
import { browserMissing, browserTitle } from '../../test/support/browser.ts';
import { memoryRecords, quiet, testContext } from '../../test/support/context.ts';
import type { Heard } from './heard.ts';
import { createLine, type Line } from './line.ts';
import { createParts } from './parts.ts';
import { membersOf } from './profile.ts';
import { runSession } from './session.ts';
import { settings } from './settings.ts';

const within40s = { timeout: 40_000, interval: 50 };
const version = '2.3000.0';

let folder: string;
let stop: (() => Promise<void>) | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'deskbridge-chromium-'));
});
afterEach(async () => {
  await stop?.();
  stop = undefined;
  expect(ours(), 'no process of ours survives').toEqual([]);
  rmSync(folder, { recursive: true, force: true });
});

interface Process {
  readonly pid: number;
  readonly group: number;
  readonly command: string;
}

/** Living processes that name this test's folder: the child by its home, the browser by its profile. */
function ours(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [environment = '', command = '', stat = ''] = ['environ', 'cmdline', 'stat'].map((file) => readFileSync(`/proc/${name}/${file}`, 'latin1'));
        const [state = '', , group = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const isOurs = environment.includes(`HOME=${folder}`) || command.includes(folder);
        return isOurs && state !== 'Z' ? [{ pid: Number(name), group: Number(group), command }] : [];
      } catch {
        return [];
      }
    });
}
const browsers = (): Process[] => ours().filter(({ command }) => /chrom/.test(command) && command.includes('--user-data-dir='));
const children = (): Process[] => ours().filter(({ command }) => command.includes('whatsapp-web/child.ts'));

function begin(more: object = {}): { states: SessionState[]; emitted: Heard[]; line: Line } {
  const line = createLine();
  const states: SessionState[] = [];
  const emitted: Heard[] = [];
  const stopping = new AbortController();
  const parsed = settings.parse({ acceptTermsRisk: true, qrInTerminal: false, webVersion: version, readySeconds: 40, ...more });
  const context = testContext(parsed, { log: quiet });
  const session: Session = {
    cursor: undefined,
    signal: stopping.signal,
    state: (state) => void states.push(state),
    emit: async (payload) => [emitted.push(payload as unknown as Heard), { arrival: 'a', state: 'stored' as const }][1] as { arrival: string; state: 'stored' },
  };
  const done = runSession({ context, line, parts: createParts(memoryRecords()), folder, firstPauseMs: 50 }, session);
  stop = async () => {
    stopping.abort();
    await done;
  };
  return { states, emitted, line };
}

/** What the library asks of WhatsApp's page until it is ready and hears messages, and no more. The page links itself when told to. */
function page(linksItself: boolean): string {
  return `<!doctype html><meta charset="utf-8"><title>made-up</title><script>
    const bell = () => {
      const heard = {};
      return {
        on(names, then) { for (const name of names.split(' ')) (heard[name] ??= []).push(then); },
        off() {}, once() {}, has: (name) => name in heard,
        ring(name, ...given) { for (const then of heard[name] ?? []) then(...given); },
      };
    };
    window.Debug = { VERSION: ${JSON.stringify(version)} };
    const socket = Object.assign(bell(), { state: ${linksItself ? "'CONNECTED'" : "'UNPAIRED'"} });
    const wid = (text) => ({ _serialized: text, user: text.split('@')[0], server: text.split('@')[1], isLid: () => text.endsWith('@lid') });
    const own = wid('5511900000001@c.us'), maria = wid('5511930001001@c.us');
    const msgs = [];
    const message = (id, text) => {
      const data = { id: { _serialized: 'false_' + maria._serialized + '_' + id, id, remote: maria, fromMe: false }, from: maria, to: own, body: text, type: 'chat',
        t: Math.floor(Date.now() / 1000), ack: 0, notifyName: 'Maria' };
      return { ...data, isNewMsg: true, serialize: () => ({ ...data }) };
    };
    const Msg = Object.assign(bell(), { get: () => undefined, getMessagesById: async () => ({ messages: [] }) });
    const contact = { id: maria, serialize: () => ({ id: maria, name: 'Maria Souza', pushname: 'Maria' }) };
    const chat = { id: maria, formattedTitle: 'Maria', mute: { expiration: 0 }, t: Math.floor(Date.now() / 1000), msgs: { getModelsArray: () => msgs },
      serialize: () => ({ id: maria, t: chat.t }) };
    const Chat = Object.assign(bell(), { get: () => chat, getModelsArray: () => [chat] });
    const anything = () => new Proxy(function () {}, { get: (_, name) => (name === 'then' ? undefined : anything()), apply: () => undefined });
    const modules = {
      WAWebSocketModel: { Socket: socket },
      WAWebCmd: { Cmd: Object.assign(bell(), { refreshQR() {} }) },
      WAWebConnModel: { Conn: Object.assign(bell(), { ref: '2@made-up', serialize: () => ({ pushname: 'Suporte', platform: 'android' }) }) },
      WABase64: { encodeB64: (key) => 'key-' + key },
      WAWebCompanionRegClientUtils: { DEVICE_PLATFORM: '1' },
      WAWebUserPrefsInfoStore: { waNoiseInfo: { get: async () => ({ staticKeyPair: { pubKey: 'noise' } }) } },
      WAWebSignalStoreApi: { waSignalStore: { getRegistrationInfo: async () => ({ identityKeyPair: { pubKey: 'identity' } }) } },
      WAWebUserPrefsMultiDevice: { getADVSecretKey: () => 'secret' },
      WAWebUserPrefsMeUser: { getMaybeMePnUser: () => own, getMaybeMeLidUser: () => own },
      WAWebCollections: { Msg, Chat, Contact: { find: async () => contact }, Blocklist: { get: () => undefined } },
      WAWebSyncGatingUtils: {},
      WAWebWidFactory: { createWid: wid, createWidFromWidLike: (given) => given },
      WAWebApiContact: { getAlternateUserWid: () => undefined },
      WAWebContactGetters: { ...Object.fromEntries(['IsMe', 'IsUser', 'IsGroup', 'IsWAContact', 'Userid', 'VerifiedName', 'VerifiedLevel', 'StatusMute', 'ShortName', 'IsEnterprise'].map((name) => ['get' + name, () => undefined])),
        getName: () => 'Maria Souza', getPushname: () => 'Maria' },
      WALinkify: { findLinks: () => [] },
      WAWebCallCollection: undefined,
      WAWebChatLoadMessages: { loadEarlierMsgs: async () => [] },
    };
    window.require = (name) => (name in modules ? modules[name] : anything());
    ${linksItself ? `setInterval(() => { if (!window.linked && socket.has('change:hasSynced')) { window.linked = true; socket.ring('change:hasSynced'); } }, 50);` : ''}
    setInterval(() => { if (!window.wrote && Msg.has('add')) { window.wrote = true; Msg.ring('add', message('ABC', 'a catraca não libera')); } }, 50);
  </script>`;
}

function cachePage(text: string): void {
  const cache = join(folder, 'web-versions');
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, `${version}.html`), text);
}

describe.skipIf(browserMissing())(`whatsapp-web.js ${browserTitle}`, { timeout: 90_000 }, () => {
  it('shows the QR code that the page makes, in a browser of the child’s own group, and leaves nothing behind', async () => {
    cachePage(page(false));
    const { states } = begin();
    await vi.waitFor(() => expect(states.at(-1)).toMatchObject({ state: 'unpaired', qr: '2@made-up,key-noise,key-identity,secret,1' }), within40s);
    const [child] = children();
    expect(child?.group).toBe(child?.pid);
    expect(browsers().length).toBeGreaterThan(1);
    for (const { group, command } of browsers()) expect(group, command).toBe(child?.pid);
    // The profile is locked by this browser while it runs.
    expect(readlinkSync(join(folder, 'session-under-test', 'SingletonLock'))).toContain(hostname());
    await stop?.();
    expect(membersOf(child?.pid ?? 0)).toEqual([]);
    expect(ours()).toEqual([]);
  });

  it('becomes ready and hears a message, by the real library’s own events', async () => {
    cachePage(page(true));
    const { states, emitted, line } = begin();
    await vi.waitFor(() => expect(states.at(-1)).toMatchObject({ state: 'ready', detail: 'Linked to +5511900000001' }), within40s);
    await vi.waitFor(() => expect(emitted).toHaveLength(1), within40s);
    expect(emitted[0]).toMatchObject({
      kind: 'message',
      account: '5511900000001@c.us',
      chat: '5511930001001@c.us',
      id: 'false_5511930001001@c.us_ABC',
      body: 'a catraca não libera',
      type: 'chat',
      fromMe: false,
      from: { id: '5511930001001@c.us', name: 'Maria Souza', phone: '+5511930001001' },
    });
    expect(await line.ask({ what: 'connection' }, 10_000)).toEqual({ connection: 'CONNECTED' });
  });

  it('ends the browser with the child, whichever way the child dies, and starts both anew', async () => {
    cachePage(page(false));
    const { states } = begin();
    const shown = () => states.filter(({ qr }) => qr !== undefined).length;
    await vi.waitFor(() => expect(shown()).toBe(1), within40s);
    const [first] = children();
    process.kill(first?.pid ?? 0, 'SIGKILL');
    await vi.waitFor(() => expect(shown()).toBe(2), within40s);
    expect(membersOf(first?.pid ?? 0)).toEqual([]);
    expect(new Set(browsers().map(({ group }) => group))).toEqual(new Set(children().map(({ pid }) => pid)));
  });

  it('starts again when the browser alone was killed', async () => {
    cachePage(page(false));
    const { states } = begin();
    await vi.waitFor(() => expect(states.at(-1)?.state).toBe('unpaired'), within40s);
    const main = browsers().find(({ command }) => !command.includes('--type='));
    process.kill(main?.pid ?? 0, 'SIGKILL');
    await vi.waitFor(
      () => expect(states.some(({ state, detail }) => state === 'reconnecting' && /browser|closed|target|connection/i.test(detail ?? ''))).toBe(true),
      within40s,
    );
    await vi.waitFor(() => expect(states.at(-1)?.state).toBe('unpaired'), within40s);
  });

  it('starts on a profile that another machine, or a process long gone, has left locked', async () => {
    cachePage(page(false));
    const profile = join(folder, 'session-under-test');
    mkdirSync(profile, { recursive: true });
    for (const name of ['SingletonLock', 'SingletonCookie', 'SingletonSocket']) symlinkSync(`another-container-77`, join(profile, name));
    const { states } = begin();
    await vi.waitFor(() => expect(states.at(-1)?.state).toBe('unpaired'), within40s);
    expect(lstatSync(join(profile, 'SingletonLock')).isSymbolicLink()).toBe(true);
    expect(readlinkSync(join(profile, 'SingletonLock'))).not.toContain('another-container');
  });

  it('says why when WhatsApp Web cannot be loaded, and tries again', async () => {
    const { states } = begin({ browserArgs: ['--host-resolver-rules=MAP * ~NOTFOUND'] });
    await vi.waitFor(() => expect(states.filter(({ detail }) => detail?.includes('net::ERR_')).length).toBeGreaterThan(1), within40s);
    expect(existsSync(join(folder, 'session-under-test'))).toBe(true);
  });

  it('says that the configured browser is not there', async () => {
    const { states } = begin({ executablePath: join(folder, 'no-browser') });
    await vi.waitFor(() => expect(states.at(-1)).toMatchObject({ state: 'failed', detail: expect.stringContaining('Browser was not found') }), within40s);
  });
});
