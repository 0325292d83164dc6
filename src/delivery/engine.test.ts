import { v7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noteOperation, openOperation, openPlace, type Place } from '../../test/support/deliveries.ts';
import { down, refused, scriptedHelpdesk, slowDown, timedOut } from '../../test/support/helpdesk.ts';
import type { Operation } from '../kit/index.ts';
import { ConnectorError } from '../kit/index.ts';
import { sweepDoubles } from './sweep.ts';

let place: Place;
beforeEach(async () => {
  place = await openPlace();
});
afterEach(() => place.close());

const row = (operation: Operation, more: object = {}) => ({ id: operation.id, kind: operation.kind, operation: JSON.stringify(operation), ...more });

/** A closing that deliveries can belong to. */
async function closing(): Promise<string> {
  const conversation = await place.conversation();
  const id = v7();
  await place.store.write((tx) =>
    tx
      .insertInto('closings')
      .values({
        id,
        conversation_id: conversation.id,
        agent_id: null,
        source: 'api',
        idempotency_key: id,
        decision: '{"parts":[]}',
        plan: '{"operations":[],"due":{},"outcomes":{}}',
        digest: '',
        state: 'held',
        created_at: 0,
        not_before: 0,
        ends: 1,
        none_reason: null,
        restore: null,
      })
      .execute(),
  );
  return id;
}

