import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryRecords, quiet, testClock } from '../../test/support/context.ts';
import { channelOf, customer, said } from '../../test/support/intake.ts';
import { sqliteTestStore, type TestStore } from '../../test/support/store.ts';
import { createIntake } from '../intake/intake.ts';
import { fetchedByUs, type Helpdesk, type Identity, type Requester } from '../kit/index.ts';
import type { Mapping } from '../mapping/evaluate.ts';
import { newId } from '../store/ids.ts';
import { createDesks } from './desks.ts';
import { createLearning } from './learn-companies.ts';

const phone = (value: string, verified: boolean): Identity => ({ kind: 'phone', value, verified });
const known: Requester = {
  id: '7',
  name: 'Maria',
  email: null,
  phone: '+5511930001001',
  company: { id: '3', name: 'Academia Corpo Vivo', fields: { cf_rede: 'ifitness' } },
};

let test: TestStore;
beforeEach(async () => {
  test = await sqliteTestStore();
});
afterEach(() => test.drop());

function place(found: (identities: readonly Identity[]) => Requester | undefined) {
  const clock = testClock();
  let asked = 0;
  const helpdesk = {
    async findRequester(identities: readonly Identity[]) {
      asked += 1;
      return found(identities);
    },
  } as unknown as Helpdesk;
  const capabilities = { privateFirstComment: true, maxFileBytes: 1, maxTicketBytes: 1, companies: true, closedIsFinal: true };
  const desks = createDesks([{ name: 'desk-a', title: 'A', connector: 'd', mails: null, capabilities, helpdesk, records: memoryRecords() }], {
    now: clock.now,
    log: quiet,
  });
  const mapping = { helpdesk: 'desk-a', company: { source: 'desk-a', brand: 'cf_rede' } } as unknown as Mapping;
  const { store } = test;
  const intake = createIntake({ store, now: clock.now, id: newId, log: quiet });
  const learning = createLearning({ store, desks, mappingFor: () => mapping, now: clock.now, id: newId, log: quiet });
  return {
    clock,
    learning,
    asked: () => asked,
    write: (identity: Identity, more: object = {}, id = newId()) =>
      intake.accept({
        channel: channelOf('chat'),
        proof: fetchedByUs(),
        payload: said('maria', id, 'oi', { from: customer('maria', { identities: [identity], ...more }) }),
      }),
    conversation: () =>
      store.read
        .selectFrom('conversations')
        .leftJoin('companies', 'companies.id', 'conversations.company_id')
        .select(['companies.name', 'companies.brand', 'companies.fields', 'conversations.version'])
        .executeTakeFirstOrThrow(),
  };
}

describe('the company of somebody who writes by a messenger', () => {
  it('is learned from the helpdesk that knows the number, with its brand and fields', async () => {
    const { learning, write, conversation } = place(() => known);
    await write(phone('+5511930001001', true));
    const { version } = await conversation();
    expect(await learning.look()).toBe(1);
    expect(await conversation()).toEqual({ name: 'Academia Corpo Vivo', brand: 'ifitness', fields: '{"cf_rede":"ifitness"}', version: version + 1 });
    expect(await learning.look()).toBe(0);
  });

  it('is left open where the person writes for several: the agent says which', async () => {
    const sul = { id: '4', name: 'Corpo Vivo Sul' };
    const { learning, write, conversation } = place(() => ({ ...known, otherCompanies: [sul] }));
    await write(phone('+5511930001001', true));
    expect(await learning.look()).toBe(1);
    expect((await conversation()).name).toBeNull();
    const linked = await test.store.read
      .selectFrom('contact_companies')
      .innerJoin('companies', 'companies.id', 'company_id')
      .select('name')
      .orderBy('name')
      .execute();
    expect(linked.map(({ name }) => name)).toEqual(['Academia Corpo Vivo', 'Corpo Vivo Sul']);
  });

  it('is not asked for by an identity that was only typed: it would tell a stranger’s company', async () => {
    const { learning, write, conversation, asked } = place(() => known);
    await write(phone('+5511930001001', false));
    expect(await learning.look()).toBe(0);
    expect(asked()).toBe(0);
    expect((await conversation()).name).toBeNull();
  });

  it('is asked for as soon as somebody vouches for who writes', async () => {
    const { learning, write, conversation } = place(() => known);
    await write(phone('+5511930001001', false), {}, 'm1');
    expect(await learning.look()).toBe(0);
    // As when the vendor was asked who wrote.
    await write(phone('+5511930001001', true), {}, 'm1');
    expect(await learning.look()).toBe(1);
    expect((await conversation()).name).toBe('Academia Corpo Vivo');
  });

  it('stays the one that the channel told', async () => {
    const { learning, write, conversation, asked } = place(() => known);
    await write(phone('+5511930001001', true), { company: 'Iron Gym' });
    expect(await learning.look()).toBe(0);
    expect(asked()).toBe(0);
    expect((await conversation()).name).toBe('Iron Gym');
  });

  it('is asked for again only after a while where the helpdesk knows nobody', async () => {
    const { learning, write, asked, clock } = place(() => undefined);
    await write(phone('+5511930001001', true));
    await learning.look();
    await learning.look();
    expect(asked()).toBe(1);
    clock.advance(31 * 60_000);
    await learning.look();
    expect(asked()).toBe(2);
  });

  it('is asked for again within a minute where the helpdesk does not answer', async () => {
    let down = true;
    const { learning, write, clock } = place(() => {
      if (down) throw new Error('no answer');
      return known;
    });
    await write(phone('+5511930001001', true));
    expect(await learning.look()).toBe(0);
    down = false;
    expect(await learning.look()).toBe(0);
    clock.advance(31_000);
    expect(await learning.look()).toBe(1);
  });
});
