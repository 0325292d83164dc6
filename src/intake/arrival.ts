/** Writes one arrival with everything it means: part of a group commit. */
import type { IdentityChangedEvent, InboundEvent, IntakeOutcome } from '../kit/index.ts';
import { changeIdentity } from '../people/join.ts';
import type { Desk } from '../people/recognise.ts';
import { writeCanary } from './canary.ts';
import { writeChange } from './changes.ts';
import { writeCursor } from './cursors.ts';
import { askForMore, dueAgain } from './enrichments.ts';
import { type Fence, stillHeld } from './leases.ts';
import { writeReaction, writeReceipt } from './marks.ts';
import { type Written, writeMessage } from './message.ts';
import { writeAssigned, writeEnded, writeReopened, writeTicket } from './turns.ts';

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
  /** Written only while this is held. */
  readonly lease?: Fence | undefined;
  /** It is stored already: `arrival` was understood only now; an enrichment brings what its events left out. */
  readonly replay: null | 'arrival' | { readonly enrichment: string };
}

/** `fenced`: whoever brought it had lost its lease, and nothing was written. */
export type ArrivalOutcome = IntakeOutcome | { readonly arrival: string; readonly state: 'fenced' };

export async function writeArrival(desk: Desk, read: Read): Promise<ArrivalOutcome> {
  if (read.lease && !(await stillHeld(desk.db, read.lease))) return { arrival: read.id, state: 'fenced' };
  if (read.cursor) await writeCursor(desk.db, { channel: read.channel, intake: read.cursor.intake }, read.cursor.value, desk.now);
  if (!read.replay && !(await insertArrival(desk, read))) return { arrival: await earlier(desk, read), state: 'repeated' };
  if (read.error !== null) {
    if (read.replay === 'arrival') await settle(desk, read.id, 'quarantined', read.error);
    return { arrival: read.id, state: 'quarantined' };
  }
  const written: Written[] = [];
  for (const event of read.events) {
    const one = await writeEvent(desk, read, event);
    written.push(one);
    if (one === 'stored' && event.enrich !== undefined) await askForMore(desk, read, event);
  }
  const problems = written.flatMap((one) => (typeof one === 'object' ? [one.problem] : []));
  const enriching = read.replay !== null && read.replay !== 'arrival' ? read.replay : undefined;
  if (problems.length > 0) {
    // What an enrichment could not write yet is the worker's to try again.
    if (!enriching) await settle(desk, read.id, 'quarantined', problems.join('; '));
    return { arrival: read.id, state: 'quarantined' };
  }
  if (enriching) await desk.db.run('DELETE FROM enrichments WHERE id = ?', enriching.enrichment);
  else if (read.replay) {
    await dueAgain(desk, read.id);
    await settle(desk, read.id, 'replayed', null);
  } else if (written.length > 0 && written.every((one) => one === 'repeated')) {
    // Pollers see the same things again and again: what says nothing new is not kept twice.
    await desk.db.run('DELETE FROM arrivals WHERE id = ?', read.id);
    return { arrival: read.id, state: 'repeated' };
  }
  return { arrival: read.id, state: 'stored' };
}

function writeEvent(desk: Desk, read: Read, event: InboundEvent): Promise<Written> {
  switch (event.type) {
    case 'message':
      return writeMessage(desk, read.channel, read.id, event);
    case 'edited':
    case 'deleted':
      return writeChange(desk, read.channel, event);
    case 'reaction':
      return writeReaction(desk, read.channel, event);
    case 'receipt':
      return writeReceipt(desk, read.channel, event);
    case 'ended':
      return writeEnded(desk, read.channel, event);
    case 'reopened':
      return writeReopened(desk, read.channel, event);
    case 'assigned':
      return writeAssigned(desk, read.channel, event);
    case 'ticket':
      return writeTicket(desk, read.channel, event);
    case 'canary':
      return writeCanary(desk, read.channel, event);
    case 'identityChanged':
      return writeIdentity(desk, read.channel, event);
  }
}

async function writeIdentity(desk: Desk, channel: string, event: IdentityChangedEvent): Promise<Written> {
  const outcome = await changeIdentity(desk, channel, event.was, event.now);
  return outcome === 'unknown' ? 'nothing' : outcome === 'known' ? 'repeated' : 'stored';
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
