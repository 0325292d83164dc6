/** What Freshdesk keeps of HTML: no comments, no hidden elements, no unknown attributes. */
import sanitize from 'sanitize-html';

const hidden = /display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0/i;

export const clean = (html: string): string =>
  sanitize(html, {
    allowedTags: [...sanitize.defaults.allowedTags, 'img'],
    allowedAttributes: { a: ['href'], img: ['src', 'alt'] },
    exclusiveFilter: ({ attribs }) => 'hidden' in attribs || hidden.test(attribs.style ?? ''),
  });

export const plain = (html: string): string => sanitize(html.replace(/<\/(p|div|li|tr)>|<br\s*\/?>/gi, ' '), { allowedTags: [], allowedAttributes: {} }).trim();
