/** The process that holds whatsapp-web.js. It leads a process group that its browser belongs to, and ends with its parent: one signal to the group ends all of it. */
import childProcess from 'node:child_process';
import { join } from 'node:path';
import { createAdapter } from './adapter.ts';
import { answer, Refused, refusalOf } from './calls.ts';
import { fillGaps } from './gaps.ts';
import type { Heard } from './heard.ts';
import { type Library, type LibraryClient, loadLibrary } from './library.ts';
import { followLife, reasonOf } from './life.ts';
import type { FromChild, StartOptions, ToChild } from './protocol.ts';
import { within } from './reading.ts';
import { openSpool } from './spool.ts';

const parent = process.ppid;

/** puppeteer would give the browser a group of its own, which nobody could end once this process is gone. */
const { spawn } = childProcess;
childProcess.spawn = ((file: string, args: string[], options: object) => spawn(file, args, { ...options, detached: false })) as typeof spawn;

let client: LibraryClient | undefined;
let ending = false;

/** Resolves when the parent has it, or is gone. */
const say = (message: FromChild): Promise<void> =>
  new Promise((resolve) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => resolve());
    else resolve();
  });

/** With the whole group, browser included. */
function leave(): never {
  try {
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    // Started by hand, so it leads no group.
  }
  process.exit(1);
}

/** The browser is closed in order, so that it keeps the session; but not waited for for long. */
async function end(reason: string): Promise<void> {
  if (ending) return;
  ending = true;
  await within(say({ type: 'ended', reason }), 1000).catch(() => {});
  await within(client?.destroy(), 5000).catch(() => {});
  leave();
}

process.on('unhandledRejection', (error) => void end(reasonOf(error)));
process.on('uncaughtException', (error) => void end(reasonOf(error)));
process.on('disconnect', () => void end('the parent is gone'));
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end(`${signal} was received`));
// Should the channel be held open by somebody else, the new parent's id tells.
setInterval(() => {
  if (process.ppid !== parent) void end('the parent is gone');
}, 1000).unref();

function makeClient({ Client, LocalAuth }: Library, options: StartOptions): LibraryClient {
  const { clientId, folder, executablePath, browserArgs, webVersion, webVersionCache, takeover, readyMs } = options;
  return new Client({
    authStrategy: new LocalAuth({ clientId, dataPath: folder }),
    // The pipe: a browser whose other end is gone ends by itself, whatever ended us.
    puppeteer: { headless: true, pipe: true, executablePath, args: [...browserArgs], handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false },
    ...(webVersion === undefined ? {} : { webVersion }),
    webVersionCache,
    takeoverOnConflict: takeover,
    authTimeoutMs: readyMs,
  });
}

async function start(options: StartOptions): Promise<void> {
  const spool = openSpool<Heard>(join(options.folder, 'spool.jsonl'));
  const committed = new Map<number, () => void>();
  for (const entry of spool.waiting) void say({ type: 'heard', ...entry });
  const library = await loadLibrary(options.library);
  const made = makeClient(library, options);
  client = made;
  const adapter = createAdapter(made, (event) => {
    const entry = spool.add(event);
    return new Promise((resolve) => {
      committed.set(entry.seq, resolve);
      void say({ type: 'heard', ...entry });
    });
  });
  let account = '';
  const life = followLife(made, {
    say: (message) => void say(message),
    ended: (reason) => void end(reason),
    ready(own) {
      account = own.id;
      adapter.ready(own);
    },
  });

  const take: { readonly [T in ToChild['type']]: (message: Extract<ToChild, { type: T }>) => Promise<void> | void } = {
    start: () => {},
    shutdown: () => end('shutdown'),
    acknowledged({ seq }) {
      spool.drop(seq);
      committed.get(seq)?.();
      committed.delete(seq);
    },
    async fill({ since }) {
      const problem = await fillGaps(made, account, since, (message) => adapter.takeOlder(message)).catch(reasonOf);
      await say({ type: 'caughtUp', ...(problem === undefined ? {} : { problem }) });
    },
    async request({ request, call }) {
      try {
        if (!life.isReady) throw new Refused('unavailable', 'WhatsApp Web is not connected', true);
        const result = await answer({ client: made, library, folder: join(options.folder, 'fetched') }, call);
        await say({ type: 'answer', request, answer: result });
      } catch (error) {
        await say({ type: 'refusal', request, refusal: refusalOf(error, call.what) });
      }
    },
  };
  process.on('message', (message: ToChild) => void (take[message.type] as (given: ToChild) => Promise<void> | void)(message));
  setInterval(() => void life.beat(), options.probeMs);
  await life.begin();
}

process.once('message', (message: ToChild) => {
  if (message.type === 'start') start(message.options).catch((error: unknown) => end(reasonOf(error)));
  else void end('the first word was not "start"');
});
