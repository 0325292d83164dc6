import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quiet } from '../../test/support/context.ts';
import { openPlace, type Place } from '../../test/support/deliveries.ts';
import { gymMapping } from '../../test/support/facts.ts';
import { listConversations } from '../conversations/reading.ts';
import { createInProcessDispatch } from '../delivery/dispatch/in-process.ts';
import { newId } from '../store/ids.ts';
import { countUnfiled, lastTime, lookAtUnfiled, type UnfiledParts } from './unfiled.ts';

let place: Place;
let told: { kind: string; subject: string }[];
beforeEach(async () => {
  place = await openPlace();
  told = [];
  place.store.onCommit((events) => told.push(...events));
});
afterEach(() => place.close());

const minute = 60_000;
const hour = 60 * minute;

/** `chat` is asked about, `calm` proposed, `noise` ignored, and `other` is named nowhere. Times are those of São Paulo. */
const mapping = {
  ...gymMapping(),
  ended: { policies: { chat: 'ask', calm: 'propose-pending', noise: 'ignore' } as const, remindAfterMs: 10 * minute, tellLeadAt: '17:00' },
};
const parts = (more: Partial<UnfiledParts> = {}): UnfiledParts => ({
  read: place.store.read,
  group: place.group,
  dispatch: createInProcessDispatch({ now: place.clock.now, pollMs: 60_000 }),
  now: place.clock.now,
  id: newId,
  log: quiet,
  publicUrl: 'https://desk.example',
  mappingFor: () => mapping,
  channel: () => ({ note: async () => undefined }),
  ...more,
});
const look = (more?: Partial<UnfiledParts>) => lookAtUnfiled(parts(more));

async function ended(channel = 'chat', by: 'vendor' | 'idle' | 'closing' = 'vendor'): Promise<string> {
  const { id } = await place.conversation({ channel });
  await change(id, { state: 'ended', ended_by: by, ended_at: place.clock.now() });
  return id;
}
const change = (id: string, set: object) => place.store.write((tx) => tx.updateTable('conversations').set(set).where('id', '=', id).execute());
const row = (id: string) => place.store.read.selectFrom('conversations').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const notes = () => place.store.read.selectFrom('deliveries').selectAll().where('kind', '=', 'note').execute();
const reminders = () => told.filter(({ kind }) => kind === 'reminder').map(({ subject }) => subject);

