/** Watches a mailbox: everything above the cursor, then IDLE, then again; over as many connections as it takes, until the signal aborts. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ImapFlow } from 'imapflow';
import type { Context, Session } from '../../src/kit/index.ts';
import { createImap, imapError } from './imap.ts';
import { type Cursor, type Failures, type Intake, markDone, newUids, readCursor, takeMail } from './mailbox.ts';
import type { EmailSettings } from './settings.ts';

/** Waits between attempts, in ms: doubling up to five minutes, each with jitter so that many sessions do not come back at once. */
export const backoff = (attempt: number, random: number): number => Math.min(300_000, 500 * 2 ** Math.min(attempt, 12)) * (0.5 + random / 2);

export async function runSession(context: Context<EmailSettings>, session: Session): Promise<void> {
  const failures: Failures = new Map();
  const progress: Progress = { cursor: readCursor(session.cursor), failedInARow: 0 };
  session.state({ state: 'connecting' });
  while (!session.signal.aborted) {
    try {
      await connected(context, session, failures, progress);
    } catch (error) {
      if (session.signal.aborted) return;
      report(context, session, progress, error);
    }
    await delay(backoff(progress.failedInARow, Math.random()), undefined, { signal: session.signal }).catch(() => {});
    progress.failedInARow += 1;
  }
}

interface Progress {
  cursor: Cursor | undefined;
  failedInARow: number;
}

function report(context: Context<EmailSettings>, session: Session, progress: Progress, error: unknown): void {
  const { code, message } = imapError(error);
  // Wrong passwords lock accounts when they are tried every second.
  if (code === 'unauthorized') progress.failedInARow = Math.max(progress.failedInARow, 6);
  context.log.warn({ code, reason: message }, 'the mailbox connection ended');
  session.state({ state: code === 'unauthorized' ? 'failed' : 'reconnecting', detail: message });
}

/** One connection, from log-in to its end. Throws when it breaks; returns when the signal aborts. */
async function connected(context: Context<EmailSettings>, session: Session, failures: Failures, progress: Progress): Promise<void> {
  const client = createImap(context.settings);
  const abort = (): void => client.close();
  session.signal.addEventListener('abort', abort, { once: true });
  try {
    await client.connect();
    const bell = listen(client, session.signal);
    const { moveTo } = context.settings.imap;
    if (moveTo !== undefined)
      await client
        .mailboxCreate(moveTo)
        .catch((error) => context.log.warn({ moveTo, reason: imapError(error).message }, 'the folder for stored mails cannot be made'));
    const mailbox = await client.mailboxOpen(context.settings.imap.mailbox);
    const intake: Intake = { client, context, session, failures, uidValidity: String(mailbox.uidValidity) };
    const since = await startOfIntake(context);
    await resume(intake, progress);
    while (!session.signal.aborted) {
      bell.reset();
      await drain(intake, progress, since);
      progress.failedInARow = 0;
      session.state({ state: 'ready' });
      await bell.wait();
    }
  } finally {
    session.signal.removeEventListener('abort', abort);
    client.close();
  }
}

/**
 * Other UIDs after a change of UIDVALIDITY: all mails are read again, and those that are known are recognised by their key and
 * message id. Else the one mail whose flag a crash may have prevented gets it now.
 */
async function resume(intake: Intake, progress: Progress): Promise<void> {
  const { cursor } = progress;
  if (cursor?.uidValidity === intake.uidValidity) return markDone(intake, cursor);
  if (cursor) intake.context.log.warn({ mailbox: intake.context.settings.imap.mailbox }, 'the mail server renumbered the mailbox; all of it is read again');
  progress.cursor = undefined;
}

async function drain(intake: Intake, progress: Progress, since: number | undefined): Promise<void> {
  for (const uid of await newUids(intake.client, progress.cursor?.lastUid ?? 0, since)) {
    if (intake.session.signal.aborted) return;
    const cursor = await takeMail(intake, uid);
    if (!cursor) continue;
    progress.cursor = cursor;
    await markDone(intake, cursor);
  }
}

/** With `catchUpDays`, the time before which mails are none of ours: fixed at the very first connection, so that no later outage moves it. */
async function startOfIntake({ settings, records, now }: Context<EmailSettings>): Promise<number | undefined> {
  if (settings.catchUpDays === undefined) return undefined;
  const key = settings.imap.mailbox;
  await records.insert('start', key, { since: now() - settings.catchUpDays * 86_400_000 });
  return (await records.get<{ since: number }>('start', key))?.since;
}

/** Rings when the server reports a change, even while mails are being taken, so that none arrives unheard between look and IDLE. */
function listen(client: ImapFlow, signal: AbortSignal): { reset(): void; wait(): Promise<void> } {
  let rung = false;
  let wake = (): void => {};
  const ring = (): void => {
    rung = true;
    wake();
  };
  client.on('exists', ring);
  client.on('close', ring);
  return {
    reset() {
      rung = false;
    },
    async wait() {
      if (!rung) {
        const heard = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const idle = client.idle();
        const refused = await Promise.race([heard.then(() => undefined), idle]);
        // A server that refuses IDLE is asked again after a while instead.
        if (refused === false && client.usable) await delay(30_000, undefined, { signal });
      }
      if (!client.usable || !client.mailbox) throw new Error('connection closed');
    },
  };
}
