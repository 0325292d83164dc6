/** The stream of a conversation: what was said, then what is being said, one JSON document a line. */
import { createHash } from 'node:crypto';
import type { Context, Exchange, Json, PublicHistoryMessage } from '../../src/kit/index.ts';
import { wholeHistory } from './files.ts';
import { clientId } from './normalize.ts';

export const heartbeatMs = 15_000;

/** How far back a change is looked for: a message edited or deleted, a file that arrived, one that sorts before the last. */
const lookBack = 50;

/**
 * Lines: `{type:'message', message}` (again when it changes: the reader replaces it by `id`), `{type:'ready'}` after what was said before,
 * `{type:'typing', agent}` while an agent types an answer, `{type:'alive'}` every 15 s. Resolves when the reader goes.
 */
export async function streamThread(context: Context<unknown>, visitor: string, exchange: Exchange, after: string | undefined): Promise<void> {
  const { write, closed } = exchange.stream();
  const line = (value: Json): void => write(JSON.stringify(value));
  const sent = new Map<string, string>();
  const waiter = wakeable();
  const unwatch = context.history.watch(visitor, waiter.wake);
  const unwatchTyping = context.live.watchTyping(visitor, (agent) => line({ type: 'typing', agent }));
  closed.addEventListener('abort', waiter.wake);
  try {
    await sendChanges(after);
    line({ type: 'ready' });
    while (!closed.aborted) {
      if (await waiter.within(heartbeatMs)) await sendChanges([...sent.keys()].at(-lookBack) ?? after);
      else line({ type: 'alive' });
    }
  } finally {
    unwatch();
    unwatchTyping();
    closed.removeEventListener('abort', waiter.wake);
  }

  async function sendChanges(from: string | undefined): Promise<void> {
    for await (const message of wholeHistory(context, visitor, from)) {
      if (closed.aborted) return;
      const shown = JSON.stringify(toVisitor(message, visitor));
      const digest = createHash('sha1').update(shown).digest('base64');
      if (sent.get(message.id) === digest) continue;
      sent.set(message.id, digest);
      write(`{"type":"message","message":${shown}}`);
    }
  }
}

/** A wake that comes while nobody waits is not lost: the next wait ends at once. */
function wakeable() {
  let woken = false;
  let resolve: ((woken: boolean) => void) | undefined;
  return {
    wake(): void {
      woken = true;
      resolve?.(true);
    },
    async within(ms: number): Promise<boolean> {
      const timer = woken ? undefined : setTimeout(() => resolve?.(false), ms);
      const result = woken || (await new Promise<boolean>((done) => (resolve = done)));
      clearTimeout(timer);
      resolve = undefined;
      woken = false;
      return result;
    },
  };
}

/** What a visitor may know of a message: no blob names, and their own id of it where they wrote it. */
function toVisitor(message: PublicHistoryMessage, visitor: string): Json {
  const own = message.externalId === null ? undefined : clientId(message.externalId, visitor);
  return {
    id: message.id,
    ...(own !== undefined && { client: own }),
    at: message.at,
    from: message.from,
    author: message.author,
    text: message.deleted ? '' : message.text,
    deleted: message.deleted,
    files: message.deleted ? [] : message.files.map(({ id, name, mime, size, blob }) => ({ id, name, mime, size, ready: blob !== null })),
  };
}
