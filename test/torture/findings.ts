/** What a comparison found, and how often a word stands somewhere. */

/** `leaked`: a customer can read what is for agents. `wrong`: anything else that is not as it was decided. */
export interface Finding {
  readonly kind: 'lost' | 'doubled' | 'leaked' | 'wrong';
  readonly what: string;
}

export const times = (text: string, word: string): number => text.split(word).length - 1;

/** Nothing when `count` is what it should be. */
export function counted(count: number, expected: number, what: string): readonly Finding[] {
  if (count === expected) return [];
  return [{ kind: count < expected ? 'lost' : 'doubled', what: `${what}: ${count} instead of ${expected}` }];
}
