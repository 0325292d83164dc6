/** The journal of steps, on the steps table. */
import type { Json } from '../kit/index.ts';
import type { StepsTable } from '../store/schema.ts';
import type { Group } from './group.ts';
import { insert } from './insert.ts';
import type { Journal, StepRecord } from './steps.ts';

export interface DeliveryJournal extends Journal {
  /** A send of an earlier attempt was never answered. */
  readonly inDoubt: boolean;
}

const onConflict = `ON CONFLICT (delivery_id, name) DO UPDATE SET revision = excluded.revision, state = excluded.state, body = excluded.body,
  result = excluded.result, first_sent_at = excluded.first_sent_at, last_sent_at = excluded.last_sent_at`;

const recordOf = (row: StepsTable): StepRecord => ({
  state: row.state,
  body: JSON.parse(row.body) as Json,
  result: JSON.parse(row.result) as Json,
  firstSentAt: row.first_sent_at,
  lastSentAt: row.last_sent_at,
});

/**
 * `rows` are the delivery's steps as stored. A new revision keeps what was done and forgets what was not: it is made only of operations that were
 * not started or found absent.
 */
export function createJournal(group: Group, delivery: { readonly id: string; readonly revision: number }, rows: readonly StepsTable[]): DeliveryJournal {
  const counting = rows.filter((row) => row.state === 'done' || row.revision === delivery.revision);
  const known = new Map(counting.map((row) => [row.name, recordOf(row)]));
  let earlier: Promise<void> = Promise.resolve();
  return {
    inDoubt: counting.some((row) => row.state === 'started'),
    load: async (name) => known.get(name),
    async save(name, record) {
      await earlier;
      const row: StepsTable = {
        delivery_id: delivery.id,
        name,
        revision: delivery.revision,
        state: record.state,
        body: JSON.stringify(record.body),
        result: JSON.stringify(record.result ?? null),
        first_sent_at: record.firstSentAt,
        last_sent_at: record.lastSentAt,
      };
      const written = group.write((s) => insert(s, 'steps', [row], onConflict));
      known.set(name, record);
      if (record.state !== 'done') return written;
      // What follows is either the next step's start or the delivery's completion, and both commit after this or with it: nobody need wait.
      earlier = written;
      written.catch(() => {});
    },
  };
}
