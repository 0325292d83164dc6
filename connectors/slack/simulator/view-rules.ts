/** What Slack refuses in a modal (docs.slack.dev, "Modals" and "Block Kit reference"): lengths, counts, unknown keys, options that are none. Returns what is wrong, as Slack words it. */

type Thing = Readonly<Record<string, unknown>>;
type Problems = string[];

const isThing = (value: unknown): value is Thing => typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly Thing[] => (Array.isArray(value) ? value.filter(isThing) : []);

export function problemsOfView(view: unknown): readonly string[] {
  const problems: Problems = [];
  if (!isThing(view)) return ['view must be an object'];
  keys(
    view,
    ['type', 'title', 'blocks', 'close', 'submit', 'private_metadata', 'callback_id', 'clear_on_close', 'notify_on_close', 'external_id'],
    '/view',
    problems,
  );
  if (view.type !== 'modal') problems.push('unsupported type: /view/type');
  words(view.title, 24, 'plain_text', '/view/title', problems);
  for (const name of ['submit', 'close']) if (view[name] !== undefined) words(view[name], 24, 'plain_text', `/view/${name}`, problems);
  length(view.callback_id, 255, '/view/callback_id', problems);
  length(view.private_metadata, 3000, '/view/private_metadata', problems);
  length(view.external_id, 255, '/view/external_id', problems);
  const blocks = listOf(view.blocks);
  if (blocks.length < 1 || blocks.length > 100) problems.push('must have 1 to 100 blocks: /view/blocks');
  if (view.submit === undefined && blocks.some(({ type }) => type === 'input'))
    problems.push('submit is required when an input block is within the blocks array: /view/submit');
  const ids = blocks.flatMap(({ block_id }) => (typeof block_id === 'string' ? [block_id] : []));
  if (new Set(ids).size < ids.length) problems.push('block_id is used twice: /view/blocks');
  blocks.forEach((block, index) => void checkBlock(block, `/view/blocks/${index}`, problems));
  return problems;
}

function keys(thing: Thing, known: readonly string[], at: string, problems: Problems): void {
  for (const key of Object.keys(thing)) if (!known.includes(key)) problems.push(`additional property: ${at}/${key}`);
}

function length(value: unknown, max: number, at: string, problems: Problems): void {
  if (value === undefined) return;
  if (typeof value !== 'string') problems.push(`must be a string: ${at}`);
  else if (value.length > max) problems.push(`must be less than ${max + 1} characters: ${at}`);
}

function words(value: unknown, max: number, type: 'plain_text' | 'any', at: string, problems: Problems): void {
  if (!isThing(value)) return void problems.push(`missing required field: ${at}`);
  keys(value, ['type', 'text', 'emoji', 'verbatim'], at, problems);
  if (value.type !== 'plain_text' && (type === 'plain_text' || value.type !== 'mrkdwn')) problems.push(`unsupported text type: ${at}/type`);
  if (typeof value.text !== 'string' || value.text.length < 1) problems.push(`must be more than 0 characters: ${at}/text`);
  length(value.text, max, `${at}/text`, problems);
}

function checkBlock(block: Thing, at: string, problems: Problems): void {
  length(block.block_id, 255, `${at}/block_id`, problems);
  switch (block.type) {
    case 'divider':
      keys(block, ['type', 'block_id'], at, problems);
      break;
    case 'header':
      keys(block, ['type', 'block_id', 'text'], at, problems);
      words(block.text, 150, 'plain_text', `${at}/text`, problems);
      break;
    case 'section':
      keys(block, ['type', 'block_id', 'text'], at, problems);
      words(block.text, 3000, 'any', `${at}/text`, problems);
      break;
    case 'context':
      keys(block, ['type', 'block_id', 'elements'], at, problems);
      if (listOf(block.elements).length < 1 || listOf(block.elements).length > 10) problems.push(`must have 1 to 10 elements: ${at}/elements`);
      for (const element of listOf(block.elements)) words(element, 3000, 'any', `${at}/elements`, problems);
      break;
    case 'input':
      checkInput(block, at, problems);
      break;
    default:
      problems.push(`unsupported type: ${at}/type`);
  }
}

