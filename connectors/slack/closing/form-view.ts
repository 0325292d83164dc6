/** The closing dialog as Slack shows it: one ticket, an addition, or two topics; what is finer than that is a link to the console. */
import type { ClosingForm, Json } from '../../../src/kit/index.ts';
import {
  type Block,
  type Choice,
  checkInput,
  dateInput,
  divider,
  header,
  limits,
  linkLine,
  list,
  manyInput,
  modal,
  numberInput,
  radioInput,
  searchInput,
  section,
  selectInput,
  textInput,
} from './blocks.ts';
import { blockOf, type Draft, type PartDraft, pickValue, targetKey, ticketOf } from './draft.ts';
import { fill, type Words } from './words.ts';

export const closingCallback = 'deskbridge_closing';

/** Travels with the view; Slack keeps 3000 characters. */
export interface Meta {
  readonly conversation: string;
  readonly agent: string;
  readonly locale: string;
  readonly thread: string;
  readonly channel: string;
  /** Of the preview that is shown. */
  readonly digest: string | null;
  /** Fields that a preview missed, as blocks. */
  readonly asked: readonly string[];
  readonly [key: string]: Json;
}

export interface FormView {
  readonly form: ClosingForm;
  readonly draft: Draft;
  readonly meta: Meta;
  readonly words: Words;
  readonly notice?: { readonly title: string; readonly lines: readonly string[] } | undefined;
  /** What will happen, in sentences; with them the button files. */
  readonly preview?: readonly string[] | undefined;
}

type Field = ClosingForm['helpdesks'][number]['fields'][number];

export function formView(view: FormView): Block {
  const { form, draft, meta, words, notice, preview } = view;
  const tail = [
    checkInput({ id: 'keepOpen', label: words.openLabel, text: words.keepOpen, on: draft.keepOpen }),
    linkLine(words.fine, words.console, form.link),
  ];
  const shown = preview && preview.length > 0 ? [divider, header(words.preview), ...list(preview)] : [];
  const top = [
    ...(notice ? [section(notice.title), ...list(notice.lines)] : []),
    section(fill(words.count, { count: String(form.messages.length) })),
    radioInput({ id: 'way', label: words.way, optional: false, tells: true, value: draft.way, choices: waysOf(view) }),
  ];
  const parts = draft.parts.flatMap((part, index) => partBlocks(view, part, index));
  // Should a helpdesk ask for a hundred fields, the rest is a matter for the console; what will happen is always shown.
  const room = limits.blocks - top.length - tail.length - shown.length;
  return modal({
    callback: closingCallback,
    title: words.title,
    close: words.cancel,
    submit: preview ? words.file : words.check,
    metadata: meta,
    blocks: [...top, ...parts.slice(0, Math.max(0, room)), ...tail, ...shown],
  });
}

/** Messages are picked from a list of at most a hundred; more are sorted in the console. */
const canSort = ({ form }: Pick<FormView, 'form'>): boolean => form.messages.length >= 2 && form.messages.length <= limits.options;

const waysOf = (view: FormView): readonly Choice[] => [
  { value: 'new', label: view.words.wayNew },
  { value: 'append', label: view.words.wayAppend },
  ...(canSort(view) || view.draft.way === 'topics' ? [{ value: 'topics', label: view.words.wayTopics }] : []),
];

function partBlocks(view: FormView, part: PartDraft, index: number): readonly Block[] {
  const { draft, words } = view;
  const isAddition = ticketOf(draft, part) !== undefined || draft.way === 'append';
  return [
    ...(draft.way === 'topics' ? [divider, header(part.topic ?? fill(words.topic, { number: String(index + 1) })), messagesBlock(view, part, index)] : []),
    ...(draft.way === 'new' ? [] : targetBlocks(view, part, index)),
    ...(isAddition ? [] : titleBlocks(view, part, index)),
    ...statusBlocks(view, part, index, isAddition),
    ...(isAddition ? [] : placeBlocks(view, part, index)),
    ...fieldBlocks(view, part, index),
    textInput({ id: blockOf(index, 'summary'), label: words.summary, value: part.summary, lines: true }),
  ];
}

const messagesBlock = ({ form, words }: FormView, part: PartDraft, index: number): Block =>
  canSort({ form })
    ? manyInput({
        id: blockOf(index, 'messages'),
        label: words.messages,
        optional: false,
        values: part.messages,
        placeholder: words.choose,
        choices: form.messages.map(({ id, author, text }) => ({ value: id, label: `${author}: ${text.replace(/\s+/g, ' ') || '📎'}` })),
      })
    : linkLine(words.tooMany, words.console, form.link);

function titleBlocks({ form, words }: FormView, part: PartDraft, index: number): readonly Block[] {
  const titles = form.titles.map((title) => ({ value: pickValue(title), label: title }));
  return [
    ...selectOf({ id: blockOf(index, 'pick'), label: words.pick, choices: titles, value: part.pick && pickValue(part.pick), placeholder: words.choose }),
    textInput({
      id: blockOf(index, 'title'),
      label: words.titleField,
      value: part.title,
      max: 255,
      ...(titles.length > 0 && { hint: words.titleHint }),
    }),
  ];
}

export const candidateChoice = (ticket: ClosingForm['candidates'][number]): Choice => ({
  value: targetKey(ticket),
  label: `#${ticket.number} ${ticket.subject}`,
  hint: [ticket.status, ticket.why].filter(Boolean).join(' · '),
});

