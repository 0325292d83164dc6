/** Writes one arrival with everything it means: part of a group commit. */
import type { InboundEvent, IntakeOutcome } from '../kit/index.ts';
import type { Desk } from '../people/recognise.ts';
import { writeChange, writeEnded } from './changes.ts';
import { type Written, writeMessage } from './message.ts';

/** An arrival that was read (or could not be), waiting for its commit. */
export interface Read {
  readonly id: string;
  readonly channel: string;
  readonly key: string | null;
  readonly receivedAt: number;
  /** JSON text, as it came. */
  readonly payload: string;
  readonly events: readonly InboundEvent[];
  /** Why it was not understood. */
  readonly error: string | null;
  readonly cursor: { readonly intake: string; readonly value: string } | null;
  /** It is stored already, and was understood only now. */
  readonly replay: boolean;
}

export async function writeArrival(desk: Desk, read: Read): Promise<IntakeOutcome> {
  if (read.cursor) await moveCursor(desk, read.channel, read.cursor);
  if (!read.replay && !(await insertArrival(desk, read))) return { arrival: await earlier(desk, read), state: 'repeated' };
  if (read.error !== null) {
    if (read.replay) await settle(desk, read.id, 'quarantined', read.error);
    return { arrival: read.id, state: 'quarantined' };
  }
  const written: Written[] = [];
  for (const event of read.events) written.push(await writeEvent(desk, read, event));
  const problems = written.flatMap((one) => (typeof one === 'object' ? [one.problem] : []));
  if (problems.length > 0) {
    await settle(desk, read.id, 'quarantined', problems.join('; '));
    return { arrival: read.id, state: 'quarantined' };
  }
  if (read.replay) await settle(desk, read.id, 'replayed', null);
  else if (written.length > 0 && written.every((one) => one === 'repeated')) {
    // Pollers see the same things again and again: what says nothing new is not kept twice.
    await desk.db.run('DELETE FROM arrivals WHERE id = ?', read.id);
    return { arrival: read.id, state: 'repeated' };
  }
  return { arrival: read.id, state: 'stored' };
}

function writeEvent(desk: Desk, read: Read, event: InboundEvent): Promise<Written> {
  if (event.type === 'message') return writeMessage(desk, read.channel, read.id, event);
  if (event.type === 'edited' || event.type === 'deleted') return writeChange(desk, read.channel, event);
  if (event.type === 'ended') return writeEnded(desk, read.channel, event);
  return Promise.resolve({ problem: `${event.type} is not written yet` });
}

async function insertArrival(desk: Desk, read: Read): Promise<boolean> {
  const made = await desk.db.run(
    `INSERT INTO arrivals (id, channel, delivery_key, received_at, payload, state, error) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (channel, delivery_key) DO NOTHING`,
    read.id,
    read.channel,
    read.key,
    read.receivedAt,
    read.payload,
    read.error === null ? 'understood' : 'quarantined',
    read.error,
  );
  return made === 1;
}

async function earlier(desk: Desk, read: Read): Promise<string> {
  const [row] = await desk.db.all<{ id: string }>('SELECT id FROM arrivals WHERE channel = ? AND delivery_key = ?', read.channel, read.key);
  return row?.id ?? read.id;
}

const settle = (desk: Desk, id: string, state: 'quarantined' | 'replayed', error: string | null): number | Promise<number> =>
  desk.db.run('UPDATE arrivals SET state = ?, error = ? WHERE id = ?', state, error, id);

/** Committed with the arrival that it stands after, so that a crash can neither skip nor lose one. */
const moveCursor = (desk: Desk, channel: string, cursor: { intake: string; value: string }): number | Promise<number> =>
  desk.db.run(
    `INSERT INTO cursors (channel, intake, cursor, updated_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (channel, intake) DO UPDATE SET cursor = excluded.cursor, updated_at = excluded.updated_at`,
    channel,
    cursor.intake,
    cursor.value,
    desk.now,
  );
