/** Recognises mail that no person wrote: bounces (RFC 3464) and automatic answers (RFC 3834); and mail that we wrote ourselves. */
import type { Headers, Mail } from './mail.ts';
import { domainPart, type EmailSettings, localPart } from './settings.ts';

type Own = Pick<EmailSettings, 'address'>;

const daemon = /^(?:mailer-daemon|postmaster|mail-daemon)@/;

/** What Outlook, Gmail and their kin put in front of a subject when they answer by themselves. A person's answer to it begins with Re. */
const answeredByItself =
  /^(?:auto(?:matic|mated)?[ -]?(?:reply|response)|out of (?:the )?office|resposta automática|auto-?resposta|automatische antwort|abwesenheits(?:notiz|nachricht|meldung)|risposta automatica|respuesta automática)\s*:/i;
/** Weak: words that people use too, so they count only with an empty envelope sender. */
const soundsAway =
  /out of (?:the )?office|on vacation|fora do escritório|ausência|ausente|de férias|abwesen|im urlaub|nicht im büro|fuori (?:ufficio|sede)|assenza|in ferie|fuera de la oficina|ausencia|de vacaciones/i;

/** Our reply address: `support@`, or `support+anything@`. */
export function isOurs(address: string, own: Own): boolean {
  const local = localPart(address);
  const ours = localPart(own.address);
  return domainPart(address) === domainPart(own.address) && (local === ours || local.startsWith(`${ours}+`));
}

/** Set when a form of ours writes on behalf of somebody: From is a machine's address, Reply-To is the person. */
export const onBehalfOf = (headers: Headers, own: Own) =>
  headers.replyTo.find(({ address }) => address && !isOurs(address, own) && address !== headers.from[0]?.address);

export const isBounce = ({ headers, report }: Pick<Mail, 'headers' | 'report'>): boolean => {
  if (report) return report.type === 'delivery-status';
  return headers.failedRecipients || (daemon.test(headers.from[0]?.address ?? '') && headers.returnPath === '');
};

function isAutomaticAnswer(headers: Headers, own: Own): boolean {
  const submitted = headers.autoSubmitted?.split(/[;\s]/)[0];
  if (submitted === 'auto-replied' || submitted === 'auto-notified' || headers.autoReply) return true;
  if (answeredByItself.test(headers.subject ?? '')) return true;
  if (headers.returnPath === '' && soundsAway.test(headers.subject ?? '')) return true;
  // A contact form is a machine that carries a person's words: the person's address is in Reply-To.
  if (onBehalfOf(headers, own)) return false;
  if (submitted !== undefined && submitted !== '' && submitted !== 'no') return true;
  if (/\b(?:all|oof|autoreply)\b/.test(headers.autoResponseSuppress ?? '')) return true;
  return /^(?:bulk|junk|auto_reply)\b/.test(headers.precedence ?? '');
}

export function automaticKind(mail: Pick<Mail, 'headers' | 'report'>, own: Own): 'auto-reply' | 'bounce' | undefined {
  if (isBounce(mail)) return 'bounce';
  return mail.report || isAutomaticAnswer(mail.headers, own) ? 'auto-reply' : undefined;
}

/** A Message-ID that we gave to a mail of ours. */
export const isOurId = (id: string, own: Own): boolean => id.startsWith('<deskbridge.') && id.endsWith(`@${domainPart(own.address)}>`);

/** Mail that left through us, or through somebody who writes as us, and came back. A report about it is not it. */
export function isOwnMail(mail: Pick<Mail, 'headers' | 'report'>, own: Own): boolean {
  const { headers } = mail;
  if (isBounce(mail)) return false;
  if (headers.messageId !== null && isOurId(headers.messageId, own)) return true;
  if (headers.deskbridge?.toLowerCase().endsWith(` ${own.address}`)) return true;
  return headers.from.some(({ address }) => address !== '' && isOurs(address, own)) && onBehalfOf(headers, own) === undefined;
}
