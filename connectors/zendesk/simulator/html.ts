/** What becomes of a comment's HTML: comments, unknown attributes and hidden elements do not survive, so nothing can be hidden in it. */
import sanitizeHtml from 'sanitize-html';

const hidden = (attributes: Record<string, string>): boolean =>
  'hidden' in attributes || /display\s*:\s*none|visibility\s*:\s*hidden/i.test(attributes.style ?? '');

export const strip = (html: string): string =>
  sanitizeHtml(html, {
    allowedTags: [...sanitizeHtml.defaults.allowedTags, 'img'],
    allowedAttributes: { a: ['href', 'title'], img: ['src', 'alt', 'width', 'height'] },
    // A tag whose text is dropped stands in for every hidden one.
    transformTags: { '*': (tagName, attribs) => (hidden(attribs) ? { tagName: 'script', attribs: {} } : { tagName, attribs }) },
  });

const entities: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&nbsp;': ' ' };

export const plain = (html: string): string =>
  sanitizeHtml(html.replace(/<br\s*\/?>|<\/(p|div|li|h\d)>/gi, '\n'), { allowedTags: [], allowedAttributes: {} })
    .replace(/&(amp|lt|gt|quot|nbsp);/g, (entity) => entities[entity] ?? entity)
    .trim();
