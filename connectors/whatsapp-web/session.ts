/** Keeps a number linked: a child process after the other, each watched, until the signal aborts; what they hear is committed in its order. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Context, Json, Session } from '../../src/kit/index.ts';
import { type Heard, keyOf } from './heard.ts';
import type { Line } from './line.ts';
import type { Parts } from './parts.ts';
import { type Run, startRun } from './process.ts';
import { clientIdOf, findBrowser, freeProfile, profileOf } from './profile.ts';
import type { Account, FromChild, StartOptions } from './protocol.ts';
import type { WhatsAppWebSettings } from './settings.ts';
import { drawQr, type Screen } from './terminal.ts';
import { createWatch } from './watch.ts';

export interface SessionParts {
  readonly context: Context<WhatsAppWebSettings>;
  readonly line: Line;
  readonly parts: Parts;
  readonly folder: string;
  /** First pause before the next run, in ms; default 1000. */
  readonly firstPauseMs?: number;
  readonly screen?: Screen;
}

/** How far all chats are read (epoch ms), of one number. */
interface Cursor {
  readonly account: string;
  readonly since: number;
}

const day = 86_400_000;
/** WhatsApp itself says no: to this number, this network, or this version of the library. */
const refused: Readonly<Record<string, string>> = {
  TOS_BLOCK: 'WhatsApp blocked this number for breaking its terms',
  SMB_TOS_BLOCK: 'WhatsApp blocked this business number for breaking its terms',
  PROXYBLOCK: 'WhatsApp blocks the network or proxy that we come from',
  DEPRECATED_VERSION: 'WhatsApp Web does not take this version any more: update Deskbridge, or try another webVersionCache',
};

export async function runSession(given: SessionParts, session: Session): Promise<void> {
  const { context, line, folder, firstPauseMs = 1000 } = given;
  const progress: Progress = { cursor: readCursor(session.cursor) };
  const become: Session['state'] = (state) => [line.become(state), session.state(state)];
  let failures = 0;
  for (const leftover of ['outgoing', 'fetched']) rmSync(join(folder, leftover), { recursive: true, force: true });
  await given.parts.prune(context.now() - 90 * day);
  become({ state: 'connecting' });
  while (!session.signal.aborted) {
    const startedAt = performance.now();
    const reason = await oneRun(given, { ...session, state: become }, progress).catch((error: unknown) =>
      error instanceof Error ? error.message : String(error),
    );
    if (session.signal.aborted) return;
    failures = performance.now() - startedAt > 60_000 ? 0 : failures + 1;
    context.log.warn({ reason }, 'the WhatsApp Web process ended and starts again');
    const said = refused[reason] ?? (/browser was (?:not )?found/i.test(reason) ? reason : undefined);
    if (reason === 'LOGOUT') {
      // What is left of it is no session any more, and a new code comes at once.
      rmSync(profileOf(folder, clientIdOf(context.name)), { recursive: true, force: true });
      become({ state: 'unpaired', detail: 'The number was unlinked on the phone; a new QR code follows' });
    } else become({ state: said ? 'failed' : 'reconnecting', detail: said ?? reason });
    const pause = said ? 15 * 60_000 : Math.min(firstPauseMs * 2 ** Math.min(failures - 1, 9), 300_000) * (0.75 + Math.random() / 4);
    await delay(reason === 'LOGOUT' ? firstPauseMs : pause, undefined, { signal: session.signal }).catch(() => {});
  }
}

interface Progress {
  cursor: Cursor | undefined;
}

function readCursor(text: string | undefined): Cursor | undefined {
  try {
    const { account, since } = JSON.parse(text ?? '{}') as Partial<Cursor>;
    return typeof account === 'string' && typeof since === 'number' ? { account, since } : undefined;
  } catch {
    return undefined;
  }
}

function startOptions({ context, folder }: SessionParts): StartOptions {
  const { settings } = context;
  const executablePath = findBrowser(settings.executablePath);
  if (!executablePath && !settings.library)
    throw new Error('No browser was found: install Chromium (Debian package chromium), or name one with `executablePath`');
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return {
    folder,
    clientId: clientIdOf(context.name),
    library: settings.library,
    executablePath: executablePath ?? '',
    browserArgs: [...asRoot, ...browserArgs, ...settings.browserArgs],
    webVersion: settings.webVersion,
    webVersionCache: versionCache(settings, folder),
    takeover: settings.takeover,
    readyMs: settings.readySeconds * 1000,
    probeMs: Math.max(200, (settings.silenceSeconds * 1000) / 6),
  };
}

/** Nothing of what a browser does for its own sake: it has one page to show. */
const browserArgs = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

function versionCache({ webVersionCache, webVersionAddress }: WhatsAppWebSettings, folder: string): StartOptions['webVersionCache'] {
  if (webVersionCache === 'none') return { type: 'none' };
  if (webVersionCache === 'local') return { type: 'local', path: join(folder, 'web-versions') };
  return { type: 'remote', remotePath: webVersionAddress ?? '' };
}

