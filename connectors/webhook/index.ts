/** Any program as a channel: it posts messages as JSON under Standard Webhooks, and may receive replies the same way. */
import { Readable } from 'node:stream';
import { type Channel, ConnectorError, type Context, connectorError, defineChannel, type MediaRef, standardWebhook } from '../../src/kit/index.ts';
import { normalize, split } from './normalize.ts';
import { postReply } from './reply.ts';
import { settings, type WebhookSettings } from './settings.ts';

function createWebhook(context: Context<WebhookSettings>): Channel {
  const { settings, name, publicUrl } = context;
  return {
    intake: [
      {
        via: 'webhook',
        verify: standardWebhook({ secret: settings.secret, toleranceSeconds: settings.toleranceSeconds }),
        key: (request) => request.headers['webhook-id'],
        split,
      },
    ],
    normalize: ({ payload }) => normalize(payload, { channel: name, settings }),
    send: (reply, to, step) => postReply(context, reply, to, step),
    download: (media) => download(context, media),
    health: async () => ({ detail: `Waiting for signed messages at ${publicUrl}/hooks/${name}` }),
  };
}

async function download({ http, now }: Context<WebhookSettings>, { ref }: MediaRef): Promise<Readable> {
  if (typeof ref === 'object' && ref !== null && 'data' in ref && typeof ref.data === 'string') return Readable.from([Buffer.from(ref.data, 'base64')]);
  if (typeof ref !== 'object' || ref === null || !('url' in ref) || typeof ref.url !== 'string')
    throw new ConnectorError('not-found', 'The message names a file but not where it is');
  try {
    return (await http.get<Readable>(ref.url, { responseType: 'stream', maxContentLength: 50 * 2 ** 20 })).data;
  } catch (error) {
    throw connectorError(error, 'The file address', now());
  }
}

export default defineChannel({
  id: 'webhook',
  title: 'Webhook (any program)',
  settings,
  capabilities: { reply: true, endSignal: true, maxTextLength: 100_000, findsSent: true },
  create: createWebhook,
});
