/** From the stored raw mail to its parts: header, text, files. Odd mails are read as far as they go; only a mail that the parser itself refuses throws. */
import type { Readable } from 'node:stream';
import { type AttachmentStream, type HeaderLines, MailParser, type MessageText, type Headers as ParsedHeaders } from 'mailparser';
import { type Blobs, ConnectorError, escapeHtml, type Json } from '../../src/kit/index.ts';
import { readHeaders } from './headers.ts';
import { htmlToText } from './html-text.ts';
import { type Attachment, type Headers, type Mail, readFetched } from './mail.ts';
import { isStatus, readReport } from './report.ts';

/** Beyond this a text is a file: nobody reads it in a conversation, and rows stay small. */
const longestText = 500_000;

/** A mail in a mail in a mail is read; what lies deeper stays a file. */
const deepest = 3;

interface Parsed {
  readonly headers: Headers;
  readonly text: string;
  readonly html: string | null;
  readonly attachments: readonly Attachment[];
  /** Mails within this one, and bare headers of one. Each is among the attachments too. */
  readonly embedded: readonly Parsed[];
  /** Parts for machines, as text. */
  readonly statuses: readonly string[];
}

/** Turns a mail in a blob into the payload that `normalize` reads, with its files in blobs of their own. */
export async function unpackMail(payload: Json, blobs: Blobs): Promise<Json> {
  const fetched = readFetched(payload);
  const parsed = await parseLeniently(fetched.blob, blobs, deepest);
  const report = readReport(
    parsed.headers.contentType,
    parsed.statuses,
    parsed.embedded.map(({ headers }) => headers.messageId),
  );
  // In a report the embedded mail is evidence about ours; elsewhere it is something that the sender wants read.
  const shown = report ? [] : allEmbedded(parsed);
  const body = await fitting(parsed.text, withEmbeddedHtml(parsed.html, shown), blobs);
  const mail: Mail = {
    ...fetched,
    headers: parsed.headers,
    text: body.text,
    html: body.html,
    embedded: shown.map(({ headers, text }) => ({ from: headers.from[0] ?? null, subject: headers.subject, text: text.slice(0, longestText / 10) })),
    attachments: [...parsed.attachments, ...shown.flatMap(({ attachments }) => attachments), ...body.files],
    report,
  };
  return withoutNul(mail) as Json;
}

const allEmbedded = (parsed: Parsed): Parsed[] => parsed.embedded.flatMap((inner) => [inner, ...allEmbedded(inner)]);

const withEmbeddedHtml = (html: string | null, embedded: readonly Parsed[]): string | null =>
  html === null ? null : [html, ...embedded.map((inner) => inner.html ?? `<p>${escapeHtml(inner.text).replace(/\n/g, '<br>')}</p>`)].join('\n<hr>\n');

/** A second try leaves the HTML alone: converting it to text is the one part of the parser that hostile HTML can break. */
async function parseLeniently(sha256: string, blobs: Blobs, levels: number): Promise<Parsed> {
  try {
    return await parse(await blobs.open(sha256), blobs, levels, false);
  } catch (error) {
    if (error instanceof ConnectorError) throw error;
    return parse(await blobs.open(sha256), blobs, levels, true);
  }
}

async function parse(raw: Readable, blobs: Blobs, levels: number, skipHtmlToText: boolean): Promise<Parsed> {
  // mailparser hands its options on to the splitter, which knows ignoreEmbedded: mails within the mail come as files.
  const options = { skipTextLinks: true, keepDeliveryStatus: true, ignoreEmbedded: true, skipHtmlToText };
  const parser = new MailParser(options);
  let found: ParsedHeaders = new Map();
  let lines: HeaderLines = [];
  parser.on('headers', (headers) => {
    found = headers;
  });
  parser.on('headerLines', (headerLines) => {
    lines = headerLines;
  });
  raw.once('error', (error) => parser.destroy(error));
  raw.pipe(parser);
  const attachments: Attachment[] = [];
  let body: MessageText | undefined;
  for await (const part of parser as AsyncIterable<AttachmentStream | MessageText>) {
    if (part.type === 'text') {
      body = part;
      continue;
    }
    const stored = await blobs.put(part.content as Readable);
    part.release?.();
    attachments.push(describe(part, stored, attachments.length + 1));
  }
  const headers = readHeaders(found, lines);
  const html = typeof body?.html === 'string' ? body.html : null;
  return {
    headers,
    text: readableText(body?.text ?? '', html, headers.contentType),
    html,
    attachments: markInline(attachments, html),
    ...(await readInner(attachments, blobs, levels)),
  };
}

/** Reads the files that are mails, or reports about one. */
async function readInner(attachments: readonly Attachment[], blobs: Blobs, levels: number): Promise<Pick<Parsed, 'embedded' | 'statuses'>> {
  const embedded: Parsed[] = [];
  const statuses: string[] = [];
  for (const { blob, mime, size } of attachments) {
    if (isStatus(mime) && size < 1 << 20) statuses.push((await blobs.read(blob)).toString());
    if ((mime === 'message/rfc822' || mime === 'text/rfc822-headers') && levels > 0) embedded.push(await parseLeniently(blob, blobs, levels - 1));
  }
  return { embedded, statuses };
}

const markInline = (files: readonly Attachment[], html: string | null): Attachment[] =>
  files.map((file) => ({ ...file, inline: file.inline || (file.contentId !== null && (html ?? '').includes(`cid:${file.contentId}`)) }));

function describe(part: AttachmentStream, stored: { sha256: string; size: number }, number: number): Attachment {
  const mime = part.contentType.toLowerCase();
  const contentId = part.cid || null;
  const name = (part.filename ?? '')
    .replace(/[\\/\p{Cc}]/gu, '_')
    .trim()
    .slice(0, 200);
  return {
    blob: stored.sha256,
    name: name || (mime === 'message/rfc822' ? `${number}.eml` : `${number}.${mime.split('/')[1]?.replace(/^x-|\W.*$/g, '') || 'bin'}`),
    mime,
    size: stored.size,
    contentId,
    inline: part.contentDisposition === 'inline' && contentId !== null,
  };
}

/** A mail without a text part is read from its HTML, by us: quotes keep their mark there. */
const readableText = (text: string, html: string | null, contentType: string): string =>
  html !== null && (/^text\/html\b/i.test(contentType) || !text.trim()) ? htmlToText(html) : text;

/** Texts that are too long for a conversation go on as a file, whole. */
async function fitting(text: string, html: string | null, blobs: Blobs): Promise<{ text: string; html: string | null; files: Attachment[] }> {
  const files: Attachment[] = [];
  const store = async (name: string, mime: string, content: string): Promise<void> => {
    const { sha256, size } = await blobs.put(Buffer.from(content));
    files.push({ blob: sha256, name, mime, size, contentId: null, inline: false });
  };
  if (text.length > longestText) await store('message.txt', 'text/plain', text);
  if (html !== null && html.length > longestText) await store('message.html', 'text/html', html);
  return { text: text.slice(0, longestText), html: html !== null && html.length <= longestText ? html : null, files };
}

/** PostgreSQL's text knows no NUL character. */
function withoutNul(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '');
  if (Array.isArray(value)) return value.map(withoutNul);
  if (value !== null && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutNul(inner)]));
  return value;
}
