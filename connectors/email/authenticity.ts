/** Whether the From of a mail is vouched for: by the DMARC result that our own mail server wrote, and by nothing else (RFC 8601). */
import { domainToASCII } from 'node:url';
import type { Headers } from './mail.ts';
import { domainPart } from './settings.ts';

/** Splits at `;` outside of quotes, and drops comments, so that words a sender chose cannot pass as results. */
function clauses(value: string): string[] {
  const found = [''];
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < value.length; i += 1) {
    const c = value[i] ?? '';
    if (c === '\\') {
      i += 1;
      continue;
    }
    if (c === '"' && depth === 0) quoted = !quoted;
    else if (!quoted && c === '(') depth += 1;
    else if (!quoted && c === ')') depth = Math.max(0, depth - 1);
    else if (!quoted && depth === 0 && c === ';') found.push('');
    // What stands in quotes is never a method or a domain that we look for.
    else if (!quoted && depth === 0) found[found.length - 1] += c;
  }
  return found.map((clause) => clause.trim().toLowerCase());
}

/** The DMARC results of one header: `undefined` domain where none is named. */
function dmarcResults(value: string, authServ: string): { result: string; domain: string | undefined }[] {
  const [id = '', ...results] = clauses(value);
  if (id.split(/\s/)[0] !== authServ) return [];
  return results.flatMap((clause) => {
    const [, result] = /^dmarc\s*=\s*([a-z]+)/.exec(clause) ?? [];
    const [, domain] = /\sheader\.from\s*=\s*([^\s;]+)/.exec(clause) ?? [];
    return result === undefined ? [] : [{ result, domain: domain === undefined ? undefined : domainToASCII(domain.replace(/^.*@/, '')) }];
  });
}

/** True if the trusted server says `dmarc=pass` for exactly the domain of the one From address, and nowhere anything else. */
export function isVerifiedSender(headers: Headers, trustedAuthServ: string | undefined): boolean {
  const [from, ...others] = headers.from;
  if (trustedAuthServ === undefined || !from?.address || others.length > 0 || headers.fromLines !== 1) return false;
  const results = headers.authenticationResults.flatMap((value) => dmarcResults(value, trustedAuthServ));
  return results.length > 0 && results.every(({ result, domain }) => result === 'pass' && domain === domainPart(from.address));
}
