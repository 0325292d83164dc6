/** The import guard guards: the house is clean, and a house with each kind of breach is not. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** Names of the rules that a set of files breaks. */
async function breaches(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'house-'));
  folders.push(folder);
  for (const [path, text] of Object.entries({
    'src/kit/index.ts': 'export const kit = 1;',
    'connectors/index.ts': 'export {};',
    'test/x.ts': 'export {};',
    ...files,
  })) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const cli = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const { stdout } = await run(
    process.execPath,
    [cli, '--config', join(root, 'dependency-cruiser.config.cjs'), '--output-type', 'json', 'src', 'connectors', 'test'],
    {
      cwd: folder,
      maxBuffer: 2 ** 26,
    },
  ).catch((failure: { stdout: string }) => failure);
  const found = JSON.parse(stdout) as { summary: { violations: { rule: { name: string } }[] }; modules: unknown[] };
  expect(found.modules.length).toBeGreaterThan(2);
  return [...new Set(found.summary.violations.map(({ rule }) => rule.name))];
}

describe('import directions', () => {
  it('lets a connector import the kit', async () => {
    expect(await breaches({ 'connectors/good/index.ts': "import { kit } from '../../src/kit/index.ts';\nexport default kit;" })).toEqual([]);
  });

  it.each([
    [
      'a connector that reaches past the door',
      'connectors-import-kit-alone',
      { 'src/kit/step.ts': 'export type S = 1;', 'connectors/bad/index.ts': "import type { S } from '../../src/kit/step.ts';\nexport type T = S;" },
    ],
    [
      'a connector that imports another',
      'connectors-import-kit-alone',
      { 'connectors/a/index.ts': 'export const a = 1;', 'connectors/b/index.ts': "import { a } from '../a/index.ts';\nexport const b = a;" },
    ],
    [
      'production code that loads a simulator',
      'simulators-stay-out-of-production',
      { 'connectors/a/simulator.ts': 'export const s = 1;', 'connectors/a/index.ts': "import { s } from './simulator.ts';\nexport const a = s;" },
    ],
    [
      'production code that loads what serves tests',
      'tests-stay-out-of-production',
      { 'test/support/x.ts': 'export const s = 1;', 'src/store/a.ts': "import { s } from '../../test/support/x.ts';\nexport const a = s;" },
    ],
    [
      'a kit that knows the store',
      'kit-imports-nothing-of-ours',
      { 'src/store/x.ts': 'export const x = 1;', 'src/kit/y.ts': "import { x } from '../store/x.ts';\nexport const y = x;" },
    ],
    [
      'a core that knows the web',
      'core-is-pure',
      { 'src/api/x.ts': 'export const x = 1;', 'src/closing/y.ts': "import { x } from '../api/x.ts';\nexport const y = x;" },
    ],
    [
      'a module of src that picks a vendor',
      'only-the-composition-root-knows-connectors',
      { 'connectors/a/index.ts': 'export const a = 1;', 'src/intake/y.ts': "import { a } from '../../connectors/a/index.ts';\nexport const y = a;" },
    ],
    [
      'a console that imports the server',
      'console-talks-by-the-api',
      { 'src/store/x.ts': 'export const x = 1;', 'src/console/y.ts': "import { x } from '../store/x.ts';\nexport const y = x;" },
    ],
    [
      'two files that need each other',
      'no-circles',
      {
        'src/store/a.ts': "import { b } from './b.ts';\nexport const a = (): unknown => b;",
        'src/store/b.ts': "import { a } from './a.ts';\nexport const b = (): unknown => a;",
      },
    ],
  ])('refuses %s', async (_what, rule, files) => {
    expect(await breaches(files as unknown as Record<string, string>)).toContain(rule);
  });
});
