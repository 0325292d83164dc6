/** Whatever key the server may say, the console has words for it in every language. */
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorCodes } from '../../src/kit/index.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const found = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1] ?? '');

const planner = read('src/closing/planner.ts') + read('src/closing/part.ts');
const api = globSync('src/api/*.ts', { cwd: root })
  .filter((file) => !file.endsWith('.test.ts'))
  .map(read)
  .join('\n');

const said = {
  'plan.lines': found(read('src/closing/lines.ts'), /key: '([a-z-]+)'/g),
  'plan.missing': [
    ...found(planner, /miss\(part, [^,]+, '([a-z-]+)'/g),
    ...found(planner, /overall\('[a-z]+', '([a-z-]+)'/g),
    ...found(planner, /: 'required-by-helpdesk'|'(required-to-resolve)'/g).filter(Boolean),
    ...found(planner, /, key: '([a-z-]+)' \}/g),
    'required-by-helpdesk',
  ],
  candidate: [...found(read('src/closing/candidates.ts'), /'?([a-z-]+)'?: \d+,?/g).filter((key) => key !== ''), 'open-days'],
  problem: [...found(api, /new HttpProblem\(\s*\d+,\s*'([a-z-]+)'/g), ...Object.keys(errorCodes).map((code) => `connector.${code}`)],
};

const at = (texts: unknown, path: string): unknown =>
  path.split('.').reduce((value: unknown, key) => (value as Record<string, unknown> | undefined)?.[key], texts);
const isText = (texts: unknown, path: string): boolean => [path, `${path}_one`, `${path}_other`].some((one) => typeof at(texts, one) === 'string');

describe.each(['en', 'pt-BR', 'de', 'it', 'es'])('%s', (locale) => {
  const texts: unknown = JSON.parse(read(`src/console/locales/${locale}.json`));

  it.each(Object.entries(said))('has words for every key of %s', (place, keys) => {
    expect(keys.length).toBeGreaterThan(5);
    expect([...new Set(keys)].filter((key) => !isText(texts, `${place}.${key}`))).toEqual([]);
  });
});
