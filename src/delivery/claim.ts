/** Taking due deliveries, so that operations on one ticket run one at a time and in order, and nothing runs before what it depends on. */
import type { DeliveriesTable, StepsTable } from '../store/schema.ts';
import type { Statements } from '../store/statements.ts';

/** How much one target may take now. */
export interface Room {
  readonly kind: DeliveriesTable['target_kind'];
  readonly target: string;
  readonly limit: number;
  /** False while the budget of its lane is spent. */
  readonly opens: boolean;
  readonly others: boolean;
  /** False while the budget is kept for first attempts. */
  readonly replays: boolean;
}

export interface Claimed extends DeliveriesTable {
  /** Plan and decision of its closing, where the mirror needs them. */
  readonly plan: string | null;
  readonly decision: string | null;
  readonly steps: readonly StepsTable[];
}

const marks = (values: readonly unknown[]): string => values.map(() => '?').join(', ');

const elements = (s: Statements): string => (s.engine === 'sqlite' ? 'json_each(d.after)' : 'json_array_elements_text(d.after::json) AS needed(value)');

/**
 * A lane is blocked by whatever runs in it, by earlier deliveries that wait, and, within one plan alone, by earlier ones that were parked or given up.
 * Those that wait for a person's plan do not block other plans. Read in the order of an index, so that a backlog costs nothing.
 */
const eligible = (s: Statements, which: 'd.attempts = 0' | 'd.attempts > 0'): string => `
  SELECT d.*, CASE WHEN d.kind IN ('open', 'append', 'note') THEN c.plan END AS plan, CASE WHEN d.kind = 'open' THEN c.decision END AS decision
  FROM deliveries d LEFT JOIN closings c ON c.id = d.closing_id
  WHERE d.state = 'waiting' AND d.target = ? AND d.due_at <= ? AND d.target_kind = ? AND ${which}
    AND ((d.kind = 'open' AND ? = 1) OR (d.kind <> 'open' AND ? = 1))
    AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.lane = d.lane AND e.id <> d.id
      AND (e.state = 'running' OR (e.id < d.id AND e.state IN ('waiting', 'parked', 'dead') AND (e.closing_id = d.closing_id OR (e.state = 'waiting'
        AND NOT EXISTS (SELECT 1 FROM deliveries f WHERE f.closing_id = e.closing_id AND f.state IN ('parked', 'dead')))))))
    AND (d.after = '[]' OR NOT EXISTS (SELECT 1 FROM ${elements(s)} LEFT JOIN deliveries p ON p.id = value WHERE p.state IS NULL OR p.state <> 'done'))
  ORDER BY d.due_at LIMIT ?`;

type Found = Omit<Claimed, 'steps'>;

/** First attempts go before replays: an agent's work does not queue behind a backlog. */
async function candidates(s: Statements, room: Room, now: number): Promise<readonly Found[]> {
  const values = [room.target, now, room.kind, room.opens ? 1 : 0, room.others ? 1 : 0];
  const first = await s.all<Found>(eligible(s, 'd.attempts = 0'), ...values, room.limit);
  const left = room.limit - first.length;
  return left > 0 && room.replays ? [...first, ...(await s.all<Found>(eligible(s, 'd.attempts > 0'), ...values, left))] : first;
}

/** Takes at most `limit` deliveries a room; the state is asked again in the update, so an undo and a claim exclude each other. */
export async function claim(s: Statements, rooms: readonly Room[], now: number): Promise<readonly Claimed[]> {
  const found: Found[] = [];
  for (const room of rooms) found.push(...(await candidates(s, room, now)));
  if (found.length === 0) return [];
  const ids = found.map(({ id }) => id);
  const taken = await s.all<{ id: string }>(
    `UPDATE deliveries SET state = 'running', attempts = attempts + 1, first_at = COALESCE(first_at, ?) WHERE state = 'waiting' AND id IN (${marks(ids)})
     RETURNING id`,
    now,
    ...ids,
  );
  const mine = new Set(taken.map(({ id }) => id));
  const rows = found.filter(({ id }) => mine.has(id));
  await release(s, rows);
  const steps = await stepsOf(s, rows);
  return rows.map((row) => ({
    ...row,
    state: 'running',
    attempts: row.attempts + 1,
    first_at: row.first_at ?? now,
    steps: steps.filter(({ delivery_id }) => delivery_id === row.id),
  }));
}

/** The first claim ends the hold for good. */
async function release(s: Statements, rows: readonly { readonly closing_id: string | null; readonly attempts: number }[]): Promise<void> {
  const closings = [...new Set(rows.flatMap((row) => (row.attempts === 0 && row.closing_id ? [row.closing_id] : [])))];
  if (closings.length === 0) return;
  const released = await s.all<{ id: string }>(
    `UPDATE closings SET state = 'released' WHERE state = 'held' AND id IN (${marks(closings)}) RETURNING id`,
    ...closings,
  );
  for (const { id } of released) s.tell('closing', id);
}

/** Always asked, whatever the counters say: a person's retry starts those anew, and a forgotten step would be a second effect. */
async function stepsOf(s: Statements, rows: readonly { readonly id: string }[]): Promise<readonly StepsTable[]> {
  const ids = rows.map(({ id }) => id);
  return ids.length ? s.all<StepsTable>(`SELECT * FROM steps WHERE delivery_id IN (${marks(ids)})`, ...ids) : [];
}

/**
 * At start-up, while this process is the only one: whatever was running when the last one died waits again. Its last send may have gone out as late
 * as now. A refused credential is tried at once, since a restart is how settings change.
 */
export async function recover(s: Statements, now: number): Promise<void> {
  await s.run(`UPDATE steps SET last_sent_at = ? WHERE state = 'started' AND delivery_id IN (SELECT id FROM deliveries WHERE state = 'running')`, now);
  await s.run(`UPDATE deliveries SET state = 'waiting', due_at = ? WHERE state = 'running'`, now);
  await s.run(
    `UPDATE deliveries SET due_at = ? WHERE state = 'waiting' AND due_at > ? AND attempts > 0
     AND (error LIKE '{"code":"unauthorized"%' OR error LIKE '{"code":"forbidden"%')`,
    now,
    now,
  );
}
