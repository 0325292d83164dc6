/** The shapes of what Slack sends, as far as we read them (@slack/types, docs.slack.dev "Events API"). What is not named here is ignored. */
import { z } from 'zod';

const optional = z.string().nullish();

export const file = z.object({
  id: z.string().min(1),
  name: optional,
  title: optional,
  mimetype: optional,
  size: z.number().int().nonnegative().nullish(),
  mode: optional,
  /** `check_file_info`: shared from another workspace, so that all else has to be asked for. */
  file_access: optional,
  url_private: optional,
  url_private_download: optional,
  duration_ms: z.number().nonnegative().nullish(),
});
export type SlackFile = z.output<typeof file>;

const ts = z.string().regex(/^\d+\.\d+$/);

/** A message as events, `conversations.replies` and `previous_message` show it. */
export const message = z.object({
  subtype: optional,
  user: optional,
  bot_id: optional,
  app_id: optional,
  username: optional,
  bot_profile: z.object({ name: optional, app_id: optional }).nullish(),
  text: optional,
  ts,
  thread_ts: ts.nullish(),
  files: z.array(file).nullish(),
  blocks: z.array(z.unknown()).nullish(),
  attachments: z.array(z.unknown()).nullish(),
  edited: z.object({ ts }).nullish(),
});
export type SlackMessage = z.output<typeof message>;

export const messageEvent = message.extend({
  type: z.literal('message'),
  channel: z.string().min(1),
  channel_type: optional,
  event_ts: optional,
  deleted_ts: ts.optional(),
  message: message.optional(),
  previous_message: message.optional(),
});
export type SlackMessageEvent = z.output<typeof messageEvent>;

export const reactionEvent = z.object({
  type: z.enum(['reaction_added', 'reaction_removed']),
  user: z.string().min(1),
  reaction: z.string().min(1),
  item: z.object({ type: z.string(), channel: optional, ts: ts.nullish() }),
  event_ts: ts,
});

export const envelope = z.object({
  type: z.literal('event_callback'),
  team_id: z.string().min(1),
  api_app_id: optional,
  event_id: optional,
  context_team_id: optional,
  authorizations: z.array(z.object({ team_id: optional, user_id: optional, is_bot: z.boolean().nullish() })).nullish(),
  event: z.looseObject({ type: z.string() }),
});

/** One message of a thread that we read ourselves, because the bot was invited later. */
export const imported = z.object({ type: z.literal('imported'), team_id: z.string().min(1), channel: z.string().min(1), message });
export type Imported = z.input<typeof imported>;

export const person = z.object({
  name: z.string(),
  email: z.string().nullable(),
  /** Slack vouches for the address: a member of this workspace, confirmed. */
  vouched: z.boolean(),
  /** A full member of this workspace. */
  member: z.boolean(),
  bot: z.boolean(),
  /** Has an agent's account here. */
  agent: z.boolean(),
});
export type Person = z.output<typeof person>;

/** What `unpack` adds to a payload: who and what it names. */
export const known = z.object({
  self: z.object({ user: z.string().nullable(), bot: z.string().nullable() }).nullable(),
  people: z.record(z.string(), person),
  channels: z.record(z.string(), z.string()),
});
export type Known = z.output<typeof known>;
export const nobodyKnown: Known = { self: null, people: {}, channels: {} };
