/** Which topics a message speaks of, and which messages are only courtesies. */
import { tokensOf, wildcard } from './fold.ts';

/** Plural forms, in the plain rules of the five languages we speak. */
function nounForms(word: string): readonly string[] {
  const cut = (n: number) => word.slice(0, -n);
  if (word.length < 3) return [word];
  const forms = [word, `${word}s`];
  if (word.endsWith('ao')) forms.push(`${cut(2)}oes`, `${cut(2)}aes`);
  else if (word.endsWith('m')) forms.push(`${cut(1)}ns`);
  else if (word.endsWith('l')) forms.push(`${cut(1)}is`);
  else if (word.endsWith('y')) forms.push(`${cut(1)}ies`);
  if (/[aeo]$/.test(word)) forms.push(`${word}n`, `${cut(1)}i`, `${cut(1)}e`);
  else forms.push(...['e', 'n', 'en', 'es', 'er'].map((ending) => word + ending));
  return forms;
}

const VERB_ENDINGS = 'a o e as os es am em ou ei eu iu ar er ir ando endo indo ada ado ida ido ava avam amos aram eram ed ing d n t en et te'.split(' ');

/** Inside a phrase, as in "não libera", a word may be a verb: liberou, liberando. */
function phraseForms(word: string): readonly string[] {
  if (word.length < 4) return [word];
  const stem = word.replace(/[aeo]$/, '');
  return [...nounForms(word), ...VERB_ENDINGS.map((ending) => stem + ending)];
}

type TokenTest = (token: string) => boolean;

function tokenTest(word: string, forms: (word: string) => readonly string[]): TokenTest {
  if (word.includes('*')) return wildcard(word);
  const known = new Set(forms(word));
  return (token) => known.has(token);
}

/** Pieces of a pattern, folded; `*` stays with its word. */
const patternWords = (pattern: string): readonly string[] => pattern.split(/\s+/).flatMap((piece) => (piece.includes('*') ? [piece] : tokensOf(piece)));

/** How many words may stand between two words of a phrase: "não está mais liberando". */
const GAP = 2;

function phraseIn(tests: readonly TokenTest[], tokens: readonly string[]): boolean {
  const from = (index: number, start: number): boolean => {
    const test = tests[index];
    if (!test) return true;
    const end = index === 0 ? tokens.length : Math.min(tokens.length, start + GAP + 1);
    for (let at = start; at < end; at++) if (test(tokens[at] ?? '') && from(index + 1, at + 1)) return true;
    return false;
  };
  return tests.length > 0 && from(0, 0);
}

/** Characters read of a message: a mail of many pages has said its matter by then. */
const READ = 20_000;
/** Nothing longer is a mere courtesy. */
const COURTESY = 300;

/** A phrase does not reach over a comma: "não, a catraca libera" is no "não libera". */
const clausesOf = (text: string): readonly (readonly string[])[] =>
  text
    .slice(0, READ)
    .split(/[.,;:!?\n]+/)
    .map(tokensOf);

export function compileTopics(topics: readonly { readonly key: string; readonly words: readonly string[] }[]): (text: string) => readonly string[] {
  const compiled = topics.map(({ key, words }) => ({
    key,
    phrases: words.map((entry) => {
      const parts = patternWords(entry);
      return parts.map((part) => tokenTest(part, parts.length > 1 ? phraseForms : nounForms));
    }),
  }));
  return (text) => {
    const clauses = clausesOf(text);
    return compiled.filter(({ phrases }) => phrases.some((tests) => clauses.some((tokens) => phraseIn(tests, tokens)))).map(({ key }) => key);
  };
}

const isEmoji = (token: string): boolean => /\p{Extended_Pictographic}/u.test(token);
/** Emoji that say thanks or yes by themselves. Others alone may be a complaint. */
const FRIENDLY = new Set([...'👍👏🙏🙌😊🙂😀😃😄😁😉❤🥰😍🤝✅👌💪😘🤗💚💙']);

/** The whole text must be made of the patterns: "obrigada, mas travou de novo" is none. Emoji beside courtesies are let pass. */
export function compileCourtesy(patterns: readonly string[]): (text: string) => boolean {
  const sequences = patterns.map((pattern) => patternWords(pattern).map((word) => tokenTest(word, (only) => [only]))).filter((tests) => tests.length > 0);
  const covers = (tokens: readonly string[]): boolean => {
    const reachable = new Set([0]);
    for (let at = 0; at < tokens.length; at++) {
      if (!reachable.has(at)) continue;
      for (const tests of sequences) if (tests.every((test, i) => at + i < tokens.length && test(tokens[at + i] ?? ''))) reachable.add(at + tests.length);
      if (FRIENDLY.has(tokens[at] ?? '')) reachable.add(at + 1);
    }
    return tokens.length > 0 && reachable.has(tokens.length);
  };
  return (text) => {
    if (text.length > COURTESY) return false;
    const tokens = tokensOf(text);
    const spoken = tokens.filter((token) => !isEmoji(token));
    return covers(tokens) || (spoken.length > 0 && covers(spoken));
  };
}
