/** A mapping file's text becomes a Mapping, or all that is wrong with it at once. */
import { createHash } from 'node:crypto';
import { compileCalendar } from './calendar.ts';
import { checkSections, type Sections, unknownStatusKeys } from './checks.ts';
import { decide, type Parts } from './decide.ts';
import type { EndedPolicy, EndedRule, LateRule, MappedStatus, Mapping, MappingProblem, OutcomeMeaning } from './evaluate.ts';
import { compileFields } from './fields.ts';
import { tellIssue } from './issues.ts';
import { speak } from './phrases.ts';
import { MappingFile } from './schema.ts';
import { durationMs, forHelpdesk } from './schema-parts.ts';
import type { DueRule, StatusRow } from './schema-values.ts';
import { firstProblemSentence, shorten } from './sentences.ts';
import { type Path, readSource, type Source } from './source.ts';
import { compileSubject } from './subject.ts';
import { compileText } from './texts.ts';
import { compileCourtesy, compileTopics } from './topics.ts';
import { dayIn, WORDS } from './words.ts';

/** A Mapping that still knows its file, for checks and diffs. */
export interface CompiledMapping extends Mapping {
  readonly parsed: MappingFile;
  lineOf(path: Path): number;
}

export type Compiled = { readonly mapping: CompiledMapping } | { readonly problems: readonly MappingProblem[] };

/** What an outcome means where the file does not say: a date that someone confirms is a visit. */
function meaningOf(due: DueRule): OutcomeMeaning {
  if (due === 'none') return 'resolved';
  if (due === 'helpdesk-sla') return 'open';
  if ('next' in due) return 'pending';
  return due.confirm.length > 0 ? 'visit' : 'waiting';
}

/** `esperando-cliente` as "Esperando cliente". */
const readable = (key: string): string => key.charAt(0).toUpperCase() + key.slice(1).replace(/[-_]+/g, ' ');

const mappedStatus = ([key, row]: readonly [string, StatusRow]): MappedStatus => ({
  key,
  label: row.label ?? readable(key),
  meaning: row.meaning ?? meaningOf(row.due),
  date:
    typeof row.due === 'object' && 'ask' in row.due
      ? { label: row.due.ask, withinDays: row.due.within_days ?? null, mayBeUnknown: row.due.unknown !== undefined, confirm: row.due.confirm }
      : null,
});

const lateRule = (late: MappingFile['late_messages']): LateRule | null =>
  late ? { courtesy: late.courtesy, withinMs: durationMs(late.within), to: late.to, status: late.status ?? null, otherwise: late.else } : null;

function endedRule(ended: MappingFile['ended_elsewhere']): EndedRule {
  const { remind_agent, tell_lead_at, ...policies } = ended ?? {};
  return {
    policies: policies as Readonly<Record<string, EndedPolicy>>,
    remindAfterMs: remind_agent === undefined ? null : durationMs(remind_agent),
    tellLeadAt: tell_lead_at ?? null,
  };
}

/** The country whose holidays the desk keeps, else the one of its language. */
const countryOf = ({ calendar, language }: MappingFile): string | null =>
  calendar.holidays?.sources[0]?.slice(0, 2) ?? { 'pt-BR': 'BR', de: 'DE', it: 'IT', es: 'ES', en: null }[language];

function compileParts(parsed: MappingFile, source: Source): Parts {
  const say = speak(parsed.language);
  return {
    parsed,
    file: source.file,
    lineOf: source.lineOf,
    calendar: compileCalendar(parsed.calendar),
    statuses: Object.entries(parsed.statuses).map(mappedStatus),
    say,
    day: (ymd) => dayIn(parsed.language, ymd),
    subject: compileSubject(parsed.subject, say),
    fields: compileFields(parsed.fields, parsed.helpdesk),
    topicFields: new Map(Object.entries(parsed.topics).map(([key, topic]) => [key, compileFields(topic.fields, parsed.helpdesk)])),
  };
}

function createMapping(parsed: MappingFile, source: Source, version: string): CompiledMapping {
  const parts = compileParts(parsed, source);
  const { required, min, template, new: fresh, append } = parsed.summary;
  const summary = compileText(template);
  const isCourtesy = compileCourtesy(parsed.courtesy);
  const topics = Object.entries(parsed.topics).map(([key, { title, words }]) => ({ key, title, words }));
  return {
    file: source.file,
    version,
    language: parsed.language,
    channels: parsed.for.channels === 'any' ? ['*'] : parsed.for.channels,
    helpdesk: parsed.helpdesk,
    calendar: parts.calendar,
    company: parsed.company ? { source: parsed.company.source, brand: parsed.company.brand ?? null } : null,
    impacts: parsed.impact.map(({ id, label, priority }) => ({ id, label, priority: forHelpdesk(priority, parsed.helpdesk) ?? '' })),
    statuses: parts.statuses,
    topics: topics.map(({ key, title }) => ({ key, title })),
    summary: { required, min, new: fresh, append, template: (title) => summary.render({ title }) },
    append: { candidates: parsed.append.candidates, windowDays: parsed.append.window_days },
    late: lateRule(parsed.late_messages),
    ended: endedRule(parsed.ended_elsewhere),
    country: countryOf(parsed),
    words: { ...WORDS[parsed.language], ...parsed.words },
    topicsOf: compileTopics(topics),
    isCourtesy,
    proposeTitles: (topic, messages) => {
      const { propose, max } = parsed.subject;
      const kept = topics.find(({ key }) => key === topic)?.title;
      const titles = propose.map((from) => (from === 'topic.title' ? (kept ?? '') : firstProblemSentence(messages, isCourtesy, max)));
      return [...new Set(titles.filter((title) => title !== '').map((title) => shorten(title, max)))];
    },
    evaluate: (context) => decide(context, parts),
    parsed,
    lineOf: source.lineOf,
  };
}

/** The sections of a file that are sound by themselves. */
function soundSections(data: object): Sections {
  const sound = Object.entries(MappingFile.shape).flatMap(([key, section]) => {
    const result = section.safeParse(Reflect.get(data, key));
    return result.success ? [[key, result.data] as const] : [];
  });
  // Each value was parsed by the section of its own key.
  return Object.fromEntries(sound) as Sections;
}

/** Compiles a mapping file. `file` is what people call it, as in `mappings/academias.yaml`. */
export function compileMapping(text: string, file: string): Compiled {
  const read = readSource(text, file);
  if ('problems' in read) return read;
  const { source } = read;
  const data = source.data;
  if (typeof data !== 'object' || data === null) return { problems: [{ file, line: 1, path: '', message: 'is no mapping: it must be a map of sections' }] };
  const result = MappingFile.safeParse(data);
  // What stands under a misspelt key is not judged: the key itself is the fault.
  const misspelt = unknownStatusKeys(data);
  const judged = (issue: { readonly path: Path }) => !misspelt.some((path) => path.every((part, index) => issue.path[index] === part));
  const issues = result.success ? [] : result.error.issues.filter(judged).flatMap((issue) => tellIssue(issue, source));
  const problems = [...issues, ...checkSections(soundSections(data), source)].toSorted((a, b) => a.line - b.line);
  if (problems.length > 0 || !result.success) return { problems };
  return { mapping: createMapping(result.data, source, createHash('sha256').update(text).digest('hex')) };
}
