/** Waits until everything that can end has ended; a person presses "retry" on what backs off for long. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { ServerUnderTest } from './server.ts';

interface Open {
  readonly id: string;
  readonly state: string;
  readonly attempts: number;
  readonly due_at: number;
}

const lookMs = 250;
/** Whoever must wait longer than this is asked to go at once; no look comes too early by that, since its step guards it. */
const longMs = 3000;

/** Resolves with the number of deliveries that are still on their way when `patienceMs` is over: none, if all is well. */
export async function drain(db: Database, server: ServerUnderTest, token: string, patienceMs: number): Promise<number> {
  const look = db.prepare<[], Open>(`SELECT id, state, attempts, due_at FROM deliveries WHERE state IN ('waiting', 'running')`);
  const end = Date.now() + patienceMs;
  for (;;) {
    const open = look.all();
    if (open.length === 0 || Date.now() > end) return open.length;
    const far = open.filter(({ state, attempts, due_at }) => state === 'waiting' && attempts > 0 && due_at - Date.now() > longMs);
    for (const { id } of far) {
      const request = { method: 'POST', headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(10_000) };
      // One that started meanwhile answers 409, which is as good.
      await fetch(`${server.url}/api/deliveries/${id}/retry`, request).then((answer) => answer.text());
    }
    await wait(lookMs);
  }
}