describe('a conversation that ended in its channel without a ticket', () => {
  it('gets one private note with the way to the dialog, however often it is looked at, and after a restart too', async () => {
    const [one, idle] = [await ended(), await ended('calm', 'idle')];
    await Promise.all([look(), look()]);
    await look(parts());
    const queued = await notes();
    expect(queued.map(({ conversation_id }) => conversation_id).sort()).toEqual([one, idle].sort());
    expect(queued[0]).toMatchObject({ target_kind: 'channel', closing_id: null, lane: `conversation:${queued[0]?.conversation_id}` });
    expect(queued[0]?.operation).toContain(`https://desk.example/conversations/${queued[0]?.conversation_id}?end=true`);
    expect(await row(idle)).toMatchObject({ unfiled_policy: 'propose-pending' });
    await change(one, { state: 'open', ended_at: null, ended_by: null });
    await change(one, { state: 'ended', ended_by: 'vendor', ended_at: place.clock.now() });
    await look();
    expect(await notes()).toHaveLength(2);
  });

  it('gets none where the vendor has no notes, where the mapping names no such channel, or where it ended here', async () => {
    await ended();
    await look({ channel: () => ({}) });
    const [unnamed, closed] = [await ended('other'), await ended('chat', 'closing')];
    await look();
    expect(await notes()).toEqual([]);
    expect(await row(unnamed)).toMatchObject({ unfiled_policy: 'unnamed' });
    expect(await row(closed)).toMatchObject({ unfiled_policy: null });
    place.clock.advance(24 * hour);
    await look();
    expect(reminders()).not.toContain(unnamed);
    expect(await countUnfiled(place.store.read, 'ana')).toMatchObject({ all: 3, told: 1 });
  });

  it('is ignored where the mapping says so: in no queue, and nobody is told', async () => {
    const id = await ended('noise');
    await look();
    place.clock.advance(24 * hour);
    await look();
    expect(await notes()).toEqual([]);
    expect(reminders()).toEqual([]);
    expect(await countUnfiled(place.store.read, 'ana')).toEqual({ all: 0, mine: 0, told: 0 });
    expect((await listConversations(place.store.read, { view: 'unfiled' })).items).toEqual([]);
    expect((await listConversations(place.store.read, { view: 'ended' })).items.map((one) => one.id)).toEqual([id]);
  });

  it('is recalled to its agent once, when its time has come', async () => {
    const id = await ended();
    await look();
    place.clock.advance(10 * minute - 1);
    await look();
    expect(reminders()).toEqual([]);
    place.clock.advance(1);
    await Promise.all([look(), look()]);
    await look();
    expect(reminders()).toEqual([id]);
    const [listed] = (await listConversations(place.store.read, { view: 'unfiled' })).items;
    expect(listed).toMatchObject({ id, reminded: true });
  });

  it('is recalled no more once it was filed or taken up again, and anew when it ends again', async () => {
    const [filed, reopened] = [await ended(), await ended()];
    await look();
    await change(filed, { filed_at: place.clock.now() });
    await change(reopened, { state: 'open', ended_at: null, ended_by: null });
    place.clock.advance(hour);
    await look();
    expect(reminders()).toEqual([]);
    await change(reopened, { state: 'ended', ended_by: 'vendor', ended_at: place.clock.now() });
    place.clock.advance(10 * minute);
    await look();
    place.clock.advance(hour);
    await change(reopened, { state: 'ended', ended_by: 'vendor', ended_at: place.clock.now() });
    place.clock.advance(10 * minute);
    await look();
    expect(reminders()).toEqual([reopened, reopened]);
  });

  it('is told to the leads at their time of day in the mapping’s zone, until it is filed', async () => {
    place.clock.set(Date.parse('2026-11-19T18:30:00Z'));
    const before = await ended();
    await change(before, { assignee_id: 'ana' });
    await look();
    place.clock.set(Date.parse('2026-11-19T19:59:59Z'));
    await look();
    expect(await countUnfiled(place.store.read, 'ana')).toEqual({ all: 1, mine: 1, told: 0 });
    place.clock.set(Date.parse('2026-11-19T20:00:00Z'));
    await look();
    place.clock.advance(hour);
    const after = await ended();
    await look();
    expect(await countUnfiled(place.store.read, 'ana')).toEqual({ all: 2, mine: 1, told: 1 });
    expect(await row(after)).toMatchObject({ lead_told_at: null });
    await change(before, { filed_at: place.clock.now() });
    expect(await countUnfiled(place.store.read, 'ana')).toEqual({ all: 1, mine: 0, told: 0 });
    place.clock.set(Date.parse('2026-11-20T20:00:00Z'));
    await look();
    expect(await countUnfiled(place.store.read, 'ana')).toEqual({ all: 1, mine: 0, told: 1 });
  });

  it('of a channel whose mapping is broken does not keep the others waiting', async () => {
    await ended('chat');
    await ended('calm');
    await look({
      mappingFor(channel) {
        if (channel === 'calm') throw new Error('broken');
        return mapping;
      },
    });
    expect(await notes()).toHaveLength(1);
  });
});

describe('the last time of day', () => {
  it.each([
    ['2026-11-19T20:00:00Z', '2026-11-19T20:00:00.000Z'],
    ['2026-11-19T19:59:59Z', '2026-11-18T20:00:00.000Z'],
    ['2026-11-20T02:00:00Z', '2026-11-19T20:00:00.000Z'],
  ])('before %s in São Paulo', (now, expected) => {
    expect(new Date(lastTime('17:00', 'America/Sao_Paulo', Date.parse(now))).toISOString()).toBe(expected);
  });

  it('keeps its hour when clocks change', () => {
    expect(new Date(lastTime('17:00', 'Europe/Rome', Date.parse('2026-10-25T12:00:00Z'))).toISOString()).toBe('2026-10-24T15:00:00.000Z');
    expect(new Date(lastTime('17:00', 'Europe/Rome', Date.parse('2026-10-25T16:00:00Z'))).toISOString()).toBe('2026-10-25T16:00:00.000Z');
  });
});
