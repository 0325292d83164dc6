/** How Slack writes what it holds: messages, files, users, channels (docs.slack.dev, "Objects"). */
import type { Post, Room, Upload, User, Workspace } from './state.ts';

export const fileShown = ({ address }: Workspace, { id, name, mime, bytes, mode, asks }: Upload, whole = false): Record<string, unknown> => {
  if (asks && !whole) return { id, mode: 'file_access', file_access: 'check_file_info', created: 0, timestamp: 0 };
  const base = { id, name, title: name, mimetype: mime, filetype: name.split('.').at(-1), size: bytes.length, mode };
  if (mode === 'tombstone') return { id, mode };
  if (mode === 'external') return { ...base, is_external: true, url_private: `https://drive.example/${name}` };
  const url = `${address}/files-pri/${id}/${encodeURIComponent(name)}`;
  return { ...base, url_private: url, url_private_download: `${url}?download=1` };
};

export function postShown(workspace: Workspace, post: Post, withMetadata = false): Record<string, unknown> {
  const { team, app, bot } = workspace;
  const isOwnBot = post.user === bot.user;
  return {
    type: 'message',
    ...((post.subtype ?? (post.files.length > 0 ? 'file_share' : undefined)) ? { subtype: post.subtype ?? 'file_share' } : {}),
    user: post.user,
    text: post.text,
    ts: post.ts,
    team,
    ...(isOwnBot && { bot_id: bot.id, app_id: app, bot_profile: { id: bot.id, app_id: app, name: post.username ?? 'Deskbridge' } }),
    ...(post.bot && !isOwnBot && { bot_id: `B${post.user.slice(1)}` }),
    ...(post.username && { username: post.username }),
    ...(post.thread && { thread_ts: post.thread }),
    ...(post.files.length > 0 && { files: post.files.map((file) => fileShown(workspace, file)) }),
    ...(post.edited && { edited: { user: post.user, ts: post.edited } }),
    ...(withMetadata && post.metadata !== undefined && { metadata: post.metadata }),
  };
}

export const userShown = ({ id, team, name, email, bot, guest }: User, { scopes }: Workspace): Record<string, unknown> => ({
  id,
  team_id: team,
  name: name.toLowerCase().replace(/\W+/g, '.'),
  real_name: name,
  deleted: false,
  is_bot: bot,
  is_restricted: guest,
  is_ultra_restricted: false,
  is_email_confirmed: email !== undefined,
  profile: { real_name: name, display_name: name, ...(email !== undefined && scopes.includes('users:read.email') && { email }) },
});

export const roomShown = ({ id, name, type }: Room): Record<string, unknown> => ({
  id,
  ...(type !== 'im' && { name }),
  is_channel: type === 'channel',
  is_group: type === 'group',
  is_im: type === 'im',
  is_mpim: type === 'mpim',
  is_private: type !== 'channel',
});
