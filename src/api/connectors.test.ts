import express from 'express';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { quiet, testClock } from '../../test/support/context.ts';
import { channelOf, said } from '../../test/support/intake.ts';
import { sqliteTestStore, type TestStore } from '../../test/support/store.ts';
import { sendCanaries } from '../intake/canary.ts';
import { createIntake, type Intake } from '../intake/intake.ts';
import { startSessions } from '../intake/sessions.ts';
import { fetchedByUs, type Json, type Session } from '../kit/index.ts';
import { listen } from '../kit/simulator.ts';
import { createChannelWatch } from '../observe/channel-watch.ts';
import type { ConnectorHealth } from '../observe/health.ts';
import { createLog } from '../observe/log.ts';
import { newId } from '../store/ids.ts';
import { type AdminParts, adminRoutes } from './admin.ts';
import type { HealthView, SessionView } from './contract.ts';
import { health as healthShape, session as sessionShape } from './contract.ts';
import { answerProblems } from './problem.ts';
import { mount } from './route.ts';

const clock = testClock(Date.parse('2026-11-19T14:02:00Z'));
const qr = '2@the-code-that-pairs';
const hour = 3_600_000;
let test: TestStore;
let intake: Intake;
let sessions: ReturnType<typeof startSessions>;
let server: { url: string; close(): Promise<void> };
const given: Session[] = [];
const lines: string[] = [];
const canary = vi.fn(async (_token: string) => {});
const phone = channelOf('phone', {
  canary,
  intake: [
    {
      via: 'session',
      async run(session) {
        given.push(session);
        session.state({ state: 'unpaired', detail: 'scan the code', qr });
        await new Promise<void>((resolve, reject) => {
          session.signal.addEventListener('abort', () => resolve());
          if (given.length === 1) setImmediate(reject, new Error('the browser crashed'));
        });
      },
    },
  ],
});

beforeAll(async () => {
  test = await sqliteTestStore();
  const { store } = test;
  intake = createIntake({ store, now: clock.now, id: newId, log: quiet });
  const log = createLog({ LOG_LEVEL: 'debug' }, { write: (line) => void lines.push(line) });
  sessions = startSessions({ channels: [phone], intake, store, now: clock.now, log, firstPauseMs: 1 });
  const one = (name: string, kind: 'channel' | 'helpdesk'): ConnectorHealth => ({
    name,
    connector: 'x',
    kind,
    state: 'ready',
    detail: '',
    since: 1,
    sending: { state: 'ready', detail: '' },
  });
  const parts = {
    store,
    health: { list: () => [one('phone', 'channel'), one('desk', 'helpdesk')] },
    mappings: { current: () => ({ problems: [] }) },
    drift: { problems: () => [] },
    watch: createChannelWatch({ read: store.read, now: clock.now, states: sessions.states, zoneOf: () => 'UTC' }),
    now: clock.now,
  } as unknown as AdminParts;
  const app = express();
  mount(app, adminRoutes(parts), {
    authenticate: async (request) => ({
      id: 'ana',
      name: 'Ana',
      email: null,
      role: request.get('x-role') === 'admin' ? 'admin' : 'agent',
      locale: 'en',
      teams: [],
      by: 'token',
    }),
  });
  app.use(answerProblems(log));
  server = await listen(app);
});
afterAll(async () => {
  await server.close();
  await sessions.stop();
  await test.drop();
});

const get = async (path: string, role = 'agent') => {
  const response = await fetch(server.url + path, { headers: { 'x-role': role } });
  return { status: response.status, text: await response.text() };
};
const phoneHealth = async (): Promise<HealthView> => {
  const { items } = JSON.parse((await get('/api/connectors')).text) as { items: HealthView[] };
  for (const item of items) healthShape.parse(item);
  return items[0] as HealthView;
};
const accept = (payload: Json) => intake.accept({ channel: phone, proof: fetchedByUs(), payload });

