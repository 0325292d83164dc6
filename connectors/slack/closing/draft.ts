/** What stands in the dialog: read from Slack's values, kept over redraws, and made into a choice. */
import { z } from 'zod';
import type { ClosingChoice, ClosingForm, ClosingPart, Json } from '../../../src/kit/index.ts';
import type { Choice } from './blocks.ts';

export type Way = 'new' | 'append' | 'topics';

export interface PartDraft {
  readonly key: string;
  readonly topic: string | null;
  /** Of `topics`; elsewhere the one part has all messages. */
  readonly messages: readonly string[];
  readonly pick: string | null;
  readonly title: string;
  readonly summary: string;
  /** `<helpdesk>/<id>` of the list; `found` comes from the search and wins. */
  readonly target: string | null;
  readonly found: Choice | null;
  readonly resolve: boolean;
  readonly status: string | null;
  readonly date: string | null;
  readonly agreed: boolean;
  readonly impact: string | null;
  readonly group: string | null;
  readonly served: string | null;
  readonly fields: Readonly<Record<string, Json>>;
}

export interface Draft {
  readonly way: Way;
  readonly keepOpen: boolean;
  /** One, or two of `topics`. */
  readonly parts: readonly PartDraft[];
}

/** Values of a view by block and action (docs.slack.dev, "view_submission"). */
const value = z.object({
  type: z.string(),
  value: z.string().nullish(),
  selected_date: z.string().nullish(),
  selected_option: z.object({ value: z.string(), text: z.object({ text: z.string() }).optional() }).nullish(),
  selected_options: z.array(z.object({ value: z.string() })).nullish(),
});
export const stateValues = z.record(z.string(), z.record(z.string(), value));
export type StateValues = z.output<typeof stateValues>;

export const targetKey = (ticket: { readonly helpdesk: string; readonly id: string }): string => `${ticket.helpdesk}/${ticket.id}`;

function targetOf(key: string): { helpdesk: string; id: string } {
  const at = key.indexOf('/');
  return { helpdesk: key.slice(0, at), id: key.slice(at + 1) };
}

/** Slack takes 150 characters as an option's value, and longer titles exist. */
export const pickValue = (title: string): string => title.slice(0, 150);

/** The block of a part's field. */
export const blockOf = (index: number, field: string): string => `${index}:${field}`;

function partDraft(part: ClosingPart, form: ClosingForm): PartDraft {
  const { target, title } = part;
  const listed = form.titles.includes(title);
  return {
    key: part.key,
    topic: part.topic,
    messages: part.messages,
    pick: listed ? title : null,
    title: listed ? '' : title,
    summary: part.summary,
    target: target.kind === 'append' ? targetKey(target) : null,
    found: null,
    resolve: target.kind === 'append' && target.resolve,
    status: part.status,
    date: part.date === 'to-be-agreed' ? null : part.date,
    agreed: part.date === 'to-be-agreed',
    impact: part.impact,
    group: part.group,
    served: part.served,
    fields: part.fields,
  };
}

const emptyPart = (key: string): ClosingPart => ({
  key,
  topic: null,
  title: '',
  summary: '',
  messages: [],
  target: { kind: 'new' },
  status: null,
  date: null,
  impact: null,
  group: null,
  served: null,
  fields: {},
});

/** The second part's key when only one was proposed; the core needs no more than that they differ. */
const spareKey = (taken: string | undefined): string => (taken === 'p2' ? 'p1' : 'p2');

function proposedParts(form: ClosingForm, way: Way): readonly ClosingPart[] {
  const first = form.parts[0] ?? emptyPart('p1');
  if (way !== 'topics') return [{ ...first, messages: form.messages.map(({ id }) => id), ...(form.parts.length > 1 && { topic: null }) }];
  return [first, form.parts[1] ?? emptyPart(spareKey(first.key))];
}

/** What the dialog opens with: as many tickets as were proposed, of which it can hold two. */
export function proposedDraft(form: ClosingForm): Draft {
  const way: Way = form.parts.length > 1 ? 'topics' : form.parts[0]?.target.kind === 'append' ? 'append' : 'new';
  return { way, keepOpen: false, parts: proposedParts(form, way).map((part) => partDraft(part, form)) };
}

