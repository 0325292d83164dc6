import { describe, expect, it } from 'vitest';
import { memoryRecords, quiet, testClock } from '../../test/support/context.ts';
import { ConnectorError, type DeskSchema, type Helpdesk } from '../kit/index.ts';
import { createDesks } from './desks.ts';

const schema: DeskSchema = { fields: [], statuses: [{ id: '2', label: 'Aberto', meaning: 'open', timer: true }], priorities: [], groups: [], agents: [] };

function desk(records = memoryRecords()) {
  const clock = testClock();
  const asked = { schema: 0, requester: 0 };
  const state = { down: false };
  const helpdesk = {
    async schema() {
      asked.schema += 1;
      if (state.down) throw new ConnectorError('unavailable', 'the helpdesk does not answer', { retry: 'backoff' });
      return schema;
    },
    async findRequester() {
      asked.requester += 1;
      if (state.down) throw new ConnectorError('unavailable', 'the helpdesk does not answer', { retry: 'backoff' });
      return undefined;
    },
  } as unknown as Helpdesk;
  const capabilities = { privateFirstComment: true, maxFileBytes: 1, maxTicketBytes: 1, companies: true, closedIsFinal: true };
  const made = createDesks([{ name: 'd', title: 'D', connector: 'd', mails: null, capabilities, helpdesk, records }], { now: clock.now, log: quiet }).get('d');
  if (!made) throw new Error('no desk');
  return { desk: made, clock, asked, state };
}

describe('the schema of a helpdesk', () => {
  it('is asked for once in ten minutes, however many want it', async () => {
    const { desk: one, clock, asked } = desk();
    await Promise.all([one.schema(), one.schema(), one.schema()]);
    clock.advance(9 * 60_000);
    expect(await one.schema()).toEqual({ schema, reachable: true });
    expect(asked.schema).toBe(1);
    clock.advance(61_000);
    await one.schema();
    expect(asked.schema).toBe(2);
    await one.schema({ fresh: true });
    expect(asked.schema).toBe(3);
  });

  it('stays the last one while the helpdesk is down, and nobody waits for it again within half a minute', async () => {
    const { desk: one, clock, asked, state } = desk();
    await one.schema();
    clock.advance(11 * 60_000);
    state.down = true;
    expect(await one.schema()).toEqual({ schema, reachable: false });
    clock.advance(29_000);
    expect(await one.schema()).toEqual({ schema, reachable: false });
    expect(asked.schema).toBe(2);
    state.down = false;
    clock.advance(1_000);
    expect(await one.schema()).toEqual({ schema, reachable: true });
    expect(await one.schema()).toEqual({ schema, reachable: true });
    expect(asked.schema).toBe(3);
  });

  it('is remembered across a restart, and null where there never was one', async () => {
    const records = memoryRecords();
    await desk(records).desk.schema();
    const after = desk(records);
    after.state.down = true;
    expect(await after.desk.schema()).toEqual({ schema, reachable: false });
    const never = desk();
    never.state.down = true;
    expect(await never.desk.schema()).toEqual({ schema: null, reachable: false });
  });
});

describe('a look-up', () => {
  it('that fails keeps nobody from going on, and is tried again next time', async () => {
    const { desk: one, asked, state } = desk();
    state.down = true;
    expect(await one.requester('maria', [])).toBeNull();
    state.down = false;
    expect(await one.requester('maria', [])).toBeNull();
    expect(await one.requester('maria', [])).toBeNull();
    expect(asked.requester).toBe(2);
  });
});
