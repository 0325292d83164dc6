/** `{ env: NAME }` and `{ file: path }` stand for a text that is not in the file itself: secrets above all. */
import { existsSync, readFileSync } from 'node:fs';
import type { Path } from '../mapping/source.ts';

export interface Unresolved {
  readonly path: Path;
  readonly message: string;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** Stands where a text is missing, so that the rest can still be checked; whoever reads the settings is told before. */
export const missingText = 'missing';

function lookUp(kind: string, name: string, variables: Variables): string | { message: string } | undefined {
  if (kind === 'env') return variables[name] || { message: `the environment variable ${name} is not set` };
  if (kind === 'file')
    return existsSync(name) ? readFileSync(name, 'utf8').trim() || { message: `the file ${name} is empty` } : { message: `the file ${name} does not exist` };
  return undefined;
}

/** The data with its references replaced; what cannot be found is added to `unresolved`. */
export function resolveReferences(value: unknown, variables: Variables, unresolved: Unresolved[], path: Path = []): unknown {
  if (Array.isArray(value)) return value.map((inner, index) => resolveReferences(inner, variables, unresolved, [...path, index]));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only && typeof only[1] === 'string') {
    const found = lookUp(only[0], only[1], variables);
    if (typeof found === 'string') return found;
    if (found) {
      unresolved.push({ path, message: found.message });
      return missingText;
    }
  }
  return Object.fromEntries(entries.map(([key, inner]) => [key, resolveReferences(inner, variables, unresolved, [...path, key])]));
}
