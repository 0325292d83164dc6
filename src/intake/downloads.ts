/** Fetches the files that messages only refer to. Texts never wait for them, and a file that cannot be had is shown as such. */
import type { Transaction } from 'kysely';
import { ConnectorError, type Log, type MediaRef } from '../kit/index.ts';
import { tell } from '../store/live.ts';
import type { Database } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import type { ChannelRuntime } from './intake.ts';
import { type Runner, startRunner } from './runner.ts';

export interface DownloadsOptions {
  readonly store: Store;
  readonly channels: ReadonlyMap<string, ChannelRuntime>;
  readonly now: () => number;
  readonly log: Log;
  readonly maxBytes?: number;
}

/** After this many attempts (a day and a half) a file counts as lost. */
const attemptsAtMost = 14;
const atOnce = 4;

const backoffMs = (attempts: number): number => Math.min(15_000 * 2 ** attempts, 4 * 3_600_000);

interface Due {
  readonly id: string;
  readonly message_id: string;
  readonly conversation_id: string;
  readonly channel: string;
  readonly ref: string;
  readonly attempts: number;
}

/** Fetches what is due now, and says how many files were tried. */
export async function downloadDue(options: DownloadsOptions): Promise<number> {
  const due = await options.store.read
    .selectFrom('attachments')
    .innerJoin('messages', 'messages.id', 'attachments.message_id')
    .select(['attachments.id', 'attachments.message_id', 'messages.conversation_id', 'messages.channel', 'attachments.ref', 'attachments.attempts'])
    .where('attachments.state', '=', 'waiting')
    .where('attachments.next_at', '<=', options.now())
    .orderBy('attachments.next_at')
    .limit(50)
    .execute();
  const queue = [...due];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) await fetchOne(options, next);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return due.length;
}

async function fetchOne(options: DownloadsOptions, due: Due): Promise<void> {
  try {
    const channel = options.channels.get(due.channel);
    if (!channel) throw new ConnectorError('unavailable', 'the channel is not configured now', { retry: 'backoff' });
    if (!channel.connector.download) throw new ConnectorError('not-found', 'the channel cannot fetch files');
    const stream = await channel.connector.download(JSON.parse(due.ref) as MediaRef);
    const blob = await options.store.blobs.put(stream, options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes });
    await settle(options, due, { state: 'stored', sha256: blob.sha256, size: blob.size, error: null, attempts: due.attempts + 1 });
  } catch (error) {
    await failed(options, due, error);
  }
}

async function failed(options: DownloadsOptions, due: Due, error: unknown): Promise<void> {
  const attempts = due.attempts + 1;
  const hopeless = error instanceof ConnectorError && error.retry === 'never' && error.effect === 'none';
  const text = error instanceof Error ? error.message : String(error);
  options.log.warn({ channel: due.channel, attachment: due.id, attempts, error: text }, 'a file could not be fetched');
  if (hopeless || attempts >= attemptsAtMost) return settle(options, due, { state: 'failed', error: text, attempts });
  const told = error instanceof ConnectorError && typeof error.retry === 'object' ? error.retry.afterMs : 0;
  await options.store.write(async (tx) => {
    await tx
      .updateTable('attachments')
      .set({ attempts, error: text, next_at: options.now() + Math.max(told, backoffMs(attempts)) })
      .where('id', '=', due.id)
      .execute();
  });
}

/** A file that came, or never will, changes what a closing would file. */
async function settle(
  options: DownloadsOptions,
  due: Due,
  values: { state: 'stored' | 'failed'; error: string | null; attempts: number; sha256?: string; size?: number },
): Promise<void> {
  await options.store.write(async (tx) => {
    await tx.updateTable('attachments').set(values).where('id', '=', due.id).execute();
    await tx
      .updateTable('conversations')
      .set((eb) => ({ version: eb('version', '+', 1) }))
      .where('id', '=', due.conversation_id)
      .execute();
    tell(tx, 'conversation', due.conversation_id);
  });
}

/** An agent asks for a file that was given up. False where there is no such file; one that is still waited for, or is here, stays as it is. */
export async function fetchAgain(tx: Transaction<Database>, message: string, file: string, now: number): Promise<boolean> {
  const row = await tx
    .selectFrom('attachments')
    .innerJoin('messages', 'messages.id', 'attachments.message_id')
    .select(['attachments.state', 'messages.conversation_id'])
    .where('attachments.id', '=', file)
    .where('message_id', '=', message)
    .executeTakeFirst();
  if (!row) return false;
  if (row.state !== 'failed') return true;
  await tx.updateTable('attachments').set({ state: 'waiting', attempts: 0, next_at: now, error: null }).where('id', '=', file).execute();
  await tx
    .updateTable('conversations')
    .set((eb) => ({ version: eb('version', '+', 1) }))
    .where('id', '=', row.conversation_id)
    .execute();
  tell(tx, 'conversation', row.conversation_id);
  return true;
}

/** Looks every few seconds, and at once while there is more. */
export function startDownloads(options: DownloadsOptions & { everyMs?: number }): Runner {
  return startRunner({
    async round({ signal }) {
      while (!signal.aborted && (await downloadDue(options)) > 0);
    },
    everyMs: options.everyMs ?? 2000,
    endless: false,
    now: options.now,
    failed: (error, pauseMs) => options.log.error({ error: String(error), pauseMs }, 'fetching files failed'),
  });
}
