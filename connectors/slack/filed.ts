/** Where the tickets' links go once they exist: to the agent who closed here, or into the thread where ops say that everybody may see them. */
import { z } from 'zod';
import type { Context, ReplyContext, Step, TicketRef } from '../../src/kit/index.ts';
import { placeOf } from './address.ts';
import type { SlackClient } from './client.ts';
import { wordsFor } from './closing/words.ts';
import { escapeText } from './mrkdwn.ts';
import { findPost, postMarked } from './post.ts';
import type { SlackSettings } from './settings.ts';

interface Closer {
  readonly user: string;
  readonly channel: string;
  readonly [key: string]: string;
}

const closers = 'closers';

export async function rememberCloser({ records }: Context<unknown>, thread: string, closer: Closer): Promise<void> {
  if (!(await records.insert(closers, thread, closer))) await records.update<Closer>(closers, thread, () => closer);
}

/** Numbers and addresses alone: a summary is for agents, and others read along. */
const linksText = (tickets: readonly TicketRef[], language: string): string =>
  `${wordsFor(language).links} ${tickets.map(({ number, url }) => `<${url}|#${escapeText(number)}>`).join(', ')}`;

export async function tellFiled(
  context: Context<SlackSettings>,
  client: SlackClient,
  tickets: readonly TicketRef[],
  to: ReplyContext,
  step: Step,
): Promise<void> {
  const { settings, records, now } = context;
  if (settings.ticketLinks === 'none' || tickets.length === 0) return;
  const { channel, root } = placeOf(to.thread);
  const text = linksText(tickets, settings.language);
  if (settings.ticketLinks === 'thread') {
    await step('ticket links', {
      body: () => ({ channel, thread: root ?? null, text, marker: `${to.message}/filed`, since: now() }),
      send: (body) => postMarked(client, body, { mrkdwn: true }),
      find: (body) => findPost(client, body, []),
      settleMs: 30_000,
    });
    return;
  }
  const closer = await records.get<Closer>(closers, to.thread);
  if (!closer) return;
  // Seen by one person and gone with the next reload: should it come twice, nobody is harmed, and Slack offers no way to look.
  await step('ticket links', {
    safeForMs: Number.POSITIVE_INFINITY,
    body: () => ({ channel, user: closer.user, text, ...(root !== undefined && { thread_ts: root }) }),
    async send(body) {
      await client.call('chat.postEphemeral', body, z.looseObject({}));
      return { ts: '' };
    },
  });
}