function checkInput(block: Thing, at: string, problems: Problems): void {
  keys(block, ['type', 'block_id', 'label', 'element', 'hint', 'optional', 'dispatch_action'], at, problems);
  words(block.label, 2000, 'plain_text', `${at}/label`, problems);
  if (block.hint !== undefined) words(block.hint, 2000, 'plain_text', `${at}/hint`, problems);
  if (!isThing(block.element)) {
    problems.push(`missing required field: ${at}/element`);
    return;
  }
  checkElement(block.element, `${at}/element`, problems);
}

const common = ['type', 'action_id', 'placeholder'];
const allowed: Readonly<Record<string, readonly string[]>> = {
  plain_text_input: [...common, 'initial_value', 'multiline', 'min_length', 'max_length'],
  number_input: [...common, 'is_decimal_allowed', 'initial_value', 'min_value', 'max_value'],
  datepicker: [...common, 'initial_date'],
  static_select: [...common, 'options', 'option_groups', 'initial_option'],
  multi_static_select: [...common, 'options', 'option_groups', 'initial_options', 'max_selected_items'],
  external_select: [...common, 'initial_option', 'min_query_length'],
  radio_buttons: ['type', 'action_id', 'options', 'initial_option'],
  checkboxes: ['type', 'action_id', 'options', 'initial_options'],
};

function checkElement(element: Thing, at: string, problems: Problems): void {
  const known = allowed[String(element.type)];
  if (!known) return void problems.push(`unsupported type: ${at}/type`);
  keys(element, known, at, problems);
  length(element.action_id, 255, `${at}/action_id`, problems);
  if (element.placeholder !== undefined) words(element.placeholder, 150, 'plain_text', `${at}/placeholder`, problems);
  if (element.type === 'plain_text_input') {
    const max = Number(element.max_length ?? 3000);
    if (max > 3000) problems.push(`must be at most 3000: ${at}/max_length`);
    length(element.initial_value, max, `${at}/initial_value`, problems);
  }
  if (element.type === 'number_input' && typeof element.is_decimal_allowed !== 'boolean') problems.push(`missing required field: ${at}/is_decimal_allowed`);
  if (element.initial_date !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(String(element.initial_date))) problems.push(`must be YYYY-MM-DD: ${at}/initial_date`);
  if (known.includes('options')) checkOptions(element, at, problems);
}

/** Every option of a select, in groups or not. */
export const optionsOf = (element: Thing): readonly Thing[] =>
  element.option_groups === undefined ? listOf(element.options) : listOf(element.option_groups).flatMap((group) => listOf(group.options));

function checkOptions(element: Thing, at: string, problems: Problems): void {
  const most = element.type === 'radio_buttons' || element.type === 'checkboxes' ? 10 : 100;
  const lists = element.option_groups === undefined ? [listOf(element.options)] : listOf(element.option_groups).map((group) => listOf(group.options));
  if (element.option_groups !== undefined && (element.options !== undefined || lists.length < 1 || lists.length > 100))
    problems.push(`invalid option_groups: ${at}`);
  for (const group of listOf(element.option_groups)) words(group.label, 75, 'plain_text', `${at}/option_groups/label`, problems);
  for (const list of lists) if (list.length < 1 || list.length > most) problems.push(`must have 1 to ${most} options: ${at}/options`);
  const all = optionsOf(element);
  for (const option of all) checkOption(option, `${at}/options`, problems);
  if (new Set(all.map(({ value }) => value)).size < all.length) problems.push(`option values must be unique: ${at}/options`);
  const chosen = [...(element.initial_option === undefined ? [] : [element.initial_option]), ...((element.initial_options as unknown[] | undefined) ?? [])];
  for (const one of chosen)
    if (!all.some((option) => JSON.stringify(option) === JSON.stringify(one))) problems.push(`initial option is not one of the options: ${at}`);
}

export function checkOption(option: Thing, at: string, problems: Problems): void {
  keys(option, ['text', 'value', 'description'], at, problems);
  words(option.text, 75, 'plain_text', `${at}/text`, problems);
  length(option.value, 150, `${at}/value`, problems);
  if (option.description !== undefined) words(option.description, 75, 'plain_text', `${at}/description`, problems);
}
