/** What Freshchat says, as far as we read it. Additive changes come at any time, so nothing is strict; every nullable property may be absent. */
import { z } from 'zod';
import type { Json } from '../../src/kit/index.ts';

const text = z.string();
/** Many ids are empty text where there is nobody. */
const maybeId = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((id) => (id === null || id === undefined || String(id).trim() === '' ? undefined : String(id)));
const time = z.union([
  z.iso.datetime({ offset: true }).transform((iso) => Date.parse(iso)),
  // Reports of older accounts and tests of partners show epoch milliseconds.
  z.number().int().min(1e11),
]);
const json = z.json() as z.ZodType<Json>;

export type Part = { readonly [kind: string]: Json };
const part = z.record(z.string(), json) as unknown as z.ZodType<Part>;

export const message = z.looseObject({
  id: text.min(1),
  conversation_id: maybeId,
  freshchat_conversation_id: maybeId,
  conversation_internal_id: maybeId,
  interaction_id: maybeId,
  channel_id: maybeId,
  created_time: time,
  actor_type: text.nullish(),
  actor_id: maybeId,
  user_id: maybeId,
  message_type: text.nullish(),
  message_source: text.nullish(),
  message_parts: z.array(part),
  reply_parts: z.array(part).nullish(),
  meta_data: z.looseObject({ isResolved: z.boolean().nullish(), isReopen: z.boolean().nullish() }).nullish(),
  botsPrivateNote: z.boolean().nullish(),
  status: text.nullish(),
});
export type Message = z.output<typeof message>;

export const conversation = z.looseObject({
  conversation_id: maybeId,
  conversation_internal_id: maybeId,
  freshchat_conversation_id: maybeId,
  status: text.nullish(),
  assigned_agent_id: maybeId,
  user_id: maybeId,
  channel_id: maybeId,
  updated_time: time.nullish().catch(null),
});

const inConversation = conversation.refine(({ conversation_id }) => conversation_id !== undefined, 'needs a conversation_id');
const actor = z.looseObject({ actor_type: text.nullish(), actor_id: maybeId });
const envelope = { actor: actor.nullish(), action_time: time };

export const webhook = z.discriminatedUnion('action', [
  z.looseObject({
    action: z.literal('message_create'),
    ...envelope,
    action_time: time.nullish(),
    data: z.looseObject({ message: message.refine(({ conversation_id }) => conversation_id !== undefined, 'needs a conversation_id') }),
  }),
  z.looseObject({
    action: z.literal('conversation_assignment'),
    ...envelope,
    data: z.looseObject({
      assignment: z.looseObject({
        to_agent_id: maybeId,
        to_group_id: maybeId,
        from_agent_id: maybeId,
        conversation: inConversation,
        interaction_id: maybeId,
      }),
      interaction_id: maybeId,
    }),
  }),
  z.looseObject({
    action: z.literal('conversation_resolution'),
    ...envelope,
    data: z.looseObject({
      resolve: z.looseObject({ resolver: text.nullish(), resolver_id: maybeId, conversation: inConversation, interaction_id: maybeId }),
      interaction_id: maybeId,
    }),
  }),
  z.looseObject({
    action: z.literal('conversation_reopen'),
    ...envelope,
    data: z.looseObject({
      reopen: z.looseObject({ reopener: text.nullish(), reopener_id: maybeId, conversation: inConversation, interaction_id: maybeId }),
      interaction_id: maybeId,
    }),
  }),
]);
export type WebhookBody = z.output<typeof webhook>;

/** What our own look at the account hands to the intake, beside the vendor's webhooks. */
export const reread = z.strictObject({ reread: message });
export const foundResolved = z.strictObject({
  resolved: z.strictObject({ conversation: text.min(1), interaction: text.nullable(), at: z.number().int() }),
});

export const page = z.looseObject({ messages: z.array(json), link: z.looseObject({ href: text.nullish() }).nullish() });
export const user = z.looseObject({
  id: text,
  reference_id: text.nullish(),
  first_name: text.nullish(),
  last_name: text.nullish(),
  email: text.nullish(),
  phone: text.nullish(),
  properties: z.array(z.looseObject({ name: text.nullish(), value: json.nullish() })).nullish(),
});
export type User = z.output<typeof user>;
export const agent = z.looseObject({
  id: text,
  email: text.nullish(),
  first_name: text.nullish(),
  last_name: text.nullish(),
  is_deactivated: z.boolean().nullish(),
});
export type Agent = z.output<typeof agent>;
export const paging = z.looseObject({ pagination: z.looseObject({ total_pages: z.number().nullish() }).nullish() });
export const agents = paging.extend({ agents: z.array(agent) });
export const channels = paging.extend({ channels: z.array(z.looseObject({ id: text, name: text.nullish() })) });
export const account = z.looseObject({ organisation_id: maybeId, account_id: maybeId, app_id: maybeId });
export const fields = z.union([
  z.array(z.looseObject({ name: text.nullish() })),
  z.looseObject({ fields: z.array(z.looseObject({ name: text.nullish() })) }).transform((body) => body.fields),
]);
export const created = z.looseObject({ id: text.min(1) });
export const anything = z.looseObject({});
const linked = z.looseObject({ href: text });
export const reportAsked = z.looseObject({ id: z.union([text, z.number()]).transform(String) });
export const report = z.looseObject({
  status: text,
  links: z.array(z.looseObject({ status: text.nullish(), link: linked.nullish() })).nullish(),
});
