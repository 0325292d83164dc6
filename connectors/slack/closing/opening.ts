/** Opens the closing dialog: at once and empty, since Slack gives 3 seconds, and filled when everything is known. */
import { z } from 'zod';
import { ConnectorError, type Context } from '../../../src/kit/index.ts';
import { isDirect, messageId, threadKey } from '../address.ts';
import type { SlackClient } from '../client.ts';
import type { Directory } from '../directory.ts';
import type { Commit } from '../receiver.ts';
import type { SlackSettings } from '../settings.ts';
import type { Block } from './blocks.ts';
import { proposedDraft } from './draft.ts';
import { askView, formView, type Meta, noticeView } from './form-view.ts';
import { forgetOldPreviews } from './previews.ts';
import { importThread } from './thread.ts';
import { fill, type Words, wordsFor } from './words.ts';

export interface Desk {
  readonly context: Context<SlackSettings>;
  readonly client: SlackClient;
  readonly directory: Directory;
}

/** Which conversation, and who asks. */
export interface Asked {
  readonly user: string;
  readonly channel: string;
  /** `ts` of the thread's first message; of a direct conversation any. */
  readonly root: string;
  readonly commit: Commit;
}

const opened = z.object({ view: z.object({ id: z.string() }) });
const anything = z.looseObject({});

export async function openView({ client }: Desk, trigger: string, view: Block): Promise<string> {
  return (await client.call('views.open', { trigger_id: trigger, view }, opened)).view.id;
}

/** A view that was closed meanwhile is nobody's loss. */
export async function updateView({ client, context }: Desk, view: string, content: Block, hash?: string): Promise<void> {
  try {
    await client.call('views.update', { view_id: view, view: content, ...(hash !== undefined && { hash }) }, anything);
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    context.log.warn({ code: error.code, reason: error.message }, 'a dialog could not be shown');
  }
}

export const openLoading = (desk: Desk, trigger: string): Promise<string> => openView(desk, trigger, loadingView(desk));

export const loadingView = ({ context }: Desk): Block => {
  const words = wordsFor(context.settings.language);
  return noticeView(words, words.wait);
};

export const openAsking = (desk: Desk, trigger: string): Promise<string> => openView(desk, trigger, askView(wordsFor(desk.context.settings.language)));

/** Fills the view, with the form or with why there is none. */
export async function fillView(desk: Desk, view: string, asked: Asked): Promise<void> {
  await updateView(desk, view, await prepared(desk, view, asked));
}

async function prepared(desk: Desk, view: string, asked: Asked): Promise<Block> {
  const { context, client } = desk;
  let words = wordsFor(context.settings.language);
  try {
    const who = await whoAsks(desk, asked.user);
    if (!('id' in who)) return noticeView(words, who.email === null ? words.noEmail : fill(words.notAgent, { email: who.email }));
    words = wordsFor(who.locale);
    const { team } = await client.self();
    const conversation = await find(desk, team, view, words, asked);
    if (!conversation) return noticeView(words, words.nothingThere);
    const form = await context.closings.form(conversation, who.id);
    if (!form) return noticeView(words, words.gone);
    if (form.messages.length === 0) return noticeView(words, words.nothingLeft, form.link);
    await forgetOldPreviews(context);
    const thread = threadKey(team, asked.channel, asked.root);
    const meta: Meta = { conversation, agent: who.id, locale: who.locale, thread, channel: asked.channel, digest: null, asked: [] };
    return formView({ form, draft: proposedDraft(form), meta, words });
  } catch (error) {
    return failureView(desk, words, error);
  }
}

type Asking = { readonly id: string; readonly locale: string } | { readonly email: string | null };

/** An agent is a full member of this workspace whose address we know: another workspace could give its people any address. */
async function whoAsks({ context, directory }: Desk, user: string): Promise<Asking> {
  const person = await directory.person(user);
  if (!person?.email || !person.vouched || !person.member) return { email: null };
  return (await context.closings.agent(person.email)) ?? { email: person.email };
}

async function find(desk: Desk, team: string, view: string, words: Words, { channel, root, commit }: Asked): Promise<string | undefined> {
  const { closings, history } = desk.context;
  const thread = threadKey(team, channel, root);
  const known = await closings.find(thread);
  if (isDirect(channel)) return known?.conversation;
  const [first] = known ? await history.messages(thread, { limit: 1 }) : [];
  if (known && first?.externalId === messageId(team, channel, root)) return known.conversation;
  await updateView(desk, view, noticeView(words, words.reading));
  await importThread(desk.client, commit, { team, channel, root });
  return (await closings.find(thread))?.conversation;
}

export function failureView({ context }: Desk, words: Words, error: unknown): Block {
  if (!(error instanceof ConnectorError)) {
    context.log.error({ error: String(error) }, 'a closing dialog failed');
    return noticeView(words, words.unknownFailure);
  }
  if (error.code === 'not-found' || error.code === 'forbidden') return noticeView(words, `${words.notInvited} (${error.message})`);
  return noticeView(words, fill(words.failed, { reason: error.message }));
}