describe('the engine', () => {
  it('delivers what is due, once, and mirrors the ticket', async () => {
    const desk = scriptedHelpdesk('desk-a');
    const conversation = await place.conversation();
    const operation = openOperation(v7(), { values: { status: '2', priority: '3' } });
    await place.deliver(row(operation, { conversation_id: conversation.id }));
    const engine = place.engine({ helpdesks: [desk] });
    await engine.start();
    await engine.idle();
    expect(desk.effects).toHaveLength(1);
    expect(await place.delivery(operation.id)).toMatchObject({ state: 'done', attempts: 1, swept_at: place.clock.now() });
    const linked = await place.store.read
      .selectFrom('conversation_tickets')
      .innerJoin('tickets', 'tickets.id', 'ticket_id')
      .selectAll()
      .where('conversation_id', '=', conversation.id)
      .execute();
    expect(linked).toMatchObject([{ helpdesk: 'desk-a', external_id: '1', subject: 'Turnstile', status: '2', priority: '3', contact_id: 'c-1' }]);
  });

  it('waits for the hold, which counts across a restart', async () => {
    const desk = scriptedHelpdesk('desk-a');
    const operation = openOperation(v7());
    await place.deliver(row(operation, { due_at: place.clock.now() + 30_000 }));
    const first = place.engine({ helpdesks: [desk] });
    await first.start();
    await first.idle();
    await first.stop();
    place.clock.advance(29_999);
    const second = place.engine({ helpdesks: [desk] });
    await second.start();
    await second.idle();
    expect(desk.effects).toHaveLength(0);
    place.clock.advance(1);
    await second.idle();
    expect(desk.effects).toHaveLength(1);
  });

  it('runs operations on one ticket one at a time and in order, others at the same time', async () => {
    const desk = scriptedHelpdesk('desk-a');
    const busy = new Map<string, number>();
    let together = 0;
    desk.behave(async (operation, act) => {
      const ticket = 'ticket' in operation && 'id' in operation.ticket ? operation.ticket.id : '';
      busy.set(ticket, (busy.get(ticket) ?? 0) + 1);
      expect(busy.get(ticket)).toBe(1);
      together = Math.max(together, [...busy.values()].filter((count) => count > 0).length);
      await new Promise(setImmediate);
      busy.set(ticket, 0);
      return act();
    });
    const operations = Array.from({ length: 30 }, (_, index) => noteOperation(v7(), 'desk-a', String(index % 3)));
    await place.deliver(...operations.map((operation, index) => row(operation, { lane: `desk-a:${index % 3}` })));
    const engine = place.engine({ helpdesks: [desk] });
    await engine.start();
    await engine.idle();
    for (const ticket of ['0', '1', '2'])
      expect(desk.effects.filter((effect) => effect.ticket.id === ticket).map(({ operation }) => operation)).toEqual(
        operations.filter((operation) => 'ticket' in operation && 'id' in operation.ticket && operation.ticket.id === ticket).map(({ id }) => id),
      );
    expect(together).toBe(3);
  });

  it('replaces references by the tickets that were opened meanwhile, in texts too', async () => {
    const desk = scriptedHelpdesk('desk-a');
    const [one, two] = [openOperation(v7()), openOperation(v7())];
    const link: Operation = {
      id: v7(),
      revision: 1,
      kind: 'link',
      tickets: [{ operation: one.id }],
      notes: [{ kind: 'internal', blocks: [{ type: 'tickets', label: 'See', tickets: [{ operation: two.id }] }] }],
    };
    await place.deliver(row(link, { after: JSON.stringify([one.id, two.id]) }), row(one), row(two, { after: JSON.stringify([one.id]) }));
    const engine = place.engine({ helpdesks: [desk] });
    await engine.start();
    await engine.idle();
    expect(desk.effects.map(({ operation }) => operation)).toEqual([one.id, two.id, link.id]);
    expect(desk.effects[2]?.request).toMatchObject({ tickets: [{ number: '1' }], notes: [{ blocks: [{ tickets: [{ number: '2' }] }] }] });
  });

  it("moves what is left of a plan into the new ticket's own lane", async () => {
    const desk = scriptedHelpdesk('desk-a');
    const mine = await closing();
    const open = openOperation(v7());
    const summary: Operation = { id: v7(), revision: 1, kind: 'summarize', ticket: { operation: open.id }, note: { kind: 'internal', blocks: [] } };
    desk.behave((operation, act) => {
      if (operation.kind === 'summarize') throw down();
      return act();
    });
    await place.deliver(
      row(open, { lane: 'plan:x:a', closing_id: mine }),
      row(summary, { lane: 'plan:x:a', closing_id: mine, after: JSON.stringify([open.id]) }),
    );
    const engine = place.engine({ helpdesks: [desk] });
    await engine.start();
    await engine.idle();
    expect(await place.delivery(summary.id)).toMatchObject({ state: 'waiting', lane: 'desk-a:1' });
  });

  it('outlives an outage of 72 hours and delivers once', async () => {
    const desk = scriptedHelpdesk('desk-a');
    const back = place.clock.now() + 72 * 3_600_000;
    desk.behave((_operation, act) => {
      if (place.clock.now() < back) throw down();
      return act();
    });
    const operation = openOperation(v7());
    await place.deliver(row(operation));
    const engine = place.engine({ helpdesks: [desk] });
    await engine.start();
    for (let hour = 0; hour < 74 * 2; hour += 1) {
      await engine.idle();
      place.clock.advance(1_800_000);
    }
    expect(await place.delivery(operation.id)).toMatchObject({ state: 'done' });
    expect(desk.effects).toHaveLength(1);
    expect(desk.calls.length).toBeGreaterThan(72);
  });

  it('gives up after that, and says why', async () => {
    const desk = scriptedHelpdesk('desk-a');
    desk.behave(() => {
      throw down();
    });
    const operation = openOperation(v7());
    await place.deliver(row(operation));
    const engine = place.engine({ helpdesks: [desk] });
    await engine.start();
    await engine.idle();
    expect(engine.targets()).toMatchObject([{ name: 'desk-a', state: 'trouble', detail: 'the desk did not answer' }]);
    place.clock.advance(75 * 3_600_000);
    await engine.idle();
    expect(await place.delivery(operation.id)).toMatchObject({ state: 'waiting' });
    place.clock.advance(3_600_000);
    await engine.idle();
    const dead = await place.delivery(operation.id);
    expect(dead).toMatchObject({ state: 'dead' });
    expect(JSON.parse(dead.error ?? '')).toMatchObject({ code: 'unavailable', message: 'the desk did not answer' });
  });

  it('pauses one target on 429 and delays nobody else', async () => {
    const [slow, quick] = [scriptedHelpdesk('desk-a'), scriptedHelpdesk('desk-b')];
    slow.behave((_operation, act) => {
      if (slow.calls.length === 1) throw slowDown(60_000);
      return act();
    });
    const operations = Array.from({ length: 40 }, () => openOperation(v7()));
    await place.deliver(...operations.map((operation, index) => row(operation, { target: index % 2 ? 'desk-a' : 'desk-b' })));
    const engine = place.engine({ helpdesks: [slow, quick] }, { concurrency: 1 });
    await engine.start();
    await engine.idle();
    expect(quick.effects).toHaveLength(20);
    expect(slow.calls).toHaveLength(1);
    expect(engine.targets()).toMatchObject([
      { name: 'desk-a', state: 'paused' },
      { name: 'desk-b', state: 'ready' },
    ]);
    place.clock.advance(59_999);
    await engine.idle();
    expect(slow.calls).toHaveLength(1);
    place.clock.advance(1);
    await engine.idle();
    expect(slow.effects).toHaveLength(20);
  });

  it('is not held up by a helpdesk that never answers', async () => {
    const [stuck, quick] = [scriptedHelpdesk('desk-a'), scriptedHelpdesk('desk-b')];
    const { promise, resolve } = Promise.withResolvers<void>();
    stuck.behave(async (_operation, act) => {
      await promise;
      return act();
    });
    const operations = Array.from({ length: 40 }, () => openOperation(v7()));
    await place.deliver(...operations.map((operation, index) => row(operation, { target: index % 2 ? 'desk-a' : 'desk-b' })));
    const engine = place.engine({ helpdesks: [stuck, quick] });
    await engine.start();
    await expect.poll(() => quick.effects.length).toBe(20);
    expect(stuck.calls).toHaveLength(8);
    resolve();
    await engine.idle();
    expect(stuck.effects).toHaveLength(20);
  });

  it('parks what a helpdesk refuses, and holds back only later ones of that plan', async () => {
    const desk = scriptedHelpdesk('desk-a');
    const [mine, other] = [await closing(), await closing()];
    const [bad, sameTicket, independent, othersNote] = [v7(), v7(), v7(), v7()].map((id) => noteOperation(id, 'desk-a', '7'));
    if (!bad || !sameTicket || !independent || !othersNote) throw new Error('four operations were made');
    const dependent = noteOperation(v7(), 'desk-a', '8');
    desk.behave((operation, act) => {
      if (operation.id === bad.id) throw refused();
      return act();
    });
    await place.deliver(
      row(bad, { lane: 'desk-a:7', closing_id: mine }),
      row(sameTicket, { lane: 'desk-a:7', closing_id: mine }),
      row(dependent, { lane: 'desk-a:8', closing_id: mine, after: JSON.stringify([bad.id]) }),
      row(independent, { lane: 'desk-a:9', closing_id: mine }),
      row(othersNote, { lane: 'desk-a:7', closing_id: other }),
    );
    const engine = place.engine({ helpdesks: [desk] });
    await engine.start();
    await engine.idle();
    const states = await Promise.all([bad, sameTicket, dependent, independent, othersNote].map(async ({ id }) => (await place.delivery(id)).state));
    expect(states).toEqual(['parked', 'waiting', 'waiting', 'done', 'done']);
    expect(JSON.parse((await place.delivery(bad.id)).error ?? '')).toMatchObject({ code: 'refused', field: 'type', status: 422 });
  });

  it('takes up what a crash left running, looks before sending, and repeats nothing', async () => {
    const desk = scriptedHelpdesk('desk-a', { settleMs: 5_000 });
    const operation = openOperation(v7());
    await place.deliver(row(operation));
    // The process dies after the effect and before the answer: nothing of it is heard again.
    desk.behave((_operation, act) => {
      act();
      return new Promise(() => {});
    });
    const dying = place.engine({ helpdesks: [desk] });
    await dying.start();
    await expect.poll(() => desk.effects.length).toBe(1);
    desk.behave((_operation, act) => act());
    place.clock.advance(60_000);
    const next = place.engine({ helpdesks: [desk] });
    await next.start();
    await next.idle();
    expect(await place.delivery(operation.id)).toMatchObject({ state: 'waiting', due_at: place.clock.now() + 5_000 });
    place.clock.advance(5_000);
    await next.idle();
    expect(await place.delivery(operation.id)).toMatchObject({ state: 'done', swept_at: null });
    expect(desk.calls).toHaveLength(1);
    dying.stop = async () => {};
  });

  it('gives an unclear send to a person where nobody can look', async () => {
    const desk = scriptedHelpdesk('desk-a', { canLook: false });
    desk.behave((_operation, act) => {
      act();
      throw timedOut();
    });
    const operation = openOperation(v7());
    await place.deliver(row(operation));
    const engine = place.engine({ helpdesks: [desk] });
    await engine.start();
    await engine.idle();
    place.clock.advance(2_000);
    await engine.idle();
    const parked = await place.delivery(operation.id);
    expect(parked).toMatchObject({ state: 'parked' });
    expect(JSON.parse(parked.error ?? '')).toMatchObject({ code: 'unclear', unclear: true });
    expect(desk.effects).toHaveLength(1);
  });

  it('tries everything at once after an outage instead of waiting out the backoff', async () => {
    const desk = scriptedHelpdesk('desk-a');
    desk.behave(() => {
      throw down();
    });
    const operations = Array.from({ length: 8 }, () => openOperation(v7()));
    await place.deliver(...operations.map((operation) => row(operation)));
    const engine = place.engine({ helpdesks: [desk] });
    await engine.start();
    for (let round = 0; round < 12; round += 1) {
      await engine.idle();
      place.clock.advance(3_600_000);
    }
    await engine.idle();
    desk.behave((_operation, act) => act());
    const fresh = openOperation(v7());
    await place.deliver(row(fresh));
    await engine.idle();
    expect(desk.effects).toHaveLength(9);
  });

  it('keeps a refused credential waiting, and tries it at once after a restart', async () => {
    const desk = scriptedHelpdesk('desk-a');
    desk.behave(() => {
      throw new ConnectorError('unauthorized', 'the key was refused', { status: 401 });
    });
    const operation = openOperation(v7());
    await place.deliver(row(operation));
    const before = place.engine({ helpdesks: [desk] });
    await before.start();
    await before.idle();
    expect(await place.delivery(operation.id)).toMatchObject({ state: 'waiting', due_at: place.clock.now() + 300_000 });
    expect(before.targets()).toMatchObject([{ state: 'trouble', detail: 'the key was refused' }]);
    await before.stop();
    desk.behave((_operation, act) => act());
    const corrected = place.engine({ helpdesks: [desk] });
    await corrected.start();
    await corrected.idle();
    expect(await place.delivery(operation.id)).toMatchObject({ state: 'done' });
  });

  it('says of a delivery that its helpdesk is not configured, and delivers once it is', async () => {
    const operation = openOperation(v7());
    await place.deliver(row(operation));
    const without = place.engine({ helpdesks: [] });
    await without.start();
    await without.idle();
    const waiting = await place.delivery(operation.id);
    expect(waiting).toMatchObject({ state: 'waiting', attempts: 0 });
    expect(JSON.parse(waiting.error ?? '')).toMatchObject({ message: 'desk-a is not configured' });
    await without.stop();
    const desk = scriptedHelpdesk('desk-a');
    const engine = place.engine({ helpdesks: [desk] });
    await engine.start();
    await engine.idle();
    expect(await place.delivery(operation.id)).toMatchObject({ state: 'done', error: null });
  });

  it('slows down before the helpdesk says 429, by what it said of its budget', async () => {
    const desk = scriptedHelpdesk('desk-a');
    const engine = place.engine({ helpdesks: [desk] });
    desk.behave((_operation, act) => {
      engine.budget('desk-a', { lane: 'create', limit: 100, remaining: 6 - desk.calls.length, resetAt: 60_000 + start });
      return act();
    });
    const start = place.clock.now();
    engine.budget('desk-a', { lane: 'create', limit: 100, remaining: 6, resetAt: 60_000 + start });
    await place.deliver(...Array.from({ length: 10 }, () => row(openOperation(v7()))));
    await engine.start();
    for (let second = 0; second < 59; second += 1) {
      await engine.idle();
      place.clock.advance(1_000);
    }
    expect(desk.effects).toHaveLength(4);
    place.clock.advance(1_000);
    desk.behave((_operation, act) => act());
    await engine.idle();
    expect(desk.effects).toHaveLength(10);
  });
});