describe('a session that is not paired', () => {
  it('is told to everybody, and its code to administrators alone', async () => {
    await vi.waitFor(() => expect(given).toHaveLength(2));
    expect((await phoneHealth()).intakes).toMatchObject([{ intake: 'session-0', state: 'unpaired', detail: 'scan the code', standby: false }]);
    expect((await get('/api/connectors')).text).not.toContain(qr);
    expect((await get('/api/connectors', 'admin')).text).not.toContain(qr);
    const refused = await get('/api/connectors/phone/session');
    expect([refused.status, refused.text.includes(qr)]).toEqual([403, false]);
    const shown = await get('/api/connectors/phone/session', 'admin');
    expect(sessionShape.parse(JSON.parse(shown.text))).toMatchObject({ state: 'unpaired', qr });
    expect((await get('/api/connectors/nobody/session', 'admin')).status).toBe(404);
  });

  it('leaves its code in no log and no table', async () => {
    expect(lines.join('\n')).toContain('the browser crashed');
    expect(lines.join('\n')).not.toContain(qr);
    const outages = await test.store.read.selectFrom('outages').selectAll().execute();
    expect(outages).toHaveLength(1);
    expect(JSON.stringify(outages)).not.toContain(qr);
  });

  it('is forgotten once it is paired', async () => {
    clock.advance(hour);
    given[1]?.state({ state: 'ready' });
    const shown = JSON.parse((await get('/api/connectors/phone/session', 'admin')).text) as SessionView;
    expect(shown).toMatchObject({ state: 'ready', qr: null });
    await vi.waitFor(async () =>
      expect((await phoneHealth()).outages).toMatchObject([{ from: clock.now() - hour, to: clock.now(), recovered: 0, lost: null }]),
    );
  });
});

describe('a channel that is too quiet', () => {
  it('says since when, until something comes', async () => {
    const since = clock.now();
    // Five weeks of the same three hours.
    for (let week = 5; week >= 0; week--)
      for (let later = 0; later < 3; later++)
        for (let i = 0; i < 4; i++) {
          const at = since - week * 168 * hour + later * hour;
          if (at <= since) await accept(said(`quiet-${week}-${later}`, `quiet-${week}-${later}-${i}`, 'x', { at }));
        }
    expect((await phoneHealth()).silence).toBeNull();
    clock.advance(3 * hour);
    expect((await phoneHealth()).silence).toEqual({ since, expected: 12 });
    await accept(said('quiet-now', 'quiet-now', 'x', { at: clock.now() }));
    expect((await phoneHealth()).silence).toBeNull();
  });
});

describe('a canary', () => {
  const send = () => sendCanaries({ store: test.store, channels: [phone, channelOf('mute')], now: clock.now, id: newId, log: quiet });
  const state = async () => (await phoneHealth()).canary;

  it('is sent every 15 minutes, is missed after five, and is back when it came', async () => {
    expect(await state()).toBeNull();
    await send();
    const sentAt = clock.now();
    expect(await state()).toEqual({ state: 'waiting', sentAt, backAt: null, detail: null });
    clock.advance(5 * 60_000);
    expect(await state()).toMatchObject({ state: 'missing' });
    await accept({ type: 'canary', thread: 'self', at: clock.now(), token: canary.mock.calls[0]?.[0] ?? '' });
    expect(await state()).toMatchObject({ state: 'back', backAt: clock.now() });
    await send();
    expect(canary).toHaveBeenCalledTimes(1);
    clock.advance(10 * 60_000);
    canary.mockRejectedValueOnce(new Error('the number is blocked'));
    await Promise.all([send(), send()]);
    expect(canary).toHaveBeenCalledTimes(2);
    expect(await state()).toMatchObject({ state: 'failed', detail: 'the number is blocked', backAt: null });
    expect(await test.store.read.selectFrom('conversations').select('id').where('thread', '=', 'self').execute()).toEqual([]);
  });
});
