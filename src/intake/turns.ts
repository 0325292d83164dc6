/** Writes what the vendor says of a conversation as a whole: ended, taken up again, assigned. Its source time decides, not the order of arrival. */
import { undo } from '../closing/undo.ts';
import type { AssignedEvent, EndedEvent, ReopenedEvent, TicketEvent } from '../kit/index.ts';
import type { Desk } from '../people/recognise.ts';
import { dropEnd, endNow, keepEnd } from './ends.ts';
import type { Written } from './message.ts';
import { lastPlace, openPlace, type Place } from './place.ts';

/** Told of what happened before the vendor's last word on it, or of the conversation before this one: too late to count. */
async function overtakenBy(desk: Desk, channel: string, thread: string, place: Place, at: number): Promise<boolean> {
  if (place.turned_at !== null && at <= place.turned_at) return true;
  if (at >= place.started_at) return false;
  const [before] = await desk.db.all<{ id: string }>(
    'SELECT id FROM conversations WHERE channel = ? AND thread = ? AND started_at <= ? AND id <> ? LIMIT 1',
    channel,
    thread,
    at,
    place.id,
  );
  return before !== undefined;
}

/** Ended outside: nothing is filed yet, so it stands among those that ended without a ticket. */
export async function writeEnded(desk: Desk, channel: string, event: EndedEvent): Promise<Written> {
  const place = await openPlace(desk, channel, event.thread);
  if (!place) {
    const last = await lastPlace(desk, channel, event.thread);
    if (last) return noteTurn(desk, last, event.at);
    await keepEnd(desk, channel, event);
    return 'nothing';
  }
  if (await overtakenBy(desk, channel, event.thread, place, event.at)) return 'repeated';
  await endNow(desk, place.id, event.at);
  return 'stored';
}

/** It has ended already, by us; what came before this word of the vendor's counts no more. */
async function noteTurn(desk: Desk, place: Place | undefined, at: number): Promise<Written> {
  if (!place) return 'nothing';
  const changed = await desk.db.run('UPDATE conversations SET turned_at = ? WHERE id = ? AND (turned_at IS NULL OR turned_at < ?)', at, place.id, at);
  return changed === 0 ? 'repeated' : 'nothing';
}

/** Nothing was filed: it goes on. A closing that is held is undone. What was filed stays filed, and the next message continues it. */
export async function writeReopened(desk: Desk, channel: string, event: ReopenedEvent): Promise<Written> {
  const last = (await openPlace(desk, channel, event.thread)) ?? (await lastPlace(desk, channel, event.thread));
  if (!last) {
    await dropEnd(desk, channel, event);
    return 'nothing';
  }
  if (await overtakenBy(desk, channel, event.thread, last, event.at)) return 'repeated';
  if (last.ended_at !== null && event.at < last.ended_at) return 'nothing';
  await noteTurn(desk, last, event.at);
  const undone = last.state === 'ended' ? await undoHeld(desk, channel, last.id) : 0;
  const reopened = await desk.db.run(
    `UPDATE conversations SET state = 'open', ended_at = NULL, ended_by = NULL, version = version + 1
     WHERE id = ? AND state = 'ended' AND ended_by IN ('vendor', 'idle') AND filed_at IS NULL`,
    last.id,
  );
  if (reopened === 0 && undone === 0) return 'nothing';
  desk.db.tell('conversation', last.id);
  return 'stored';
}

/** Newest first, so that each finds the conversation as it left it. One whose deliveries have begun stays. */
async function undoHeld(desk: Desk, channel: string, conversation: string): Promise<number> {
  const held = await desk.db.all<{ id: string }>(`SELECT id FROM closings WHERE conversation_id = ? AND state = 'held' ORDER BY id DESC`, conversation);
  let undone = 0;
  for (const { id } of held) {
    const ended = await undo(desk.db, { closing: id, actor: { kind: 'system', id: channel }, now: desk.now, audit: desk.id() });
    if (ended !== 'ok') break;
    undone += 1;
  }
  return undone;
}

/** Agents of ours only, by a verified e-mail; whoever else the vendor knows changes nothing. */
export async function writeAssigned(desk: Desk, channel: string, event: AssignedEvent): Promise<Written> {
  const place = await openPlace(desk, channel, event.thread);
  if (!place) return 'nothing';
  const agent = event.agent && (await agentOf(desk, event.agent));
  if (event.agent && !agent) return 'nothing';
  const changed = await desk.db.run(
    `UPDATE conversations SET assignee_id = ?, assigned_by = 'vendor', assigned_at = ?
     WHERE id = ? AND (assigned_at IS NULL OR assigned_at < ?) AND (? = 1 OR assigned_by = 'vendor')`,
    agent,
    event.at,
    place.id,
    event.at,
    agent ? 1 : 0,
  );
  if (changed === 0) return 'repeated';
  desk.db.tell('conversation', place.id);
  return 'stored';
}

async function agentOf(desk: Desk, party: NonNullable<AssignedEvent['agent']>): Promise<string | null> {
  for (const { kind, value, verified } of party.identities) {
    if (kind !== 'email' || !verified) continue;
    const [row] = await desk.db.all<{ id: string }>('SELECT id FROM agents WHERE email = ? AND disabled_at IS NULL', value.toLowerCase());
    if (row) return row.id;
  }
  return null;
}

/** The vendor's own ticket of this chat is the one that its closing proposes, unless an agent wrote to the customer from another. */
export async function writeTicket(desk: Desk, channel: string, event: TicketEvent): Promise<Written> {
  const place = (await openPlace(desk, channel, event.thread)) ?? (await lastPlace(desk, channel, event.thread));
  if (!place) return { problem: `conversation not known: ${event.thread}` };
  const { helpdesk, id, number, url } = event.ticket;
  const changed = await desk.db.run(
    'UPDATE conversations SET ticket_hint = ?, version = version + 1 WHERE id = ? AND ticket_hint IS NULL',
    JSON.stringify({ helpdesk, id, number, url, native: true }),
    place.id,
  );
  if (changed === 0) return 'repeated';
  desk.db.tell('conversation', place.id);
  return 'stored';
}
