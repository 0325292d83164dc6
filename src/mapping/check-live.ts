/** Compares a mapping with what a helpdesk really has: names that it lacks, and due dates that it would refuse. */
import type { DeskSchema, DeskStatus } from '../kit/index.ts';
import type { CompiledMapping } from './compile.ts';
import { isOwnDue } from './decide.ts';
import type { MappingProblem } from './evaluate.ts';
import { fieldsFor } from './fields.ts';
import { sameText } from './fold.ts';
import { fieldValue, findChoice, findField, findPriority, findStatus, statusOfMeaning } from './resolve.ts';
import { forHelpdesk, type PerHelpdesk } from './schema-parts.ts';
import { dueWrite, type FieldsByHelpdesk, statusName } from './schema-values.ts';
import { type Path, tellPath } from './source.ts';
import { didYouMean } from './suggest.ts';
import { isTemplate } from './texts.ts';

type Report = (path: Path, message: string) => void;

interface Desk {
  readonly name: string;
  readonly schema: DeskSchema;
}

const labels = (choices: readonly { readonly label: string }[]): readonly string[] => choices.map(({ label }) => label);

function checkPriorities({ parsed }: CompiledMapping, { name, schema }: Desk, report: Report): void {
  for (const [index, { priority }] of parsed.impact.entries()) {
    const word = forHelpdesk(priority, name);
    if (word === undefined) report(['impact', index, 'priority'], `names no priority for ${name}`);
    else if (!findPriority(schema, word))
      report(['impact', index, 'priority'], `${name} has no priority "${word}"${didYouMean(word, labels(schema.priorities))}`);
  }
}

function checkGroups({ parsed }: CompiledMapping, { name, schema }: Desk, report: Report): void {
  const named: readonly (readonly [Path, PerHelpdesk | undefined])[] = [
    [['group'], parsed.group],
    [['calendar', 'saturday', 'group'], parsed.calendar.saturday?.group],
    ...Object.entries(parsed.statuses).map(([key, { group }]) => [['statuses', key, 'group'], group] as const),
    ...Object.entries(parsed.topics).map(([key, { group }]) => [['topics', key, 'group'], group] as const),
  ];
  for (const [path, given] of named) {
    const group = forHelpdesk(given, name);
    if (group !== undefined && !findChoice(schema.groups, group)) report(path, `${name} has no group "${group}"${didYouMean(group, labels(schema.groups))}`);
  }
}

function checkFields({ parsed, helpdesk }: CompiledMapping, { name, schema }: Desk, report: Report): void {
  const all: readonly (readonly [Path, FieldsByHelpdesk | undefined])[] = [
    [['fields'], parsed.fields],
    ...Object.entries(parsed.topics).map(([key, { fields }]) => [['topics', key, 'fields'], fields] as const),
  ];
  for (const [path, given] of all) {
    const { values, below, named } = fieldsFor(given, name);
    if (!named && name !== helpdesk) continue;
    for (const [key, value] of Object.entries(values)) {
      const at = [...path, ...below, key];
      const field = findField(schema, key);
      if (!field)
        report(
          at,
          `${name} has no field "${key}"${didYouMean(
            key,
            schema.fields.map((one) => one.name),
          )}`,
        );
      else if (typeof value !== 'string' || !isTemplate(value)) {
        const resolved = fieldValue(field, value);
        if ('unknown' in resolved)
          report(at, `"${resolved.unknown}" does not fit the field ${field.label}${didYouMean(resolved.unknown, labels(field.choices ?? []))}`);
      }
    }
  }
}

/** Statuses of the mapping whose tickets carry a due date of ours, as the helpdesk has them. */
function checkStatuses({ parsed, statuses }: CompiledMapping, { name, schema }: Desk, report: Report): readonly DeskStatus[] {
  return statuses.flatMap(({ key, meaning }) => {
    const row = parsed.statuses[key];
    const given = row && statusName(row, name);
    const status = given === undefined ? statusOfMeaning(schema.statuses, meaning) : findStatus(schema.statuses, given);
    const told = given === undefined ? meaning : typeof given === 'string' ? given : given.custom;
    if (!status)
      report(['statuses', key, ...(given === undefined ? [] : [name])], `${name} has no status "${told}"${didYouMean(told, labels(schema.statuses))}`);
    return status && typeof row?.due === 'object' ? [status] : [];
  });
}

function checkDateField(path: Path, field: string, { name, schema }: Desk, report: Report): void {
  const found = findField(schema, field);
  if (!found)
    report(
      path,
      `${name} has no field "${field}"${didYouMean(
        field,
        schema.fields.map((one) => one.name),
      )}`,
    );
  else if (found.type !== 'date') report(path, `the field ${found.label} of ${name} is no date field`);
}

function checkDueWrite({ parsed }: CompiledMapping, desk: Desk, dated: readonly DeskStatus[], report: Report): void {
  const write = dueWrite(parsed.due_write, desk.name) ?? { field: 'due' };
  const base = ['due_write', desk.name];
  if (!isOwnDue(write.field)) {
    checkDateField([...base, 'field'], write.field, desk, report);
    return;
  }
  if (write.otherwise !== undefined) checkDateField([...base, 'otherwise'], write.otherwise, desk, report);
  for (const [index, label] of (write.timer_on ?? []).entries()) {
    const status = findStatus(desk.schema.statuses, label);
    const path = [...base, 'timer_on', index];
    if (!status) report(path, `${desk.name} has no status "${label}"${didYouMean(label, labels(desk.schema.statuses))}`);
    else if (status.timer === false) report(path, `the SLA timer stands in ${status.label}, so ${desk.name} refuses a due date there`);
  }
  if (write.otherwise !== undefined) return;
  for (const status of new Set(dated)) {
    const taken = status.timer !== false && (write.timer_on?.some((name) => sameText(name, status.label)) ?? true);
    if (!taken) report(base, `${desk.name} takes no due date in ${status.label}: name a date field with \`otherwise\``);
  }
}

/** Problems of a mapping at the helpdesks it names. `schemas` by configured name; helpdesks without one are not judged. */
export function checkLive(mapping: CompiledMapping, schemas: Readonly<Record<string, DeskSchema>>): readonly MappingProblem[] {
  const named = new Set([mapping.helpdesk, ...Object.keys(mapping.parsed.due_write ?? {}).filter((key) => key !== 'at')]);
  const problems: MappingProblem[] = [];
  const report: Report = (path, message) => problems.push({ file: mapping.file, line: mapping.lineOf(path), path: tellPath(path), message });
  for (const name of named) {
    const schema = schemas[name];
    if (!schema) continue;
    const desk = { name, schema };
    checkPriorities(mapping, desk, report);
    checkGroups(mapping, desk, report);
    checkFields(mapping, desk, report);
    checkDueWrite(mapping, desk, checkStatuses(mapping, desk, report), report);
  }
  return problems.toSorted((a, b) => a.line - b.line);
}
