/** What changes between two versions of a mapping, told by cases rather than by lines. */
import { DateTime } from 'luxon';
import type { CompiledMapping } from './compile.ts';
import { company, contextOf, type Sample } from './sample.ts';

export interface MappingChange {
  /** The value that changes: priority, due, field:cf_produto, asks, problems, topics, courtesy. */
  readonly value: string;
  readonly before: string;
  readonly after: string;
  /** Where the new version says so, or null. */
  readonly at: string | null;
  /** The cases in which it changes, by name. */
  readonly samples: readonly string[];
}

/** Every way to end with every impact and topic of either version, at one moment (epoch ms). */
export function samplesOf(mappings: readonly CompiledMapping[], now: number): readonly Sample[] {
  const union = (keys: (mapping: CompiledMapping) => readonly string[]) => [...new Set(mappings.flatMap(keys))];
  const impacts = union((mapping) => mapping.impacts.map(({ id }) => id));
  const topics = union((mapping) => mapping.topics.map(({ key }) => key));
  const first = mappings[0];
  const next = first?.calendar.nextWorkingDay(first.calendar.dayOf(now)) ?? null;
  const outcomes = union((mapping) => mapping.statuses.map(({ key }) => key)).flatMap((status) => {
    const dated = mappings.some((mapping) => mapping.statuses.some(({ key, date }) => key === status && date !== null));
    return (dated ? [next, 'to-be-agreed'] : [null]).map((date) => ({ status, date }));
  });
  const plain = { now, title: 'Title', servedCompany: company('Company'), company: company('Company') };
  const told = ({ status, date }: (typeof outcomes)[number]) => (date === null ? status : `${status} (${date})`);
  return [
    ...outcomes.flatMap((outcome) => impacts.map((impact) => ({ ...plain, name: `${told(outcome)}, ${impact}`, outcome, impact }))),
    ...topics.map((topic) => ({ ...plain, name: `topic ${topic}`, topic, outcome: outcomes[0] ?? null, impact: impacts[0] ?? null })),
  ];
}

interface Told {
  readonly text: string;
  readonly at: string | null;
}

/** All that comes out for a sample, as text by name. */
function outcomeOf(mapping: CompiledMapping, sample: Sample): ReadonlyMap<string, Told> {
  const { why, due, asks, problems, notify } = mapping.evaluate(contextOf(mapping, sample));
  const values = Object.entries(why).map(([name, { value, file, line }]) => [name, { text: value, at: `${file}:${line}` }] as const);
  const told = new Map<string, Told>(values);
  if (due)
    told.set('due', { text: DateTime.fromMillis(due.at, { zone: mapping.calendar.zone }).toFormat('yyyy-MM-dd HH:mm'), at: told.get('due')?.at ?? null });
  const lists = {
    asks: asks.map(({ field }) => field),
    problems: problems.map(({ message }) => message),
    notify,
    topics: (sample.messages ?? []).map((text) => mapping.topicsOf(text).join('+') || '-'),
    courtesy: (sample.messages ?? []).map((text) => String(mapping.isCourtesy(text))),
  };
  for (const [name, list] of Object.entries(lists)) told.set(name, { text: list.join(', '), at: null });
  return told;
}

/** Changes, those that touch the most cases first. Reasons and line numbers alone are no change. */
export function diffMappings(before: CompiledMapping, after: CompiledMapping, samples: readonly Sample[]): readonly MappingChange[] {
  const changes = new Map<string, { value: string; before: string; after: string; at: string | null; samples: string[] }>();
  for (const [index, sample] of samples.entries()) {
    const [old, fresh] = [outcomeOf(before, sample), outcomeOf(after, sample)];
    for (const value of new Set([...old.keys(), ...fresh.keys()])) {
      const [from, to] = [old.get(value)?.text ?? '', fresh.get(value)?.text ?? ''];
      if (from === to) continue;
      const key = JSON.stringify([value, from, to]);
      const change = changes.get(key) ?? { value, before: from, after: to, at: fresh.get(value)?.at ?? null, samples: [] };
      change.samples.push(sample.name ?? `sample ${index + 1}`);
      changes.set(key, change);
    }
  }
  return [...changes.values()].toSorted((a, b) => b.samples.length - a.samples.length);
}
