/** From what Slack sent (with what `unpack` found out about it) to events. Pure. */
import { z } from 'zod';
import { type DeletedEvent, type EditedEvent, type InboundEvent, type Json, type MessageEvent, UnknownPayload } from '../../src/kit/index.ts';
import { isDirect, messageId, msOf, threadKey } from './address.ts';
import { textOfBlocks } from './blocks-text.ts';
import { emojiOf } from './emoji.ts';
import { linesOfFiles, mediaOf } from './media.ts';
import { namedIn, plainText } from './mrkdwn.ts';
import { authorOf, isOurs, partyOf, type Reading, type Rules } from './party.ts';
import { envelope, imported, known, messageEvent, nobodyKnown, reactionEvent, type SlackMessage, type SlackMessageEvent } from './payload.ts';

/** Subtypes that hold somebody's words (docs.slack.dev, "message" event). */
const content = new Set(['file_share', 'thread_broadcast', 'me_message', 'bot_message']);

/** What a channel says about itself, and what is told twice. */
const noise =
  /^((channel|group)_(join|leave|topic|purpose|name|archive|unarchive|posting_permissions|convert_to_private)|message_replied|ekm_access_denied|bot_(add|remove)|(un)?pinned_item|reminder_add|reply_broadcast|huddle_thread|tombstone)$/;

/** Events that ask for nothing: a mention comes as a message too; the others only tell the cache to look again. */
const silent = new Set([
  'app_home_opened',
  'app_mention',
  'app_uninstalled',
  'channel_rename',
  'group_rename',
  'member_joined_channel',
  'member_left_channel',
  'tokens_revoked',
  'user_change',
]);

/** An edit may overtake what it edits; so soon after the message, it brings the message along. */
const overtakesWithinMs = 10 * 60_000;

function read<T extends z.ZodType>(schema: T, payload: unknown): z.output<T> {
  const parsed = schema.safeParse(payload);
  if (!parsed.success) throw new UnknownPayload(z.prettifyError(parsed.error));
  return parsed.data;
}

export function normalize(payload: Json, rules: Rules): readonly InboundEvent[] {
  const { type, known: found } = read(z.looseObject({ type: z.string(), known: known.default(nobodyKnown) }), payload);
  if (type === 'app_rate_limited') return [];
  if (type === 'imported') {
    const { team_id, channel, message } = read(imported, payload);
    return messageEvents(message, channel, undefined, { team: team_id, app: undefined, known: found, rules });
  }
  const outer = read(envelope, payload);
  const reading: Reading = { team: teamOf(outer), app: outer.api_app_id ?? undefined, known: found, rules };
  if (outer.event.type === 'message') return changeOf(read(messageEvent, outer.event), reading);
  if (outer.event.type === 'reaction_added' || outer.event.type === 'reaction_removed') return reaction(read(reactionEvent, outer.event), reading);
  if (silent.has(outer.event.type)) return [];
  throw new UnknownPayload(`events of type ${outer.event.type} are not known`);
}

/** In a shared channel an envelope may name the other workspace; ours is the one that we are authorized for. */
const teamOf = (outer: z.output<typeof envelope>): string => outer.authorizations?.[0]?.team_id ?? outer.context_team_id ?? outer.team_id;

function isWatched(channel: string, type: string | undefined, { rules }: Reading): boolean {
  if (isDirect(channel, type)) return rules.directMessages;
  return rules.channels === undefined || rules.channels.includes(channel);
}

function changeOf(event: SlackMessageEvent, reading: Reading): readonly InboundEvent[] {
  const type = event.channel_type ?? undefined;
  if (!isWatched(event.channel, type, reading)) return [];
  if (event.subtype === 'message_changed') return edited(event, type, reading);
  if (event.subtype === 'message_deleted') return deleted(event, type, reading);
  return messageEvents(event, event.channel, type, reading);
}

/** Whether it holds words that we take. Throws on subtypes that nobody told us about. */
function isTaken(message: SlackMessage, reading: Reading): boolean {
  const subtype = message.subtype ?? undefined;
  if (subtype !== undefined && noise.test(subtype)) return false;
  if (subtype !== undefined && !content.has(subtype)) throw new UnknownPayload(`messages of subtype ${subtype} are not known`);
  if (isOurs(message, reading)) return false;
  const isBot = subtype === 'bot_message' || Boolean(message.bot_id);
  return !isBot || reading.rules.botMessages;
}

function messageEvents(message: SlackMessage, channel: string, type: string | undefined, reading: Reading): readonly MessageEvent[] {
  if (!isTaken(message, reading)) return [];
  const from = authorOf(message, reading);
  if (!from) throw new UnknownPayload('a message without an author');
  const { team } = reading;
  const missing = missingNames(message, reading);
  return [
    {
      type: 'message',
      thread: threadKey(team, channel, message.thread_ts ?? message.ts, type),
      at: msOf(message.ts),
      order: message.ts,
      id: messageId(team, channel, message.ts),
      from,
      kind: 'public',
      text: textOf(message, reading),
      media: mediaOf(message.files),
      ...(isDirect(channel, type) && { idleMs: Math.round(reading.rules.idleHours * 3_600_000) }),
      ...(missing && { enrich: { ...missing, message: JSON.parse(JSON.stringify(message)) as Json, team } }),
    },
  ];
}

