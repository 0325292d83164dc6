/** Words as people type them in a hurry: accents and case carry no meaning here. */

/** Lower case, without accents; `ß` as `ss`. */
export const fold = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '').replaceAll('ß', 'ss');

/** Words, numbers and emoji of a text, folded, in order. Skin tones and joiners belong to no token. */
export const tokensOf = (text: string): readonly string[] => fold(text).match(/\p{L}[\p{L}\p{N}'’]*|\p{N}+|\p{Extended_Pictographic}/gu) ?? [];

export const sameText = (a: string, b: string): boolean => fold(a.trim()) === fold(b.trim());

/**
 * A pattern in which `*` stands for any characters. Not a regular expression: its parts are looked up from left to right,
 * so that no text a customer sends can make it slow.
 */
export function wildcard(pattern: string): (text: string) => boolean {
  const parts = fold(pattern.trim()).split('*');
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  return (raw) => {
    const text = fold(raw.trim());
    if (last === undefined) return text === first;
    if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
    let at = first.length;
    const end = text.length - last.length;
    for (const part of rest) {
      const found = text.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}
