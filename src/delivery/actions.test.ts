import { v7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openOperation, openPlace, type Place } from '../../test/support/deliveries.ts';
import { refused, type ScriptedHelpdesk, scriptedHelpdesk, timedOut } from '../../test/support/helpdesk.ts';
import type { OpenOperation } from '../kit/index.ts';
import { type Actions, createActions } from './actions.ts';
import { createInProcessDispatch } from './dispatch/in-process.ts';
import type { Engine } from './engine.ts';

let place: Place;
beforeEach(async () => {
  place = await openPlace();
});
afterEach(() => place.close());

const actor = { kind: 'agent' as const, id: 'ana' };

async function stopped(desk: ScriptedHelpdesk, times = 1): Promise<{ operation: OpenOperation; engine: Engine; actions: Actions }> {
  const operation = openOperation(v7());
  await place.deliver({ id: operation.id, kind: 'open', operation: JSON.stringify(operation) });
  const engine = place.engine({ helpdesks: [desk] });
  await engine.start();
  for (let time = 0; time < times; time += 1) {
    await engine.idle();
    place.clock.advance(10_000);
  }
  await engine.idle();
  const actions = createActions({
    store: place.store,
    group: place.group,
    dispatch: createInProcessDispatch({ now: place.clock.now, pollMs: 60_000 }),
    helpdesks: new Map([[desk.name, desk]]),
    now: place.clock.now,
    id: () => v7(),
    meaning: () => undefined,
  });
  return { operation, engine, actions };
}

const refusing = () => {
  const desk = scriptedHelpdesk('desk-a');
  desk.behave((operation, act) => {
    if (operation.kind === 'open' && operation.subject === 'Turnstile') throw refused();
    return act();
  });
  return desk;
};

describe('a stopped delivery', () => {
  it('goes once more when a person says so, with 72 hours of its own', async () => {
    const desk = refusing();
    const { operation, engine, actions } = await stopped(desk);
    desk.behave((_operation, act) => act());
    expect(await actions.retry(operation.id, actor)).toBe('ok');
    await engine.idle();
    expect(await place.delivery(operation.id)).toMatchObject({ state: 'done', attempts: 1 });
    expect(await actions.retry(operation.id, actor)).toBe('not-now');
    const audit = await place.store.read.selectFrom('audit').select(['action', 'actor_id', 'subject_id']).execute();
    expect(audit).toEqual([{ action: 'delivery.retry', actor_id: 'ana', subject_id: operation.id }]);
  });

  it('is corrected by a new revision, which connectors see', async () => {
    const desk = refusing();
    const { operation, engine, actions } = await stopped(desk);
    expect(await actions.edit(operation.id, { ...operation, subject: 'Turnstile, corrected' }, actor)).toBe('ok');
    await engine.idle();
    expect(desk.effects.map(({ request }) => request)).toMatchObject([{ subject: 'Turnstile, corrected', revision: 2 }]);
    expect(await place.delivery(operation.id)).toMatchObject({ state: 'done', revision: 2, error: null });
  });

  it('is not turned into something else by an edit', async () => {
    const { operation, actions } = await stopped(refusing());
    const edits: unknown[] = [
      null,
      { ...operation, id: v7() },
      { ...operation, kind: 'note' },
      { id: operation.id, kind: 'open', revision: 1 },
      { ...operation, note: { kind: 'public', blocks: [] } },
      { ...operation, description: { kind: 'internal', blocks: [] } },
    ];
    for (const edit of edits) expect(await actions.edit(operation.id, edit, actor)).toBe('invalid');
    expect(await place.delivery(operation.id)).toMatchObject({ state: 'parked', revision: 1 });
  });

  it('is done instead of edited when a look finds that it had arrived', async () => {
    const desk = scriptedHelpdesk('desk-a', { settleMs: 0 });
    desk.behave((_operation, act) => {
      act();
      throw timedOut();
    });
    const operation = openOperation(v7());
    await place.deliver({ id: operation.id, kind: 'open', operation: JSON.stringify(operation) });
    const engine = place.engine({ helpdesks: [desk] });
    await engine.start();
    await engine.idle();
    await place.store.write((tx) => tx.updateTable('deliveries').set({ state: 'dead' }).where('id', '=', operation.id).execute());
    const { actions } = await stopped(scriptedHelpdesk('desk-b'));
    expect(await actions.edit(operation.id, { ...operation, subject: 'x' }, actor)).toBe('unclear');
    const there = createActions({
      store: place.store,
      group: place.group,
      dispatch: createInProcessDispatch({ now: place.clock.now, pollMs: 60_000 }),
      helpdesks: new Map([['desk-a', desk]]),
      now: place.clock.now,
      id: () => v7(),
      meaning: () => undefined,
    });
    expect(await there.edit(operation.id, { ...operation, subject: 'x' }, actor)).toBe('ok');
    expect(await place.delivery(operation.id)).toMatchObject({ state: 'done', revision: 1 });
    expect(desk.calls).toHaveLength(1);
  });

  it('that is unclear is done when a person saw its ticket, and what depends on it goes on', async () => {
    const desk = scriptedHelpdesk('desk-a', { canLook: false });
    desk.behave((operation, act) => {
      const ticket = act();
      if (operation.kind === 'open') throw timedOut();
      return ticket;
    });
    const { operation, engine, actions } = await stopped(desk);
    const note = { id: v7(), revision: 1, kind: 'summarize', ticket: { operation: operation.id }, note: { kind: 'internal', blocks: [] } };
    await place.deliver({ id: note.id, kind: 'summarize', operation: JSON.stringify(note), after: JSON.stringify([operation.id]) });
    await engine.idle();
    expect(await place.delivery(note.id)).toMatchObject({ state: 'waiting' });
    expect(await actions.arrived(operation.id, actor)).toBe('invalid');
    expect(await actions.arrived(operation.id, actor, { helpdesk: 'desk-a', id: '1', number: '1', url: 'https://desk-a.example/1' })).toBe('ok');
    await engine.idle();
    expect(await place.delivery(note.id)).toMatchObject({ state: 'done' });
    expect(desk.effects.map(({ kind, ticket }) => [kind, ticket.id])).toEqual([
      ['open', '1'],
      ['summarize', '1'],
    ]);
  });

  it('that was plainly refused did not arrive, whatever is said', async () => {
    const { operation, actions } = await stopped(refusing());
    expect(await actions.arrived(operation.id, actor)).toBe('not-now');
    expect(await actions.retry(v7(), actor)).toBe('not-found');
  });
});
