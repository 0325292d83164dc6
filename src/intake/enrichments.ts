/** Notes what has to be fetched for an event after its commit: a row that a crash cannot take. */
import type { InboundEvent } from '../kit/index.ts';
import type { Desk } from '../people/recognise.ts';

/** Written with the event. One that repeats what is known asks for nothing: it was asked for when it was new. */
export const askForMore = (desk: Desk, { id, channel }: { readonly id: string; readonly channel: string }, event: InboundEvent): number | Promise<number> =>
  desk.db.run(
    `INSERT INTO enrichments (id, channel, arrival_id, event, state, attempts, next_at, error) VALUES (?, ?, ?, ?, 'waiting', 0, ?, NULL)`,
    desk.id(),
    channel,
    id,
    JSON.stringify(event),
    desk.now,
  );

/** The arrival is replayed: what was given up is tried again. */
export const dueAgain = (desk: Desk, arrival: string): number | Promise<number> =>
  desk.db.run(`UPDATE enrichments SET state = 'waiting', attempts = 0, next_at = ? WHERE arrival_id = ? AND state = 'failed'`, desk.now, arrival);
