/** All that can be said of a folder of mappings before it goes live. */
import type { DeskSchema } from '../kit/index.ts';
import { checkLive } from './check-live.ts';
import type { CompiledMapping } from './compile.ts';
import type { MappingProblem } from './evaluate.ts';
import { type ExampleResult, runExamples } from './examples.ts';
import { accept, EMPTY } from './folder.ts';
import { readFolder } from './load.ts';

export interface FileCheck {
  readonly file: string;
  readonly ok: boolean;
  readonly problems: readonly MappingProblem[];
  /** Nothing wrong yet. */
  readonly warnings: readonly MappingProblem[];
  readonly examples: readonly ExampleResult[];
}

/** The dates that ops keep by hand reach too short a way ahead. `now` in epoch ms. */
export function calendarWarnings({ calendar, file, lineOf }: CompiledMapping, now: number): readonly MappingProblem[] {
  if (!calendar.known) return [];
  const days = calendar.daysBetween(calendar.dayOf(now), calendar.known.until);
  if (days >= calendar.known.warnDays) return [];
  const path = ['calendar', 'holidays', 'warn_when_less_than_days_known'];
  const message = `closed and short days are known until ${calendar.known.until} only: add the next year's`;
  return [{ file, line: lineOf(path), path: path.join('.'), message }];
}

/** Checks every file of a folder: by itself, with its own examples, with the others, and with those helpdesks whose schema is given. */
export async function checkMappings(
  folder: string,
  options: { readonly now: number; readonly schemas?: Readonly<Record<string, DeskSchema>> },
): Promise<readonly FileCheck[]> {
  const files = await readFolder(folder);
  const { mappings, problems } = accept(EMPTY, files);
  return files.map(({ file }) => {
    const mapping = mappings.get(file);
    const own = [...problems.filter((problem) => problem.file === file), ...(mapping ? checkLive(mapping, options.schemas ?? {}) : [])];
    const examples = mapping ? runExamples(mapping) : [];
    const warnings = mapping ? calendarWarnings(mapping, options.now) : [];
    return { file, ok: own.length === 0 && examples.every(({ failures }) => failures.length === 0), problems: own, warnings, examples };
  });
}
