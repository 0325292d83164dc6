/** The Web API's methods, as far as a helpdesk's bot needs them (docs.slack.dev, "Methods"). Any other is refused loudly. */
import { type Answer, fail, type Given, type Method, missing } from './answers.ts';
import { fileShown, postShown, roomShown, userShown } from './shown.ts';
import type { Post, Room, Workspace } from './state.ts';
import { problemsOfView } from './view-rules.ts';

/** Told of what happens, so that events go out. */
export interface Told {
  posted(room: Room, post: Post): void;
  edited(room: Room, post: Post, was: Post): void;
}

export const methods = (workspace: Workspace, told: Told, socket: (token: string) => Promise<Answer>): Readonly<Record<string, Method>> => {
  const room = (given: Given): Room | undefined => workspace.room(given.text('channel') ?? given.text('channel_id') ?? '');
  return {
    'auth.test': {
      args: [],
      run: () => ({
        ok: true,
        url: 'https://gymdesk.slack.example/',
        team: 'Gym Desk',
        user: 'deskbridge',
        team_id: workspace.team,
        user_id: workspace.bot.user,
        bot_id: workspace.bot.id,
      }),
    },
    'users.info': {
      scope: 'users:read',
      perMinute: 100,
      args: ['user', 'include_locale'],
      run(given) {
        const user = workspace.users.get(given.text('user') ?? '');
        return user ? { ok: true, user: userShown(user, workspace) } : fail('user_not_found');
      },
    },
    'conversations.info': {
      scope: 'channels:read',
      perMinute: 50,
      args: ['channel'],
      run: (given) => whenThere(room(given), (found) => ({ ok: true, channel: roomShown(found) })),
    },
    'conversations.list': {
      scope: 'channels:read',
      perMinute: 20,
      args: ['limit', 'cursor', 'types', 'exclude_archived'],
      run: () => ({
        ok: true,
        channels: [...workspace.rooms.values()].filter(({ type }) => type !== 'im').map(roomShown),
        response_metadata: { next_cursor: '' },
      }),
    },
    'conversations.replies': {
      scope: 'channels:history',
      perMinute: 50,
      args: ['channel', 'ts', 'limit', 'cursor', 'oldest', 'latest', 'inclusive', 'include_all_metadata'],
      run: (given) =>
        whenThere(room(given), (found) => {
          const root = given.text('ts');
          if (!root) return missing('ts');
          const thread = found.posts.filter(({ ts, thread: of }) => ts === root || of === root);
          return thread.length === 0 ? fail('thread_not_found') : paged(workspace, given, thread);
        }),
    },
    'conversations.history': {
      scope: 'channels:history',
      perMinute: 50,
      args: ['channel', 'limit', 'cursor', 'oldest', 'latest', 'inclusive', 'include_all_metadata'],
      run: (given) =>
        whenThere(room(given), (found) =>
          paged(workspace, given, found.posts.filter((post) => post.thread === undefined || post.thread === post.ts).toReversed()),
        ),
    },
    ...posting(workspace, told, room),
    ...filing(workspace, told, room),
    ...viewing(workspace),
    'apps.connections.open': { args: [], token: 'app', run: (given) => socket(given.token) },
  };
};

const whenThere = (room: Room | undefined, then: (room: Room) => Answer): Answer => (room ? then(room) : fail('channel_not_found'));

/** Pages by position; `oldest` leaves out what is as old or older unless `inclusive`. The first message of a thread comes always. */
function paged(workspace: Workspace, given: Given, posts: readonly Post[]): Answer {
  const oldest = given.text('oldest');
  const limit = Math.min(Number(given.text('limit') ?? 100), 1000);
  if (!Number.isInteger(limit) || limit < 1) return fail('invalid_limit');
  const from = given.text('cursor') ? Number(Buffer.from(given.text('cursor') ?? '', 'base64').toString()) : 0;
  if (!Number.isInteger(from)) return fail('invalid_cursor');
  const all = posts.filter(({ ts }, index) => index === 0 || oldest === undefined || ts > oldest || (given.flag('inclusive') && ts === oldest));
  const some = all.slice(from, from + limit);
  const more = from + limit < all.length;
  return {
    ok: true,
    messages: some.map((post) => postShown(workspace, post, given.flag('include_all_metadata'))),
    has_more: more,
    response_metadata: { next_cursor: more ? Buffer.from(String(from + limit)).toString('base64') : '' },
  };
}

type FindRoom = (given: Given) => Room | undefined;

