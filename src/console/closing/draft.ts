/** The dialog's state as plain data: kept with the conversation while nobody files it, and turned into a decision. Pure. */
import type { Proposal, TicketRow } from '../../api/contract.ts';
import type { DecisionInput } from '../../closing/decision.ts';

export type Way = Proposal['way'];
export type Fields = NonNullable<NonNullable<DecisionInput['parts']>[number]['fields']>;
export type NoneReason = NonNullable<DecisionInput['none']>['reason'];
export const noneReasons: readonly NoneReason[] = ['spam', 'wrong-number', 'internal', 'duplicate'];
export const toBeAgreed = 'to-be-agreed';

export interface Choice {
  readonly id: string;
  readonly name: string;
}

export type TicketChoice = Pick<TicketRow, 'helpdesk' | 'id' | 'number' | 'subject' | 'status'> & { readonly closed: boolean };

export interface PartDraft {
  readonly key: string;
  readonly topic: string | null;
  /** Of a part of several; the only part takes what is not skipped. */
  readonly messages: readonly string[];
  readonly append: boolean;
  readonly helpdesk: string | null;
  readonly ticket: TicketChoice | null;
  /** What becomes of the ticket that is added to: `keep`, or a key of the mapping's statuses. */
  readonly after: string;
  readonly requester: Choice | null;
  readonly company: Choice | null;
  readonly served: Choice | null;
  readonly outcome: string | null;
  readonly date: string | null;
  readonly title: string;
  readonly summary: string;
  readonly impact: string | null;
  readonly group: string | null;
  readonly assignee: string | null;
  readonly fields: Fields;
}

export interface Draft {
  readonly version: 1;
  readonly way: Way;
  readonly covers: string;
  /** The last message that the agent was shown; what came after it asks for one more confirmation. */
  readonly seen: string;
  readonly single: PartDraft;
  readonly parts: readonly PartDraft[];
  readonly none: NoneReason | null;
  readonly skipped: readonly string[];
  /** Only what is ticked is filed, and the conversation stays open. */
  readonly partial: boolean;
  readonly ticked: readonly string[];
}

type ProposedPart = Proposal['parts'][number];

const emptyPart = (key: string): PartDraft => ({
  key,
  topic: null,
  messages: [],
  append: false,
  helpdesk: null,
  ticket: null,
  after: 'keep',
  requester: null,
  company: null,
  served: null,
  outcome: null,
  date: null,
  title: '',
  summary: '',
  impact: null,
  group: null,
  assignee: null,
  fields: {},
});

const fromProposed = (proposed: ProposedPart | undefined, key: string): PartDraft => ({
  ...emptyPart(key),
  ...(proposed && { topic: proposed.topic, messages: proposed.messages, title: proposed.title, summary: proposed.summary }),
});

export const asTicketChoice = ({ helpdesk, id, number, subject, status }: TicketRow, closed: boolean): TicketChoice => ({
  helpdesk,
  id,
  number,
  subject,
  status,
  closed,
});

/** Nothing is decided: impact is empty, and so is the outcome unless the mapping proposes it; a ticket is chosen only where the server preselects it. */
export function draftOf(proposal: Proposal): Draft {
  const preselected = proposal.candidates.find(({ preselect }) => preselect);
  const { outcome } = proposal;
  const single = { ...fromProposed(proposal.parts[0], 'p1'), outcome };
  return {
    version: 1,
    way: proposal.way,
    covers: proposal.covers,
    seen: proposal.covers,
    single: { ...single, append: proposal.way === 'append', ticket: preselected ? asTicketChoice(preselected, preselected.closed) : null },
    parts: proposal.parts.length > 1 ? proposal.parts.map((part) => ({ ...fromProposed(part, part.key), outcome })) : [single],
    none: null,
    skipped: [],
    partial: false,
    ticked: [],
  };
}

