import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Condition, compileCondition, type Facts, isField, shapeProblem, type Truth } from './conditions.ts';

const facts =
  (known: Readonly<Record<string, readonly string[] | undefined>>): Facts =>
  (field) =>
    field in known ? known[field] : [];

const holds = (condition: Condition, known: Readonly<Record<string, readonly string[] | undefined>>): Truth => compileCondition(condition)(facts(known));

describe('a condition on a field', () => {
  const known = { title: ['Catraca NÃO libera'], 'agent.team': ['Campo', 'Plantão'] };
  it.each<[Condition, boolean]>([
    [{ field: 'title', is: 'catraca nao libera' }, true],
    [{ field: 'title', is: 'catraca' }, false],
    [{ field: 'title', in: ['x', 'CATRACA NÃO LIBERA'] }, true],
    [{ field: 'title', contains: 'não' }, true],
    [{ field: 'title', matches: 'catraca*' }, true],
    [{ field: 'title', matches: '*catraca' }, false],
    [{ field: 'agent.team', is: 'plantao' }, true],
    [{ field: 'agent.team', exists: true }, true],
    [{ field: 'topic', exists: true }, false],
    [{ field: 'topic', exists: false }, true],
    [{ field: 'topic', is: '' }, false],
    [{ not: { field: 'topic', is: 'x' } }, true],
  ])('%j is %s', (condition, expected) => {
    expect(holds(condition, known)).toBe(expected);
  });
});

describe('a fact that nobody has told', () => {
  const open: Condition = { field: 'served_company.brand', is: 'ifitness' };
  const yes: Condition = { field: 'title', is: 'a' };
  const no: Condition = { field: 'title', is: 'b' };
  const known = { 'served_company.brand': undefined, title: ['a'] };
  it.each<[Condition, Truth]>([
    [open, 'open'],
    [{ not: open }, 'open'],
    [{ all: [open, yes] }, 'open'],
    [{ all: [open, no] }, false],
    [{ any: [open, yes] }, true],
    [{ any: [open, no] }, 'open'],
  ])('%j is %s', (condition, expected) => {
    expect(holds(condition, known)).toBe(expected);
  });
});

describe('conditions of any shape', () => {
  const leaf = fc.record({ field: fc.constantFrom('title', 'topic', 'impact'), is: fc.constantFrom('a', 'b') });
  const tree = fc.letrec<{ node: Condition }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.record({ all: fc.array(tie('node'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ any: fc.array(tie('node'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ not: tie('node') }),
    ),
  })).node;
  const value = fc.constantFrom(undefined, ['a'], ['b'], []);
  const world = fc.record({ title: value, topic: value, impact: value });

  it('are turned round by not', () => {
    const opposite = (truth: Truth): Truth => (truth === 'open' ? 'open' : !truth);
    fc.assert(
      fc.property(tree, world, (condition, known) => {
        expect(holds({ not: condition }, known)).toBe(opposite(holds(condition, known)));
      }),
    );
  });

  it('never change a decided answer when an open fact is told', () => {
    fc.assert(
      fc.property(tree, world, fc.constantFrom(['a'], ['b'], []), (condition, known, told) => {
        const before = holds(condition, known);
        const after = holds(condition, { title: known.title ?? told, topic: known.topic ?? told, impact: known.impact ?? told });
        expect(after).not.toBe('open');
        if (before !== 'open') expect(after).toBe(before);
      }),
    );
  });
});

describe('the shape of a condition', () => {
  it('is one of all, any, not, field, with one operator', () => {
    expect(shapeProblem({ field: 'title', is: 'a' })).toBeUndefined();
    expect(shapeProblem({})).toContain('needs one of all, any, not, field');
    expect(shapeProblem({ field: 'title' })).toContain('a field needs one of');
    expect(shapeProblem({ field: 'title', is: 'a', contains: 'b' })).toContain('a field needs one of');
    expect(shapeProblem({ all: [{ field: 'title', is: 'a' }], is: 'a' })).toContain('needs a field');
  });

  it('names known fields, and any field of a company', () => {
    expect(isField('served_company.cf_rede')).toBe(true);
    expect(isField('contact.compny')).toBe(false);
  });
});
