/** Runs a mapping file's own examples. */
import { DateTime } from 'luxon';
import type { CompiledMapping } from './compile.ts';
import type { Condition } from './conditions.ts';
import type { Evaluated } from './evaluate.ts';
import { explain } from './explain.ts';
import { sameText } from './fold.ts';
import { company, contextOf, type Sample } from './sample.ts';
import type { ExampleCase } from './schema.ts';

export interface ExampleFailure {
  readonly field: string;
  readonly expected: string;
  readonly actual: string;
  /** Why it is so: `priority low: impact '…', mappings/x.yaml:26`. */
  readonly why: string | null;
}

export interface ExampleResult {
  readonly index: number;
  readonly line: number;
  readonly failures: readonly ExampleFailure[];
  /** What had to be assumed where the example leaves it open. */
  readonly assumed: string | null;
}

/** A case is about a moment in the calendar's zone; without one, noon of a plain day. */
const momentOf = (mapping: CompiledMapping, now: string | undefined): number =>
  DateTime.fromISO(now ?? '2026-01-06T12:00', { zone: mapping.calendar.zone }).toMillis();

function sampleOf(mapping: CompiledMapping, example: ExampleCase, brand: string | null): Sample {
  const served = example.served === undefined ? null : company(example.served, example.brand ?? brand);
  return {
    now: momentOf(mapping, example.now),
    ...(example.helpdesk !== undefined && { helpdesk: example.helpdesk }),
    ...(example.channel !== undefined && { channel: example.channel }),
    contact: { company: example.contact ?? null },
    agent: { teams: example.agent === undefined ? [] : [example.agent] },
    servedCompany: served,
    company: served,
    topic: example.topic ?? null,
    title: example.title ?? '',
    outcome: example.status === undefined ? null : { status: example.status, date: example.date ?? null },
    impact: example.impact ?? null,
  };
}

/** Every expected value that an example can name, and how it reads what came out. */
const READERS: Readonly<Record<string, (evaluated: Evaluated, mapping: CompiledMapping, example: ExampleCase) => string>> = {
  subject: ({ subject }) => subject,
  due: ({ due }, { calendar }, example) =>
    due === null ? 'none' : DateTime.fromMillis(due.at, { zone: calendar.zone }).toFormat(example.due?.includes('T') ? "yyyy-MM-dd'T'HH:mm" : 'yyyy-MM-dd'),
  due_field: ({ why }) => why.due_field?.value ?? 'none',
  priority: ({ why }) => why.priority?.value ?? 'none',
  group: ({ why }) => why.group?.value ?? 'none',
  ticket_status: ({ why }) => why.status?.value ?? 'none',
  asks: ({ asks }) => asks.map(({ field }) => field).join(', '),
  notify: ({ notify }) => notify.join(', '),
  topics: (_, mapping, { message }) => mapping.topicsOf(message ?? '').join(', '),
  courtesy: (_, mapping, { message }) => String(mapping.isCourtesy(message ?? '')),
};

const tell = (expected: unknown): string => (expected === null ? 'none' : Array.isArray(expected) ? expected.join(', ') : String(expected));

function failuresOf(mapping: CompiledMapping, example: ExampleCase, brand: string | null): readonly ExampleFailure[] {
  const evaluated = mapping.evaluate(contextOf(mapping, sampleOf(mapping, example, brand)));
  const failures = Object.entries(READERS).flatMap(([field, read]): readonly ExampleFailure[] => {
    const wanted: unknown = Reflect.get(example, field);
    if (wanted === undefined) return [];
    const actual = read(evaluated, mapping, example);
    const why = evaluated.why[field === 'ticket_status' ? 'status' : field];
    const same = field === 'subject' ? actual === wanted : sameText(actual, tell(wanted));
    return same ? [] : [{ field, expected: tell(wanted), actual, why: why ? explain(field, why) : null }];
  });
  // A case that the mapping itself finds faulty proves nothing, even where its values fit.
  return [...failures, ...evaluated.problems.map(({ field, message }) => ({ field, expected: 'no problem', actual: message, why: null }))];
}

/** The brands that the rules tell apart, to try where an example leaves the brand open. */
function brandsOf(condition: Condition | undefined): readonly string[] {
  if (!condition) return [];
  const own = condition.field === 'served_company.brand' ? [condition.is, ...(condition.in ?? [])] : [];
  return [...own.filter((brand) => brand !== undefined), ...[...(condition.all ?? []), ...(condition.any ?? []), condition.not].flatMap(brandsOf)];
}

export function runExamples(mapping: CompiledMapping): readonly ExampleResult[] {
  return mapping.parsed.examples.map((example, index) => {
    const result = { index, line: mapping.lineOf(['examples', index]) };
    const failures = failuresOf(mapping, example, null);
    if (failures.length === 0 || example.served === undefined || example.brand !== undefined) return { ...result, failures, assumed: null };
    const brands = mapping.parsed.subject.rules.flatMap(({ when }) => brandsOf(when));
    const brand = brands.find((one) => failuresOf(mapping, example, one).length === 0);
    return brand === undefined ? { ...result, failures, assumed: null } : { ...result, failures: [], assumed: `the brand of ${example.served} is ${brand}` };
  });
}
