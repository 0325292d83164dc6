/** Sends an agent's answer over SMTP, and says for each failure whether the mail can have left. */
import { createTransport } from 'nodemailer';
import { type BlobRef, type Blobs, ConnectorError, type Context, escapeHtml, type PublicMessage, type ReplyContext, type Step } from '../../src/kit/index.ts';
import { canaryHeader } from './mail.ts';
import { domainPart, type EmailSettings, localPart } from './settings.ts';
import { canaryWords } from './words.ts';

/** The frozen mail: the same bytes on every try, files by sha256. */
type Letter = {
  readonly messageId: string;
  readonly message: string;
  readonly date: string;
  readonly from: string;
  readonly to: string;
  readonly toName: string;
  readonly replyTo: string | null;
  readonly subject: string;
  readonly inReplyTo: string | null;
  readonly references: readonly string[];
  readonly text: string;
  readonly files: readonly { readonly [K in keyof BlobRef]: BlobRef[K] }[];
};

/** Our id of a sent mail: known before it leaves, so that a reply or a bounce finds its message. */
export const sentMessageId = (message: string, settings: Pick<EmailSettings, 'address'>): string => `<deskbridge.${message}@${domainPart(settings.address)}>`;

const isMessageId = (id: string): boolean => /^<[^<>\s]+>$/.test(id);

function compose(reply: PublicMessage, to: ReplyContext, { settings, now }: Context<EmailSettings>): Letter {
  const recipient = to.to.find(({ kind }) => kind === 'email');
  if (!recipient) throw new ConnectorError('not-found', 'This customer has no e-mail address');
  const earlier = to.earlier.filter(isMessageId);
  const root = isMessageId(to.thread) ? [to.thread] : [];
  const subject = to.subject?.trim();
  return {
    messageId: sentMessageId(to.message, settings),
    message: to.message,
    date: new Date(now()).toISOString(),
    from: to.agent.trim() ? `${to.agent.trim()} (${settings.name})` : settings.name,
    to: recipient.value,
    toName: recipient.name ?? '',
    replyTo: settings.replyTokens && to.replyToken ? `${localPart(settings.address)}+${to.replyToken}@${domainPart(settings.address)}` : null,
    subject: subject ? `Re: ${subject}` : settings.name,
    inReplyTo: earlier[0] ?? root[0] ?? null,
    references: [...new Set([...root, ...earlier.toReversed()])],
    text: reply.text,
    files: reply.files.map(({ sha256, name, mime, size }) => ({ sha256, name, mime, size })),
  };
}

const html = (text: string): string =>
  text
    .split(/\n\s*\n/)
    .map((paragraph) => `<p>${escapeHtml(paragraph.trim()).replace(/\r?\n/g, '<br>')}</p>`)
    .join('\n');

/** Where the conversation with the server stood. Once the body is on its way, silence means that it may have arrived. */
interface Progress {
  bodyStarted: boolean;
}

/** nodemailer tells the protocol to its logger only; nothing of it is kept. */
function watcher(progress: Progress) {
  let asked = false;
  const watch = (entry: unknown, line: unknown): void => {
    const { tnx } = entry as { tnx?: string };
    if (tnx === 'client' && line === 'DATA') asked = true;
    else if (tnx === 'server' && asked) progress.bodyStarted ||= /^[23]/.test(String(line));
  };
  const silent = (): void => {};
  return { level: silent, trace: silent, debug: watch, info: silent, warn: silent, error: silent, fatal: silent };
}

/** Options of a transport. `requireTLS`: a server that stops offering STARTTLS is refused instead of being written to in clear. */
function transport({ smtp }: EmailSettings, progress: Progress) {
  return createTransport({
    host: smtp.host,
    port: smtp.port,
    secure: smtp.tls === 'implicit',
    requireTLS: smtp.tls === 'starttls',
    ignoreTLS: smtp.tls === 'none',
    ...(smtp.user === undefined ? {} : { auth: { user: smtp.user, pass: smtp.password?.reveal() ?? '' } }),
    connectionTimeout: 20_000,
    greetingTimeout: 20_000,
    // After the body some servers scan for minutes before they answer.
    socketTimeout: 180_000,
    disableFileAccess: true,
    disableUrlAccess: true,
    transactionLog: true,
    logger: watcher(progress),
  });
}

