/** Shapes of what the account shows: objects of the API, and the bodies of its webhooks. */
import { createHmac } from 'node:crypto';
import type { Json } from '../../../src/kit/index.ts';
import type { Part } from '../wire.ts';
import { type Agent, type Conversation, type Happened, ids, type Message, type State, type StoredFile, type User } from './state.ts';

/** Makes signed links: another host than the API's, and an end. */
export interface Links {
  of(file: StoredFile): string;
  /** Of a report. */
  ofText(name: string): string;
}

export const time = (at: number): string => new Date(at).toISOString();

const secret = 'storage of the simulator';
export const signatureOf = (path: string, expires: string): string => createHmac('sha256', secret).update(`${path}\n${expires}`).digest('hex').slice(0, 32);

/** Without `links` a part has no URL, as in a webhook or in a message that was written just now. */
function part(state: State, one: Part, links: Links | undefined): Part {
  const [kind = '', value] = Object.entries(one)[0] ?? [];
  const stored = typeof value === 'object' && value !== null && 'stored' in value ? state.files.find(({ id }) => id === value.stored) : undefined;
  if (!stored) return one;
  const url = links ? { url: links.of(stored) } : {};
  if (kind === 'image') return { image: { ...url, content_type: stored.mime, height: 600, width: 800 } };
  const [, ending = ''] = /\.(\w+)$/.exec(stored.name) ?? [];
  return {
    [kind]: {
      name: stored.name,
      ...url,
      content_type: stored.mime,
      file_size_in_bytes: stored.bytes.length,
      file_hash: stored.id,
      ...(ending ? { file_extension: ending } : {}),
    },
  };
}

export function message(
  state: State,
  conversation: Conversation,
  one: Message,
  options: { links: Links | undefined; interactions: boolean },
): { [key: string]: Json } {
  return {
    id: one.id,
    app_id: ids.app,
    conversation_id: conversation.id,
    channel_id: conversation.channel,
    ...(options.interactions ? { interaction_id: one.interaction } : {}),
    created_time: time(one.at),
    ...(one.actor ? { actor_type: one.actor } : {}),
    ...(one.actorId ? { actor_id: one.actorId } : {}),
    user_id: conversation.user,
    message_type: one.type,
    message_source: one.source,
    message_parts: one.parts.map((each) => part(state, each, options.links)),
    reply_parts: one.replyParts,
    ...(one.meta ? { meta_data: one.meta } : {}),
  };
}

export const user = (one: User): Json => ({
  id: one.id,
  reference_id: one.reference,
  first_name: one.first,
  last_name: one.last,
  email: one.email,
  phone: one.phone,
  avatar: {},
  properties: one.properties,
  social_profiles: [],
});

export function agent(one: Agent): Json {
  const [first_name = '', ...rest] = one.name.split(' ');
  return { id: one.id, email: one.email, first_name, last_name: rest.join(' '), groups: [], is_deactivated: one.deactivated, availability_status: 'AVAILABLE' };
}

export const conversation = (one: Conversation): { [key: string]: Json } => ({
  conversation_id: one.id,
  conversation_internal_id: Number(one.number),
  app_id: ids.app,
  status: one.status,
  channel_id: one.channel,
  user_id: one.user,
  assigned_agent_id: one.agent,
  assigned_group_id: one.group,
  properties: one.properties as Json,
  created_time: time(one.createdAt),
  updated_time: time(one.updatedAt),
});

/** Body of a webhook, 5.2. `interactions`: which payloads carry the interaction's id; older ones do not. */
export function webhook(state: State, what: Happened, interactions: 'all' | 'resolution' | 'none'): Json {
  const { conversation: one } = what;
  const named = interactions === 'all' || (interactions === 'resolution' && what.action === 'conversation_resolution');
  const interaction = named ? { interaction_id: one.interaction } : {};
  const short = {
    conversation_id: one.id,
    app_id: ids.app,
    status: one.status,
    channel_id: one.channel,
    ...(one.agent ? { assigned_agent_id: one.agent } : {}),
  };
  switch (what.action) {
    case 'message_create': {
      const shown = message(state, one, what.message, { links: undefined, interactions: interactions === 'all' });
      const actor = { actor_type: what.message.actor ?? 'system', actor_id: what.message.actorId ?? '' };
      return { actor, action: what.action, action_time: time(what.message.at), data: { message: shown } };
    }
    case 'conversation_assignment': {
      const assignment = {
        assignor: 'agent',
        assignor_id: one.agent,
        to_agent_id: one.agent ?? '',
        to_group_id: one.group ?? '',
        from_agent_id: what.from ?? '',
        from_group_id: '',
      };
      return {
        actor: { actor_type: 'agent', actor_id: one.agent ?? '' },
        action: what.action,
        action_time: time(what.at),
        data: { assignment: { ...assignment, conversation: short, ...interaction } },
      };
    }
    case 'conversation_resolution':
      return {
        actor: { actor_type: what.by, actor_id: what.byId ?? '' },
        action: what.action,
        action_time: time(what.at),
        data: {
          resolve: { resolver: what.by, resolver_id: what.byId ?? '', conversation: { ...short, status: 'resolved' }, ...interaction, user: { id: one.user } },
        },
      };
    case 'conversation_reopen':
      return {
        actor: { actor_type: what.by, actor_id: what.byId },
        action: what.action,
        action_time: time(what.at),
        data: { reopen: { reopener: what.by, reopener_id: what.byId, conversation: { ...short, status: 'reopened' }, ...interaction } },
      };
  }
}
