/** Decision + snapshot -> plan. Pure: the same inputs give the same plan, and its digest proves it. */
import type { AppendOperation, InternalText, OpenOperation, TicketTarget } from '../kit/index.ts';
import { account } from './accounting.ts';
import { description, filesOf, type Link, linkNote, note } from './content.ts';
import type { Decision } from './decision.ts';
import { digestOf } from './digest.ts';
import type { Facts } from './facts.ts';
import { linesOf } from './lines.ts';
import { missingDecisions, missingFields, type PreparedPart, preparePart, setsStatus } from './part.ts';
import type { Missing, Plan, PlannedOperation } from './plan.ts';

const key = (part: PreparedPart, kind: string): string => `${part.part.key}/${kind}`;

/** A closed ticket takes nothing, so its part opens a follow-up instead: shown in the plan, never a surprise. */
const opens = ({ part, ticket }: PreparedPart): boolean => part.target.kind === 'new' || ticket?.closed === true;

const refTo = (part: PreparedPart): Link => (opens(part) || !part.ticket ? ({ operation: key(part, 'open') } satisfies TicketTarget) : part.ticket.ref);

function followUpOf(part: PreparedPart, facts: Facts): OpenOperation['followUpOf'] {
  if (part.ticket?.closed) return part.ticket.ref;
  const named = part.part.target.kind === 'new' ? part.part.target.followUpOf : undefined;
  return named && facts.desks[named.helpdesk]?.tickets[named.id]?.ref;
}

function openWork(part: PreparedPart, facts: Facts, siblings: readonly Link[]): Omit<OpenOperation, 'id' | 'revision'> {
  const { desk, messages, requester, values } = part;
  const limits = desk.capabilities;
  const { shown, internal } = filesOf(messages, limits);
  const follows = followUpOf(part, facts);
  return {
    kind: 'open',
    subject: part.subject || (part.ticket ? facts.desks[desk.name]?.tickets[part.ticket.ref.id]?.subject : '') || facts.mapping.words.conversation,
    description: description(messages, facts, limits),
    note: note(part.part, messages, facts, { siblings, limits, withTranscript: false, ...(follows ? { followUpOf: follows } : {}) }),
    requester,
    values: { ...values, ...(part.evaluated.tags.length ? { tags: part.evaluated.tags } : {}) },
    // What the requester can see when the ticket opens: files of internal messages wait for a note where the first comment is public.
    files: limits.privateFirstComment ? [...shown, ...internal] : shown,
    ...(follows ? { followUpOf: follows } : {}),
  };
}

function internalFiles(part: PreparedPart, facts: Facts, openKeys: readonly string[]): readonly PlannedOperation[] {
  if (part.desk.capabilities.privateFirstComment) return [];
  const { internal: files } = filesOf(part.messages, part.desk.capabilities);
  if (files.length === 0) return [];
  const content: InternalText = { kind: 'internal', blocks: [{ type: 'heading', text: facts.mapping.words.files }] };
  return [
    {
      key: key(part, 'files'),
      part: part.part.key,
      helpdesk: part.desk.name,
      work: { kind: 'note', ticket: refTo(part), note: content, files },
      after: openKeys,
    },
  ];
}

/**
 * Opens come first, one after the other, so that each can name those before it. Where the first comment is private the rest of the links are one
 * more operation; elsewhere the summary, which is written anyway, waits for all siblings and names them.
 */
function operations(parts: readonly PreparedPart[], facts: Facts): readonly PlannedOperation[] {
  const opening = parts.filter(opens);
  const openKeys = opening.map((part) => key(part, 'open'));
  const known = parts.filter((part) => !opens(part));
  const planned: PlannedOperation[] = opening.map((part, index) => {
    const siblings = [...known, ...opening.slice(0, index)].map(refTo);
    return {
      key: key(part, 'open'),
      part: part.part.key,
      helpdesk: part.desk.name,
      work: openWork(part, facts, siblings),
      after: index ? [openKeys[index - 1] ?? ''] : [],
    };
  });
  for (const part of opening.filter(({ desk }) => !desk.capabilities.privateFirstComment)) {
    const siblings = parts.filter((other) => other !== part).map(refTo);
    const follows = followUpOf(part, facts);
    const content = note(part.part, part.messages, facts, {
      siblings,
      limits: part.desk.capabilities,
      withTranscript: false,
      ...(follows ? { followUpOf: follows } : {}),
    });
    if (content.blocks.length === 0) continue;
    planned.push({
      key: key(part, 'summary'),
      part: part.part.key,
      helpdesk: part.desk.name,
      work: { kind: 'summarize', ticket: refTo(part), note: content },
      after: openKeys,
    });
  }
  planned.push(...opening.flatMap((part) => internalFiles(part, facts, openKeys)), ...linkOperations(opening, facts, openKeys));
  return [...planned, ...known.map((part) => append(part, parts, facts, openKeys))];
}

