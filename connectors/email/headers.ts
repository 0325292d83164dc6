/** Reads a mail's header. Addresses and subject come decoded from mailparser; ids and results are read from the lines as they stand. */
import { domainToASCII } from 'node:url';
import type { AddressObject, HeaderLines, Headers as ParsedHeaders } from 'mailparser';
import { type Address, canaryHeader, type Headers } from './mail.ts';

/** Header bytes arrive as a binary string: UTF-8 by today's rules, Windows-1252 from old senders. */
function fromBytes(binary: string): string {
  const bytes = Buffer.from(binary, 'binary');
  const utf8 = bytes.toString('utf8');
  return utf8.includes('\uFFFD') ? new TextDecoder('windows-1252').decode(bytes) : utf8;
}

/** The values of a header in the order of the mail, unfolded, not decoded. */
function lineReader(lines: HeaderLines): (key: string) => string[] {
  return (key) =>
    lines
      .filter((line) => line.key === key)
      .map(({ line }) =>
        fromBytes(line.slice(line.indexOf(':') + 1))
          .replace(/\r?\n(?=[ \t])/g, ' ')
          .trim(),
      );
}

const longest = 300;

/** `<id>` tokens; a sender that forgot the brackets gets them. Absurdly long ids are dropped: they are no use as keys. */
export function messageIds(value: string): string[] {
  const found =
    value.match(/<[^<>\s]+>/g) ??
    (value.includes('<')
      ? []
      : value
          .split(/[\s,]+/)
          .filter(Boolean)
          .map((id) => `<${id}>`));
  return found.filter((id) => id.length <= longest);
}

/** One spelling for an address: lower case, domain in ASCII. Undefined for what no mail could be sent to. */
export function canonicalAddress(raw: string): string | undefined {
  const text = raw.trim().toLowerCase();
  const at = text.lastIndexOf('@');
  const domain = domainToASCII(text.slice(at + 1));
  if (at < 1 || !domain || text.length > 254 || /[\s<>(),;:"]/.test(text)) return undefined;
  return `${text.slice(0, at)}@${domain}`;
}

const flatten = (list: AddressObject['value']): Address[] =>
  list.flatMap((entry) => (entry.group ? flatten(entry.group) : [{ address: canonicalAddress(entry.address ?? '') ?? '', name: entry.name }]));

const addressesOf = (headers: ParsedHeaders, key: string): Address[] =>
  [headers.get(key) ?? []].flat().flatMap((value) => (typeof value === 'object' && 'value' in value && Array.isArray(value.value) ? flatten(value.value) : []));

/** Where mailparser met bytes that are no UTF-8, the line is read again by us, unless it is encoded words. */
function subjectOf(headers: ParsedHeaders, raw: string | undefined): string | null {
  const parsed = headers.get('subject');
  const text = typeof parsed === 'string' ? parsed : (raw ?? '');
  return (text.includes('\uFFFD') && raw !== undefined && !raw.includes('=?') ? raw : text) || null;
}

/** Names in old 8-bit headers: taken from the line again, when there is one sender and the parsed name is damaged. */
function fromOf(headers: ParsedHeaders, raw: string | undefined): Address[] {
  const parsed = addressesOf(headers, 'from');
  const [only] = parsed;
  if (parsed.length !== 1 || !only?.name.includes('\uFFFD') || raw === undefined || raw.includes('=?')) return parsed;
  return [
    {
      ...only,
      name: raw
        .replace(/<[^<>]*>\s*$/, '')
        .replace(/^\s*"|"\s*$/g, '')
        .trim(),
    },
  ];
}

const bare = (value: string): string => value.replace(/^.*<|>.*$/g, '').trim();

/** `lines` in the order of the mail. Never throws: what cannot be read is null or empty. */
export function readHeaders(parsed: ParsedHeaders, lines: HeaderLines): Headers {
  const all = lineReader(lines);
  const first = (key: string): string | undefined => all(key)[0];
  const optional = (key: string): string | null => first(key)?.toLowerCase() ?? null;
  const references = all('references').flatMap(messageIds);
  const returnPath = first('return-path');
  return {
    messageId: messageIds(first('message-id') ?? '')[0] ?? null,
    inReplyTo: all('in-reply-to').flatMap(messageIds).slice(0, 5),
    // The root and the latest are what threads are found by; a loop of mails may have thousands.
    references: references.length > 50 ? [...references.slice(0, 1), ...references.slice(-49)] : references,
    date: first('date') ?? null,
    subject: subjectOf(parsed, first('subject')),
    from: fromOf(parsed, first('from')),
    fromLines: all('from').length,
    to: addressesOf(parsed, 'to').slice(0, 200),
    cc: addressesOf(parsed, 'cc').slice(0, 200),
    replyTo: addressesOf(parsed, 'reply-to'),
    deliveredTo: ['delivered-to', 'x-original-to', 'envelope-to', 'x-envelope-to'].flatMap(all).map((value) => bare(value).toLowerCase()),
    returnPath: returnPath === undefined ? null : (canonicalAddress(bare(returnPath)) ?? ''),
    autoSubmitted: optional('auto-submitted'),
    precedence: optional('precedence'),
    autoResponseSuppress: optional('x-auto-response-suppress'),
    autoReply: ['x-autoreply', 'x-autorespond', 'x-vacation'].some((key) => first(key) !== undefined),
    failedRecipients: first('x-failed-recipients') !== undefined,
    listId: optional('list-id'),
    authenticationResults: all('authentication-results'),
    contentType: first('content-type') ?? '',
    deskbridge: first('x-deskbridge-message') ?? null,
    canary: first(canaryHeader.toLowerCase()) || null,
  };
}
