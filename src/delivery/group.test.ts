import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPlace, type Place } from '../../test/support/deliveries.ts';
import { createGroup } from './group.ts';

let place: Place;
beforeEach(async () => {
  place = await openPlace();
});
afterEach(() => place.close());

function counted() {
  let commits = 0;
  const group = createGroup({
    batch(work) {
      commits += 1;
      return place.store.batch(work);
    },
  });
  return { group, commits: () => commits };
}

const add = (name: string) => (s: { run(sql: string, ...values: string[]): number | Promise<number> }) =>
  Promise.resolve(s.run(`INSERT INTO settings (name, value) VALUES (?, '1')`, name));
const names = async () => (await place.store.read.selectFrom('settings').select('name').orderBy('name').execute()).map(({ name }) => name);

describe('group commit', () => {
  it('shares one transaction among what is asked for together', async () => {
    const { group, commits } = counted();
    await Promise.all(Array.from({ length: 20 }, (_, n) => group.write(add(`n${n}`))));
    expect(commits()).toBe(1);
    expect(await names()).toHaveLength(20);
  });

  it('loses only the work that fails, and says so to its asker alone', async () => {
    const { group } = counted();
    const results = await Promise.allSettled([group.write(add('a')), group.write(add('a')), group.write(add('b'))]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await names()).toEqual(['a', 'b']);
  });

  it('keeps the order, with what is last after all others of its commit', async () => {
    const { group } = counted();
    const order: string[] = [];
    const note = (name: string) => async () => void order.push(name);
    await Promise.all([group.write(note('claim'), { last: true }), group.write(note('one')), group.write(note('two'))]);
    expect(order).toEqual(['one', 'two', 'claim']);
  });

  it('takes what is asked for during a commit into the next one', async () => {
    const { group, commits } = counted();
    const later: Promise<unknown>[] = [];
    await group.write(async (s) => {
      later.push(group.write(add('x')), group.write(add('y')));
      await s.run(`INSERT INTO settings (name, value) VALUES ('first', '1')`);
    });
    await Promise.all(later);
    expect(commits()).toBe(2);
  });
});
