/** Declarative conditions. A fact that nobody has told yet makes a condition neither true nor false but open, so that it can be asked for. */
import { fold, sameText, wildcard } from './fold.ts';

export interface Condition {
  readonly all?: readonly Condition[] | undefined;
  readonly any?: readonly Condition[] | undefined;
  readonly not?: Condition | undefined;
  readonly field?: string | undefined;
  /** Equal, whatever the case and accents. */
  readonly is?: string | undefined;
  readonly in?: readonly string[] | undefined;
  readonly contains?: string | undefined;
  /** The whole value, with `*` for any characters. */
  readonly matches?: string | undefined;
  readonly exists?: boolean | undefined;
}

/** The values of a field: several for teams, none where it is empty; undefined while it is not known. */
export type Facts = (field: string) => readonly string[] | undefined;
export type Truth = true | false | 'open';

/** Fields that conditions may name. Those that end in a dot take a field name of the helpdesk. */
export const FIELDS = [
  ...[
    'contact.name',
    'contact.company',
    'agent.name',
    'agent.email',
    'agent.team',
    'served_company.name',
    'served_company.brand',
    'company.name',
    'company.brand',
  ],
  ...['topic', 'title', 'outcome', 'impact', 'priority', 'helpdesk', 'channel'],
] as const;
const OPEN_FIELD = /^(served_company|company)\.[\w-]+$/;
export const isField = (field: string): boolean => (FIELDS as readonly string[]).includes(field) || OPEN_FIELD.test(field);

function compare(condition: Condition): (value: string) => boolean {
  const { is, contains, matches } = condition;
  if (is !== undefined) return (value) => sameText(value, is);
  if (condition.in) {
    const wanted = new Set(condition.in.map((one) => fold(one.trim())));
    return (value) => wanted.has(fold(value.trim()));
  }
  if (contains !== undefined) return (value) => fold(value).includes(fold(contains));
  return matches === undefined ? () => false : wildcard(matches);
}

const negated = (truth: Truth): Truth => (truth === 'open' ? 'open' : !truth);

function both(parts: readonly ((facts: Facts) => Truth)[], facts: Facts): Truth {
  const truths = parts.map((part) => part(facts));
  if (truths.includes(false)) return false;
  return truths.includes('open') ? 'open' : true;
}

export function compileCondition(condition: Condition): (facts: Facts) => Truth {
  if (condition.all) {
    const parts = condition.all.map(compileCondition);
    return (facts) => both(parts, facts);
  }
  if (condition.any) {
    // One of them holds where not all of them fail.
    const failing = condition.any.map(compileCondition).map((part) => (facts: Facts) => negated(part(facts)));
    return (facts) => negated(both(failing, facts));
  }
  if (condition.not) {
    const part = compileCondition(condition.not);
    return (facts) => negated(part(facts));
  }
  const { field = '', exists } = condition;
  const test = exists === undefined ? compare(condition) : undefined;
  return (facts) => {
    const values = facts(field);
    if (values === undefined) return 'open';
    return test ? values.some(test) : values.length > 0 === exists;
  };
}

/** The operators that a condition on a field may use, of which it uses one. */
const OPERATORS = ['is', 'in', 'contains', 'matches', 'exists'] as const;
const KINDS = ['all', 'any', 'not', 'field'] as const;

/** What is wrong with the shape of one condition, or undefined. */
export function shapeProblem(condition: Condition): string | undefined {
  const kinds = KINDS.filter((kind) => condition[kind] !== undefined);
  const operators = OPERATORS.filter((operator) => condition[operator] !== undefined);
  if (kinds.length !== 1) return `needs one of ${KINDS.join(', ')}`;
  if (kinds[0] !== 'field') return operators.length > 0 ? `"${operators[0]}" needs a field beside it` : undefined;
  return operators.length === 1 ? undefined : `a field needs one of ${OPERATORS.join(', ')}`;
}
