import { v7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openOperation, openPlace, type Place, scriptedChannel } from '../../test/support/deliveries.ts';
import { refused, scriptedHelpdesk } from '../../test/support/helpdesk.ts';
import { closing as closingShape } from '../api/contract.ts';
import { createInProcessDispatch } from '../delivery/dispatch/in-process.ts';
import { type Closings, type CommitRequest, type CommitResult, createClosings } from './commit.ts';
import { type Decision, decision } from './decision.ts';
import { digestOf } from './digest.ts';
import type { Plan, PlannedOperation } from './plan.ts';
import { listClosings, viewClosing } from './views.ts';

let place: Place;
beforeEach(async () => {
  place = await openPlace();
});
afterEach(() => place.close());

const hold = 30_000;
const actor = { kind: 'agent' as const, id: 'ana' };
const viewer = { id: 'ana', name: 'Ana', email: null, teams: [] };

const open = (key: string, part: string, after: string[] = []): PlannedOperation => {
  const { id: _id, revision: _revision, ...work } = openOperation('x');
  return { key, part, helpdesk: 'desk-a', work, after };
};
const summary = (part: string): PlannedOperation => ({
  key: `${part}/summary`,
  part,
  helpdesk: 'desk-a',
  work: { kind: 'summarize', ticket: { operation: `${part}/open` }, note: { kind: 'internal', blocks: [] } },
  after: [`${part}/open`],
});
const append: PlannedOperation = {
  key: 'b/append',
  part: 'b',
  helpdesk: 'desk-a',
  after: ['a/open'],
  work: {
    kind: 'append',
    ticket: { helpdesk: 'desk-a', id: '77', number: '77', url: 'https://desk-a.example/77' },
    note: { kind: 'internal', blocks: [{ type: 'tickets', label: 'See', tickets: [{ operation: 'a/open' }] }] },
    files: [],
    ifClosed: (({ id: _id, revision: _revision, ...rest }) => rest)(openOperation('x')),
  },
};

/** A planner that plans what it is told; the conversation's messages are part of its plan, as in the real one. */
function planner(operations: readonly PlannedOperation[] = [open('a/open', 'a'), summary('a')]) {
  return async ({ conversation, decision: made }: { conversation: string; decision: Decision }): Promise<Plan | undefined> => {
    const messages = await place.store.read.selectFrom('messages').select('id').where('conversation_id', '=', conversation).orderBy('id').execute();
    if (messages.length === 0) return undefined;
    const last = messages.at(-1)?.id ?? '';
    const rest = {
      conversation,
      ends: made.ends,
      none: made.none?.reason ?? null,
      covers: made.covers,
      operations: made.none ? [] : operations,
      accounting: messages.map(({ id }) => ({ part: made.none ? '' : 'a', message: id, how: made.none ? ('skipped' as const) : ('filed' as const) })),
      missing: made.covers === last ? [] : [{ part: '', field: 'covers', label: 'covers', reason: { key: 'new-messages', values: {} } }],
      lines: [],
      why: [],
      due: { a: 1_800_000_000_000 },
      outcomes: { a: 'visit' },
      notify: [],
    };
    return { ...rest, digest: digestOf(rest) };
  };
}

function closingsOver(plan = planner(), canEnd = false): Closings {
  const dispatch = createInProcessDispatch({ now: place.clock.now, pollMs: 60_000 });
  return createClosings({ read: place.store.read, group: place.group, dispatch, now: place.clock.now, id: () => v7(), plan, canEnd: () => canEnd });
}

const filing = (covers: string, more: object = {}): Decision =>
  decision.parse({ covers, parts: [{ key: 'a', title: 'Catraca', messages: [covers], target: { kind: 'new' } }], ...more });

async function request(closings: Closings, more: Partial<CommitRequest> = {}): Promise<CommitRequest> {
  const conversation = more.conversation ? { id: more.conversation, message: '' } : await place.conversation();
  const made = more.decision ?? filing(conversation.message);
  const base = { conversation: conversation.id, decision: made, viewer };
  const plan = await closings.preview(base);
  return { ...base, digest: plan?.digest ?? '', actor, source: 'console', idempotencyKey: v7(), holdMs: hold, ...more };
}

