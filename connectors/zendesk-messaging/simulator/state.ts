/** What the simulated account holds: users, conversations with their switchboard, messages, files, tickets. */
import type { SimulatedPerson } from '../../../src/kit/simulator.ts';
import { Refusal } from './refusal.ts';

export interface SimUser {
  readonly id: string;
  readonly person: SimulatedPerson;
  /** Support user id, once linked. */
  readonly zendeskId: string;
}

export interface SimMessage {
  readonly id: string;
  readonly received: number;
  readonly author: { readonly type: 'user' | 'business'; readonly subtypes?: readonly string[]; readonly userId?: string; readonly displayName?: string };
  readonly content?: { readonly type: string; readonly [key: string]: unknown };
  readonly activity?: { readonly type: string };
  readonly source: { readonly type: string };
  readonly metadata?: { readonly [key: string]: unknown };
}

/** Who can be in control, in the order of `next`. */
export const switchboard = [
  { id: '5ef21b86e933b7355c11c601', name: 'zd-answerBot', integrationId: '5ef21b86e933b7355c11c701', integrationType: 'zd:answerBot' },
  { id: '5ef21b86e933b7355c11c602', name: 'zd-agentWorkspace', integrationId: '5ef21b86e933b7355c11c702', integrationType: 'zd:agentWorkspace' },
  { id: '5ef21b86e933b7355c11c603', name: 'deskbridge', integrationId: '5ef21b86e933b7355c11c703', integrationType: 'custom' },
] as const;
export type Integration = (typeof switchboard)[number];

export interface SimConversation {
  readonly id: string;
  readonly user: SimUser;
  readonly messages: SimMessage[];
  active: Integration | undefined;
  /** The Support ticket while the session lasts. */
  ticket: number | undefined;
}

export interface SimFile {
  readonly name: string;
  readonly mime: string;
  readonly bytes: Buffer;
}

export interface SimState {
  readonly conversations: Map<string, SimConversation>;
  readonly files: Map<string, SimFile>;
  /** 24 hex digits that grow. */
  id(): string;
  /** The conversation that a script calls so, made when it is new. */
  conversation(name: string, person: SimulatedPerson): SimConversation;
  need(id: string): SimConversation;
  openTicket(conversation: SimConversation): number;
}

export function createState(): SimState {
  let counter = 0;
  let tickets = 4710;
  const id = (): string => `69b4c0de0000${(++counter).toString(16).padStart(12, '0')}`;
  const users = new Map<string, SimUser>();
  const named = new Map<string, SimConversation>();
  const conversations = new Map<string, SimConversation>();

  function userOf(person: SimulatedPerson): SimUser {
    const known = users.get(person.id);
    if (known) return known;
    const user = { id: id(), person, zendeskId: String(30_045_042_291_606 + users.size) };
    users.set(person.id, user);
    return user;
  }

  return {
    conversations,
    files: new Map(),
    id,
    conversation(name, person) {
      const key = `${name}\n${person.id}`;
      const known = named.get(key);
      if (known) return known;
      const made: SimConversation = { id: id(), user: userOf(person), messages: [], active: switchboard[1], ticket: undefined };
      named.set(key, made);
      conversations.set(made.id, made);
      return made;
    },
    need(wanted) {
      const found = conversations.get(wanted);
      if (!found) throw new Refusal(404, 'conversation_not_found', 'Conversation not found');
      return found;
    },
    openTicket(conversation) {
      conversation.ticket ??= ++tickets;
      return conversation.ticket;
    },
  };
}
