/** A person at Slack's client: uses the shortcut or the command, fills dialogs in, and is held to what Slack's client holds them to. */
import type { Feed } from './feed.ts';
import type { Ephemeral, OpenView, User, Workspace } from './state.ts';
import { checkOption, optionsOf, problemsOfView } from './view-rules.ts';

type Thing = Readonly<Record<string, unknown>>;

export interface Person {
  readonly user: User;
  /** The shortcut of a message's menu. */
  shortcut(message: { channel: string; ts: string }, callback?: string): Promise<void>;
  command(text: string, channel: string, command?: string): Promise<void>;
  /** The dialog on screen; undefined when there is none. */
  dialog(): Dialog | undefined;
  /** What only this person saw in a channel. */
  readonly whispers: readonly Ephemeral[];
}

export interface Dialog {
  readonly id: string;
  readonly title: string;
  /** Label of the button; undefined where there is none. */
  readonly button: string | undefined;
  /** All text that is shown, labels and options left out. */
  readonly text: string;
  /** Ids of the inputs, in order. */
  readonly inputs: readonly string[];
  /** Labels of a select's options. */
  options(block: string): readonly string[];
  /** What stands in an input now. */
  value(block: string): unknown;
  /** Types, or chooses by label; a list for those that take several. Tells the app where the input says so. */
  fill(block: string, given: string | readonly string[]): Promise<void>;
  /** Types into a search; resolves with the labels that come. */
  search(block: string, words: string): Promise<readonly string[]>;
  /** Presses the button; resolves with the errors that are shown, by input. Rejects for what Slack's client would not even send. */
  submit(): Promise<Readonly<Record<string, string>>>;
}

export function createPerson(workspace: Workspace, feed: Feed, user: User): Person {
  /** What was typed, by view, block and action; kept over updates as long as the input stays. */
  const entered = new Map<string, Map<string, Thing>>();
  const who = { id: user.id, username: user.name, name: user.name, team_id: user.team };
  const trigger = (): string => {
    const id = workspace.id('trigger-');
    workspace.triggers.set(id, { user: user.id, at: workspace.now(), used: false });
    return id;
  };
  const base = { token: 'deprecated', api_app_id: workspace.app, team: { id: workspace.team, domain: 'gymdesk' }, user: who };

  return {
    user,
    get whispers() {
      return workspace.ephemerals.filter((each) => each.user === user.id);
    },
    async shortcut({ channel, ts }, callback = 'deskbridge_close') {
      const room = workspace.room(channel);
      const post = room?.posts.find((each) => each.ts === ts);
      if (!room || !post) throw new Error('there is no such message');
      const message = { type: 'message', user: post.user, ts, text: post.text, ...(post.thread && { thread_ts: post.thread }) };
      const payload = { ...base, type: 'message_action', action_ts: workspace.ts(), callback_id: callback, trigger_id: trigger(), message_ts: ts };
      await feed.ask('interactive', { ...payload, channel: { id: channel, name: room.name }, message, response_url: `${workspace.address}/response` });
    },
    async command(text, channel, command = '/ticket') {
      const payload = {
        token: 'deprecated',
        team_id: workspace.team,
        channel_id: channel,
        user_id: user.id,
        command,
        text,
        trigger_id: trigger(),
        api_app_id: workspace.app,
      };
      await feed.ask('slash_commands', { ...payload, response_url: `${workspace.address}/response` });
    },
    dialog() {
      const open = [...workspace.views.values()].filter((view) => view.user === user.id).at(-1);
      if (!open) return undefined;
      const mine = entered.get(open.id) ?? new Map<string, Thing>();
      entered.set(open.id, mine);
      return dialogOf(workspace, feed, open, mine, { ...base, trigger });
    },
  };
}

const blocksOf = ({ view }: OpenView): readonly Thing[] => view.blocks as readonly Thing[];
const elementOf = (block: Thing): Thing => block.element as Thing;
const textOf = (value: unknown): string => String((value as Thing | undefined)?.text ?? '');
const labelOf = (option: Thing): string => textOf(option.text);

/** What an input holds before anybody touched it. */
function initial(element: Thing): Thing {
  const { type } = element;
  switch (type) {
    case 'plain_text_input':
    case 'number_input':
      return { type, value: element.initial_value ?? null };
    case 'datepicker':
      return { type, selected_date: element.initial_date ?? null };
    case 'checkboxes':
    case 'multi_static_select':
      return { type, selected_options: element.initial_options ?? [] };
    default:
      return { type, selected_option: element.initial_option ?? null };
  }
}

const isEmpty = ({ value, selected_date, selected_option, selected_options }: Thing): boolean =>
  !value && !selected_date && !selected_option && !(Array.isArray(selected_options) && selected_options.length > 0);

