/** Reads the machine part of a report: RFC 3464 (delivery status) and RFC 8098 (read receipts); and whose mail it is about. */
import { messageIds } from './headers.ts';
import type { Report } from './mail.ts';

type Fields = Map<string, string>;

/** Groups of `Name: value` lines, separated by blank lines; folded lines belong to the one above. */
function groups(text: string): Fields[] {
  return text
    .replace(/\r\n/g, '\n')
    .split(/\n\s*\n/)
    .map((group) => {
      const fields: Fields = new Map();
      for (const line of group.replace(/\n[ \t]+/g, ' ').split('\n')) {
        const colon = line.indexOf(':');
        if (colon > 0) fields.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
      }
      return fields;
    })
    .filter((fields) => fields.size > 0);
}

/** `rfc822; ana@example.com` without the type in front. */
const typed = (value: string | undefined): string => (value ?? '').replace(/^[\w-]+\s*;\s*/, '');

/** True for the machine part of a report. */
export const isStatus = (mime: string): boolean => /^message\/(?:global-)?(?:delivery-status|disposition-notification)$/.test(mime);

/** `contentType`: header of the whole mail. `statuses`: its machine parts as text. `originals`: Message-IDs of the mails enclosed. */
export function readReport(contentType: string, statuses: readonly string[], originals: readonly (string | null)[]): Report | null {
  const [, declared] = /^multipart\/report\b.*?report-type\s*=\s*"?([\w-]+)/i.exec(contentType) ?? [];
  if (!declared && !statuses.length) return null;
  const found = statuses.flatMap(groups);
  const named = found.map((fields) => messageIds(fields.get('original-message-id') ?? '')[0]);
  return {
    type: (declared ?? 'delivery-status').toLowerCase(),
    originalMessageId: [...originals, ...named].find(Boolean) ?? null,
    recipients: found
      .filter((fields) => fields.has('final-recipient') || fields.has('original-recipient'))
      .slice(0, 50)
      .map((fields) => ({
        recipient: typed(fields.get('final-recipient') ?? fields.get('original-recipient')),
        action: (fields.get('action') ?? '').toLowerCase(),
        status: fields.get('status') ?? '',
        diagnostic: typed(fields.get('diagnostic-code')),
      })),
  };
}
