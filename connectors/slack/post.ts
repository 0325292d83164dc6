/** One message of ours in a conversation, marked so that it can be found again when the answer to its sending was lost. */
import { z } from 'zod';
import { ConnectorError } from '../../src/kit/index.ts';
import { tsOf } from './address.ts';
import type { SlackClient } from './client.ts';

/** Journaled before it is sent. */
export type Post = {
  readonly channel: string;
  /** `ts` of the thread's first message; null in direct conversations. */
  readonly thread: string | null;
  /** As Slack gets it, escaped. */
  readonly text: string;
  readonly marker: string;
  /** When it was made, epoch ms. */
  readonly since: number;
  /** Shown instead of the bot's name. */
  readonly name?: string;
};

const eventType = 'deskbridge_message';
const posted = z.object({ ts: z.string() });

/** Longer texts are cut off by Slack without a word (unconfirmed), and names at some length too. */
const longestName = 80;

export const postMarked = (client: SlackClient, post: Post, { mrkdwn }: { mrkdwn: boolean }): Promise<{ ts: string }> =>
  client.call(
    'chat.postMessage',
    {
      channel: post.channel,
      ...(post.thread !== null && { thread_ts: post.thread }),
      text: post.text,
      mrkdwn,
      parse: 'none',
      link_names: false,
      unfurl_links: false,
      ...(post.name && { username: post.name.slice(0, longestName) }),
      metadata: { event_type: eventType, event_payload: { id: post.marker } },
    },
    posted,
  );

const page = z.object({
  messages: z.array(
    z.looseObject({
      ts: z.string(),
      text: z.string().nullish(),
      user: z.string().nullish(),
      bot_id: z.string().nullish(),
      files: z.array(z.object({ id: z.string() })).nullish(),
      metadata: z.object({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()) }).nullish(),
    }),
  ),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});
type Found = z.output<typeof page>['messages'][number];

/** Slack's clock may be a little behind ours. */
const skewMs = 120_000;

/** Our own messages of a conversation since a time. Throws `unclear` where the token may not read it. */
async function* ownSince(client: SlackClient, { channel, thread, since }: Pick<Post, 'channel' | 'thread' | 'since'>): AsyncIterable<Found> {
  const self = await client.self();
  let cursor: string | undefined;
  do {
    const method = thread === null ? 'conversations.history' : 'conversations.replies';
    const args = {
      channel,
      ...(thread !== null && { ts: thread }),
      oldest: tsOf(Math.max(0, since - skewMs)),
      limit: 200,
      include_all_metadata: true,
      ...(cursor !== undefined && { cursor }),
    };
    const found = await client.call(method, args, page).catch((error: unknown) => {
      if (error instanceof ConnectorError && error.code === 'forbidden')
        throw new ConnectorError('unclear', `It may have arrived, and Slack does not let us look (${error.message}). Send it again?`, { effect: 'unclear' });
      throw error;
    });
    yield* found.messages.filter(({ user, bot_id }) => user === self.user || (self.bot !== null && bot_id === self.bot));
    cursor = found.response_metadata?.next_cursor || undefined;
  } while (cursor !== undefined);
}

/**
 * By its mark; where Slack shows us no marks at all, by its words among those of our messages that no other step has claimed.
 * `claimed`: every `ts` that is known to be another message's.
 */
export async function findPost(client: SlackClient, post: Post, claimed: readonly string[]): Promise<{ ts: string } | undefined> {
  let alike: Found | undefined;
  for await (const message of ownSince(client, post)) {
    const mark = message.metadata?.event_type === eventType ? message.metadata.event_payload.id : undefined;
    if (mark === post.marker) return { ts: message.ts };
    if (mark === undefined && message.text === post.text && !claimed.includes(message.ts)) alike ??= message;
  }
  return alike && { ts: alike.ts };
}

/** The message that shares a file. */
export async function findShare(client: SlackClient, place: Pick<Post, 'channel' | 'thread' | 'since'>, file: string): Promise<{ ts: string } | undefined> {
  for await (const message of ownSince(client, place)) if (message.files?.some(({ id }) => id === file)) return { ts: message.ts };
  return undefined;
}
