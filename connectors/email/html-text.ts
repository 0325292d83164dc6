/** Text of an HTML mail, for reading and searching. Quoted parts get `> ` in front, so that they fold like those of a text mail. */
import sanitizeHtml from 'sanitize-html';

const blocks = ['p', 'div', 'tr', 'li', 'ul', 'ol', 'table', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'pre', 'section', 'article', 'header', 'footer', 'blockquote'];
const cells = ['td', 'th'];

const entities: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' };
const decode = (text: string): string => text.replace(/&(?:amp|lt|gt|quot);/g, (entity) => entities[entity] ?? entity);

/** Scripts, styles and unknown tags are gone afterwards, and every `<` that is left begins a tag of ours. */
const skeleton = (html: string): string =>
  sanitizeHtml(html, {
    allowedTags: [...blocks, ...cells, 'br', 'hr'],
    allowedAttributes: {},
    nonTextTags: ['style', 'script', 'textarea', 'option', 'noscript', 'title'],
  });

const isBlank = (line: string | undefined): boolean => line === undefined || /^[> ]*$/.test(line);

export function htmlToText(html: string): string {
  const lines: string[] = [];
  let line = '';
  let depth = 0;
  const end = (): void => {
    const text = line.replace(/\s+/g, ' ').trim();
    if (text || !isBlank(lines.at(-1))) lines.push(`${'> '.repeat(depth)}${text}`.trimEnd());
    line = '';
  };
  for (const [token, closing, tag] of skeleton(html).matchAll(/<(\/?)(\w+)[^>]*>|[^<]+/g)) {
    if (tag === undefined) line += decode(token);
    else if (tag === 'br') end();
    else if (cells.includes(tag)) line += ' ';
    else {
      if (line.trim()) end();
      if (tag === 'p' || tag === 'hr') end();
      if (tag === 'blockquote') depth = Math.max(0, depth + (closing ? -1 : 1));
    }
  }
  if (line.trim()) end();
  return lines.join('\n').trim();
}
