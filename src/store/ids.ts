/** Ids: UUIDv7, growing with time within this process, so that inserts stay at the right edge of their index. */
import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const pool = new Uint8Array(16 * 256);
let used = pool.length;

/** One call for the system's randomness costs more than the rest of an id, so it is fetched for 256 at a time. */
function random(): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += 16;
  return pool.subarray(used - 16, used);
}

let last = 0;
let seq = 0;

/** A new id. Ids of one process sort in the order in which they were made, even when the clock steps back. */
export function newId(): string {
  const bytes = random();
  const now = Date.now();
  if (now > last) {
    last = now;
    seq = new DataView(bytes.buffer, bytes.byteOffset).getUint32(6) >>> 1;
  } else seq = (seq + 1) >>> 0;
  if (seq === 0) last += 1;
  return v7({ msecs: last, seq, random: bytes });
}