function posting(workspace: Workspace, told: Told, room: FindRoom): Record<string, Method> {
  const content = ['text', 'blocks', 'attachments', 'mrkdwn', 'parse', 'link_names', 'unfurl_links', 'unfurl_media', 'username', 'thread_ts', 'metadata'];
  return {
    'chat.postMessage': {
      scope: 'chat:write',
      perMinutePerChannel: 60,
      args: ['channel', 'reply_broadcast', ...content],
      run: (given) =>
        whenThere(room(given), (found) => {
          const text = given.text('text') ?? '';
          const thread = given.text('thread_ts');
          if (text === '') return fail('no_text');
          if (/<(?![@#!a-z])/i.test(text)) return fail('invalid_arguments', ['[ERROR] the text holds a bare <']);
          if (thread !== undefined && !found.posts.some(({ ts }) => ts === thread)) return fail('thread_not_found');
          if (given.text('username') !== undefined && !workspace.scopes.includes('chat:write.customize')) return needs('chat:write.customize', workspace);
          const post: Post = {
            ts: workspace.ts(),
            user: workspace.bot.user,
            bot: true,
            // Longer messages are cut off without a word.
            text: text.slice(0, 40_000),
            thread,
            files: [],
            username: given.text('username'),
            metadata: given.json('metadata'),
            reactions: [],
          };
          found.posts.push(post);
          told.posted(found, post);
          return { ok: true, channel: found.id, ts: post.ts, message: postShown(workspace, post) };
        }),
    },
    'chat.postEphemeral': {
      scope: 'chat:write',
      perMinute: 100,
      args: ['channel', 'user', ...content],
      run: (given) =>
        whenThere(room(given), (found) => {
          const user = given.text('user') ?? '';
          if (!workspace.users.has(user)) return fail('user_not_in_channel');
          const text = given.text('text') ?? '';
          if (text === '') return fail('no_text');
          workspace.ephemerals.push({ channel: found.id, user, text, thread: given.text('thread_ts') });
          return { ok: true, message_ts: workspace.ts() };
        }),
    },
    'chat.update': {
      scope: 'chat:write',
      perMinute: 50,
      args: ['channel', 'ts', 'text'],
      run: (given) =>
        whenThere(room(given), (found) => {
          const post = found.posts.find(({ ts }) => ts === given.text('ts'));
          if (!post) return fail('message_not_found');
          if (post.user !== workspace.bot.user) return fail('cant_update_message');
          const was = { ...post };
          post.text = given.text('text') ?? '';
          told.edited(found, post, was);
          return { ok: true, channel: found.id, ts: post.ts, text: post.text };
        }),
    },
  };
}

export const needs = (scope: string, { scopes }: Workspace): Answer => ({ ok: false, error: 'missing_scope', needed: scope, provided: scopes.join(',') });

function filing(workspace: Workspace, told: Told, room: FindRoom): Record<string, Method> {
  return {
    'files.info': {
      scope: 'files:read',
      perMinute: 100,
      args: ['file'],
      run(given) {
        const file = workspace.files.get(given.text('file') ?? '');
        return file ? { ok: true, file: fileShown(workspace, file, true) } : fail('file_not_found');
      },
    },
    'files.getUploadURLExternal': {
      scope: 'files:write',
      perMinute: 100,
      args: ['filename', 'length', 'alt_text', 'snippet_type'],
      run(given) {
        const [name, length] = [given.text('filename'), Number(given.text('length'))];
        if (!name || !Number.isInteger(length) || length < 1) return fail('invalid_arguments', ['[ERROR] filename and length are required']);
        const id = workspace.id('F');
        workspace.uploads.set(id, { id, name, length, bytes: undefined });
        return { ok: true, upload_url: `${workspace.address}/upload/v1/${id}`, file_id: id };
      },
    },
    'files.completeUploadExternal': {
      scope: 'files:write',
      perMinute: 100,
      args: ['files', 'channel_id', 'thread_ts', 'initial_comment'],
      run: (given) =>
        whenThere(room(given), (found) => {
          const asked = (given.json('files') ?? []) as { id: string; title?: string }[];
          const uploads = asked.map(({ id }) => workspace.uploads.get(id));
          if (asked.length === 0 || uploads.some((upload) => !upload?.bytes)) return fail('file_not_found');
          const files = uploads.map((upload) => ({
            id: upload?.id ?? '',
            name: upload?.name ?? '',
            mime: 'application/octet-stream',
            bytes: upload?.bytes ?? Buffer.alloc(0),
            mode: 'hosted' as const,
            asks: false,
          }));
          for (const file of files) {
            workspace.files.set(file.id, file);
            workspace.uploads.delete(file.id);
          }
          const post: Post = {
            ts: workspace.ts(),
            user: workspace.bot.user,
            bot: true,
            text: given.text('initial_comment') ?? '',
            thread: given.text('thread_ts'),
            files,
            reactions: [],
          };
          found.posts.push(post);
          told.posted(found, post);
          return { ok: true, files: files.map(({ id }, index) => ({ id, title: asked[index]?.title ?? '' })) };
        }),
    },
  };
}

/** A trigger lives 3 seconds and opens one view. */
const triggerLifeMs = 3000;

function viewing(workspace: Workspace): Record<string, Method> {
  const refused = (view: unknown): Answer | undefined => {
    const problems = problemsOfView(view);
    return problems.length > 0
      ? fail(
          'invalid_arguments',
          problems.map((problem) => `[ERROR] ${problem}`),
        )
      : undefined;
  };
  return {
    'views.open': {
      perMinute: 100,
      args: ['trigger_id', 'view'],
      run(given) {
        const trigger = workspace.triggers.get(given.text('trigger_id') ?? '');
        if (!trigger) return fail('invalid_trigger_id');
        if (trigger.used) return fail('exchanged_trigger_id');
        if (workspace.now() - trigger.at > triggerLifeMs) return fail('expired_trigger_id');
        const view = given.json('view');
        const problem = refused(view);
        if (problem) return problem;
        trigger.used = true;
        const open = { id: workspace.id('V'), hash: workspace.id('h'), view: view as Record<string, unknown>, user: trigger.user };
        workspace.views.set(open.id, open);
        return { ok: true, view: { ...open.view, id: open.id, hash: open.hash } };
      },
    },
    'views.update': {
      perMinute: 100,
      args: ['view_id', 'external_id', 'hash', 'view'],
      run(given) {
        const open = workspace.views.get(given.text('view_id') ?? '');
        if (!open) return fail('not_found');
        const hash = given.text('hash');
        if (hash !== undefined && hash !== open.hash) return fail('hash_conflict');
        const view = given.json('view');
        const problem = refused(view);
        if (problem) return problem;
        open.view = view as Record<string, unknown>;
        open.hash = workspace.id('h');
        return { ok: true, view: { ...open.view, id: open.id, hash: open.hash } };
      },
    },
  };
}
