/** Evaluates a compiled mapping for one part of a closing. Pure: the clock, the facts and the helpdesk's schema all come in the context. */
import type { DeskStatus, Json, TicketValues } from '../kit/index.ts';
import type { Calendar } from './calendar.ts';
import { type DueAnswer, decideDue } from './due.ts';
import type { Ask, Evaluated, MappedCompany, MappedStatus, MappingContext, Why } from './evaluate.ts';
import type { compileFields } from './fields.ts';
import { sameText } from './fold.ts';
import type { PhraseKey, Say } from './phrases.ts';
import { findChoice, findField, findPriority, findStatus, statusOfMeaning } from './resolve.ts';
import type { MappingFile } from './schema.ts';
import { forHelpdesk, type PerHelpdesk } from './schema-parts.ts';
import { dueWrite, type StatusRow, statusName } from './schema-values.ts';
import type { Path } from './source.ts';
import { type compileSubject, factsOf } from './subject.ts';

export interface Parts {
  readonly parsed: MappingFile;
  readonly file: string;
  readonly lineOf: (path: Path) => number;
  readonly calendar: Calendar;
  readonly statuses: readonly MappedStatus[];
  readonly say: Say;
  /** A date as people read it. */
  readonly day: (ymd: string) => string;
  readonly subject: ReturnType<typeof compileSubject>;
  readonly fields: ReturnType<typeof compileFields>;
  readonly topicFields: ReadonlyMap<string, ReturnType<typeof compileFields>>;
}

/** What one evaluation has gathered so far. */
interface Sheet {
  readonly asks: Ask[];
  readonly problems: { field: string; message: string }[];
  readonly why: Record<string, Why>;
  explain(name: string, value: string, reason: string, path: Path): void;
  problem(field: string, key: PhraseKey, values: Record<string, string>): void;
}

function createSheet({ file, lineOf, say }: Parts): Sheet {
  const sheet: Sheet = {
    asks: [],
    problems: [],
    why: {},
    explain(name, value, reason, path) {
      sheet.why[name] = { value, reason, file, line: lineOf(path) };
    },
    problem: (field, key, values) => void sheet.problems.push({ field, message: say(key, values) }),
  };
  return sheet;
}

// `topics` is a plain object, so that a topic called "constructor" would otherwise be found in it.
const topicOf = ({ topic }: MappingContext, { topics }: MappingFile) => (topic !== null && Object.hasOwn(topics, topic) ? topics[topic] : undefined);

interface Outcome {
  readonly key: string;
  readonly label: string;
  readonly row: StatusRow;
  readonly mapped: MappedStatus;
}

function outcomeOf(context: MappingContext, parts: Parts, sheet: Sheet): Outcome | null {
  const { say, parsed, statuses } = parts;
  if (!context.outcome) {
    sheet.asks.push({ field: 'outcome', label: say('askOutcome'), reason: say('needed') });
    return null;
  }
  const key = context.outcome.status;
  const row = Object.hasOwn(parsed.statuses, key) ? parsed.statuses[key] : undefined;
  const mapped = statuses.find((status) => status.key === key);
  if (row && mapped) return { key, label: mapped.label, row, mapped };
  sheet.problem('outcome', 'unknownOutcome', { name: key });
  return null;
}

/** The mapping's word for the priority, and the helpdesk's id. */
function decidePriority(context: MappingContext, { parsed, say }: Parts, sheet: Sheet): { word: string | null; id?: string } {
  if (context.impact === null) {
    sheet.asks.push({ field: 'impact', label: say('askImpact'), reason: say('needed') });
    return { word: null };
  }
  const index = parsed.impact.findIndex(({ id }) => id === context.impact);
  const impact = parsed.impact[index];
  if (!impact) {
    sheet.problem('impact', 'unknownImpact', { name: context.impact });
    return { word: null };
  }
  const names = typeof impact.priority === 'string' ? [impact.priority] : Object.values(impact.priority);
  const name = forHelpdesk(impact.priority, context.helpdesk) ?? names[0] ?? '';
  // Saturday's list may use the word of another helpdesk for the same level.
  const taken = parsed.calendar.saturday?.takes.find((one) => names.some((word) => sameText(word, one)));
  const found = findPriority(context.schema, name);
  sheet.explain('priority', name, say('impact', { label: impact.label }), ['impact', index, 'priority']);
  if (!found) sheet.problem('priority', 'unknownPriority', { helpdesk: context.helpdesk, name });
  return { word: taken ?? name, ...(found && { id: found.value }) };
}