const committed = (result: CommitResult): string => {
  if (result.is !== 'committed') throw new Error(`it was not committed: ${result.is}`);
  return result.closing;
};

const conversationOf = (id: string) => place.store.read.selectFrom('conversations').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const deliveriesOf = (closing: string) => place.store.read.selectFrom('deliveries').selectAll().where('closing_id', '=', closing).orderBy('seq').execute();

describe('committing a closing', () => {
  it('writes decision, deliveries, accounting, audit and the ended conversation together', async () => {
    const closings = closingsOver(planner([open('a/open', 'a'), summary('a'), append]));
    const asked = await request(closings);
    const id = committed(await closings.commit(asked));
    const rows = await deliveriesOf(id);
    const opened = rows[0]?.id ?? '';
    expect(rows).toMatchObject([
      { kind: 'open', lane: `plan:${id}:a`, after: '[]', state: 'waiting', due_at: place.clock.now() + hold },
      { kind: 'summarize', lane: `plan:${id}:a`, after: JSON.stringify([opened]) },
      { kind: 'append', lane: 'desk-a:77', after: JSON.stringify([opened]) },
    ]);
    expect(JSON.parse(rows[1]?.operation ?? '')).toMatchObject({ id: rows[1]?.id, revision: 1, ticket: { operation: opened } });
    expect(await conversationOf(asked.conversation)).toMatchObject({
      state: 'ended',
      ended_by: 'closing',
      filed_at: place.clock.now(),
      draft: null,
      version: 2,
    });
    const audit = await place.store.read.selectFrom('audit').selectAll().execute();
    expect(audit).toMatchObject([{ action: 'closing.commit', actor_id: 'ana', subject_id: id }]);
    expect(await place.store.read.selectFrom('closing_messages').selectAll().execute()).toMatchObject([{ closing_id: id, part: 'a', how: 'filed' }]);
  });

  it('is delivered as planned, with its outcome and due date in the mirror', async () => {
    const closings = closingsOver(planner([open('a/open', 'a'), summary('a'), append]));
    const id = committed(await closings.commit(await request(closings, { holdMs: 0 })));
    const desk = scriptedHelpdesk('desk-a');
    const engine = place.engine({ helpdesks: [desk] });
    await engine.start();
    await engine.idle();
    expect(desk.effects.map(({ kind, ticket }) => [kind, ticket.id])).toEqual(
      expect.arrayContaining([
        ['open', '1'],
        ['summarize', '1'],
        ['append', '77'],
      ]),
    );
    const view = await viewClosing(place.store.read, id, place.clock.now());
    expect(view).toMatchObject({ progress: 'done', state: 'released', title: 'Catraca', contact: 'Maria', tickets: [{ id: '1' }, { id: '77' }] });
    expect(closingShape.parse(view)).toEqual(view);
    const mirrored = await place.store.read.selectFrom('tickets').selectAll().where('external_id', '=', '1').executeTakeFirst();
    expect(mirrored).toMatchObject({ due_at: 1_800_000_000_000, outcome: 'visit' });
  });

  it('happens once for one key, however often it is asked for, at once too', async () => {
    const closings = closingsOver();
    const asked = await request(closings);
    const results = await Promise.all(Array.from({ length: 5 }, () => closings.commit(asked)));
    expect(new Set(results.map(committed)).size).toBe(1);
    expect(await closings.commit(asked)).toMatchObject({ is: 'committed', repeated: true });
    expect(await place.store.read.selectFrom('closings').select('id').execute()).toHaveLength(1);
    const other = { ...asked, decision: { ...asked.decision, ends: false } };
    expect(await closings.commit(other)).toEqual({ is: 'key-reused' });
  });

  it('refuses a key that another conversation uses at the same moment', async () => {
    const closings = closingsOver();
    const [one, two] = [await request(closings), await request(closings)];
    const results = await Promise.all([closings.commit(one), closings.commit({ ...two, idempotencyKey: one.idempotencyKey })]);
    expect(results.map(({ is }) => is).sort()).toEqual(['committed', 'key-reused']);
    expect(await place.store.read.selectFrom('conversations').select('id').where('state', '=', 'open').execute()).toHaveLength(1);
  });

  it('commits only the plan that was shown', async () => {
    const closings = closingsOver();
    const asked = await request(closings);
    expect(await closings.commit({ ...asked, digest: 'of another plan' })).toMatchObject({ is: 'changed', plan: { digest: asked.digest } });
    expect(await place.store.read.selectFrom('deliveries').select('id').execute()).toEqual([]);
  });

  it('names what is missing instead of filing it', async () => {
    const closings = closingsOver();
    const { conversation } = await request(closings);
    const asked = await request(closings, { conversation, decision: filing('a message of before') });
    expect(await closings.commit(asked)).toMatchObject({ is: 'missing', plan: { missing: [{ field: 'covers' }] } });
  });

  it('shows the second of two agents what the first one filed', async () => {
    const closings = closingsOver();
    const asked = await request(closings);
    const [first, second] = await Promise.all([
      closings.commit(asked),
      closings.commit({ ...asked, idempotencyKey: v7(), actor: { kind: 'agent', id: 'bia' }, viewer: { ...viewer, id: 'bia' } }),
    ]);
    expect(first.is).toBe('committed');
    expect(second).toMatchObject({ is: 'changed', closings: [committed(first)] });
    expect(await place.store.read.selectFrom('closings').select('id').execute()).toHaveLength(1);
  });

  it('plans again when the conversation changed while it was planning', async () => {
    const plan = planner();
    let moved = false;
    const closings = closingsOver(async (wanted) => {
      const made = await plan(wanted);
      if (moved) return made;
      moved = true;
      await place.store.write((tx) => tx.updateTable('conversations').set({ version: 9 }).where('id', '=', wanted.conversation).execute());
      return made;
    });
    const asked = await request(closingsOver());
    const id = committed(await closings.commit(asked));
    expect(await conversationOf(asked.conversation)).toMatchObject({ version: 10, state: 'ended' });
    expect(await deliveriesOf(id)).toHaveLength(2);
  });

  it('with no ticket at all is accounted for and audited, and sends nothing', async () => {
    const closings = closingsOver();
    const conversation = await place.conversation();
    const none = decision.parse({ covers: conversation.message, none: { reason: 'wrong-number' } });
    const id = committed(await closings.commit(await request(closings, { conversation: conversation.id, decision: none })));
    expect(await deliveriesOf(id)).toEqual([]);
    expect(await conversationOf(conversation.id)).toMatchObject({ state: 'ended', filed_at: place.clock.now() });
    expect(await viewClosing(place.store.read, id, place.clock.now() + hold)).toMatchObject({ none: 'wrong-number', progress: 'done', state: 'released' });
  });

  it('of a part leaves the conversation open', async () => {
    const closings = closingsOver();
    const conversation = await place.conversation();
    committed(await closings.commit(await request(closings, { conversation: conversation.id, decision: filing(conversation.message, { ends: false }) })));
    expect(await conversationOf(conversation.id)).toMatchObject({ state: 'open', filed_at: null, version: 2 });
  });

  it('says that a conversation does not exist', async () => {
    const closings = closingsOver();
    const asked = { ...(await request(closings)), conversation: v7() };
    expect(await closings.commit(asked)).toEqual({ is: 'not-found' });
    expect(await closings.undo(v7(), actor)).toBe('not-found');
    expect(await closings.now(v7(), actor)).toBe('not-found');
  });
});

