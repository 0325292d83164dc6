/** Who wrote: a customer, one of our agents, a bot, or ourselves. */
import type { Identity, Party } from '../../src/kit/index.ts';
import type { Known, Person, SlackMessage } from './payload.ts';
import type { SlackSettings } from './settings.ts';

export type Rules = Pick<SlackSettings, 'channels' | 'directMessages' | 'customersAre' | 'botMessages' | 'idleHours'>;

export interface Reading {
  readonly team: string;
  /** Of our own app, where the envelope says so. */
  readonly app: string | undefined;
  readonly known: Known;
  readonly rules: Rules;
}

/** Posts of our own app: their words are stored already, where they were written. */
export function isOurs(message: SlackMessage, { known: { self }, app }: Reading): boolean {
  if (message.bot_id && message.bot_id === self?.bot) return true;
  if (message.user && message.user === self?.user) return true;
  return app !== undefined && (message.app_id === app || message.bot_profile?.app_id === app);
}

function roleOf(person: Person | undefined, { rules }: Reading): Party['role'] {
  if (person?.bot) return 'bot';
  if (person?.agent) return 'agent';
  return rules.customersAre === 'external' && person?.member ? 'agent' : 'contact';
}

function identitiesOf(user: string, person: Person | undefined, team: string): readonly Identity[] {
  return [
    { kind: 'account', value: user, scope: team, verified: true },
    // Another workspace says what it likes about its people: that suggests somebody, and proves nothing.
    ...(person?.email ? [{ kind: 'email', value: person.email.toLowerCase(), verified: person.vouched } as const] : []),
  ];
}

export function partyOf(user: string, reading: Reading): Party {
  const person = reading.known.people[user];
  return { role: roleOf(person, reading), id: user, ...(person && { name: person.name }), identities: identitiesOf(user, person, reading.team) };
}

/** Bots without a user: their own id, and the name that they post under. */
export function authorOf(message: SlackMessage, reading: Reading): Party | undefined {
  const isBot = message.subtype === 'bot_message' || Boolean(message.bot_id);
  const id = isBot ? (message.bot_id ?? message.user) : message.user;
  if (!id) return undefined;
  if (!isBot) return partyOf(id, reading);
  const name = message.username ?? message.bot_profile?.name;
  return { role: 'bot', id, ...(name && { name }), identities: [{ kind: 'account', value: id, scope: reading.team, verified: true }] };
}