/** A draft that an earlier version of the console kept is not understood and is left alone. */
export function restoreDraft(stored: unknown): Draft | undefined {
  const value = stored as Partial<Draft> | null;
  return value?.version === 1 && value.single && Array.isArray(value.parts) ? (value as Draft) : undefined;
}

export const substanceOf = (proposal: Proposal): readonly string[] => [...new Set(proposal.parts.flatMap(({ messages }) => messages))];

/** The parts that would be filed, with their messages, for the way that is chosen. */
export function partsOf(draft: Draft, substance: readonly string[]): readonly PartDraft[] {
  if (draft.way === 'none') return [];
  if (draft.way === 'split') return draft.parts;
  const messages = draft.partial ? draft.ticked : substance.filter((id) => !draft.skipped.includes(id));
  return [{ ...draft.single, append: draft.way === 'append', messages }];
}

export function unfiledOf(draft: Draft, substance: readonly string[]): readonly string[] {
  if (draft.way !== 'split' || draft.partial) return [];
  const held = new Set([...draft.parts.flatMap(({ messages }) => messages), ...draft.skipped]);
  return substance.filter((id) => !held.has(id));
}

/** What keeps the decision from being sent at all: there would be nothing for the server to plan. */
export function blockedBy(draft: Draft, parts: readonly PartDraft[]): { readonly part: string; readonly field: 'none' | 'ticket' } | undefined {
  if (draft.way === 'none') return draft.none ? undefined : { part: '', field: 'none' };
  const open = parts.find((part) => part.append && !part.ticket);
  return open && { part: open.key, field: 'ticket' };
}

type PartInput = NonNullable<DecisionInput['parts']>[number];

function decidePart(part: PartDraft): PartInput {
  const status = part.append ? (part.after === 'keep' ? null : part.after) : part.outcome;
  return {
    key: part.key,
    topic: part.topic,
    messages: [...part.messages],
    target:
      part.append && part.ticket
        ? { kind: 'append', ticket: { helpdesk: part.ticket.helpdesk, id: part.ticket.id }, status: status ? 'outcome' : 'keep' }
        : { kind: 'new', ...(part.helpdesk ? { helpdesk: part.helpdesk } : {}) },
    requester: part.requester?.id ?? null,
    company: part.company?.id ?? null,
    served: part.served?.id ?? null,
    outcome: status ? { status, date: part.date } : null,
    title: part.title.trim(),
    summary: part.summary,
    impact: part.append ? null : part.impact,
    group: part.group,
    assignee: part.assignee,
    fields: part.fields,
  };
}

/** The ticket that the chat already is at its vendor, where the draft would open another one beside it. */
export function secondTicket(proposal: Proposal, parts: readonly PartDraft[]): Proposal['candidates'][number] | undefined {
  const native = proposal.candidates.find((one) => !one.closed && one.reasons.some(({ key }) => key === 'native'));
  const isNative = ({ append, ticket }: PartDraft): boolean => append && ticket?.helpdesk === native?.helpdesk && ticket?.id === native?.id;
  return native && parts.some(({ append }) => !append) && !parts.some(isNative) ? native : undefined;
}

export function decisionOf(draft: Draft, substance: readonly string[]): DecisionInput | undefined {
  const parts = partsOf(draft, substance);
  if (blockedBy(draft, parts)) return undefined;
  return {
    covers: draft.covers,
    ends: !draft.partial,
    parts: parts.map(decidePart),
    none: draft.way === 'none' && draft.none ? { reason: draft.none } : null,
    skipped: draft.way === 'none' || draft.partial ? [] : [...draft.skipped],
  };
}

/** The first line of the summary names the problem, so it follows the title until somebody rewrites it. */
export function retitle(part: PartDraft, title: string, topic: string | null): PartDraft {
  const [first = '', ...rest] = part.summary.split('\n');
  const follows = part.title ? first.endsWith(part.title) : /:\s*$/.test(first);
  const head = part.title ? first.slice(0, first.length - part.title.length) : `${first.trimEnd()} `;
  return { ...part, title, topic, summary: follows ? [`${head}${title}`, ...rest].join('\n') : part.summary };
}

