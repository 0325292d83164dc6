import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { compileMapping } from './compile.ts';
import { FIELDS } from './conditions.ts';
import { runExamples } from './examples.ts';

const readme = await readFile(new URL('../../mappings/README.md', import.meta.url), 'utf8');

it('the example in mappings/README.md compiles, and its own examples pass', () => {
  const text = /```yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const result = compileMapping(text, 'README.md');
  if ('problems' in result) throw new Error(JSON.stringify(result.problems));
  const results = runExamples(result.mapping);
  expect(results).toHaveLength(2);
  expect(results.flatMap(({ failures }) => failures)).toEqual([]);
});

it('mappings/README.md names every field of conditions', () => {
  expect(FIELDS.filter((field) => !readme.includes(`\`${field}\``))).toEqual([]);
});
