/** Bolt's listeners of the closing dialog: shortcut, command, what is chosen and pressed in it, and its search. */
import type { App } from '@slack/bolt';
import { z } from 'zod';
import { isDirect, linkedMessage } from '../address.ts';
import type { Commit } from '../receiver.ts';
import { type Block, cut, limits, option } from './blocks.ts';
import { stateValues } from './draft.ts';
import { askBlock, askCallback, candidateChoice, closingCallback, type Meta } from './form-view.ts';
import { type Desk, failureView, fillView, loadingView, openAsking, openLoading, updateView } from './opening.ts';
import { type Outcome, redraw, submit } from './submitting.ts';
import { wordsFor } from './words.ts';

export const shortcutCallback = 'deskbridge_close';

/** Slack waits 3 s for an answer; the way there and back takes some of it. */
const quickMs = 1800;

const shortcut = z.object({
  trigger_id: z.string(),
  user: z.object({ id: z.string() }),
  channel: z.object({ id: z.string() }),
  message: z.object({ ts: z.string(), thread_ts: z.string().optional() }),
});
const command = z.object({ trigger_id: z.string(), user_id: z.string(), channel_id: z.string(), text: z.string().default('') });
const submitted = z.object({
  user: z.object({ id: z.string() }),
  view: z.object({ id: z.string(), hash: z.string().optional(), private_metadata: z.string().default(''), state: z.object({ values: stateValues }) }),
});
const meta = z.looseObject({
  conversation: z.string(),
  agent: z.string(),
  locale: z.string(),
  thread: z.string(),
  channel: z.string(),
  digest: z.string().nullable(),
  asked: z.array(z.string()),
});

const commitOf = (context: { readonly [key: string]: unknown }): Commit => context.commit as Commit;
const metaOf = (text: string): Meta => meta.parse(JSON.parse(text)) as Meta;
const late = Symbol('late');

/** `late` when it takes longer; it goes on all the same. */
async function within<T>(ms: number, work: Promise<T>): Promise<T | typeof late> {
  const { promise, resolve } = Promise.withResolvers<typeof late>();
  const timer = setTimeout(() => resolve(late), ms);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

export function listenToDialogs(app: App, desk: Desk): void {
  const { settings, log } = desk.context;

  app.shortcut({ callback_id: shortcutCallback, type: 'message_action' }, async ({ ack, body, context }) => {
    await ack();
    const { trigger_id, user, channel, message } = shortcut.parse(body);
    const view = await openLoading(desk, trigger_id);
    await fillView(desk, view, { user: user.id, channel: channel.id, root: message.thread_ts ?? message.ts, commit: commitOf(context) });
  });

  // Slack runs no commands inside threads (unconfirmed), so it has to be told which conversation is meant.
  app.command(settings.command, async ({ ack, body, context }) => {
    await ack();
    const { trigger_id, user_id, channel_id, text } = command.parse(body);
    const linked = linkedMessage(text);
    if (!linked && !isDirect(channel_id)) return void (await openAsking(desk, trigger_id));
    const view = await openLoading(desk, trigger_id);
    await fillView(desk, view, { user: user_id, channel: linked?.channel ?? channel_id, root: linked?.root ?? '', commit: commitOf(context) });
  });

  app.view({ callback_id: askCallback, type: 'view_submission' }, async ({ ack, body, context }) => {
    const { user, view } = submitted.parse(body);
    const linked = linkedMessage(view.state.values[askBlock]?.value?.value ?? '');
    if (!linked) return ack({ response_action: 'errors', errors: { [askBlock]: wordsFor(settings.language).noLink } });
    await ack(showing(loadingView(desk)));
    await fillView(desk, view.id, { user: user.id, ...linked, commit: commitOf(context) });
  });

  app.view({ callback_id: closingCallback, type: 'view_submission' }, async ({ ack, body }) => {
    const { user, view } = submitted.parse(body);
    const meta = metaOf(view.private_metadata);
    const work = submit(desk, { view: view.id, user: user.id, meta, values: view.state.values }).catch(
      (error: unknown): Outcome => ({ is: 'view', view: failureView(desk, wordsFor(meta.locale), error) }),
    );
    const outcome = await within(quickMs, work);
    if (outcome === late) {
      await ack(showing(loadingView(desk)));
      return updateView(desk, view.id, (await work).view);
    }
    if (outcome.is === 'errors') return ack({ response_action: 'errors', errors: { ...outcome.errors } });
    if (outcome.is === 'done') return ack({ response_action: 'clear' });
    return ack(showing(outcome.view));
  });

  app.action({ type: 'block_actions', action_id: 'value' }, async ({ ack, body }) => {
    await ack();
    const acted = submitted.safeParse(body);
    // What is typed into the search is told too; only the closing form has something to redraw.
    if (!acted.success || acted.data.view.private_metadata === '') return;
    const { view } = acted.data;
    await updateView(desk, view.id, await redraw(desk, metaOf(view.private_metadata), view.state.values), view.hash);
  });

  app.options({ type: 'block_suggestion', action_id: 'value' }, async ({ ack, payload }) => {
    const search = desk.context.closings.search(cut(payload.value, 200)).catch((error: unknown) => {
      log.warn({ error: String(error) }, 'tickets could not be searched');
      return [];
    });
    const found = await within(quickMs, search);
    const options = found === late ? [] : found.slice(0, limits.options).map((ticket) => option(candidateChoice(ticket)));
    await ack({ options: options as never });
  });
}

const showing = (view: Block) => ({ response_action: 'update', view: view as never }) as const;
