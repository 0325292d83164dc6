/** Server-sent events: told after the commit, resumable by id, one connection shared by a browser's tabs. */
import type { Request, Response } from 'express';
import type { LiveEvent, Store } from '../store/store.ts';

const heartbeatMs = 15_000;
const batch = 500;

const line = (event: LiveEvent): string => `id: ${event.id}\nevent: ${event.kind}\ndata: ${JSON.stringify({ subject: event.subject })}\n\n`;

/** Streams what comes after `Last-Event-ID`; without one, what comes from now on. Nothing is sent twice nor left out at the seam. */
export async function streamEvents(store: Store, request: Request, response: Response): Promise<void> {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    connection: 'keep-alive',
  });
  const newest = await store.read
    .selectFrom('live_events')
    .select(({ fn }) => fn.max('id').as('id'))
    .executeTakeFirst();
  let sent = Number(request.get('last-event-id') ?? newest?.id ?? 0);
  let early: LiveEvent[] | undefined = [];
  const write = (events: readonly LiveEvent[]): void => {
    for (const event of events) {
      if (event.id <= sent) continue;
      sent = event.id;
      response.write(line(event));
    }
  };
  // What commits while the past is being read waits its turn.
  const unsubscribe = store.onCommit((events) => (early ? early.push(...events) : write(events)));
  const heartbeat = setInterval(() => response.write(':\n\n'), heartbeatMs);
  response.on('close', () => {
    unsubscribe();
    clearInterval(heartbeat);
  });
  response.write(`retry: 2000\n: from ${sent}\n\n`);
  for (let more = true; more; ) {
    const past = await store.read
      .selectFrom('live_events')
      .select(['id', 'kind', 'subject_id as subject'])
      .where('id', '>', sent)
      .orderBy('id')
      .limit(batch)
      .execute();
    write(past);
    more = past.length === batch;
  }
  write(early);
  early = undefined;
}