describe('the hold', () => {
  it('can be undone: everything as it was, the draft too, and nothing is sent', async () => {
    const closings = closingsOver();
    const asked = await request(closings);
    const id = committed(await closings.commit(asked));
    const desk = scriptedHelpdesk('desk-a');
    const engine = place.engine({ helpdesks: [desk] });
    await engine.start();
    await engine.idle();
    expect(await closings.undo(id, actor)).toBe('ok');
    place.clock.advance(hold);
    await engine.idle();
    expect(desk.calls).toEqual([]);
    expect(await conversationOf(asked.conversation)).toMatchObject({ state: 'open', ended_at: null, filed_at: null, draft: '{"title":"a draft"}' });
    expect(await viewClosing(place.store.read, id, place.clock.now())).toMatchObject({ state: 'undone', progress: 'undone' });
    expect(await place.store.read.selectFrom('closing_messages').selectAll().execute()).toEqual([]);
    expect(await closings.now(id, actor)).toBe('too-late');
    const again = await request(closings, { conversation: asked.conversation, decision: asked.decision });
    expect((await closings.commit(again)).is).toBe('committed');
  });

  it('stays ended after an undo where the customer has begun a new conversation meanwhile', async () => {
    const closings = closingsOver();
    const conversation = await place.conversation({ thread: 'maria' });
    const id = committed(await closings.commit(await request(closings, { conversation: conversation.id, decision: filing(conversation.message) })));
    await place.conversation({ thread: 'maria' });
    expect(await closings.undo(id, actor)).toBe('ok');
    expect(await conversationOf(conversation.id)).toMatchObject({ state: 'ended', filed_at: null });
  });

  it('ends when asked to, and then it is too late to undo', async () => {
    const closings = closingsOver();
    const id = committed(await closings.commit(await request(closings)));
    const desk = scriptedHelpdesk('desk-a');
    const engine = place.engine({ helpdesks: [desk] });
    await engine.start();
    await engine.idle();
    expect(desk.calls).toHaveLength(0);
    expect(await closings.now(id, actor)).toBe('ok');
    await engine.idle();
    expect(desk.calls).toHaveLength(2);
    expect(await closings.undo(id, actor)).toBe('too-late');
    expect(await conversationOf((await viewClosing(place.store.read, id, 0))?.conversation ?? '')).toMatchObject({ state: 'ended' });
  });

  it('is either undone or delivered, never both, when its end and the undo race', async () => {
    const closings = closingsOver();
    const desk = scriptedHelpdesk('desk-a');
    const engine = place.engine({ helpdesks: [desk] });
    await engine.start();
    const ids: string[] = [];
    for (let n = 0; n < 12; n += 1) ids.push(committed(await closings.commit(await request(closings))));
    place.clock.advance(hold);
    const work = engine.idle();
    const undone = await Promise.all(
      ids.map(async (id, index) => {
        for (let turn = 0; turn < index; turn += 1) await new Promise(setImmediate);
        return closings.undo(id, actor);
      }),
    );
    await work;
    await engine.idle();
    expect(new Set(undone).size).toBe(2);
    for (const [index, id] of ids.entries()) {
      const sent = desk.effects.filter(({ operation }) => operation.length > 0).map(({ operation }) => operation);
      const mine = await deliveriesOf(id);
      expect(mine.filter((row) => sent.includes(row.id))).toHaveLength(undone[index] === 'ok' ? 0 : 2);
    }
  });

  it('is waited for by the end at the vendor too', async () => {
    let ended = 0;
    const channel = scriptedChannel(async () => ({ externalId: '1' }), {
      end: (to, step) =>
        step('end', {
          body: () => to.thread,
          send: async () => {
            ended += 1;
            return null;
          },
        }).then(() => undefined),
    });
    const closings = closingsOver(planner(), true);
    const id = committed(await closings.commit(await request(closings)));
    const engine = place.engine({ helpdesks: [scriptedHelpdesk('desk-a')], channels: { chat: channel } });
    await engine.start();
    await engine.idle();
    expect(ended).toBe(0);
    place.clock.advance(hold);
    await engine.idle();
    expect(ended).toBe(1);
    expect(await deliveriesOf(id)).toMatchObject([{ kind: 'open' }, { kind: 'summarize' }, { kind: 'end', target_kind: 'channel', state: 'done' }]);
  });

  it('shows where a person is needed', async () => {
    const closings = closingsOver();
    const id = committed(await closings.commit(await request(closings, { holdMs: 0 })));
    const desk = scriptedHelpdesk('desk-a');
    desk.behave(() => {
      throw refused();
    });
    const engine = place.engine({ helpdesks: [desk] });
    await engine.start();
    await engine.idle();
    const [view] = await listClosings(place.store.read, { limit: 5 }, place.clock.now());
    expect(view).toMatchObject({
      id,
      progress: 'needs-you',
      deliveries: [{ state: 'parked', error: { code: 'refused', field: 'type' } }, { state: 'waiting' }],
    });
    expect(await listClosings(place.store.read, { agent: 'bia', limit: 5 }, place.clock.now())).toEqual([]);
  });
});