export function textOf(message: SlackMessage, { known: { people, channels } }: Pick<Reading, 'known'>): string {
  const raw = message.text || textOfBlocks(message.blocks, message.attachments);
  const names = { person: (id: string) => people[id]?.name, channel: (id: string) => channels[id] };
  return [plainText(raw, names), ...linesOfFiles(message.files)].filter(Boolean).join('\n');
}

/** Everybody and every place that the words, or the author, name. */
export function idsIn(message: SlackMessage): { people: string[]; channels: string[] } {
  const { people, channels } = namedIn(message.text || textOfBlocks(message.blocks, message.attachments));
  return { people: [...new Set([...(message.user ? [message.user] : []), ...people])], channels };
}

/** What Slack did not tell in time; `enrich` asks again. */
function missingNames(message: SlackMessage, { known: found }: Reading): { people: string[]; channels: string[] } | undefined {
  const named = idsIn(message);
  const people = named.people.filter((id) => !found.people[id]);
  const channels = named.channels.filter((id) => !found.channels[id]);
  return people.length + channels.length > 0 ? { people, channels } : undefined;
}

/** Links that unfold and replies that are counted come as edits too: only other words, or more files, are one. */
function edited(event: SlackMessageEvent, type: string | undefined, reading: Reading): readonly InboundEvent[] {
  const { message: now, previous_message: was } = event;
  if (!now) throw new UnknownPayload('an edit without its message');
  const { team } = reading;
  const place = {
    thread: threadKey(team, event.channel, now.thread_ts ?? now.ts, type),
    at: msOf(event.event_ts ?? event.ts),
    order: event.event_ts ?? event.ts,
  };
  // The first message of a thread cannot go while it has answers: a gravestone stands in its place.
  if (now.subtype === 'tombstone')
    return was && isTaken(was, reading) ? [...early(was, event, type, reading), { type: 'deleted', ...place, id: idOf(now, event, reading) }] : [];
  if (!isTaken(now, reading)) return [];
  const text = textOf(now, reading);
  const sameWords = was !== undefined && textOf(was, reading) === text;
  const added = (now.files ?? []).some(({ id }) => !was?.files?.some((file) => file.id === id));
  const repeated = added ? messageEvents(now, event.channel, type, reading) : sameWords || !was ? [] : early(was, event, type, reading);
  if (sameWords) return repeated;
  const missing = missingNames(now, reading);
  const edit: EditedEvent = {
    type: 'edited',
    ...place,
    id: idOf(now, event, reading),
    text,
    ...(missing && { enrich: { ...missing, message: JSON.parse(JSON.stringify(now)) as Json, team } }),
  };
  return [...repeated, edit];
}

function deleted(event: SlackMessageEvent, type: string | undefined, reading: Reading): readonly InboundEvent[] {
  const was = event.previous_message;
  if (!event.deleted_ts) throw new UnknownPayload('a deletion that does not say of what');
  if (was && !isTaken(was, reading)) return [];
  const gone: DeletedEvent = {
    type: 'deleted',
    thread: threadKey(reading.team, event.channel, was?.thread_ts ?? event.deleted_ts, type),
    at: msOf(event.event_ts ?? event.ts),
    order: event.event_ts ?? event.ts,
    id: messageId(reading.team, event.channel, event.deleted_ts),
  };
  return [...(was ? early(was, event, type, reading) : []), gone];
}

const idOf = (message: SlackMessage, event: SlackMessageEvent, { team }: Reading): string => messageId(team, event.channel, message.ts);

/** The message itself, where its change may have come first: an old one that we never had is left alone. */
function early(was: SlackMessage, event: SlackMessageEvent, type: string | undefined, reading: Reading): readonly MessageEvent[] {
  const late = msOf(event.event_ts ?? event.ts) - msOf(was.ts) > overtakesWithinMs;
  return late ? [] : messageEvents(was, event.channel, type, reading);
}

/** A reaction names its message and not the thread; the message is what counts. */
function reaction(event: z.output<typeof reactionEvent>, reading: Reading): readonly InboundEvent[] {
  const { channel, ts, type } = event.item;
  if (type !== 'message' || !channel || !ts || !isWatched(channel, undefined, reading)) return [];
  if (event.user === reading.known.self?.user) return [];
  return [
    {
      type: 'reaction',
      thread: threadKey(reading.team, channel, ts),
      at: msOf(event.event_ts),
      order: event.event_ts,
      id: messageId(reading.team, channel, ts),
      from: partyOf(event.user, reading),
      emoji: event.type === 'reaction_added' ? emojiOf(event.reaction) : null,
    },
  ];
}
