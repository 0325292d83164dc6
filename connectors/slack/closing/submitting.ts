/** What the dialog's button does: first it shows what will happen, then it files exactly that. Only our own database decides, so Slack never waits for a helpdesk. */
import type { ClosingForm, ClosingPreview } from '../../../src/kit/index.ts';
import { rememberCloser } from '../filed.ts';
import type { Block } from './blocks.ts';
import { blockOf, choiceOf, type Draft, readDraft, type StateValues } from './draft.ts';
import { formView, type Meta, noticeView } from './form-view.ts';
import type { Desk } from './opening.ts';
import { coveredBy, rememberPreview } from './previews.ts';
import { wordsFor } from './words.ts';

/** What Slack is answered. `done` closes the dialog. */
export type Outcome =
  | { readonly is: 'errors'; readonly errors: Readonly<Record<string, string>>; readonly view: Block }
  | { readonly is: 'view'; readonly view: Block }
  | { readonly is: 'done'; readonly view: Block };

export interface Submission {
  readonly view: string;
  readonly user: string;
  readonly meta: Meta;
  readonly values: StateValues;
}

export async function submit(desk: Desk, submission: Submission): Promise<Outcome> {
  const { context } = desk;
  const { meta, view, values } = submission;
  const words = wordsFor(meta.locale);
  const form = await context.closings.form(meta.conversation, meta.agent);
  if (!form) return { is: 'view', view: noticeView(words, words.gone) };
  const draft = readDraft(form, values);
  if (meta.digest === null) return show(desk, submission, form, draft, false);

  // The view's id: pressed twice, or sent again by Slack, it is one closing.
  const key = `${view}:${meta.digest}`;
  const choice = choiceOf(draft, form, meta.agent, await coveredBy(context, key));
  const result = await context.closings.commit(choice, { digest: meta.digest, key });
  if (result.is === 'not-found') return { is: 'view', view: noticeView(words, words.gone) };
  if (result.is !== 'committed') return show(desk, submission, form, draft, true);
  await rememberCloser(context, meta.thread, { user: submission.user, channel: meta.channel });
  return { is: 'done', view: noticeView(words, words.filed, form.link) };
}

/** A preview of what stands there now, all messages included. */
async function show(desk: Desk, { view, meta }: Submission, form: ClosingForm, draft: Draft, changed: boolean): Promise<Outcome> {
  const { context } = desk;
  const words = wordsFor(meta.locale);
  const choice = choiceOf(draft, form, meta.agent);
  const preview = await context.closings.preview(choice);
  if (!preview) return { is: 'view', view: noticeView(words, words.gone) };
  if (preview.missing.length > 0) return missing(form, draft, { ...meta, digest: null }, preview);
  await rememberPreview(
    context,
    `${view}:${preview.digest}`,
    choice.parts.map(({ messages }) => messages),
  );
  const notice = changed ? { title: words.changed, lines: [] } : undefined;
  return { is: 'view', view: formView({ form, draft, words, notice, preview: preview.lines, meta: { ...meta, digest: preview.digest } }) };
}

/** Each at its input, where it has one; else in a list above all, and fields that were not shown come up. */
function missing(form: ClosingForm, draft: Draft, meta: Meta, preview: ClosingPreview): Outcome {
  const words = wordsFor(meta.locale);
  const places = preview.missing.map(({ part, field, message }) => {
    const index = draft.parts.findIndex(({ key }) => key === part);
    return { block: index < 0 ? '' : blockOf(index, field), message };
  });
  const fields = places.map(({ block }) => block).filter((block) => block.includes(':fields.'));
  const asked = [...new Set([...meta.asked, ...fields])].slice(-20);
  const view = formView({
    form,
    draft,
    words,
    meta: { ...meta, asked },
    notice: { title: words.missing, lines: [...new Set(places.map(({ message }) => message))] },
  });
  const before = inputsOf(formView({ form, draft, words, meta }));
  const placed = places.map(({ block, message }) => ({ block: aliasOf(block, before), message }));
  if (!placed.every(({ block }) => before.has(block))) return { is: 'view', view };
  return { is: 'errors', view, errors: Object.fromEntries(placed.map(({ block, message }) => [block, message])) };
}

/** A ticket may be named in either of two inputs, and a title too: the one that is shown says it. */
function aliasOf(block: string, inputs: ReadonlySet<string>): string {
  const other = block.replace(/:target$/, ':found').replace(/:title$/, ':pick');
  return inputs.has(block) || !inputs.has(other) ? block : other;
}

const inputsOf = ({ blocks }: Block): ReadonlySet<string> =>
  new Set((blocks as readonly Block[]).flatMap(({ type, block_id }) => (type === 'input' && typeof block_id === 'string' ? [block_id] : [])));

/** Something that changes the form was chosen: drawn anew, and what was previewed counts no more. */
export async function redraw({ context }: Desk, meta: Meta, values: StateValues): Promise<Block> {
  const words = wordsFor(meta.locale);
  const form = await context.closings.form(meta.conversation, meta.agent);
  if (!form) return noticeView(words, words.gone);
  return formView({ form, draft: readDraft(form, values), words, meta: { ...meta, digest: null } });
}
