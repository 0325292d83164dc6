/** Words of agents are rich text: HTML that is plain text again afterwards. What is no HTML stays as it was typed. */
import sanitizeHtml from 'sanitize-html';

const breaking = ['p', 'div', 'tr', 'ul', 'ol', 'table', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'pre', 'blockquote', 'li'];
const known = [...breaking, 'b', 'i', 'u', 's', 'em', 'strong', 'a', 'span', 'br', 'hr', 'img', 'td', 'th', 'tbody', 'thead', 'code', 'font', 'sub', 'sup'];

const tag = new RegExp(`</?(?:${known.join('|')})(?:\\s[^<>]*)?/?>`, 'i');
const entity = /&(?:amp|lt|gt|quot|nbsp|#39|apos);/;

/** Somebody who types `a < b` writes no HTML. */
export const isHtml = (text: string): boolean => tag.test(text) || (entity.test(text) && !/[<>]/.test(text));

const entities: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' };
const decode = (text: string): string => text.replace(/&(?:amp|lt|gt|quot);/g, (one) => entities[one] ?? one);

/** Scripts, styles and unknown tags are gone afterwards, and every `<` that is left begins a tag of ours. */
const skeleton = (html: string): string => sanitizeHtml(html, { allowedTags: [...breaking, 'br', 'hr', 'a'], allowedAttributes: { a: ['href'] } });

export function plain(text: string): string {
  if (!isHtml(text)) return text;
  let out = '';
  let link: { readonly href: string; readonly from: number } | undefined;
  for (const [token, closing, name, attributes] of skeleton(text).matchAll(/<(\/?)(\w+)([^>]*)>|[^<]+/g)) {
    if (name === undefined) out += decode(token).replace(/\u00a0/g, ' ');
    else if (name === 'a' && !closing) link = { href: decode(/href="([^"]*)"/.exec(attributes ?? '')?.[1] ?? ''), from: out.length };
    else if (name === 'a') {
      if (link?.href && !out.slice(link.from).includes(link.href.replace(/^mailto:|\/$/g, ''))) out += ` (${link.href})`;
      link = undefined;
    } else if (name === 'br' || name === 'hr') out += '\n';
    else {
      if (out !== '' && !out.endsWith('\n')) out += '\n';
      if (name === 'li' && !closing) out += '- ';
    }
  }
  return out
    .replace(/[ \t]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