function decideStatus(context: MappingContext, { say }: Parts, outcome: Outcome, sheet: Sheet): DeskStatus | undefined {
  const { key, label, row, mapped } = outcome;
  const name = statusName(row, context.helpdesk);
  const status = name === undefined ? statusOfMeaning(context.schema.statuses, mapped.meaning) : findStatus(context.schema.statuses, name);
  const told = name === undefined ? mapped.meaning : typeof name === 'string' ? name : name.custom;
  if (!status) sheet.problem('status', 'unknownStatus', { helpdesk: context.helpdesk, name: told });
  const path = ['statuses', key, ...(name === undefined ? [] : [context.helpdesk])];
  sheet.explain('status', status?.label ?? told, say(name === undefined ? 'byMeaning' : 'outcome', { label }), path);
  return status;
}

function answerDue(context: MappingContext, { calendar, say, day }: Parts, outcome: Outcome, priority: string | null, sheet: Sheet): DueAnswer {
  const question = {
    rule: outcome.row.due,
    label: outcome.label,
    now: context.now,
    date: context.outcome?.date ?? null,
    confirmed: context.outcome?.confirmed,
    priority,
    day,
  };
  const answer = decideDue(question, calendar, say);
  const path = ['statuses', outcome.key, 'due'];
  if (answer.asks) sheet.asks.push({ field: 'date', label: answer.asks, reason: say('outcome', { label: outcome.label }) });
  else if (answer.problem) sheet.problems.push({ field: 'date', message: answer.problem });
  else sheet.explain('due', answer.due?.ymd ?? '', answer.reason, path);
  return answer;
}

interface GroupChoice {
  readonly group: PerHelpdesk | undefined;
  readonly reason: string;
  readonly path: Path;
}

/** A Saturday that the calendar chose goes to Saturday's group; then the outcome's, the topic's, the file's. */
function decideGroup(
  context: MappingContext,
  parts: Parts,
  outcome: Outcome | null,
  due: DueAnswer | null,
  priority: string | null,
  sheet: Sheet,
): string | undefined {
  const { parsed, calendar, say } = parts;
  const topic = topicOf(context, parsed);
  const today = calendar.dayOf(context.now);
  const worked = due?.byCalendar ? due.due?.ymd : outcome?.row.due === 'helpdesk-sla' ? today : undefined;
  const onSaturday = worked !== undefined && calendar.isSaturday(worked) && calendar.isWorkingDay(worked, priority);
  const choices: readonly GroupChoice[] = [
    { group: onSaturday ? parsed.calendar.saturday?.group : undefined, reason: say('saturday'), path: ['calendar', 'saturday', 'group'] },
    { group: outcome?.row.group, reason: say('outcome', { label: outcome?.label ?? '' }), path: ['statuses', outcome?.key ?? '', 'group'] },
    { group: topic?.group, reason: say('topic', { title: topic?.title ?? '' }), path: ['topics', context.topic ?? '', 'group'] },
    { group: parsed.group, reason: say('everyTicket'), path: ['group'] },
  ];
  for (const { group, reason, path } of choices) {
    const name = forHelpdesk(group, context.helpdesk);
    if (name === undefined) continue;
    const found = findChoice(context.schema.groups, name);
    sheet.explain('group', name, reason, path);
    if (!found) sheet.problem('group', 'unknownGroup', { helpdesk: context.helpdesk, name });
    return found?.value;
  }
  return undefined;
}

