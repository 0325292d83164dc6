/** Makes a stranger's HTML safe to show: nothing runs, loads or leaves its frame; remote images are blocked and counted. Pure. */
import sanitize from 'sanitize-html';

export interface SafeHtml {
  readonly html: string;
  readonly blockedImages: number;
}

const textStyles = {
  color: [/^[#\w(),.% -]{1,40}$/],
  'background-color': [/^[#\w(),.% -]{1,40}$/],
  'text-align': [/^(left|right|center|justify)$/],
  'font-weight': [/^\w{1,10}$/],
  'font-style': [/^\w{1,10}$/],
  'text-decoration': [/^[\w -]{1,30}$/],
  'font-size': [/^\d{1,3}(\.\d+)?(px|pt|em|rem|%)$/],
};

/** `inlineUrl` gives the `data:` address of an image that came with the message, by its Content-ID. */
export function safeHtml(html: string, inlineUrl: (contentId: string) => string | undefined): SafeHtml {
  let blockedImages = 0;
  const clean = sanitize(html, {
    allowedTags: [...sanitize.defaults.allowedTags.filter((tag) => tag !== 'form'), 'img', 'font', 'center', 'del', 'ins'],
    allowedAttributes: {
      a: ['href', 'title', 'target', 'rel'],
      img: ['src', 'alt', 'width', 'height'],
      td: ['colspan', 'rowspan', 'align'],
      th: ['colspan', 'rowspan', 'align'],
      font: ['color'],
      '*': ['style', 'dir'],
    },
    allowedStyles: { '*': textStyles },
    allowedSchemes: ['http', 'https', 'mailto', 'tel'],
    allowedSchemesByTag: { img: ['cid'] },
    allowProtocolRelative: false,
    transformTags: {
      a: (_tag, { href = '' }) => ({
        tagName: 'a',
        attribs: { ...(/^(https?:|mailto:|tel:)/i.test(href.trim()) ? { href } : {}), target: '_blank', rel: 'noopener noreferrer nofollow' },
      }),
      img: (_tag, attributes) => {
        const cid = /^cid:(.+)$/i.exec(attributes.src ?? '')?.[1];
        if (cid === undefined) blockedImages += 1;
        const { width = '', height = '', alt = '' } = attributes;
        return {
          tagName: 'img',
          attribs: {
            alt,
            ...(cid === undefined ? {} : { src: `cid:${cid}` }),
            ...(/^\d+$/.test(width) ? { width } : {}),
            ...(/^\d+$/.test(height) ? { height } : {}),
          },
        };
      },
    },
  });
  const shown = clean.replaceAll(/src="cid:([^"]+)"/g, (_all, cid: string) => {
    const url = inlineUrl(decodeCid(cid));
    return url === undefined ? '' : `src="${url}"`;
  });
  return { html: shown, blockedImages };
}

function decodeCid(cid: string): string {
  try {
    return decodeURIComponent(cid.replaceAll('&amp;', '&'));
  } catch {
    return cid;
  }
}

/** The frame's own policy: even what the sanitizer might miss can neither run nor load. */
export const frameHeaders = {
  'content-security-policy':
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox allow-popups; frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
  'x-frame-options': 'SAMEORIGIN',
  'x-content-type-options': 'nosniff',
} as const;

export const frameDocument = (body: string): string =>
  `<!doctype html><meta charset="utf-8"><style>html{color-scheme:light}body{margin:0;padding:12px;font:14px/1.5 system-ui,sans-serif;color:#1f2328;background:#fff;overflow-wrap:anywhere}img{max-width:100%;height:auto}table{max-width:100%}</style>${body}`;