async function deliver(letter: Letter, settings: EmailSettings, blobs: Blobs): Promise<{ externalId: string }> {
  const progress: Progress = { bodyStarted: false };
  // Opened before anything is said to the server: a missing file is then a plain refusal.
  const attachments = await Promise.all(
    letter.files.map(async ({ sha256, name, mime }) => ({ filename: name, contentType: mime, content: await blobs.open(sha256) })),
  );
  try {
    await transport(settings, progress).sendMail({
      messageId: letter.messageId,
      date: new Date(letter.date),
      from: { name: letter.from, address: settings.address },
      to: { name: letter.toName, address: letter.to },
      envelope: { from: settings.address, to: letter.to },
      ...(letter.replyTo === null ? {} : { replyTo: { name: settings.name, address: letter.replyTo } }),
      subject: letter.subject,
      ...(letter.inReplyTo === null ? {} : { inReplyTo: letter.inReplyTo }),
      references: [...letter.references],
      text: letter.text,
      html: html(letter.text),
      attachments,
      headers: { 'X-Deskbridge-Message': `${letter.message} ${settings.address}` },
    });
  } catch (error) {
    throw smtpError(error, progress.bodyStarted);
  } finally {
    for (const { content } of attachments) content.destroy();
  }
  return { externalId: letter.messageId };
}

/** RFC 5321: an answer of 4xx or 5xx, whenever it comes, means that the server did not take the mail. */
export function smtpError(error: unknown, bodyStarted: boolean): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const { responseCode, code, command, response, message } = error as Error & { responseCode?: number; code?: string; command?: string; response?: string };
  const said = `SMTP: ${response ?? message}`;
  if (responseCode === undefined) {
    if (bodyStarted) return new ConnectorError('unclear', `${said}. The mail may have left`, { retry: 'never', effect: 'unclear', cause: error });
    if (command === 'MAIL FROM' && code === 'EMESSAGE') return new ConnectorError('too-large', said);
    if (code === 'EAUTH') return new ConnectorError('unauthorized', said);
    if (code === 'EENVELOPE') return new ConnectorError('refused', said);
    return new ConnectorError('unavailable', `${said} (${code ?? 'no code'})`, { retry: 'backoff', effect: 'none', cause: error });
  }
  const status = { status: responseCode };
  if (code === 'EAUTH' && responseCode >= 500) return new ConnectorError('unauthorized', said, status);
  if (responseCode < 500 || responseCode === 503) return new ConnectorError('unavailable', said, { ...status, retry: 'backoff' });
  if (responseCode === 552 || /\b5\.3\.4\b/.test(said)) return new ConnectorError('too-large', said, status);
  if (command === 'RCPT TO' && (/\b5\.1\.[0-3]\b/.test(said) || responseCode === 553)) return new ConnectorError('not-found', said, status);
  return new ConnectorError('refused', said, status);
}

/** One step. There is nowhere to look a sent mail up, so an unclear one is given to a person. */
export async function sendReply(reply: PublicMessage, to: ReplyContext, step: Step, context: Context<EmailSettings>): Promise<{ externalId: string }> {
  // The type forbids it; should somebody get around the type, a customer must not be the one who notices.
  if (reply.kind !== 'public') throw new ConnectorError('refused', 'Internal text is never sent to a customer');
  return step('smtp', {
    body: () => compose(reply, to, context),
    send: (letter) => deliver(letter, context.settings, context.blobs),
  });
}

/** A mail to ourselves that proves the way: out by SMTP, in by IMAP. One that got lost is the proof of the contrary, so there is nothing to try again. */
export async function sendCanary(token: string, { settings, now }: Context<EmailSettings>): Promise<void> {
  const { address, name, language } = settings;
  const { subject, text } = canaryWords[language];
  const progress: Progress = { bodyStarted: false };
  try {
    await transport(settings, progress).sendMail({
      messageId: `<deskbridge-canary.${token}@${domainPart(address)}>`,
      date: new Date(now()),
      from: { name, address },
      to: address,
      envelope: { from: address, to: address },
      subject,
      text,
      // No absence notice answers it (RFC 3834).
      headers: { [canaryHeader]: token, 'Auto-Submitted': 'auto-generated' },
    });
  } catch (error) {
    throw smtpError(error, progress.bodyStarted);
  }
}

/** Connects and logs in, sends nothing. */
export async function verifySmtp(settings: EmailSettings): Promise<void> {
  try {
    await transport(settings, { bodyStarted: false }).verify();
  } catch (error) {
    throw smtpError(error, false);
  }
}
