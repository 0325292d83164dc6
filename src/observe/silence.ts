/**
 * Is it too quiet? A channel is compared with itself. For each hour of the week its usual number of messages is the median of the last weeks, so that one
 * campaign or one holiday changes nothing; an hour in which it mostly heard nothing expects nothing. What was usual is summed up since the last message.
 * Nothing having come where eight usually would is improbable (by chance once in 3000 times), and the channel says since when.
 */
import { DateTime } from 'luxon';

const hourMs = 3_600_000;
const weekHours = 168;
/** Less than two weeks are no habit; more than six would remember what is over. */
const fewestWeeks = 2;
const mostWeeks = 6;
/** Messages that would usually have come by now. */
const tooMany = 8;
/** Not before this, however busy the channel is: vendors deliver in bursts. */
const shortestMs = 10 * 60_000;

export interface HeardHour {
  /** Hours since 1970, UTC. */
  readonly hour: number;
  readonly messages: number;
  /** Time of its last message. */
  readonly lastAt: number;
}

export interface Silence {
  /** When the last message was written. */
  readonly since: number;
  /** How many usually come in such a time. */
  readonly expected: number;
}

/** What to read: older hours do not count. */
export const historyHours = (mostWeeks + 1) * weekHours;

/** Undefined where it is as quiet as usual, or not known for long enough. `hours` in any order; `zone` is the one that people there live by. */
export function silenceOf(hours: readonly HeardHour[], now: number, zone: string): Silence | undefined {
  const past = hours.filter(({ hour }) => hour * hourMs <= now);
  if (past.length === 0) return undefined;
  // A vendor's clock may be a little ahead of ours.
  const since = Math.min(now, Math.max(...past.map(({ lastAt }) => lastAt)));
  if (now - since < shortestMs) return undefined;
  const usual = usually(past, since, zone);
  if (!usual) return undefined;
  const expected = expectedIn(usual, since, now);
  return expected < tooMany ? undefined : { since, expected: Math.round(expected) };
}

/** At most a week is counted: more says no more. */
function expectedIn(usual: (at: number) => number, since: number, now: number): number {
  const until = Math.min(now, since + weekHours * hourMs);
  let sum = 0;
  for (let from = since; from < until; ) {
    const to = Math.min(until, (Math.floor(from / hourMs) + 1) * hourMs);
    sum += usual(from) * ((to - from) / hourMs);
    from = to;
  }
  return sum;
}

/** Messages that the hour of a time usually has. Weeks are counted back from the last message, and only those that the channel has seen whole. */
function usually(hours: readonly HeardHour[], since: number, zone: string): ((at: number) => number) | undefined {
  const counts = new Map(hours.map(({ hour, messages }) => [hour, messages]));
  const first = Math.min(...counts.keys());
  const last = Math.floor(since / hourMs);
  const weeks = Math.min(mostWeeks, Math.floor((last - first) / weekHours));
  if (weeks < fewestWeeks) return undefined;
  const known = new Map<number, number>();
  return (at) => {
    const local = DateTime.fromMillis(at, { zone });
    const slot = Math.floor(at / hourMs);
    const before = known.get(slot);
    if (before !== undefined) return before;
    const numbers: number[] = [];
    for (let back = 1; numbers.length < weeks; back++) {
      // The same hour on the clock of the wall, so that daylight saving moves nobody's morning.
      const then = Math.floor(local.minus({ weeks: back }).toMillis() / hourMs);
      if (then > last) continue;
      numbers.push(counts.get(then) ?? 0);
    }
    const middle = medianOf(numbers);
    known.set(slot, middle);
    return middle;
  };
}

/** The lower one of two in the middle: a habit needs more than half of the weeks. */
function medianOf(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
