/** Pieces of dialogs, within Slack's limits (docs.slack.dev, "Block Kit" and "Modals"): what is too long is cut where it is shown, never where it is filed. */
import type { Json } from '../../../src/kit/index.ts';
import { escapeText } from '../mrkdwn.ts';

export type Block = { readonly [key: string]: Json | undefined };

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly hint?: string;
}

export const limits = { blocks: 100, title: 24, text: 3000, option: 75, options: 100, placeholder: 150, metadata: 3000, input: 3000 } as const;

/** Cut by characters that people see whole, with a mark that something is missing. */
export const cut = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`);

export const plain = (text: string, length: number): Block => ({ type: 'plain_text', text: cut(text.trim() || '–', length), emoji: true });

/** Words of ours or of customers: shown as they are, never as markup. */
export const section = (text: string): Block => ({ type: 'section', text: { type: 'mrkdwn', text: cut(escapeText(text), limits.text) } });

/** A sentence and where to go on. */
export const linkLine = (text: string, label: string, url: string): Block => ({
  type: 'context',
  elements: [{ type: 'mrkdwn', text: cut(`${escapeText(text)} <${url}|${escapeText(label)}>`, limits.text) }],
});

export const header = (text: string): Block => ({ type: 'header', text: plain(text, 150) });
export const divider: Block = { type: 'divider' };

/** Sentences as a list, over as many sections as they need. */
export function list(lines: readonly string[]): readonly Block[] {
  const sections: string[] = [];
  for (const line of lines) {
    const item = cut(`• ${escapeText(line)}`, limits.text);
    const last = sections.at(-1);
    if (last !== undefined && last.length + item.length + 1 <= limits.text) sections[sections.length - 1] = `${last}\n${item}`;
    else sections.push(item);
  }
  return sections.map((text) => ({ type: 'section', text: { type: 'mrkdwn', text } }));
}

export const option = ({ value, label, hint }: Choice): Block => ({
  text: plain(label, limits.option),
  value,
  ...(hint && { description: plain(hint, limits.option) }),
});

/** Slack takes 100 options, or 100 groups of 100: a long list is grouped by its first and last entry. */
function optionsOf(choices: readonly Choice[]): Block {
  if (choices.length <= limits.options) return { options: choices.map(option) };
  const groups: Block[] = [];
  for (let from = 0; from < choices.length && groups.length < 100; from += limits.options) {
    const some = choices.slice(from, from + limits.options);
    groups.push({ label: plain(`${cut(some[0]?.label ?? '', 30)} – ${cut(some.at(-1)?.label ?? '', 30)}`, limits.option), options: some.map(option) });
  }
  return { option_groups: groups };
}

interface InputOptions {
  readonly id: string;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly optional?: boolean;
  /** Told at once when it changes. */
  readonly tells?: boolean;
}

const action = 'value';

const input = ({ id, label, hint, optional = true, tells = false }: InputOptions, element: Block): Block => ({
  type: 'input',
  block_id: id,
  label: plain(label, 2000),
  optional,
  ...(tells && { dispatch_action: true }),
  ...(hint && { hint: plain(hint, 2000) }),
  element: { action_id: action, ...element },
});

export const textInput = (options: InputOptions & { readonly value: string; readonly lines?: boolean; readonly max?: number }): Block =>
  input(options, {
    type: 'plain_text_input',
    multiline: options.lines ?? false,
    max_length: Math.min(options.max ?? limits.input, limits.input),
    ...(options.value && { initial_value: options.value.slice(0, limits.input) }),
  });

export const numberInput = (options: InputOptions & { readonly value: string }): Block =>
  input(options, { type: 'number_input', is_decimal_allowed: true, ...(options.value && { initial_value: options.value }) });

export const dateInput = (options: InputOptions & { readonly value: string | null }): Block =>
  input(options, { type: 'datepicker', ...(options.value && { initial_date: options.value }) });

export function selectInput(
  options: InputOptions & { readonly choices: readonly Choice[]; readonly value: string | null; readonly placeholder: string },
): Block {
  const chosen = options.choices.find(({ value }) => value === options.value);
  return input(options, {
    type: 'static_select',
    placeholder: plain(options.placeholder, limits.placeholder),
    ...optionsOf(options.choices),
    ...(chosen && { initial_option: option(chosen) }),
  });
}

export function manyInput(
  options: InputOptions & { readonly choices: readonly Choice[]; readonly values: readonly string[]; readonly placeholder: string },
): Block {
  const chosen = options.choices.filter(({ value }) => options.values.includes(value));
  return input(options, {
    type: 'multi_static_select',
    placeholder: plain(options.placeholder, limits.placeholder),
    ...optionsOf(options.choices),
    ...(chosen.length > 0 && { initial_options: chosen.map(option) }),
  });
}

/** Asks us for its options while somebody types. */
export const searchInput = (options: InputOptions & { readonly chosen: Choice | null; readonly placeholder: string }): Block =>
  input(options, {
    type: 'external_select',
    min_query_length: 1,
    placeholder: plain(options.placeholder, limits.placeholder),
    ...(options.chosen && { initial_option: option(options.chosen) }),
  });

export function radioInput(options: InputOptions & { readonly choices: readonly Choice[]; readonly value: string }): Block {
  const chosen = options.choices.find(({ value }) => value === options.value);
  return input(options, { type: 'radio_buttons', options: options.choices.map(option), ...(chosen && { initial_option: option(chosen) }) });
}

export function checkInput(options: InputOptions & { readonly text: string; readonly on: boolean }): Block {
  const only = option({ value: 'on', label: options.text });
  return input(options, { type: 'checkboxes', options: [only], ...(options.on && { initial_options: [only] }) });
}

export interface ModalOptions {
  readonly callback: string;
  readonly title: string;
  readonly close: string;
  readonly submit?: string;
  readonly metadata?: Json;
  readonly blocks: readonly Block[];
}

/** Without `submit` there is nothing to send. */
export function modal({ callback, title, close, submit, metadata, blocks }: ModalOptions): Block {
  return {
    type: 'modal',
    callback_id: callback,
    title: plain(title, limits.title),
    close: plain(close, limits.title),
    ...(submit && { submit: plain(submit, limits.title) }),
    ...(metadata !== undefined && { private_metadata: JSON.stringify(metadata) }),
    blocks: blocks.slice(0, limits.blocks),
  };
}
