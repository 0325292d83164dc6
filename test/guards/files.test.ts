/** Rules about files: names that say something, sizes that fit a head, no vendor in the core, nothing of the workshop in the shop. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 })
  .split('\n')
  .filter(Boolean);
const code = files.filter((file) => /\.tsx?$/.test(file) && !file.includes('/fixtures/'));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

const forbidden = /^(utils?|helpers?|common|misc|types|manager|GenericFunctions|.*2)\.tsx?$/i;
/** Words that belong to one vendor; each connector's folder name, and what its vendor is called. */
const vendors = readdirSync(join(root, 'connectors'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !['desk', 'email', 'webhook', 'chat-widget'].includes(entry.name))
  .map(({ name }) => name);
const vendorWords = new RegExp([...vendors, 'freshdesk', 'freshchat', 'zendesk', 'whatsapp', 'utalk', 'umbler', 'onedesk', 'slack'].join('|'), 'i');

const namesVendor = (text: string): boolean => vendorWords.test(text);

describe('files', () => {
  it('have names that say what is in them', () => {
    expect(code.filter((file) => forbidden.test(basename(file)))).toEqual([]);
    expect(forbidden.test('helpers.ts') && forbidden.test('store2.ts') && !forbidden.test('store.ts')).toBe(true);
  });

  it('are kebab-case, and components PascalCase', () => {
    expect(code.filter((file) => !/^[a-z0-9.-]+\.ts$|^([A-Z][A-Za-z0-9]*|[a-z0-9.-]+)\.tsx$/.test(basename(file)))).toEqual([]);
  });

  it('are rarely over 300 lines', () => {
    const long = code.filter((file) => !file.endsWith('.test.ts') && read(file).split('\n').length > 301);
    expect(long).toEqual(long.slice(0, Math.ceil(code.length / 50)));
    expect(code.filter((file) => read(file).split('\n').length > 600)).toEqual([]);
  });

  it('name no vendor under src', () => {
    expect(code.filter((file) => file.startsWith('src/') && namesVendor(read(file)))).toEqual([]);
    expect(namesVendor('if (connector.id === "freshdesk")')).toBe(true);
  });

  it('hold no path of anybody’s machine', () => {
    const own = /\/(work|home|root)\/(main|shared|[a-z]+\/)/;
    expect(
      files.filter(
        (file) => /\.(ts|tsx|md|ya?ml|json|cjs)$/.test(file) && file !== 'package-lock.json' && !file.endsWith('files.test.ts') && own.test(read(file)),
      ),
    ).toEqual([]);
  });
});