function targetBlocks({ form, draft, words }: FormView, part: PartDraft, index: number): readonly Block[] {
  const choices = form.candidates.slice(0, limits.options).map(candidateChoice);
  const label = draft.way === 'append' ? words.target : words.targetOptional;
  return [
    ...selectOf({ id: blockOf(index, 'target'), label, choices, value: part.target, placeholder: words.choose, tells: draft.way === 'topics' }),
    searchInput({ id: blockOf(index, 'found'), label: words.search, chosen: part.found, placeholder: words.choose, tells: draft.way === 'topics' }),
    checkInput({ id: blockOf(index, 'resolve'), label: words.resolveLabel, text: words.resolve, on: part.resolve }),
  ];
}

function statusBlocks({ form, words }: FormView, part: PartDraft, index: number, isAddition: boolean): readonly Block[] {
  const { date } = form.statuses.find(({ key }) => key === part.status) ?? { date: null };
  return [
    ...selectOf({
      id: blockOf(index, 'status'),
      label: words.status,
      tells: true,
      choices: form.statuses.map(({ key, label }) => ({ value: key, label })),
      value: part.status,
      placeholder: isAddition ? words.keepStatus : words.choose,
    }),
    ...(date ? [dateInput({ id: blockOf(index, 'date'), label: date.label, value: part.date })] : []),
    ...(date?.mayBeUnknown ? [checkInput({ id: blockOf(index, 'agreed'), label: words.agreed, text: words.toBeAgreed, on: part.agreed })] : []),
  ];
}

/** Slack refuses a select without options. */
const selectOf = (options: Parameters<typeof selectInput>[0]): readonly Block[] => (options.choices.length > 0 ? [selectInput(options)] : []);

/** Impact, group and company: selects only where there is something to choose. */
function placeBlocks({ form, words }: FormView, part: PartDraft, index: number): readonly Block[] {
  const groups = form.helpdesks.length === 1 ? (form.helpdesks[0]?.groups ?? []) : [];
  const select = (field: 'impact' | 'group' | 'served', label: string, choices: readonly Choice[]): readonly Block[] =>
    selectOf({ id: blockOf(index, field), label, choices, value: part[field], placeholder: words.choose });
  return [
    ...select(
      'impact',
      words.impact,
      form.impacts.map(({ id, label }) => ({ value: id, label })),
    ),
    ...select('group', words.group, groups),
    ...select(
      'served',
      words.served,
      form.companies.map(({ id, name }) => ({ value: id, label: name })),
    ),
  ];
}

/** What the helpdesk always wants, and what a preview missed. The mapping may fill them, so only the preview knows which are truly missing. */
function fieldBlocks(view: FormView, part: PartDraft, index: number): readonly Block[] {
  const { form, draft, meta } = view;
  const ticket = ticketOf(draft, part);
  const desks = ticket ? form.helpdesks.filter(({ name }) => name === ticket.helpdesk) : form.helpdesks;
  const onlyDesk = desks.length === 1 ? desks[0] : undefined;
  const always = ticket ? [] : (onlyDesk?.fields ?? []).filter(({ required }) => required === 'always');
  const asked = desks.flatMap(({ fields }) => fields).filter(({ name }) => meta.asked.includes(blockOf(index, `fields.${name}`)));
  const fields = new Map([...always, ...asked].filter(({ name }) => !standard.has(name)).map((field) => [field.name, field]));
  return [...fields.values()].map((field) => fieldBlock(view, part, index, field));
}

/** What the dialog has inputs of its own for, whatever it is called. */
const standard = new Set(['subject', 'description', 'status', 'priority', 'requester', 'requester_id', 'email', 'group_id', 'group']);

function fieldBlock({ words }: FormView, part: PartDraft, index: number, { name, label, type: kind, choices }: Field): Block {
  const at = { id: blockOf(index, `fields.${name}`), label };
  const given = part.fields[name] ?? null;
  const text = typeof given === 'string' || typeof given === 'number' ? String(given) : '';
  const isList = kind === 'choice' || kind === 'choices';
  // A list without entries can only be typed.
  const type = isList && !choices?.length ? 'text' : kind;
  switch (type) {
    case 'checkbox':
      return checkInput({ ...at, text: words.yes, on: given === true });
    case 'date':
      return dateInput({ ...at, value: text || null });
    case 'number':
      return numberInput({ ...at, value: text });
    case 'choice':
      return selectInput({ ...at, choices: choices ?? [], value: text || null, placeholder: words.choose });
    case 'choices':
      return manyInput({ ...at, choices: choices ?? [], values: Array.isArray(given) ? given.map(String) : [], placeholder: words.choose });
    case 'text':
      return textInput({ ...at, value: text });
    case 'long-text':
      return textInput({ ...at, value: text, lines: true });
  }
}

/** A dialog that only says something. */
export const noticeView = (words: Words, text: string, link?: string): Block =>
  modal({
    callback: 'deskbridge_notice',
    title: words.title,
    close: words.close,
    blocks: [section(text), ...(link ? [linkLine('', words.console, link)] : [])],
  });

export const askCallback = 'deskbridge_ask';
export const askBlock = 'link';

export const askView = (words: Words): Block =>
  modal({
    callback: askCallback,
    title: words.title,
    close: words.cancel,
    submit: words.next,
    blocks: [section(words.ask), textInput({ id: askBlock, label: words.askLabel, hint: words.askHint, value: '', optional: false })],
  });