/** What the agent has entered so far; a part that just came up is as it was proposed. */
export function readDraft(form: ClosingForm, values: StateValues): Draft {
  const one = (block: string) => values[block]?.value;
  const way = (one('way')?.selected_option?.value ?? proposedDraft(form).way) as Way;
  const whole = (pick: string | null): string | null => form.titles.find((title) => pickValue(title) === pick) ?? pick;
  const parts = proposedParts(form, way).map((part, index) => {
    const read = readPart(partDraft(part, form), index, values);
    return { ...read, pick: whole(read.pick) };
  });
  return { way, keepOpen: (one('keepOpen')?.selected_options ?? []).length > 0, parts };
}

function readPart(proposed: PartDraft, index: number, values: StateValues): PartDraft {
  const at = (field: string) => values[blockOf(index, field)]?.value;
  const text = (field: 'title' | 'summary'): string => {
    const found = at(field);
    return found ? (found.value ?? '').trim() : proposed[field];
  };
  const selected = (field: 'pick' | 'target' | 'status' | 'impact' | 'group' | 'served'): string | null => {
    const found = at(field);
    return found ? (found.selected_option?.value ?? null) : proposed[field];
  };
  const checked = (field: 'resolve' | 'agreed'): boolean => {
    const found = at(field);
    return found ? (found.selected_options ?? []).length > 0 : proposed[field];
  };
  const messages = at('messages')?.selected_options;
  const found = at('found')?.selected_option;
  const date = at('date');
  return {
    ...proposed,
    messages: messages ? messages.map((each) => each.value) : proposed.messages,
    pick: selected('pick'),
    title: text('title'),
    summary: text('summary'),
    target: selected('target'),
    found: found ? { value: found.value, label: found.text?.text ?? found.value } : null,
    resolve: checked('resolve'),
    status: selected('status'),
    date: date ? (date.selected_date ?? null) : proposed.date,
    agreed: checked('agreed'),
    impact: selected('impact'),
    group: selected('group'),
    served: selected('served'),
    fields: { ...proposed.fields, ...readFields(index, values) },
  };
}

/** Fields of the helpdesk, by the kind of their input. */
function readFields(index: number, values: StateValues): Record<string, Json> {
  const prefix = blockOf(index, 'fields.');
  const found = Object.entries(values).filter(([block]) => block.startsWith(prefix));
  return Object.fromEntries(found.map(([block, { value: given }]) => [block.slice(prefix.length), given ? fieldValue(given) : null]));
}

function fieldValue(given: StateValues[string][string]): Json {
  switch (given.type) {
    case 'checkboxes':
      return (given.selected_options ?? []).length > 0;
    case 'multi_static_select':
      return (given.selected_options ?? []).map((each) => each.value);
    case 'static_select':
      return given.selected_option?.value ?? null;
    case 'datepicker':
      return given.selected_date ?? null;
    case 'number_input':
      return given.value ? Number(given.value) : null;
    default:
      return given.value || null;
  }
}

export const ticketOf = ({ way }: Pick<Draft, 'way'>, part: PartDraft): { helpdesk: string; id: string } | undefined => {
  const key = way === 'new' ? null : (part.found?.value ?? part.target);
  return key === null ? undefined : targetOf(key);
};

/** `covered`: the messages that the preview was about, part by part, where there was one. */
export function choiceOf(
  draft: Draft,
  form: Pick<ClosingForm, 'conversation' | 'statuses'>,
  agent: string,
  covered?: readonly (readonly string[])[],
): ClosingChoice {
  const parts = draft.parts.map((part, index): ClosingPart => {
    const ticket = ticketOf(draft, part);
    const status = form.statuses.find(({ key }) => key === part.status);
    return {
      key: part.key,
      topic: part.topic,
      title: part.title || part.pick || '',
      summary: part.summary,
      messages: draft.way === 'topics' ? part.messages : (covered?.[index] ?? part.messages),
      target: ticket ? { kind: 'append', ...ticket, resolve: part.resolve } : { kind: 'new' },
      status: status?.key ?? null,
      date: status?.date ? (part.date ?? (part.agreed ? 'to-be-agreed' : null)) : null,
      impact: part.impact,
      group: part.group,
      served: part.served,
      fields: Object.fromEntries(Object.entries(part.fields).filter(([, given]) => given !== null)),
    };
  });
  return { conversation: form.conversation, agent, parts, ends: !draft.keepOpen };
}
