/** "Did you mean": the nearest of the words that would have been right. */
import { fold } from './fold.ts';

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The nearest of `known`, or undefined where none is near: up to a third of the letters may differ, or two swapped ones. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const folded = fold(word);
  let best: { word: string; away: number } | undefined;
  for (const candidate of known) {
    const away = distance(folded, fold(candidate));
    if (away <= Math.max(folded.length > 3 ? 2 : 1, Math.floor(Math.max(folded.length, candidate.length) / 3)) && (!best || away < best.away))
      best = { word: candidate, away };
  }
  return best?.word;
}

/** `; did you mean "group"?`, or what would have been right where nothing is near. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const all = [...new Set(known)];
  const near = nearest(word, all);
  if (near !== undefined) return `; did you mean "${near}"?`;
  return all.length > 0 && all.length <= 12 ? ` (known: ${all.join(', ')})` : '';
}
