/** Zendesk Messaging (Sunshine Conversations API v2): chats of the web widget, mobile SDKs and social channels of a Zendesk account. */
import { type Channel, ConnectorError, type Context, defineChannel, type MediaRef, sharedToken } from '../../src/kit/index.ts';
import { createClient } from './client.ts';
import { endChat } from './control.ts';
import { enrich } from './enrich.ts';
import { checkHealth } from './health.ts';
import { normalize, partKey, split } from './normalize.ts';
import { maxTextLength, sendReply } from './send.ts';
import { type MessagingSettings, settings } from './settings.ts';
import { createSupport } from './support.ts';

function createMessaging(context: Context<MessagingSettings>): Channel {
  const { settings } = context;
  const client = createClient(context);
  const support = createSupport(context);
  return {
    intake: [
      {
        via: 'webhook',
        verify: sharedToken({ secret: settings.webhookSecret, read: (request) => request.headers['x-api-key'] }),
        split,
        partKey,
      },
    ],
    normalize: ({ payload }) => normalize(payload, settings),
    enrich: (event) => enrich(event, { context, client, support }),
    send: (reply, to, step) => sendReply(reply, to, step, { context, client }),
    ...(settings.onEnd === 'nothing' ? {} : { end: (to, step) => endChat(to, step, context, client) }),
    download: async (media) => client.download(urlOf(media)),
    health: () => checkHealth(context, client, support),
  };
}

function urlOf({ ref }: MediaRef): string {
  if (typeof ref === 'object' && ref !== null && 'url' in ref && typeof ref.url === 'string' && URL.canParse(ref.url)) return ref.url;
  throw new ConnectorError('not-found', 'The message names a file but not where it is');
}

export default defineChannel({
  id: 'zendesk-messaging',
  title: 'Zendesk Messaging',
  settings,
  capabilities: { reply: true, endSignal: true, maxTextLength: 10 * maxTextLength, findsSent: true },
  create: createMessaging,
});
