/** Slack: channels, threads and direct messages as conversations, and a dialog that closes them into tickets. */
import { App } from '@slack/bolt';
import { z } from 'zod';
import { type Channel, ConnectorError, type Context, defineChannel, type Intake, type MediaRef } from '../../src/kit/index.ts';
import { createClient, type SlackClient } from './client.ts';
import { listenToDialogs } from './closing/dialog.ts';
import { createDirectory, type Directory } from './directory.ts';
import { tellFiled } from './filed.ts';
import { httpRoutes } from './http.ts';
import { quietLogger } from './logger.ts';
import { neededScopes } from './manifest-parts.ts';
import { named, withNames } from './names.ts';
import { normalize } from './normalize.ts';
import { createReceiver, type Receiver } from './receiver.ts';
import { sendReply } from './send.ts';
import { type SlackSettings, settings } from './settings.ts';
import { runSocket } from './socket.ts';

function createSlack(context: Context<SlackSettings>): Channel {
  const { settings } = context;
  const client = createClient(context);
  const directory = createDirectory(context, client);
  const receiver = createReceiver(context, createBolt(context, client, directory));
  return {
    intake: intakesOf(context, client, receiver),
    unpack: (arrival) => withNames(arrival, directory),
    normalize: ({ payload }) => normalize(payload, settings),
    enrich: (event) => named(event, directory, settings),
    send: (reply, to, step) => sendReply(context, client, reply, to, step),
    filed: (tickets, _note, to, step) => tellFiled(context, client, tickets, to, step),
    download: (media) => download(client, media),
    health: () => health(context, client, receiver),
  };
}

/** Bolt with doors of our own: what it gets is committed already, or is a dialog. */
function createBolt(context: Context<SlackSettings>, client: SlackClient, directory: Directory): App {
  const app = new App({
    receiver: { init() {}, start: async () => {}, stop: async () => {} },
    // Bolt itself needs to know us only to leave our own events alone; Slack being away must not stop a dialog from being answered.
    authorize: async () => {
      const self = await client.self().catch(() => undefined);
      return { botToken: context.settings.token.reveal(), ...(self && { botUserId: self.user }), ...(self?.bot && { botId: self.bot }) };
    },
    clientOptions: client.options,
    logger: quietLogger(context.log),
    convoStore: false,
  });
  app.error(async (error) => context.log.error({ error: error.message }, 'a listener of Slack failed'));
  app.event('user_change', async ({ event }) => directory.forget(event.user.id));
  app.event('channel_rename', async ({ event }) => directory.forget(event.channel.id));
  listenToDialogs(app, { context, client, directory });
  return app;
}

function intakesOf(context: Context<SlackSettings>, client: SlackClient, receiver: Receiver): readonly Intake[] {
  const { appToken, signingSecret } = context.settings;
  return [
    ...(appToken ? [{ via: 'session', run: (session) => runSocket(context, appToken, client, receiver, session) } as const satisfies Intake] : []),
    ...(signingSecret ? [{ via: 'routes', routes: httpRoutes(context, signingSecret, receiver) } as const] : []),
  ];
}

const reference = z.object({ file: z.string(), url: z.string().optional() });
const fileInfo = z.object({
  file: z.object({
    mode: z.string().nullish(),
    mimetype: z.string().nullish(),
    size: z.number().nullish(),
    url_private: z.string().nullish(),
    url_private_download: z.string().nullish(),
  }),
});

async function download(client: SlackClient, media: MediaRef) {
  const { file, url } = reference.parse(media.ref);
  if (url !== undefined) return client.fetchFile(url, media.mime, media.size);
  const { file: found } = await client.call('files.info', { file }, fileInfo);
  const address = found.url_private_download ?? found.url_private;
  if (!address || found.mode === 'external' || found.mode === 'tombstone') throw new ConnectorError('not-found', 'Slack does not hold this file (any more)');
  return client.fetchFile(address, found.mimetype ?? media.mime, found.size ?? media.size);
}

async function health({ settings, name, publicUrl }: Context<SlackSettings>, client: SlackClient, { leftOutAt }: Receiver): Promise<{ detail: string }> {
  const { teamName, name: bot, scopes } = await client.self();
  const missing = scopes === null ? [] : neededScopes(settings).filter((scope) => !scopes.includes(scope));
  if (missing.length > 0)
    throw new ConnectorError('forbidden', `The app lacks the scopes ${missing.join(', ')}: add them to its manifest and install it again`);
  const door = settings.appToken ? 'Socket Mode' : `events at ${publicUrl}/hooks/${name}`;
  const gap = leftOutAt === undefined ? '' : `; Slack left events out at ${new Date(leftOutAt).toISOString()}`;
  return { detail: `${teamName} as @${bot}, ${door}${gap}` };
}

export default defineChannel({
  id: 'slack',
  title: 'Slack',
  settings,
  capabilities: { reply: true, endSignal: false, maxTextLength: 100_000, findsSent: true },
  create: createSlack,
});
