/** What the schema alone cannot see: names that one section of a file uses and another must define. */
import type { MappingProblem } from './evaluate.ts';
import { sameText } from './fold.ts';
import type { MappingFile } from './schema.ts';
import { STATUS_KEYS } from './schema-values.ts';
import { type Path, type Source, tellPath, valueAt } from './source.ts';
import { didYouMean } from './suggest.ts';

export type Report = (path: Path, message: string) => void;

/** The sections that are sound by themselves; the others have been complained about already. */
export type Sections = Partial<MappingFile>;

/** Helpdesks that a file speaks of: its own, those that `due_write` sets up, and the one that keeps the companies. */
export const helpdesksOf = (file: Sections): readonly string[] => [
  ...new Set([file.helpdesk, file.company?.source, ...Object.keys(file.due_write ?? {}).filter((key) => key !== 'at')].filter((name) => name !== undefined)),
];

function checkImpacts(file: Sections, report: Report): void {
  const impacts = file.impact ?? [];
  for (const [index, { id }] of impacts.entries()) {
    if (impacts.findIndex((other) => other.id === id) < index) report(['impact', index, 'id'], `"${id}" is there twice`);
  }
}

const priorities = (file: Sections): readonly string[] =>
  (file.impact ?? []).flatMap(({ priority }) => (typeof priority === 'string' ? [priority] : Object.values(priority)));

function checkSaturday(file: Sections, report: Report): void {
  const known = priorities(file);
  if (known.length === 0) return;
  for (const [index, taken] of (file.calendar?.saturday?.takes ?? []).entries()) {
    if (!known.some((priority) => sameText(priority, taken))) {
      report(['calendar', 'saturday', 'takes', index], `no impact has the priority "${taken}"${didYouMean(taken, known)}`);
    }
  }
}

/** Read from the data as written, so that a misspelt key is told even where its row is otherwise wrong. */
export function unknownStatusKeys(data: unknown): readonly Path[] {
  const statuses = valueAt(data, ['statuses']);
  const setUp = Object.keys(Object(valueAt(data, ['due_write']))).filter((key) => key !== 'at');
  const known = new Set<unknown>([...STATUS_KEYS, ...setUp, valueAt(data, ['helpdesk']), valueAt(data, ['company', 'source'])]);
  return Object.entries(Object(statuses)).flatMap(([key, row]) =>
    typeof row === 'object' && row !== null
      ? Object.keys(row)
          .filter((name) => !known.has(name))
          .map((name) => ['statuses', key, name])
      : [],
  );
}

function checkStatuses(file: Sections, report: Report): void {
  if (file.statuses && Object.keys(file.statuses).length === 0) report(['statuses'], 'names no way to end');
}

function checkRules(file: Sections, report: Report): void {
  const rules = file.subject?.rules ?? [];
  for (const [index, rule] of rules.entries()) {
    const last = index === rules.length - 1;
    if (last && rule.when) report(['subject', 'rules', index], 'the last rule must hold always, so it has no `when`');
    if (!last && !rule.when) report(['subject', 'rules', index], 'holds always, so the rules after it are never reached');
  }
}

function knownKey(report: Report, what: string, known: readonly string[] | undefined): (path: Path, key: string | undefined) => void {
  return (path, key) => {
    if (key !== undefined && known && !known.includes(key)) report(path, `${what} has no "${key}"${didYouMean(key, known)}`);
  };
}

/** A misspelt channel would ask nobody, and nobody would see why. */
function checkEnded(file: Sections, report: Report): void {
  const channels = file.for?.channels;
  if (!Array.isArray(channels)) return;
  const { remind_agent: _remind, tell_lead_at: _tell, ...policies } = file.ended_elsewhere ?? {};
  for (const channel of Object.keys(policies))
    if (!channels.includes(channel)) report(['ended_elsewhere', channel], `"${channel}" is no channel of this file${didYouMean(channel, channels)}`);
}

function checkReferences(file: Sections, report: Report): void {
  const status = knownKey(report, '`statuses`', file.statuses && Object.keys(file.statuses));
  const impact = knownKey(
    report,
    '`impact`',
    file.impact?.map(({ id }) => id),
  );
  const topic = knownKey(report, '`topics`', file.topics && Object.keys(file.topics));
  status(['late_messages', 'status'], file.late_messages?.status);
  for (const [index, key] of (file.today?.statuses ?? []).entries()) status(['today', 'statuses', index], key);
  for (const [index, example] of (file.examples ?? []).entries()) {
    status(['examples', index, 'status'], example.status);
    impact(['examples', index, 'impact'], example.impact);
    topic(['examples', index, 'topic'], example.topic);
    for (const [at, key] of (example.topics ?? []).entries()) topic(['examples', index, 'topics', at], key);
  }
}

export function checkSections(file: Sections, source: Source): readonly MappingProblem[] {
  const problems: MappingProblem[] = [];
  const report: Report = (path, message) => problems.push({ file: source.file, line: source.lineOf(path), path: tellPath(path), message });
  const known = [...STATUS_KEYS, ...helpdesksOf(file)];
  for (const path of unknownStatusKeys(source.data)) {
    const name = String(path.at(-1));
    report(path, `"${name}" is neither a key of a status nor a helpdesk of this file${didYouMean(name, known)}`);
  }
  for (const check of [checkImpacts, checkSaturday, checkStatuses, checkRules, checkEnded, checkReferences]) check(file, report);
  return problems;
}
