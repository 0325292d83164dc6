/** Who wrote: ids that Zendesk vouches for are verified, what was typed is claimed. Pure. */
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import type { Identity, Party } from '../../src/kit/index.ts';
import type { MessagingSettings } from './settings.ts';
import type { Author, Source, User } from './wire.ts';

export type Reading = Pick<MessagingSettings, 'appId' | 'verifications' | 'address' | 'support' | 'helpdesk'>;

/** Channels whose `client.externalId` is the customer's number: the vendor's page on clients names Twilio, its examples WhatsApp. */
const byNumber = new Set(['whatsapp', 'twilio', 'messagebird']);

const address = (value: string | null | undefined): string | undefined => {
  const email = value?.trim().toLowerCase();
  return email && /^[^\s@]+@[^\s@]+$/.test(email) ? email : undefined;
};

/** Host of the account that `zendeskId` is a user of; unknown at addresses from before Zendesk, unless the Support API is set up. */
export function accountHost({ address: api, support }: Pick<Reading, 'address' | 'support'>): string | undefined {
  const { host } = new URL(support?.address ?? api);
  return support || !host.endsWith('smooch.io') ? host : undefined;
}

function numberOf(source: Source | null | undefined): string | undefined {
  const { type, externalId } = source?.client ?? {};
  if (!type || !externalId || !byNumber.has(type)) return undefined;
  const phone = parsePhoneNumberFromString(externalId.startsWith('+') ? externalId : `+${externalId}`);
  return phone?.isPossible() ? phone.number : undefined;
}

export function identitiesOf(user: User, source: Source | null | undefined, reading: Reading, typed: readonly string[] = []): readonly Identity[] {
  const { appId, verifications } = reading;
  const host = accountHost(reading);
  const phone = numberOf(source);
  const emails = new Map<string, boolean>();
  const add = (value: string | null | undefined, verified: boolean): void => {
    const email = address(value);
    if (email) emails.set(email, verified || (emails.get(email) ?? false));
  };
  for (const { type, value, verification } of user.identities ?? [])
    if (type === 'email') add(value, verification != null && verifications.includes(verification));
  add(user.profile?.email, false);
  for (const email of typed) add(email, false);
  return [
    ...(user.id ? [{ kind: 'account', value: user.id, scope: appId, verified: true } as const] : []),
    ...(user.zendeskId && host ? [{ kind: 'account', value: user.zendeskId, scope: host, verified: true } as const] : []),
    // Given by the business with a signed log-in; without one it is only what the page said.
    ...(user.externalId ? [{ kind: 'account', value: user.externalId, scope: `${appId}/external`, verified: user.authenticated === true } as const] : []),
    ...(phone ? [{ kind: 'phone', value: phone, verified: true } as const] : []),
    ...[...emails].map(([value, verified]) => ({ kind: 'email', value, verified }) as const),
  ];
}

const nameOf = (user: User, source: Source | null | undefined, shown: string | null | undefined): string =>
  ([user.profile?.givenName, user.profile?.surname].filter(Boolean).join(' ') || shown || source?.client?.displayName || '').trim();

export function contact(
  user: User,
  source: Source | null | undefined,
  reading: Reading,
  more: { shown?: string | null | undefined; typed?: readonly string[] } = {},
): Party {
  const name = nameOf(user, source, more.shown);
  return { role: 'contact', id: user.id ?? 'unknown', ...(name ? { name } : {}), identities: identitiesOf(user, source, reading, more.typed) };
}

/** `subtypes` are documented for the API's answers only; a webhook's source tells what it can. */
function businessRole({ subtypes }: Author, source: Source | null | undefined): Party['role'] {
  const has = (kind: string): boolean => subtypes?.includes(kind) ?? false;
  if (has('activity')) return 'system';
  if (has('bot') || has('AI') || (!has('agent') && source?.type === 'zd:answerBot')) return 'bot';
  return 'agent';
}

export function authorOf(author: Author, source: Source | null | undefined, reading: Reading, typed: readonly string[]): Party {
  if (author.type === 'user') {
    const id = author.userId ?? author.user?.id;
    return contact({ ...author.user, ...(id ? { id } : {}) }, source, reading, { shown: author.displayName, typed });
  }
  const name = author.displayName?.trim();
  return { role: businessRole(author, source), id: `business:${name || source?.type || ''}`, ...(name ? { name } : {}), identities: [] };
}
