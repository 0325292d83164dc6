/** Reads a thread that Deskbridge has not seen, or not from its beginning, because the bot was invited later. */
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { ConnectorError, fetchedByUs, type Json } from '../../../src/kit/index.ts';
import type { SlackClient } from '../client.ts';
import type { Imported } from '../payload.ts';
import type { Commit } from '../receiver.ts';

/** Whole messages go to the intake as they came; only what finds the next page is read. */
const page = z.object({
  messages: z.array(z.looseObject({ ts: z.string() })),
  has_more: z.boolean().nullish(),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});

/** Slack asks for a minute where an app is sold to many; longer than this nobody waits before a dialog. */
const longestWaitMs = 70_000;

/** Throws ConnectorError `forbidden` or `not-found` where the bot may not read the channel. */
export async function importThread(client: SlackClient, commit: Commit, place: { team: string; channel: string; root: string }): Promise<number> {
  let cursor: string | undefined;
  let count = 0;
  do {
    const found = await patiently(() =>
      client.call('conversations.replies', { channel: place.channel, ts: place.root, limit: 200, ...(cursor !== undefined && { cursor }) }, page),
    );
    for (const message of found.messages) {
      const payload: Imported = { type: 'imported', team_id: place.team, channel: place.channel, message: message as unknown as Imported['message'] };
      // Without a key: the message's own id makes it once, and a thread may be read again.
      await commit(fetchedByUs(), payload as unknown as Json);
      count += 1;
    }
    cursor = found.response_metadata?.next_cursor || undefined;
  } while (cursor !== undefined);
  return count;
}

async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const asked = error instanceof ConnectorError && error.code === 'rate-limited' && typeof error.retry === 'object' ? error.retry.afterMs : undefined;
      if (asked === undefined || asked > longestWaitMs) throw error;
      await wait(asked);
    }
  }
}