/** Words for the helpdesk's own due date; anything else names a date field. */
const OWN_DUE = ['due', 'due_by', 'due_at'];
export const isOwnDue = (field: string): boolean => OWN_DUE.includes(field);

/** True where the helpdesk takes its own due date in a status: its schema knows better than the file, the file better than nobody. */
const takesDue = (status: DeskStatus, timerOn: readonly string[] | undefined): boolean =>
  status.timer !== false && (timerOn === undefined || timerOn.some((name) => sameText(name, status.label) || sameText(name, status.id)));

function decideDueField(context: MappingContext, { parsed, calendar, say }: Parts, status: DeskStatus, at: number, sheet: Sheet): TicketValues['due'] {
  const write = dueWrite(parsed.due_write, context.helpdesk) ?? { field: 'due' };
  const path = ['due_write', context.helpdesk];
  const own = isOwnDue(write.field);
  if (own && takesDue(status, write.timer_on)) {
    sheet.explain('due_field', write.field, say('ownField', { status: status.label }), [...path, 'field']);
    return { at, zone: calendar.zone, field: 'due' };
  }
  const custom = own ? write.otherwise : write.field;
  if (custom === undefined) {
    sheet.explain('due_field', '', say('notWritten', { status: status.label }), path);
    return undefined;
  }
  const field = findField(context.schema, custom);
  sheet.explain('due_field', custom, own ? say('otherField', { status: status.label }) : say('dateField'), [...path, own ? 'otherwise' : 'field']);
  if (!field) sheet.problem('due', 'unknownField', { helpdesk: context.helpdesk, name: custom });
  return field && { at, zone: calendar.zone, field: { custom: field.name } };
}

type Variables = Readonly<Record<string, unknown>>;

function decideFields(context: MappingContext, parts: Parts, variables: Variables, sheet: Sheet): Record<string, Json> {
  const { parsed, say } = parts;
  const topic = topicOf(context, parsed);
  if (context.topic !== null && !topic) sheet.problem('topic', 'unknownTopic', { name: context.topic });
  const sources = [
    { fields: parts.fields, reason: say('everyTicket'), path: ['fields'] },
    {
      fields: parts.topicFields.get(context.topic ?? ''),
      reason: say('topic', { title: topic?.title ?? '' }),
      path: ['topics', context.topic ?? '', 'fields'],
    },
  ];
  const set: Record<string, Json> = {};
  for (const { fields, reason, path } of sources) {
    for (const one of fields?.(context.helpdesk, context.schema, variables) ?? []) {
      if (one.problem?.kind === 'text') sheet.problem(one.given, 'badText', { message: one.problem.message });
      else if (one.problem?.kind === 'field') sheet.problem(one.given, 'unknownField', { helpdesk: context.helpdesk, name: one.given });
      else if (one.problem) sheet.problem(one.given, 'unknownChoice', { helpdesk: context.helpdesk, name: one.problem.name, field: one.given });
      if (!one.set) continue;
      set[one.set.name] = one.set.value;
      sheet.explain(`field:${one.set.name}`, one.told, reason, [...path, ...one.below, one.given]);
    }
  }
  return set;
}

/** What texts may speak of. What nobody has told is left out, so that a text that needs it fails rather than saying nothing; `{% if topic %}` asks. */
function variablesOf(context: MappingContext, parsed: MappingFile, outcome: Outcome | null, priority: string | null): Variables {
  const { contact, agent, servedCompany, company } = context;
  const impact = parsed.impact.find(({ id }) => id === context.impact);
  const topic = topicOf(context, parsed);
  const told = (one: MappedCompany | null) => one && { ...one.fields, name: one.name, brand: one.brand };
  const variables = {
    title: context.title.trim(),
    channel: context.channel,
    helpdesk: context.helpdesk,
    contact,
    agent: { ...agent, team: agent.teams[0] ?? null },
    served_company: told(servedCompany),
    company: told(company),
    topic: topic ? { key: context.topic, title: topic.title } : null,
    date: context.outcome?.date ?? null,
    outcome: outcome && { status: outcome.key, label: outcome.label, date: context.outcome?.date ?? null },
    impact: impact ? { id: impact.id, label: impact.label, priority } : null,
  };
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== null));
}