function dialogOf(workspace: Workspace, feed: Feed, open: OpenView, mine: Map<string, Thing>, base: Thing & { trigger(): string }): Dialog {
  const { trigger, ...common } = base;
  const inputs = (): readonly Thing[] => blocksOf(open).filter(({ type }) => type === 'input');
  const found = (block: string): Thing => {
    const input = inputs().find(({ block_id }) => block_id === block);
    if (!input) throw new Error(`the dialog has no input ${block}; it has ${inputs().map(({ block_id }) => block_id)}`);
    return input;
  };
  const key = (block: Thing): string => `${String(block.block_id)} ${String(elementOf(block).action_id)} ${String(elementOf(block).type)}`;
  const heldBy = (block: Thing): Thing => mine.get(key(block)) ?? initial(elementOf(block));
  const values = (): Record<string, Thing> =>
    Object.fromEntries(inputs().map((block) => [String(block.block_id), { [String(elementOf(block).action_id)]: heldBy(block) }]));
  const shown = (): Thing => ({ ...open.view, id: open.id, hash: open.hash, root_view_id: open.id, team_id: workspace.team, state: { values: values() } });

  function choose(element: Thing, given: string | readonly string[]): Thing {
    const { type } = element;
    if (type === 'plain_text_input' || type === 'number_input') {
      if (String(given).length > Number(element.max_length ?? 3000)) throw new Error('longer than the input takes');
      return { type, value: String(given) || null };
    }
    if (type === 'datepicker') return { type, selected_date: given || null };
    const options = type === 'external_select' ? ((mine.get('search')?.options as Thing[] | undefined) ?? []) : optionsOf(element);
    const pick = (label: string): Thing => {
      const option = options.find((each) => labelOf(each) === label);
      if (!option) throw new Error(`"${label}" is no option; there are ${options.map(labelOf).join(', ')}`);
      return option;
    };
    if (type === 'checkboxes' || type === 'multi_static_select') return { type, selected_options: [given].flat().map(pick) };
    return { type, selected_option: given === '' ? null : pick(String(given)) };
  }

  return {
    id: open.id,
    get title() {
      return textOf(open.view.title);
    },
    get button() {
      return open.view.submit === undefined ? undefined : textOf(open.view.submit);
    },
    get text() {
      return blocksOf(open)
        .flatMap(({ text, elements }) => [textOf(text), ...((elements as readonly Thing[] | undefined) ?? []).map((each) => String(each.text))])
        .filter(Boolean)
        .join('\n');
    },
    get inputs() {
      return inputs().map(({ block_id }) => String(block_id));
    },
    options: (block) => optionsOf(elementOf(found(block))).map(labelOf),
    value(block) {
      const { value, selected_date, selected_option, selected_options } = heldBy(found(block));
      if (Array.isArray(selected_options)) return selected_options.map((each) => labelOf(each as Thing));
      return selected_option ? labelOf(selected_option as Thing) : (value ?? selected_date ?? null);
    },
    async fill(block, given) {
      const input = found(block);
      const value = choose(elementOf(input), given);
      mine.set(key(input), value);
      if (input.dispatch_action !== true) return;
      const action = { ...value, block_id: block, action_id: elementOf(input).action_id, action_ts: workspace.ts() };
      await feed.ask('interactive', {
        ...common,
        type: 'block_actions',
        trigger_id: trigger(),
        container: { type: 'view', view_id: open.id },
        view: shown(),
        actions: [action],
      });
    },
    async search(block, words) {
      const { action_id } = elementOf(found(block));
      const answer = await feed.ask('interactive', {
        ...common,
        type: 'block_suggestion',
        block_id: block,
        action_id,
        value: words,
        view: shown(),
        container: { type: 'view', view_id: open.id },
      });
      const options = ((answer as Thing | undefined)?.options ?? []) as Thing[];
      const problems: string[] = [];
      for (const option of options) checkOption(option, '/options', problems);
      if (problems.length > 0 || options.length > 100) throw new Error(problems.join('; ') || 'more than 100 options');
      mine.set('search', { options });
      return options.map(labelOf);
    },
    async submit() {
      if (open.view.submit === undefined) throw new Error('the dialog has no button');
      const empty = inputs().filter((block) => block.optional !== true && isEmpty(heldBy(block)));
      if (empty.length > 0) throw new Error(`Slack's client asks for ${empty.map(({ block_id }) => block_id).join(', ')} first`);
      const answer = (await feed.ask('interactive', { ...common, type: 'view_submission', trigger_id: trigger(), view: shown() })) as Thing | undefined;
      return obey(workspace, open, inputs(), answer);
    },
  };
}

/** What Slack does with the answer to a submission (docs.slack.dev, "Modals", "Updating, pushing, closing"). */
function obey(workspace: Workspace, open: OpenView, inputs: readonly Thing[], answer: Thing | undefined): Readonly<Record<string, string>> {
  switch (answer?.response_action) {
    case undefined:
    case 'clear':
      workspace.views.delete(open.id);
      return {};
    case 'errors': {
      const errors = answer.errors as Readonly<Record<string, string>>;
      const lost = Object.keys(errors).filter((block) => !inputs.some(({ block_id }) => block_id === block));
      if (lost.length > 0 || Object.keys(errors).length === 0) throw new Error(`errors at inputs that are not there: ${lost.join(', ')}`);
      return errors;
    }
    case 'update': {
      const problems = problemsOfView(answer.view);
      if (problems.length > 0) throw new Error(problems.join('; '));
      open.view = answer.view as Record<string, unknown>;
      open.hash = workspace.id('h');
      return {};
    }
    default:
      throw new Error(`the simulator does not know the answer ${String(answer?.response_action)}`);
  }
}
