/** What customers wrote, by channel and hour: written once a commit, and read to know what is usual. */
import type { Statements } from '../store/statements.ts';

export const hourMs = 3_600_000;

export interface Heard {
  add(channel: string, at: number): void;
  write(db: Statements): Promise<void>;
}

export function createHeard(): Heard {
  const counts = new Map<string, { channel: string; hour: number; messages: number; last: number }>();
  return {
    add(channel, at) {
      const hour = Math.floor(at / hourMs);
      const key = `${channel}\n${hour}`;
      const known = counts.get(key) ?? { channel, hour, messages: 0, last: at };
      counts.set(key, { ...known, messages: known.messages + 1, last: Math.max(known.last, at) });
    },
    async write(db) {
      // In one order in every process, so that two commits do not wait for each other in a circle.
      for (const [, { channel, hour, messages, last }] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
        await db.run(
          `INSERT INTO heard_hours (channel, hour, messages, last_at) VALUES (?, ?, ?, ?)
           ON CONFLICT (channel, hour) DO UPDATE SET messages = heard_hours.messages + excluded.messages,
             last_at = CASE WHEN excluded.last_at > heard_hours.last_at THEN excluded.last_at ELSE heard_hours.last_at END`,
          channel,
          hour,
          messages,
          last,
        );
    },
  };
}
