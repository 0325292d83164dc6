/** The gym desk's mapping as tests use it: as shipped, or with some of its text replaced. */
import { readFileSync } from 'node:fs';
import { type CompiledMapping, compileMapping } from './compile.ts';
import { tellProblem } from './source.ts';

export const GYM_FILE = 'mappings/academias.yaml';
export const gymText: string = readFileSync(new URL('../../mappings/academias.yaml', import.meta.url), 'utf8');

/** Each pair replaces one text by another; a text that is not there is an error of the test. */
export function edited(...edits: readonly (readonly [string, string])[]): string {
  return edits.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the file does not contain ${from}`);
    return text.replace(from, () => to);
  }, gymText);
}

export function compiled(text: string = gymText, file: string = GYM_FILE): CompiledMapping {
  const result = compileMapping(text, file);
  if ('problems' in result) throw new Error(result.problems.map(tellProblem).join('\n'));
  return result.mapping;
}

/** What is said about a broken text, one line a problem. */
export function complaints(text: string, file: string = GYM_FILE): readonly string[] {
  const result = compileMapping(text, file);
  return 'problems' in result ? result.problems.map(tellProblem) : [];
}

/** The line (from 1) on which a text first stands. */
export const lineWith = (part: string, text: string = gymText): number => text.slice(0, text.indexOf(part)).split('\n').length;