describe('the sweep', () => {
  it('finds an operation that took effect twice, after an unclear send, and never looks for others', async () => {
    const desk = scriptedHelpdesk('desk-a');
    const [plain, unlucky] = [openOperation(v7()), openOperation(v7())];
    let late = (): void => {};
    desk.behave((operation, act) => {
      if (operation.id === unlucky.id && desk.calls.filter(({ id }) => id === unlucky.id).length === 1) {
        late = () => void act();
        throw timedOut();
      }
      return act();
    });
    await place.deliver(row(plain), row(unlucky));
    const engine = place.engine({ helpdesks: [desk] });
    await engine.start();
    await engine.idle();
    place.clock.advance(10_000);
    await engine.idle();
    late();
    const parts = {
      store: place.store,
      group: place.group,
      helpdesks: new Map([['desk-a', desk]]),
      log: { debug() {}, info() {}, warn() {}, error() {} },
      now: place.clock.now,
    };
    expect(await sweepDoubles(parts)).toEqual([]);
    place.clock.advance(600_000);
    const told: string[] = [];
    place.store.onCommit((events) => void told.push(...events.map(({ kind, subject }) => `${kind} ${subject}`)));
    expect(await sweepDoubles(parts)).toEqual([unlucky.id]);
    expect(JSON.parse((await place.delivery(unlucky.id)).doubles ?? '[]')).toHaveLength(2);
    expect(told).toContain(`delivery ${unlucky.id}`);
    expect(await sweepDoubles(parts)).toEqual([]);
  });
});
