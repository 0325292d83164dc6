/** The vendor's JSON of what the account holds, in answers and in webhooks. */
import type { SimConversation, SimMessage, SimUser } from './state.ts';

export const iso = (at: number): string => new Date(at).toISOString();

/** `includeFullUser` decides whether profile and identities are in a webhook. */
export function shownUser({ id, person, zendeskId }: SimUser, full: boolean): object {
  const [givenName, ...rest] = (person.name ?? '').split(' ');
  const truncated = { id, authenticated: false, externalId: person.id, zendeskId };
  if (!full) return truncated;
  return {
    ...truncated,
    profile: { ...(givenName ? { givenName } : {}), ...(rest.length > 0 ? { surname: rest.join(' ') } : {}), locale: 'pt-BR' },
    identities: person.email ? [{ type: 'email', value: person.email, verification: 'sso' }] : [],
    metadata: {},
  };
}

/** In the API's answers. */
export const listedMessage = ({ received, activity, metadata, content, ...message }: SimMessage): object => ({
  ...message,
  received: iso(received),
  ...(activity ? { activity } : {}),
  ...(content ? { content } : {}),
  ...(metadata ? { metadata } : {}),
});

/** In webhooks: the author schema has neither `subtypes` nor an avatar, but the user. */
export function hookMessage(message: SimMessage, user: SimUser, full: boolean): object {
  const { type, displayName, userId } = message.author;
  const author = { type, ...(displayName ? { displayName } : {}), ...(type === 'user' ? { userId, user: shownUser(user, full) } : {}) };
  return { ...listedMessage(message), author };
}

export const hookConversation = ({ id, active }: SimConversation): object => ({
  id,
  type: 'personal',
  metadata: {},
  ...(active ? { activeSwitchboardIntegration: active } : {}),
});
