/** From an unpacked mail to the message of a conversation. Pure. */
import { createHash } from 'node:crypto';
import type { Clues, InboundEvent, MediaRef, MessageEvent, Party, VerifiedArrival } from '../../src/kit/index.ts';
import { isVerifiedSender } from './authenticity.ts';
import { automaticKind, isBounce, isOurId, isOurs, isOwnMail, onBehalfOf } from './automatic.ts';
import { isDecoration } from './decoration.ts';
import { type Headers, type Mail, readMail } from './mail.ts';
import { splitQuoted } from './quotes.ts';
import { type EmailSettings, localPart } from './settings.ts';
import { placeholder } from './words.ts';

const day = 86_400_000;
const forward = /^\s*(?:enc|fwd?|wg|tr|rv|i)\s*:/i;
const answer = /^\s*(?:re|res|aw|antw|r|rif|sv)\s*(?:\[\d+\])?\s*:/i;
const prefixes = /^\s*(?:(?:re|res|aw|antw|r|rif|sv|enc|fwd?|wg|rv|i|tr)\s*(?:\[\d+\])?\s*:\s*)+/i;

/** One mail gives one message, and a report of a failure what became of ours; our own mail that came back gives none. */
export function normalizeMail(arrival: VerifiedArrival, settings: EmailSettings): readonly InboundEvent[] {
  const mail = readMail(arrival.payload);
  if (isOwnMail(mail, settings)) return canary(mail, arrival.receivedAt);
  const { headers } = mail;
  const id = headers.messageId ?? `sha256:${mail.blob}`;
  const follows = followed(mail).filter((earlier) => earlier !== id);
  const automatic = automaticKind(mail, settings);
  const token = replyToken(headers, settings);
  const subject = cleanSubject(headers.subject);
  const event: MessageEvent = {
    type: 'message',
    id,
    thread: headers.references[0] ?? headers.inReplyTo[0] ?? follows[0] ?? id,
    at: sentAt(mail, arrival.receivedAt),
    order: String(mail.uid).padStart(10, '0'),
    from: sender(mail, settings),
    kind: 'public',
    ...words(mail, settings),
    ...(mail.html === null ? {} : { html: mail.html }),
    ...(subject === undefined ? {} : { subject }),
    media: mail.attachments.map((file, index): MediaRef => {
      const { blob, name, mime, size } = file;
      const inline = file.inline && file.contentId !== null ? { inline: file.contentId } : {};
      return { id: `part-${index + 1}`, name, mime, size, blob, ...inline, ...(isDecoration(file, mail) ? { decoration: true } : {}) };
    }),
    ...shared(mail),
    ...(automatic === undefined ? { clues: cluesOf(headers, settings) } : {}),
    ...(follows.length ? { follows } : {}),
    ...(token === undefined ? {} : { replyToken: token }),
    ...(automatic === undefined ? {} : { automatic }),
  };
  return [event, ...failures(mail, event, settings)];
}

/** Only of our own mail, so that nobody can hide words from us behind this header. Its token says whether it is the one that we wait for. */
function canary(mail: Mail, receivedAt: number): readonly InboundEvent[] {
  const { canary: token, messageId } = mail.headers;
  return token === null ? [] : [{ type: 'canary', token, thread: messageId ?? `sha256:${mail.blob}`, at: sentAt(mail, receivedAt) }];
}

/**
 * A mail to two of our addresses comes by two mailboxes. A Message-ID alone does not prove that two mails are one: some programs use theirs again, and
 * anybody can write any. Without one it is told by its bytes, which differ; and a placeholder must not keep the mail itself from being shown.
 */
function shared({ headers, problem, text, html, attachments }: Mail): { readonly shared?: string } {
  if (headers.messageId === null || problem) return {};
  const { messageId, date, subject } = headers;
  // Servers on the way may wrap lines anew and trim them.
  const dense = (words: string | null): string => (words ?? '').replace(/\s+/g, '');
  const told = [messageId, date, headers.from.map(({ address }) => address), dense(subject), dense(text), dense(html), attachments.map(({ blob }) => blob)];
  return { shared: createHash('sha256').update(JSON.stringify(told)).digest('hex') };
}

/** What a report says of a mail of ours (RFC 3464): only the recipients that it gave up. One that is only late says nothing yet. */
function failures(mail: Mail, { thread, at, follows = [] }: MessageEvent, settings: EmailSettings): readonly InboundEvent[] {
  if (!isBounce(mail)) return [];
  const ours = follows.find((id) => isOurId(id, settings));
  const { report } = mail;
  const failed = report?.recipients.filter(({ action }) => action === 'failed') ?? [];
  if (ours === undefined || (report && failed.length === 0)) return [];
  const reason = failed.map(({ recipient, status, diagnostic }) => [recipient, status, diagnostic].filter(Boolean).join(' ')).join('; ');
  return [{ type: 'receipt', thread, at, id: ours, state: 'failed', ...(reason ? { reason: reason.slice(0, 500) } : {}) }];
}

