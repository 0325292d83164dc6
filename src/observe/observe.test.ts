import { AxiosError, type InternalAxiosRequestConfig } from 'axios';
import { describe, expect, it, vi } from 'vitest';
import { quiet } from '../../test/support/context.ts';
import { scriptedChannel } from '../../test/support/deliveries.ts';
import { sqliteTestStore } from '../../test/support/store.ts';
import { Secret } from '../kit/index.ts';
import type { Store } from '../store/store.ts';
import type { ConnectedChannel } from '../tickets/desks.ts';
import { startHealth } from './health.ts';
import { createLog } from './log.ts';
import { createReadiness } from './ready.ts';

describe('logs', () => {
  it('hold no secret, wherever one stands', () => {
    const lines: string[] = [];
    const log = createLog({ LOG_LEVEL: 'debug' }, { write: (line) => void lines.push(line) });
    const config = { headers: { authorization: 'Bearer hunter2' }, url: 'https://desk.example/x' } as unknown as InternalAxiosRequestConfig;
    log.info({ key: new Secret('hunter2'), authorization: 'Bearer hunter2', headers: { cookie: 'hunter2' }, a: { b: { password: 'hunter2' } } }, 'one');
    log.error({ err: new AxiosError('no answer', 'ECONNRESET', config) }, 'two');
    // The code of an unpaired session lets whoever has it into the account.
    log.info({ session: { state: 'unpaired', qr: 'hunter2' }, qr: 'hunter2' }, 'four');
    log.child({ connector: 'shop' }).warn({ settings: { token: 'hunter2', apiKey: 'hunter2' } }, 'three');
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['one', 'two', 'four', 'three']);
    expect(lines.join('')).toContain('ECONNRESET');
    expect(lines.join('')).not.toContain('hunter2');
  });
});

describe('readiness', () => {
  it('ends when the database is gone', async () => {
    const test = await sqliteTestStore();
    const notReady = createReadiness({ store: test.store });
    expect(await notReady()).toEqual([]);
    await test.store.close();
    expect(await notReady()).toEqual(['the database does not answer']);
    await test.reopen().catch(() => undefined);
  });

  it('is not waited for longer than its patience', async () => {
    const silent = { selectFrom: () => silent, select: () => silent, limit: () => silent, execute: () => new Promise(() => undefined) };
    const notReady = createReadiness({ store: { read: silent } as unknown as Pick<Store, 'read'>, patienceMs: 5 });
    expect(await notReady()).toEqual(['the database does not answer']);
  });
});

describe('health', () => {
  it('tells a change once, with the reason and since when', async () => {
    const state = { now: 1, works: true };
    const channel = scriptedChannel(async () => ({ externalId: 'x' }), {
      async health() {
        if (!state.works) throw new Error('the key was refused');
        return { detail: 'fine' };
      },
    });
    const changed = vi.fn();
    const channels = new Map([['shop', { name: 'shop', connector: 'webhook', channel } as unknown as ConnectedChannel]]);
    const target = { kind: 'channel', name: 'shop', state: 'trouble', detail: 'no answer', since: 0, rateLimited: 0 } as const;
    const health = startHealth({ channels, helpdesks: new Map(), now: () => state.now, log: quiet, targets: () => [target], changed });
    await health.check();
    expect(health.list()).toEqual([
      { name: 'shop', connector: 'webhook', kind: 'channel', state: 'ready', detail: 'fine', since: 1, sending: { state: 'trouble', detail: 'no answer' } },
    ]);
    changed.mockClear();
    Object.assign(state, { now: 2, works: false });
    await health.check();
    Object.assign(state, { now: 3 });
    await health.check();
    expect(health.list()).toMatchObject([{ state: 'trouble', detail: 'the key was refused', since: 2 }]);
    expect(changed.mock.calls).toEqual([['shop']]);
    health.stop();
  });
});
