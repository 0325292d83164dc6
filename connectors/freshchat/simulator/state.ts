/** What a simulated Freshchat account holds, and what happens in it. Times in epoch ms. */
import { randomUUID } from 'node:crypto';
import type { SimulatedFile, SimulatedPerson } from '../../../src/kit/simulator.ts';
import type { Part } from '../wire.ts';

export interface User {
  readonly id: string;
  readonly reference: string;
  first: string;
  last: string;
  email: string | null;
  phone: string | null;
  properties: { name: string; value: string }[];
}

export interface Agent {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  deactivated: boolean;
}

/** Bytes behind a part; parts name it as `stored`. */
export interface StoredFile {
  readonly id: string;
  readonly kind: 'image' | 'file' | 'video' | 'audio';
  readonly name: string;
  readonly mime: string;
  readonly bytes: Buffer;
}

export interface Message {
  readonly id: string;
  readonly interaction: string;
  readonly at: number;
  readonly actor: 'user' | 'agent' | 'bot' | null;
  readonly actorId: string | null;
  readonly type: 'normal' | 'private' | 'system';
  readonly source: 'web' | 'api' | 'system';
  readonly parts: readonly Part[];
  readonly replyParts: readonly Part[];
  readonly meta?: { readonly isResolved?: true; readonly isReopen?: true };
  /** How often the API showed it: links are not there at first. */
  reads: number;
}

export interface Conversation {
  readonly id: string;
  readonly number: string;
  readonly user: string;
  readonly channel: string;
  status: string;
  agent: string | null;
  group: string | null;
  interaction: string;
  properties: Record<string, unknown>;
  readonly createdAt: number;
  updatedAt: number;
  readonly messages: Message[];
}

/** What the account's webhooks tell. */
export type Happened =
  | { readonly action: 'message_create'; readonly conversation: Conversation; readonly message: Message }
  | { readonly action: 'conversation_assignment'; readonly conversation: Conversation; readonly at: number; readonly from: string | null }
  | {
      readonly action: 'conversation_resolution';
      readonly conversation: Conversation;
      readonly at: number;
      readonly by: 'agent' | 'user' | 'system';
      readonly byId: string | null;
    }
  | { readonly action: 'conversation_reopen'; readonly conversation: Conversation; readonly at: number; readonly by: 'agent' | 'user'; readonly byId: string };

export const ids = { app: '87f62bd4-7f51-4b3a-9d1c-7e1e0c1f2a55', organisation: '30554', account: '681406910844650' };

export interface State {
  readonly now: () => number;
  readonly users: User[];
  readonly agents: Agent[];
  readonly groups: readonly { readonly id: string; readonly name: string }[];
  readonly channels: readonly { readonly id: string; readonly name: string }[];
  /** Names of the account's conversation properties. */
  readonly fields: string[];
  readonly conversations: Conversation[];
  readonly files: StoredFile[];
  happened(what: Happened): void;
}

export function createState(now: () => number): State & { tell: (listener: (what: Happened) => void) => void } {
  let listener: (what: Happened) => void = () => {};
  return {
    now,
    users: [],
    agents: [
      { id: 'c1b5a3f0-0001-4a6e-8f00-00000000a001', name: 'Deskbridge', email: 'deskbridge@suporte.example', deactivated: false },
      { id: 'c1b5a3f0-0002-4a6e-8f00-00000000a002', name: 'Ana Lima', email: 'ana@suporte.example', deactivated: false },
      { id: 'c1b5a3f0-0003-4a6e-8f00-00000000a003', name: 'Bruno Reis', email: 'bruno@suporte.example', deactivated: false },
    ],
    groups: [{ id: '9a3f5c1e-1111-4b4b-8c8c-00000000b001', name: 'Suporte' }],
    channels: [{ id: 'c8fddfaf-622a-4a0e-b060-4f3ccbeab606', name: 'Suporte técnico' }],
    fields: ['cf_ticket_id'],
    conversations: [],
    files: [],
    happened: (what) => listener(what),
    tell(next) {
      listener = next;
    },
  };
}