/** `[#4711]`, as helpdesks write the number of a ticket into a subject. */
const ticketNumber = /\[#(\d{1,12})\]/;

function cluesOf({ subject }: Headers, settings: EmailSettings): Clues {
  const number = ticketNumber.exec(subject ?? '')?.[1];
  return {
    threshold: settings.joinThreshold,
    ...(number === undefined ? {} : { number }),
    answers: answer.test(subject ?? ''),
    withinMs: settings.joinDays * day,
  };
}

/** The mail answered, then its ancestors from the nearest; for a bounce first the mail that did not arrive. */
function followed({ headers, report }: Mail): string[] {
  const original = report?.originalMessageId ?? null;
  return [...new Set([...(original === null ? [] : [original]), ...headers.inReplyTo, ...headers.references.toReversed()])];
}

function words(mail: Mail, settings: EmailSettings): { text: string; quoted?: string } {
  if (mail.problem) return { text: placeholder(mail.problem, settings.language, mail.size) };
  const text =
    mail.text.trim() || (mail.report?.recipients ?? []).map(({ recipient, status, diagnostic }) => `${recipient}: ${status} ${diagnostic}`).join('\n');
  const enclosed = mail.embedded.map(({ from, subject, text: inner }) =>
    [`${from?.name ?? ''} <${from?.address ?? ''}>`, subject ?? '', '', inner.trim()].join('\n'),
  );
  const { visible, quoted } = forward.test(mail.headers.subject ?? '') || mail.report ? { visible: text } : splitQuoted(text);
  return { text: [visible, ...enclosed].filter(Boolean).join('\n\n'), ...(quoted === undefined ? {} : { quoted }) };
}

/** A contact form's person comes first; else From, and a Reply-To that differs as one more address. Only From can be verified. */
function sender(mail: Mail, settings: EmailSettings): Party {
  const { headers } = mail;
  const [from] = headers.from;
  const person = onBehalfOf(headers, settings);
  const name = (party: { name: string } | undefined) => (party?.name.trim() ? { name: party.name.trim().slice(0, 200) } : {});
  if (isBounce(mail)) return { role: 'system', id: from?.address || headers.returnPath || `unknown:${mail.blob}`, ...name(from), identities: [] };
  const claimed = person ? [{ kind: 'email' as const, value: person.address, verified: false }] : [];
  if (!from?.address) {
    if (person) return { role: 'contact', id: person.address, ...name(person), identities: claimed };
    return { role: 'contact', id: headers.returnPath || `unknown:${mail.blob}`, ...name(from), identities: [] };
  }
  const speaksForOthers =
    person && (isOurs(from.address, settings) || /^(?:no-?reply|do-?not-?reply|n[aã]o-?respond[ae]r?|wordpress|www-data)\b/.test(from.address));
  if (speaksForOthers) return { role: 'contact', id: person.address, ...name(person.name ? person : from), identities: claimed };
  const identity = { kind: 'email' as const, value: from.address, verified: isVerifiedSender(headers, settings.trustedAuthServ) };
  return { role: 'contact', id: from.address, ...name(from), identities: [identity, ...claimed] };
}

/** The Date header where it can be true: not after the mail's arrival (two minutes of skew), not a month before it. */
function sentAt(mail: Mail, receivedAt: number): number {
  const arrived = mail.internalDate ?? receivedAt;
  const date = (mail.headers.date ?? '').replace(/\([^)]*\)/g, '').trim();
  const said = Date.parse(/\d$/.test(date) && !/[+-]\d{4}$/.test(date) ? `${date} +0000` : date);
  return Number.isNaN(said) || said > arrived + 120_000 || said < arrived - 30 * day ? arrived : said;
}

function cleanSubject(subject: string | null): string | undefined {
  const clean = (subject ?? '').replace(/\s+/g, ' ').replace(prefixes, '').trim();
  return clean.slice(0, 500) || undefined;
}

/** What stands behind the plus in the address of ours that the mail came to. */
function replyToken(headers: Headers, settings: EmailSettings): string | undefined {
  const reached = [...headers.deliveredTo, ...[...headers.to, ...headers.cc].map(({ address }) => address)];
  const ours = `${localPart(settings.address)}+`;
  const hit = reached.find((address) => address.includes('+') && isOurs(address, settings));
  return hit === undefined ? undefined : localPart(hit).slice(ours.length) || undefined;
}
