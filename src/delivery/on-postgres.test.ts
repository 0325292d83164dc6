/** What differs between the databases: the claim's query, locks, and transactions that run side by side. */
import { join } from 'node:path';
import { v7 } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openOperation, openPlace, type Place } from '../../test/support/deliveries.ts';
import { down, refused, scriptedHelpdesk, timedOut } from '../../test/support/helpdesk.ts';
import { type Postgres, postgresMissing, postgresTitle, startPostgres } from '../../test/support/postgres.ts';
import { createClosings } from '../closing/commit.ts';
import { decision } from '../closing/decision.ts';
import { openPostgres } from '../store/postgres.ts';
import { createActions } from './actions.ts';
import { createInProcessDispatch } from './dispatch/in-process.ts';

let postgres: Postgres;
let place: Place;

describe.skipIf(postgresMissing())(`deliveries ${postgresTitle}`, () => {
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    const url = await postgres.database();
    place = await openPlace((folder) => openPostgres({ url, blobsFolder: join(folder, 'blobs') }));
  });
  afterEach(() => place.close());

  const actor = { kind: 'agent' as const, id: 'ana' };
  const viewer = { id: 'ana', name: 'Ana', email: null, teams: [] };
  const dispatch = () => createInProcessDispatch({ now: place.clock.now, pollMs: 60_000 });
  const parts = () => ({ group: place.group, dispatch: dispatch(), now: place.clock.now, id: () => v7() });

  /** Opens two tickets, the second after the first, and writes a summary on the first. */
  function closings() {
    const { id: _id, revision: _revision, ...work } = openOperation('x');
    const open = (part: string, after: string[]) => ({ key: `${part}/open`, part, helpdesk: 'desk-a', work, after });
    const summary = { kind: 'summarize' as const, ticket: { operation: 'a/open' }, note: { kind: 'internal' as const, blocks: [] } };
    return createClosings({
      ...parts(),
      read: place.store.read,
      canEnd: () => false,
      plan: async ({ conversation, decision: made }) => ({
        conversation,
        ends: true,
        none: null,
        covers: made.covers,
        operations: [open('a', []), open('b', ['a/open']), { key: 'a/summary', part: 'a', helpdesk: 'desk-a', work: summary, after: ['a/open', 'b/open'] }],
        accounting: [{ part: 'a', message: made.covers, how: 'filed' }],
        missing: [],
        lines: [],
        why: [],
        due: {},
        outcomes: {},
        notify: [],
        digest: 'the plan',
      }),
    });
  }

  async function commit(holdMs = 0, idempotencyKey: string = v7()) {
    const conversation = await place.conversation();
    const made = decision.parse({ covers: conversation.message, parts: [{ key: 'a', messages: [conversation.message], target: { kind: 'new' } }] });
    const result = await closings().commit({
      conversation: conversation.id,
      decision: made,
      viewer,
      digest: 'the plan',
      actor,
      source: 'api',
      idempotencyKey,
      holdMs,
    });
    return result.is === 'committed' ? result.closing : result.is;
  }

  it('run in order after what they depend on, and come out of a retry once', async () => {
    const desk = scriptedHelpdesk('desk-a', { settleMs: 0 });
    desk.behave((_operation, act) => {
      if (desk.calls.length === 1) throw down();
      const ticket = act();
      if (desk.calls.length === 3) throw timedOut();
      return ticket;
    });
    const id = await commit();
    const engine = place.engine({ helpdesks: [desk] });
    await engine.start();
    for (let round = 0; round < 4; round += 1) {
      await engine.idle();
      place.clock.advance(10_000);
    }
    expect(desk.effects.map(({ kind, ticket }) => `${kind} ${ticket.id}`)).toEqual(['open 1', 'open 2', 'summarize 1']);
    const rows = await place.store.read.selectFrom('deliveries').select('state').where('closing_id', '=', id).execute();
    expect(rows.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
  });

  it('are undone or delivered, never both, when claim and undo run side by side', async () => {
    const desk = scriptedHelpdesk('desk-a');
    const engine = place.engine({ helpdesks: [desk] });
    await engine.start();
    const ids = await Promise.all(Array.from({ length: 8 }, () => commit(30_000)));
    place.clock.advance(30_000);
    const work = engine.idle();
    const undone = await Promise.all(ids.map((id) => closings().undo(id, actor)));
    await work;
    await engine.idle();
    for (const [index, id] of ids.entries()) {
      const rows = await place.store.read.selectFrom('deliveries').select('state').where('closing_id', '=', id).execute();
      expect(rows.map(({ state }) => state)).toEqual(Array.from({ length: 3 }, () => (undone[index] === 'ok' ? 'undone' : 'done')));
    }
    expect(desk.effects).toHaveLength(3 * undone.filter((ended) => ended === 'too-late').length);
  });

  it('are committed once for one key', async () => {
    const key = v7();
    const results = await Promise.all([commit(0, key), commit(0, key), commit(0, key)]);
    expect(results.filter((result) => result === 'key-reused')).toHaveLength(2);
  });

  it('that were parked go on when a person says so', async () => {
    const desk = scriptedHelpdesk('desk-a');
    desk.behave(() => {
      throw refused();
    });
    const operation = openOperation(v7());
    await place.deliver({ id: operation.id, kind: 'open', operation: JSON.stringify(operation) });
    const engine = place.engine({ helpdesks: [desk] });
    await engine.start();
    await engine.idle();
    desk.behave((_operation, act) => act());
    const actions = createActions({ ...parts(), store: place.store, helpdesks: new Map([['desk-a', desk]]), meaning: () => undefined });
    expect(await actions.edit(operation.id, { ...operation, subject: 'corrected' }, actor)).toBe('ok');
    await engine.idle();
    expect(await place.delivery(operation.id)).toMatchObject({ state: 'done', revision: 2 });
  });
});