export function userOf(state: State, person: SimulatedPerson): User {
  const known = state.users.find(({ reference }) => reference === person.id);
  if (known) return known;
  // Visitors without a name get one of these.
  const [first = '', ...rest] = (person.name ?? 'Dancing Horse').split(' ');
  const made = {
    id: randomUUID(),
    reference: person.id,
    first,
    last: rest.join(' '),
    email: person.email ?? null,
    phone: person.phone ?? null,
    properties: [],
  };
  state.users.push(made);
  return made;
}

export function agentOf(state: State, name: string): Agent {
  const known = state.agents.find((agent) => agent.name === name);
  if (known) return known;
  const slug = name
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z]+/g, '.');
  const made = { id: randomUUID(), name, email: `${slug}@suporte.example`, deactivated: false };
  state.agents.push(made);
  return made;
}

/** A turn from opening to resolution has an id of its own. */
const interactionOf = (number: string, at: number, turn: number): string => `${number}-${at}${turn === 0 ? '' : turn}`;

export function open(state: State, user: User, at: number): Conversation {
  const number = String(681_406_910_844_650 + state.conversations.length);
  const made: Conversation = {
    id: randomUUID(),
    number,
    user: user.id,
    channel: state.channels[0]?.id ?? '',
    status: 'new',
    agent: null,
    group: null,
    interaction: interactionOf(number, at, 0),
    properties: {},
    createdAt: at,
    updatedAt: at,
    messages: [],
  };
  state.conversations.push(made);
  return made;
}

type Said = Pick<Message, 'actor' | 'actorId' | 'type' | 'parts'> & Partial<Pick<Message, 'source' | 'replyParts' | 'meta'>>;

export function say(state: State, conversation: Conversation, at: number, said: Said): Message {
  const message: Message = { id: randomUUID(), interaction: conversation.interaction, at, source: 'web', replyParts: [], reads: 0, ...said };
  conversation.messages.push(message);
  conversation.updatedAt = Math.max(conversation.updatedAt, at);
  if (message.type !== 'system') state.happened({ action: 'message_create', conversation, message });
  return message;
}

export function assign(state: State, conversation: Conversation, at: number, agent: string): void {
  const from = conversation.agent;
  conversation.agent = agent;
  if (conversation.status !== 'resolved') conversation.status = 'assigned';
  state.happened({ action: 'conversation_assignment', conversation, at, from });
}

const line = (content: string): readonly Part[] => [{ text: { content } }];

export function resolve(state: State, conversation: Conversation, at: number, by: 'agent' | 'user' | 'system'): void {
  if (conversation.status === 'resolved') return;
  say(state, conversation, at, {
    actor: null,
    actorId: null,
    type: 'system',
    source: 'system',
    parts: line('Conversation was resolved'),
    meta: { isResolved: true },
  });
  conversation.status = 'resolved';
  const byId = by === 'agent' ? conversation.agent : by === 'user' ? conversation.user : null;
  state.happened({ action: 'conversation_resolution', conversation, at, by, byId });
}

/** The same conversation goes on, with an interaction of its own. */
export function reopen(state: State, conversation: Conversation, at: number, by: 'agent' | 'user', byId: string): void {
  const turns = new Set(conversation.messages.map(({ interaction }) => interaction)).size;
  conversation.interaction = interactionOf(conversation.number, at, turns);
  conversation.status = 'reopened';
  say(state, conversation, at, {
    actor: null,
    actorId: null,
    type: 'system',
    source: 'system',
    parts: line('Conversation was reopened'),
    meta: { isReopen: true },
  });
  state.happened({ action: 'conversation_reopen', conversation, at, by, byId });
}

const kinds: readonly (readonly [RegExp, StoredFile['kind']])[] = [
  [/^image\/(png|jpe?g|gif|webp)$/, 'image'],
  [/^video\//, 'video'],
  [/^audio\//, 'audio'],
];

export function store(state: State, file: Pick<SimulatedFile, 'name' | 'mime' | 'bytes'>, kind?: StoredFile['kind']): StoredFile {
  const made = {
    id: randomUUID(),
    kind: kind ?? kinds.find(([pattern]) => pattern.test(file.mime))?.[1] ?? 'file',
    name: file.name,
    mime: file.mime,
    bytes: file.bytes,
  };
  state.files.push(made);
  return made;
}

/** As it is kept: links are made when it is shown. */
export const partOf = ({ kind, id }: StoredFile): Part => ({ [kind]: { stored: id } });
