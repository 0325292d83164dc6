/** A made-up Slack workspace: the Web API, events by post or socket, and people with dialogs. As strict as Slack's pages; what they leave open it refuses loudly. */

import { createDials, type SimulatedChannel, type SimulatedPerson } from '../../src/kit/simulator.ts';
import { neededScopes } from './manifest-parts.ts';
import { escapeText } from './mrkdwn.ts';
import { createApi } from './simulator/api.ts';
import { createFeed, type Feed } from './simulator/feed.ts';
import { createPerson, type Person } from './simulator/person.ts';
import { postShown } from './simulator/shown.ts';
import { createWorkspace, type Post, type Room, supportRoom, type Upload, type Workspace } from './simulator/state.ts';

export interface SlackOptions {
  readonly now?: () => number;
  /** What a minute of Slack's retry schedule takes here, in ms; 60,000 is Slack's own. */
  readonly minuteMs?: number;
  /** Socket Mode instead of posts. */
  readonly socket?: boolean;
  /** Everybody writes to the bot directly instead of in threads of #suporte. */
  readonly direct?: boolean;
  /** Into the settings, over the usual ones. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
}

export interface SimulatedSlack extends SimulatedChannel {
  readonly workspace: Workspace;
  readonly feed: Feed;
  /** Somebody with a screen: dialogs and what only they see. */
  person(person: SimulatedPerson): Person;
  /** `C…`, `ts` of what `write` returned. */
  place(id: string): { channel: string; ts: string };
  edit(id: string, text: string): Promise<void>;
  remove(id: string): Promise<void>;
  react(id: string, emoji: string | null): Promise<void>;
  close(): Promise<void>;
}

const tokens = { bot: 'xoxb-simulated-bot', app: 'xapp-simulated-app' };
const signingSecret = 'simulated signing secret';

export function simulatedChannel(options: SlackOptions = {}): SimulatedSlack {
  const workspace = createWorkspace(options.now ?? Date.now, neededScopes({ showAgentName: true }));
  const dials = createDials();
  const feed = createFeed(workspace, { signingSecret, minuteMs: options.minuteMs ?? 60_000, socket: options.socket ?? false });
  const tell = telling(workspace, feed);
  const app = createApi(workspace, tokens, dials, tell, () => feed.open());
  /** First message of each conversation of a script. */
  const roots = new Map<string, string>();

  const roomOf = (person: SimulatedPerson): Room => (options.direct ? workspace.direct(workspace.user(person).id) : supportRoom(workspace));
  const find = (id: string): { room: Room; post: Post } => {
    const [channel = '', ts] = id.split(' ');
    const room = workspace.room(channel);
    const post = room?.posts.find((each) => each.ts === ts);
    if (!room || !post) throw new Error(`there is no message ${id}`);
    return { room, post };
  };

  return {
    app,
    dials,
    webhooks: feed.dials,
    workspace,
    feed,
    settings(address) {
      workspace.address = address;
      const door = options.socket ? { appToken: tokens.app } : { signingSecret };
      return { token: tokens.bot, ...door, apiUrl: `${address}/api/`, fileHosts: [new URL(address).hostname], ...options.settings };
    },
    hook: feed.hook,
    person: (person) => createPerson(workspace, feed, workspace.user(person)),
    place(id) {
      const [channel = '', ts = ''] = id.split(' ');
      return { channel, ts };
    },
    async write({ conversation, person, text, at, files = [], agent }) {
      const author = agent === undefined ? workspace.user(person) : workspace.user({ id: agent, name: agent, email: `${agent.toLowerCase()}@desk.example` });
      const room = roomOf(person);
      const root = roots.get(conversation);
      const uploads = files.map(({ name, mime, bytes }): Upload => ({ id: workspace.id('F'), name, mime, bytes, mode: 'hosted', asks: false }));
      for (const upload of uploads) workspace.files.set(upload.id, upload);
      const thread = room.type === 'im' ? undefined : root;
      const post: Post = { ts: workspace.ts(at), user: author.id, bot: false, text: escapeText(text), thread, files: uploads, reactions: [] };
      if (root === undefined) roots.set(conversation, post.ts);
      room.posts.push(post);
      tell.posted(room, post);
      return { id: `${room.id} ${post.ts}` };
    },
    async edit(id, text) {
      const { room, post } = find(id);
      const was = { ...post };
      post.text = escapeText(text);
      post.edited = workspace.ts();
      tell.edited(room, post, was);
    },
    async remove(id) {
      const { room, post } = find(id);
      room.posts = room.posts.filter((each) => each !== post);
      const ts = workspace.ts();
      const base = { type: 'message', subtype: 'message_deleted', hidden: true, channel: room.id, channel_type: room.type };
      feed.event({ ...base, ts, event_ts: ts, deleted_ts: post.ts, previous_message: postShown(workspace, post) });
    },
    async react(id, emoji) {
      const { room, post } = find(id);
      const [last] = post.reactions;
      const name = emoji ?? last?.name ?? 'thumbsup';
      post.reactions = emoji === null ? [] : [{ name, user: post.user }];
      const item = { type: 'message', channel: room.id, ts: post.ts };
      feed.event({
        type: emoji === null ? 'reaction_removed' : 'reaction_added',
        user: post.user,
        reaction: name,
        item,
        item_user: post.user,
        event_ts: workspace.ts(),
      });
    },
    settled: feed.settled,
    shown(conversation, person) {
      const room = roomOf(person);
      const root = roots.get(conversation);
      const posts = room.type === 'im' ? room.posts : room.posts.filter(({ ts, thread }) => root !== undefined && (ts === root || thread === root));
      return posts.map(({ ts, user, text, files }) => ({
        id: `${room.id} ${ts}`,
        from: user === workspace.user(person).id ? 'customer' : 'business',
        text: text.replace(/&(lt|gt|amp);/g, (_whole, name: string) => ({ lt: '<', gt: '>', amp: '&' })[name] ?? ''),
        files: files.map(({ name, bytes }) => ({ name, bytes })),
      }));
    },
    close: feed.close,
  };
}

/** What happens in a room is told to the app, its own posts included. */
function telling(workspace: Workspace, feed: Feed) {
  return {
    posted: (room: Room, post: Post): void => feed.event({ ...postShown(workspace, post), channel: room.id, channel_type: room.type, event_ts: post.ts }),
    edited(room: Room, post: Post, was: Post): void {
      const ts = workspace.ts();
      const base = { type: 'message', subtype: 'message_changed', hidden: true, channel: room.id, channel_type: room.type, ts, event_ts: ts };
      feed.event({ ...base, message: postShown(workspace, post), previous_message: postShown(workspace, was) });
    },
  };
}