/** One child from its start to its end; resolves with the reason of the end. Nothing of it is left then. */
async function oneRun(given: SessionParts, session: Session, progress: Progress): Promise<string> {
  const { context, line, folder } = given;
  const { settings } = context;
  const options = startOptions(given);
  mkdirSync(folder, { recursive: true });
  await freeProfile(profileOf(folder, options.clientId));
  const watch = createWatch({ readyMs: options.readyMs, silenceMs: settings.silenceSeconds * 1000 });
  const fatal = Promise.withResolvers<string>();
  const hearing = createHearing(given, session, progress, (error) => fatal.resolve(error instanceof Error ? error.message : String(error)));
  const run: Run = startRun(options, (message) => {
    watch.heard(message);
    hearing.hear(message, run);
  });
  const timer = setInterval(() => {
    const trouble = watch.trouble();
    if (trouble) fatal.resolve(trouble);
  }, 250);
  const abort = (): void => fatal.resolve('shutdown');
  session.signal.addEventListener('abort', abort, { once: true });
  try {
    return session.signal.aborted ? 'shutdown' : await Promise.race([run.over, fatal.promise]);
  } finally {
    session.signal.removeEventListener('abort', abort);
    clearInterval(timer);
    line.disconnect();
    hearing.stop();
    await run.end(session.signal.aborted ? 8000 : 0);
  }
}

interface Hearing {
  hear(message: FromChild, run: Run): void;
  stop(): void;
}

/** A problem of some chats may be gone later. */
const refillMs = 5 * 60_000;

function createHearing(given: SessionParts, session: Session, progress: Progress, failed: (error: unknown) => void): Hearing {
  const { context, line, parts } = given;
  let queue: Promise<void> = Promise.resolve();
  let isStopped = false;
  let caughtUp = false;
  let refill: NodeJS.Timeout | undefined;
  const inTurn = (work: () => Promise<void>): void => {
    queue = queue.then(() => (isStopped ? undefined : work())).catch(failed);
  };

  /** The child is told only after the commit, and until then keeps it on disk. */
  async function commit(event: Heard): Promise<void> {
    const news = await parts.newsOf(event);
    if (!news) return;
    const key = keyOf(news);
    const { cursor } = progress;
    // While gaps are being filled, what comes in live says nothing about what was written before it.
    if (caughtUp && cursor && news.kind === 'message' && news.account === cursor.account && news.at > cursor.since)
      progress.cursor = { ...cursor, since: Math.min(news.at, context.now()) };
    const moved = progress.cursor === cursor || !progress.cursor ? {} : { cursor: JSON.stringify(progress.cursor) };
    await session.emit(news as Json, { ...(key === undefined ? {} : { key }), ...moved });
  }

  async function ready(account: Account, run: Run): Promise<void> {
    const since = progress.cursor?.account === account.id ? progress.cursor.since : await firstSince(context, account.id);
    progress.cursor = { account: account.id, since };
    run.post({ type: 'fill', since });
  }

  const hear: { readonly [T in FromChild['type']]?: (message: Extract<FromChild, { type: T }>, run: Run) => void } = {
    qr({ qr }) {
      line.disconnect();
      session.state({ state: 'unpaired', qr, detail: 'Scan the QR code: WhatsApp, Settings, Linked devices, Link a device' });
      if (context.settings.qrInTerminal) drawQr(context.name, qr, given.screen).catch(failed);
    },
    authenticated: () => session.state({ state: 'connecting', detail: 'Linked; WhatsApp Web is loading the chats' }),
    ready({ account }, run) {
      caughtUp = false;
      line.connect(account, run.ask);
      session.state({ state: 'ready', detail: `Linked to ${account.id.replace(/@c\.us$/, '').replace(/^(?=\d+$)/, '+')}` });
      inTurn(() => ready(account, run));
    },
    heard: ({ seq, event }, run) => inTurn(async () => [await commit(event), run.post({ type: 'acknowledged', seq })][1]),
    caughtUp: ({ problem }, run) =>
      inTurn(async () => {
        caughtUp = problem === undefined;
        if (caughtUp) return;
        context.log.warn({ problem }, 'some chats could not be read after the pause; they are tried again');
        refill = setTimeout(() => progress.cursor && run.post({ type: 'fill', since: progress.cursor.since }), refillMs);
      }),
  };
  return {
    hear: (message, run) => (hear[message.type] as ((given: FromChild, run: Run) => void) | undefined)?.(message, run),
    stop() {
      isStopped = true;
      clearTimeout(refill);
    },
  };
}

/** Of a number that was never linked before: fixed once, so that an outage before its first message loses nothing. */
async function firstSince({ records, now, settings }: Context<WhatsAppWebSettings>, account: string): Promise<number> {
  await records.insert('start', account, { since: now() - settings.catchUpHours * 3_600_000 });
  return (await records.get<{ since: number }>('start', account))?.since ?? now();
}