/** One operation a helpdesk: its earlier tickets learn of those opened after them. */
function linkOperations(opening: readonly PreparedPart[], facts: Facts, openKeys: readonly string[]): readonly PlannedOperation[] {
  const desks = [...new Set(opening.filter(({ desk }) => desk.capabilities.privateFirstComment).map(({ desk }) => desk.name))];
  return desks.flatMap((helpdesk) => {
    const unaware = opening.slice(0, -1).filter(({ desk }) => desk.name === helpdesk);
    const first = unaware[0];
    if (!first) return [];
    const notes = unaware.map((part) => linkNote(facts, opening.slice(opening.indexOf(part) + 1).map(refTo)));
    return [{ key: `${helpdesk}/link`, part: first.part.key, helpdesk, work: { kind: 'link' as const, tickets: unaware.map(refTo), notes }, after: openKeys }];
  });
}

function asPlanned({ desk, ticket }: PreparedPart): NonNullable<AppendOperation['asPlanned']> {
  const found = desk.tickets[ticket?.ref.id ?? ''];
  return {
    subject: found?.subject ?? '',
    status: found?.status ?? '',
    priority: found?.priority ?? null,
    requester: found?.requester?.name ?? null,
    company: found?.company?.name ?? null,
  };
}

function append(part: PreparedPart, parts: readonly PreparedPart[], facts: Facts, openKeys: readonly string[]): PlannedOperation {
  const siblings = parts.filter((other) => other !== part).map(refTo);
  const ticket = part.ticket?.ref;
  if (!ticket) throw new Error('an append without a ticket was not refused');
  const limits = part.desk.capabilities;
  const { shown, internal } = filesOf(part.messages, limits);
  return {
    key: key(part, 'append'),
    part: part.part.key,
    helpdesk: part.desk.name,
    after: openKeys,
    work: {
      kind: 'append',
      ticket,
      asPlanned: asPlanned(part),
      note: note(part.part, part.messages, facts, { siblings, limits, withTranscript: true }),
      files: [...shown, ...internal],
      ...(setsStatus(part.part) ? { values: part.values } : {}),
      ifClosed: { ...openWork(part, facts, siblings), values: setsStatus(part.part) ? part.values : {} },
    },
  };
}

function missingOverall(decision: Decision, facts: Facts, unfiled: readonly string[]): readonly Missing[] {
  const known = new Set(facts.messages.map(({ id }) => id));
  const named = [...decision.parts.flatMap((part) => part.messages), ...decision.skipped];
  const overall = (field: string, reason: string, values: Record<string, string> = {}): Missing => ({
    part: '',
    field,
    label: field,
    reason: { key: reason, values },
  });
  return [
    ...(facts.messages.at(-1)?.id === decision.covers ? [] : [overall('covers', 'new-messages')]),
    ...(named.every((id) => known.has(id)) ? [] : [overall('messages', 'unknown-message')]),
    ...(unfiled.length ? [overall('messages', 'unfiled', { count: String(unfiled.length) })] : []),
    ...(!decision.ends && decision.parts.some((part) => part.messages.length === 0) ? [overall('messages', 'nothing-ticked')] : []),
  ];
}

/** `missing` is empty exactly when the plan can be filed. */
export function planClosing(decision: Decision, facts: Facts): Plan {
  const { accounting, unfiled } = account(decision, facts);
  const prepared: PreparedPart[] = [];
  const missing: Missing[] = [...missingOverall(decision, facts, unfiled)];
  for (const part of decision.parts) {
    const result = preparePart(part, decision, facts);
    if ('missing' in result) missing.push(result.missing);
    else {
      prepared.push(result.prepared);
      missing.push(...missingDecisions(result.prepared, facts), ...missingFields(result.prepared, facts));
    }
  }
  const rest = {
    conversation: facts.conversation.id,
    ends: decision.ends,
    none: decision.none?.reason ?? null,
    covers: decision.covers,
    operations: operations(prepared, facts),
    accounting,
    missing,
    lines: linesOf(decision, prepared, facts),
    why: prepared.flatMap(({ part, evaluated }) => Object.entries(evaluated.why).map(([field, why]) => ({ part: part.key, field, ...why }))),
    due: Object.fromEntries(prepared.flatMap(({ part, evaluated }) => (setsStatus(part) && evaluated.due ? [[part.key, evaluated.due.at]] : []))),
    outcomes: Object.fromEntries(prepared.flatMap(({ part, outcome }) => (setsStatus(part) && outcome ? [[part.key, outcome.key]] : []))),
    notify: [...new Set(prepared.flatMap(({ part, evaluated }) => (setsStatus(part) ? evaluated.notify : [])))],
  };
  return { ...rest, digest: digestOf(rest) };
}
