import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const folder = dirname(fileURLToPath(import.meta.url));
const locales = ['en', 'pt-BR', 'de', 'it', 'es'];

type Texts = { readonly [key: string]: string | Texts };
function flatten(texts: Texts, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(texts).flatMap(([key, value]): [string, string][] =>
      typeof value === 'string' ? [[prefix + key, value]] : [...flatten(value, `${prefix}${key}.`)],
    ),
  );
}
const read = (locale: string): Map<string, string> => flatten(JSON.parse(readFileSync(join(folder, 'locales', `${locale}.json`), 'utf8')) as Texts);
const english = read('en');

const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.test.ts'))
  .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }));

/** A key with a count is asked for without its plural ending. */
const hasKey = (key: string): boolean => english.has(key) || (english.has(`${key}_one`) && english.has(`${key}_other`));
const placeholders = (text: string): string => [...new Set(text.match(/\{\{\w+\}\}/g) ?? [])].sort().join(' ');
const looksLikeKey = /^[a-z]\w*(\.[\w-]+)+$/i;

/** Every literal in the first argument of a `t(...)`, both sides of a choice included. */
function literalKeys(text: string): string[] {
  return [...text.matchAll(/\bt\(([^,)]*)/g)].flatMap(([, argument = '']) =>
    [...argument.matchAll(/'([^']+)'/g)].map(([, key = '']) => key).filter((key) => looksLikeKey.test(key)),
  );
}
/** What stands before the variable part of a template key. */
const namespaces = new Set([...english.keys()].map((key) => key.split('.')[0]));
const prefixes = (text: string): string[] =>
  [...text.matchAll(/`([a-z]\w*(?:\.[\w-]+)*\.)\$\{/gi)].map(([, prefix = '']) => prefix).filter((prefix) => namespaces.has(prefix.split('.')[0]));

describe('texts of the console', () => {
  for (const locale of locales.slice(1)) {
    const own = read(locale);
    it(`${locale} has the keys of English, no more and no fewer`, () => {
      expect([...own.keys()].sort()).toEqual([...english.keys()].sort());
    });
    it(`${locale} fills the same placeholders`, () => {
      // The singular may leave the number out: "one message" needs none.
      const differing = [...own].filter(([key, text]) => !/_one$/.test(key) && placeholders(text) !== placeholders(english.get(key) ?? ''));
      expect(differing).toEqual([]);
    });
    it(`${locale} is translated`, () => {
      const words = [...own].filter(([key]) => (english.get(key) ?? '').split(' ').length > 3);
      expect(words.filter(([key, text]) => text === english.get(key) || text.trim() === '')).toEqual([]);
    });
  }

  it('every key that the source names exists', () => {
    const named = sources.flatMap(({ path, text }) => literalKeys(text).map((key) => ({ path, key })));
    expect(named.length).toBeGreaterThan(200);
    expect(named.filter(({ key }) => !hasKey(key))).toEqual([]);
  });

  it('every family of keys that the source builds exists', () => {
    const built = sources.flatMap(({ path, text }) => prefixes(text).map((prefix) => ({ path, prefix })));
    expect(built.length).toBeGreaterThan(10);
    expect(built.filter(({ prefix }) => ![...english.keys()].some((key) => key.startsWith(prefix)))).toEqual([]);
  });

  it('no text is left over that nothing shows', () => {
    const all = sources.map(({ text }) => text).join('\n');
    const families = sources.flatMap(({ text }) => prefixes(text));
    const unused = [...english.keys()].filter((key) => {
      const bare = key.replace(/_(one|other)$/, '');
      return !all.includes(`'${bare}'`) && !families.some((prefix) => key.startsWith(prefix));
    });
    expect(unused).toEqual([]);
  });
});
