/** What the Slack app must be allowed and told: one list for the manifest, the health check and the tests. */
import { shortcutCallback } from './closing/dialog.ts';
import type { SlackSettings } from './settings.ts';

/** Each event with the scope that Slack asks for it. */
export const events: Readonly<Record<string, string>> = {
  'message.channels': 'channels:history',
  'message.groups': 'groups:history',
  'message.im': 'im:history',
  'message.mpim': 'mpim:history',
  reaction_added: 'reactions:read',
  reaction_removed: 'reactions:read',
  user_change: 'users:read',
  channel_rename: 'channels:read',
};

/** Each method that we call with its scope; `null` needs none. */
export const methods: Readonly<Record<string, string | null>> = {
  'auth.test': null,
  'users.info': 'users:read',
  'conversations.info': 'channels:read',
  'conversations.replies': 'channels:history',
  'conversations.history': 'channels:history',
  'chat.postMessage': 'chat:write',
  'chat.postEphemeral': 'chat:write',
  'files.info': 'files:read',
  'files.getUploadURLExternal': 'files:write',
  'files.completeUploadExternal': 'files:write',
  'views.open': null,
  'views.update': null,
};

type Needs = Pick<SlackSettings, 'showAgentName'>;

export const neededScopes = ({ showAgentName }: Needs): readonly string[] =>
  [
    ...new Set([
      ...Object.values(events),
      ...Object.values(methods).filter((scope) => scope !== null),
      // Names of private channels, and addresses: agents are known by them.
      'groups:read',
      'users:read.email',
      'commands',
      ...(showAgentName ? ['chat:write.customize'] : []),
    ]),
  ].sort();

export interface ManifestOptions {
  /** Address of the channel's hook; undefined for Socket Mode. */
  readonly url: string | undefined;
  readonly name: string;
  readonly command: string;
  readonly showAgentName: boolean;
}

/** The app's manifest (docs.slack.dev, "App manifest reference"). */
export function manifest({ url, name, command, showAgentName }: ManifestOptions) {
  const address = url === undefined ? {} : { request_url: url };
  return {
    display_information: { name, description: 'Turns finished conversations into tickets' },
    features: {
      bot_user: { display_name: name, always_online: true },
      app_home: { messages_tab_enabled: true, messages_tab_read_only_enabled: false, home_tab_enabled: false },
      shortcuts: [{ name: 'File as ticket', type: 'message', callback_id: shortcutCallback, description: 'Close this conversation into a ticket' }],
      slash_commands: [
        {
          command,
          ...(url === undefined ? {} : { url }),
          description: 'File a conversation as a ticket',
          usage_hint: '[link of a message]',
          should_escape: false,
        },
      ],
    },
    oauth_config: { scopes: { bot: [...neededScopes({ showAgentName })] } },
    settings: {
      event_subscriptions: { ...address, bot_events: Object.keys(events).sort() },
      interactivity: { is_enabled: true, ...address, ...(url === undefined ? {} : { message_menu_options_url: url }) },
      org_deploy_enabled: false,
      socket_mode_enabled: url === undefined,
      token_rotation_enabled: false,
    },
  };
}