function decideSubject(context: MappingContext, parts: Parts, variables: Variables, priority: string | null, sheet: Sheet): string {
  const { say, parsed } = parts;
  if (context.title.trim() === '') sheet.asks.push({ field: 'title', label: say('askTitle'), reason: say('needed') });
  const answer = parts.subject(factsOf(context, priority), variables, context.servedCompany !== null);
  if (answer.asks !== null) {
    const name = parsed.subject.rules[answer.asks]?.name;
    sheet.asks.push({ field: 'served_company', label: say('askServed'), reason: name ? say('rule', { name }) : say('ruleAlways') });
  }
  if (answer.problem) sheet.problems.push({ field: 'subject', message: answer.problem });
  if (answer.reason) sheet.explain('subject', answer.text, answer.reason, ['subject', 'rules', answer.rule]);
  return answer.text;
}

function decideTags(context: MappingContext, { parsed, say }: Parts, outcome: Outcome | null, sheet: Sheet): readonly string[] {
  const topic = topicOf(context, parsed);
  const tags = [...new Set([...parsed.tags, ...(topic?.tags ?? []), ...(outcome?.row.tags ?? [])])];
  const from = topic?.tags?.length ? ['topics', context.topic ?? '', 'tags'] : outcome?.row.tags?.length ? ['statuses', outcome.key, 'tags'] : ['tags'];
  const reason = topic?.tags?.length
    ? say('topic', { title: topic.title })
    : outcome?.row.tags?.length
      ? say('outcome', { label: outcome.label })
      : say('everyTicket');
  if (tags.length > 0) sheet.explain('tags', tags.join(', '), reason, from);
  return tags;
}

/** The brand stands in the field that the mapping names; a brand found elsewhere counts where that is empty. */
function branded(company: MappedCompany | null, field: string | undefined): MappedCompany | null {
  const brand = field === undefined ? undefined : company?.fields[field];
  return company && brand ? { ...company, brand } : company;
}

export function decide(given: MappingContext, parts: Parts): Evaluated {
  const brand = parts.parsed.company?.brand;
  const context = { ...given, servedCompany: branded(given.servedCompany, brand), company: branded(given.company, brand) };
  const sheet = createSheet(parts);
  const outcome = outcomeOf(context, parts, sheet);
  const priority = decidePriority(context, parts, sheet);
  const status = outcome ? decideStatus(context, parts, outcome, sheet) : undefined;
  const answer = outcome ? answerDue(context, parts, outcome, priority.word, sheet) : null;
  const group = decideGroup(context, parts, outcome, answer, priority.word, sheet);
  const due = status && answer?.due ? decideDueField(context, parts, status, answer.due.at, sheet) : undefined;
  const variables = variablesOf(context, parts.parsed, outcome, priority.word);
  const fields = decideFields(context, parts, variables, sheet);
  const subject = decideSubject(context, parts, variables, priority.word, sheet);
  const tags = decideTags(context, parts, outcome, sheet);
  const values: TicketValues = {
    ...(status && { status: status.id }),
    ...(priority.id !== undefined && { priority: priority.id }),
    ...(group !== undefined && { group }),
    ...(tags.length > 0 && { tags }),
    ...(due && { due }),
    ...(Object.keys(fields).length > 0 && { fields }),
  };
  const { asks, problems, why } = sheet;
  return { subject, tags, values, due: answer?.due ?? null, notify: answer?.notify ?? [], asks, problems, why };
}
