/** Server-sent events: told after the commit, resumable by id, one connection shared by a browser's tabs. */
import type { Request, Response } from 'express';
import type { Typing } from '../conversations/typing.ts';
import type { LiveEvent, Store } from '../store/store.ts';

export interface EventsParts {
  readonly store: Pick<Store, 'read' | 'onCommit'>;
  /** Asked with each heartbeat: who signed out or was disabled hears no more. */
  mayGoOn(): Promise<boolean>;
  /** Customers who type: told as it happens, without an id, so that nobody resumes by it. */
  readonly typing?: Pick<Typing, 'onCustomer'>;
  /** Milliseconds between heartbeats; default 15 000. */
  readonly heartbeatMs?: number;
}

const batch = 500;
/** A reader that falls this far behind is let go; it comes again and resumes. */
const mostBuffered = 2 ** 20;

const line = (event: LiveEvent): string => `id: ${event.id}\nevent: ${event.kind}\ndata: ${JSON.stringify({ subject: event.subject })}\n\n`;

/** Where to go on. An id that was never given out comes from another database, and one would wait for its future in vain. */
async function startOf(store: EventsParts['store'], request: Request): Promise<number> {
  const newest = await store.read
    .selectFrom('live_events')
    .select(({ fn }) => fn.max('id').as('id'))
    .executeTakeFirst();
  const last = Number(newest?.id ?? 0);
  const asked = request.get('last-event-id');
  return asked !== undefined && /^\d{1,15}$/.test(asked) ? Math.min(Number(asked), last) : last;
}

/** Streams what comes after `Last-Event-ID`; without one, what comes from now on. Nothing is sent twice nor left out at the seam. */
export async function streamEvents({ store, mayGoOn, typing, heartbeatMs = 15_000 }: EventsParts, request: Request, response: Response): Promise<void> {
  let sent = await startOf(store, request);
  // A client that left meanwhile would never be heard leaving again.
  if (response.destroyed) return;
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    connection: 'keep-alive',
  });
  if (request.method === 'HEAD') return void response.end();
  let early: LiveEvent[] | undefined = [];
  const write = (events: readonly LiveEvent[]): void => {
    for (const event of events) {
      if (event.id <= sent) continue;
      sent = event.id;
      response.write(line(event));
    }
    if (response.writableLength > mostBuffered) response.destroy();
  };
  // What commits while the past is being read waits its turn.
  const unsubscribe = store.onCommit((events) => (early ? early.push(...events) : write(events)));
  const quiet = typing?.onCustomer(({ conversation, name }) => response.write(`event: typing\ndata: ${JSON.stringify({ subject: conversation, name })}\n\n`));
  const beat = async (): Promise<void> => {
    if (await mayGoOn().catch(() => true)) response.write(':\n\n');
    else response.end();
  };
  const heartbeat = setInterval(() => void beat(), heartbeatMs);
  response.once('close', () => {
    unsubscribe();
    quiet?.();
    clearInterval(heartbeat);
  });
  response.write(`retry: 2000\n: from ${sent}\n\n`);
  await catchUp(store, () => sent, write);
  write(early);
  early = undefined;
}

async function catchUp(store: EventsParts['store'], sent: () => number, write: (events: readonly LiveEvent[]) => void): Promise<void> {
  for (let more = true; more; ) {
    const past = await store.read
      .selectFrom('live_events')
      .select(['id', 'kind', 'subject_id as subject'])
      .where('id', '>', sent())
      .orderBy('id')
      .limit(batch)
      .execute();
    write(past);
    more = past.length === batch;
  }
}
