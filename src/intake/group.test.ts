import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGroup } from './group.ts';

class Bad extends Error {}

/** Commits like a database does: all of the items or none. */
function ledger(bad: ReadonlySet<number>, broken = false) {
  const committed: number[] = [];
  const rescued: number[] = [];
  const sizes: number[] = [];
  const group = createGroup<number, string>({
    most: 10,
    async commit(items, at) {
      sizes.push(items.length);
      for (const [index, item] of items.entries()) {
        at(index);
        await Promise.resolve();
        if (bad.has(item)) throw new Bad(`bad ${item}`);
      }
      if (broken) throw new Error('disk full');
      committed.push(...items);
      return items.map((item) => `stored ${item}`);
    },
    blames: (error) => error instanceof Bad,
    rescue: async (item) => {
      rescued.push(item);
      return `quarantined ${item}`;
    },
  });
  return { group, committed, rescued, sizes };
}

describe('group commit', () => {
  it('commits every good item once, in order, whatever bad ones stand among them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(40), fc.uniqueArray(fc.nat(40)), async (count, badOnes) => {
        const bad = new Set(badOnes);
        const { group, committed, rescued } = ledger(bad);
        const items = Array.from({ length: count }, (_, i) => i);
        const results = await Promise.all(items.map((item) => group.join(item)));
        expect(results).toEqual(items.map((item) => `${bad.has(item) ? 'quarantined' : 'stored'} ${item}`));
        expect(committed).toEqual(items.filter((item) => !bad.has(item)));
        expect(rescued).toEqual(items.filter((item) => bad.has(item)));
      }),
    );
  });

  it('takes along what arrives while a commit is under way, up to a limit', async () => {
    const { group, sizes } = ledger(new Set());
    const first = group.join(0);
    await new Promise(setImmediate);
    await Promise.all([first, ...Array.from({ length: 25 }, (_, i) => group.join(i + 1))]);
    expect(sizes).toEqual([1, 10, 10, 5]);
  });

  it('waits as long as each turn of the loop brings more, so that a burst is one commit', async () => {
    const { group, sizes } = ledger(new Set());
    const later = new Promise((resolve) => {
      setImmediate(() => {
        const second = group.join(1);
        setImmediate(() => resolve(Promise.all([second, group.join(2)])));
      });
    });
    await Promise.all([group.join(0), later]);
    expect(sizes).toEqual([3]);
  });

  it('acknowledges nothing of a commit that failed for the database’s own reasons, and goes on afterwards', async () => {
    const { group, rescued } = ledger(new Set(), true);
    const results = await Promise.allSettled([group.join(1), group.join(2)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(group.join(3)).rejects.toThrow('disk full');
    expect(rescued).toEqual([]);
  });
});
