/** What was written while nobody listened: read from each chat that moved since, oldest first. */
import type { LibraryChat, LibraryClient, LibraryMessage } from './library.ts';
import { isCustomerChat, within } from './reading.ts';

/** Looked at once more before `since`: the server's seconds are not ours, and recent messages may have been changed or deleted meanwhile. */
const overlapMs = 10 * 60_000;
const firstPage = 50;
const mostMessages = 5000;
/** Loading a long chat from the phone's store takes its time. */
const patienceMs = 120_000;

/** Calls `take` for each message since then; resolves with the first problem, if any: the others were read nevertheless. */
export async function fillGaps(
  client: LibraryClient,
  account: string,
  since: number,
  take: (message: LibraryMessage) => Promise<void>,
): Promise<string | undefined> {
  const from = since - overlapMs;
  const problems: string[] = [];
  const found: LibraryMessage[] = [];
  for (const chat of await within(client.getChats(), patienceMs)) {
    if (!isCustomerChat(chat.id._serialized, account) || (chat.timestamp ?? Number.POSITIVE_INFINITY) * 1000 < from) continue;
    try {
      found.push(...(await newer(chat, from)));
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  found.sort((a, b) => a.timestamp - b.timestamp);
  // Told in this order; committed as fast as the parent can.
  await Promise.all(found.map(take));
  return problems[0];
}

/** Asks for twice as many until one is old enough, or there are no more. */
async function newer(chat: LibraryChat, from: number): Promise<readonly LibraryMessage[]> {
  for (let limit = firstPage; ; limit *= 2) {
    const page = await within(chat.fetchMessages({ limit }), patienceMs);
    const wanted = page.filter(({ timestamp }) => timestamp * 1000 >= from);
    if (wanted.length < page.length || page.length < limit || limit >= mostMessages) return wanted;
  }
}
