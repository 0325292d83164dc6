/** Tells a signature's logo from a picture that says something. A decoration is kept and shown, but it is no evidence. */
import type { Attachment, Mail } from './mail.ts';

const smallBytes = 10 * 1024;

/** Where a signature or an earlier mail begins in the HTML of the usual mailers. */
const below =
  /class="?[^">]*\b(?:gmail_signature|moz-signature|gmail_quote|moz-cite-prefix|yahoo_quoted)|id="?(?:x_)?(?:signature|divrplyfwdmsg|appendonsend)|data-smartmail|<blockquote|(?:>|\n)-- ?(?:<br|<\/(?:div|p|span))/i;

function positions(html: string, contentId: string): number[] {
  const found: number[] = [];
  for (let at = html.indexOf(`cid:${contentId}`); at >= 0 && found.length < 10; at = html.indexOf(`cid:${contentId}`, at + 1)) found.push(at);
  return found;
}

export function isDecoration(file: Attachment, mail: Pick<Mail, 'html' | 'attachments'>): boolean {
  if (!file.mime.startsWith('image/') || !file.inline || file.contentId === null) return false;
  if (file.size <= smallBytes) return true;
  if (mail.attachments.filter(({ blob }) => blob === file.blob).length > 1) return true;
  const html = mail.html ?? '';
  const shown = positions(html, file.contentId);
  const edge = html.search(below);
  return shown.length > 1 || (shown.length > 0 && edge >= 0 && shown.every((at) => at > edge));
}