/** Adds what is not all there; else takes it away. */
export const toggle = (list: readonly string[], ids: readonly string[]): readonly string[] =>
  ids.every((id) => list.includes(id)) ? list.filter((id) => !ids.includes(id)) : [...list, ...ids.filter((id) => !list.includes(id))];

/** Puts messages into a part, or takes them out when all are in it. What is filed is no longer skipped. */
export function assign(draft: Draft, key: string, ids: readonly string[]): Draft {
  const parts = draft.parts.map((part) => (part.key === key ? { ...part, messages: toggle(part.messages, ids) } : part));
  const held = new Set(parts.flatMap(({ messages }) => messages));
  return { ...draft, parts, skipped: draft.skipped.filter((id) => !held.has(id)) };
}

/** What is skipped stands in no part. */
export function skip(draft: Draft, ids: readonly string[]): Draft {
  const skipped = toggle(draft.skipped, ids);
  const gone = new Set(skipped);
  return { ...draft, skipped, parts: draft.parts.map((part) => ({ ...part, messages: part.messages.filter((id) => !gone.has(id)) })) };
}

export const tick = (draft: Draft, ids: readonly string[]): Draft => ({ ...draft, ticked: toggle(draft.ticked, ids) });

export const mostTopics = 9;

function nextKey({ parts }: Draft): string {
  const taken = new Set(parts.map(({ key }) => key));
  let number = parts.length + 1;
  while (taken.has(`p${number}`)) number += 1;
  return `p${number}`;
}

/** What the topic is about, until somebody says it better: the first sentence. */
const firstSentence = (text: string): string => (/^.{1,119}?(?=[.!?](\s|$)|\n|$)/.exec(text.trim())?.[0] ?? text.trim().slice(0, 120)).trim();

/** The part's beginning as the mapping writes it, about what these messages say. */
function begin(part: PartDraft, proposed: ProposedPart | undefined, ids: readonly string[], textOf: (id: string) => string): PartDraft {
  const title = firstSentence(ids.map(textOf).find(Boolean) ?? '');
  return retitle({ ...part, title: proposed?.title ?? '', summary: proposed?.summary ?? '' }, title, null);
}

/** What is chosen begins a topic of its own and leaves the others; one that was about it alone is about what is left. */
export function beginTopic(draft: Draft, proposal: Proposal, ids: readonly string[], textOf: (id: string) => string): Draft {
  const [proposed] = proposal.parts;
  const parts = draft.parts.map((part) => {
    const left = part.messages.filter((id) => !ids.includes(id));
    const untouched = part.topic === null && part.title === proposed?.title && part.summary === proposed.summary;
    const isAboutThem = ids.some((id) => part.title !== '' && textOf(id).includes(part.title));
    return { ...(untouched && isAboutThem && left.length > 0 ? begin(part, proposed, left, textOf) : part), messages: left };
  });
  const fresh = { ...begin(emptyPart(nextKey(draft)), proposed, ids, textOf), messages: ids };
  return { ...draft, parts: [...parts, fresh], skipped: draft.skipped.filter((id) => !ids.includes(id)) };
}

export const removePart = (draft: Draft, key: string): Draft => ({ ...draft, parts: draft.parts.filter((part) => part.key !== key) });

/** Messages that came while the dialog was open: a proposed topic takes them where it has a part; else they wait unfiled. */
export function takeIn(draft: Draft, proposal: Proposal, fresh: readonly string[]): Draft {
  const parts = draft.parts.map((part) => {
    const proposed = proposal.parts.find(({ topic }) => topic !== null && topic === part.topic);
    return proposed ? { ...part, messages: [...new Set([...part.messages, ...proposed.messages.filter((id) => fresh.includes(id))])] } : part;
  });
  return { ...draft, covers: proposal.covers, parts };
}
