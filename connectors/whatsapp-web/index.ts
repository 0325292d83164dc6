/** A WhatsApp number, linked like WhatsApp Web by the unofficial library whatsapp-web.js. Off unless ops accept what they risk. */
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { type Channel, ConnectorError, type Context, defineChannel, type MediaRef } from '../../src/kit/index.ts';
import { createLine } from './line.ts';
import { normalize } from './normalize.ts';
import { createParts } from './parts.ts';
import { maxTextLength, type Sender, sendReply, startChat } from './send.ts';
import { runSession } from './session.ts';
import { settings, type WhatsAppWebSettings } from './settings.ts';

export default defineChannel({
  id: 'whatsapp-web',
  title: 'WhatsApp (linked device, unofficial)',
  settings,
  capabilities: { reply: true, endSignal: false, maxTextLength, findsSent: false, starts: true },
  create: createWhatsAppWeb,
});

function createWhatsAppWeb(context: Context<WhatsAppWebSettings>): Channel {
  let made: string | undefined;
  const folder = (): string => (made ??= context.folder());
  const line = createLine();
  const parts = createParts(context.records);
  const sender: Sender = { context, line, parts, folder, runs: new Map() };
  return {
    intake: [{ via: 'session', run: (session) => runSession({ context, line, parts, folder: folder() }, session) }],
    normalize: ({ payload }) => normalize(payload, context.settings),
    send: (reply, to, step) => sendReply(sender, reply, to, step),
    start: (first, to, step) => startChat(sender, first, to, step),
    download: (media) => download(sender, media),
    async health() {
      const { connection } = await line.ask({ what: 'connection' }, 20_000);
      if (connection !== 'CONNECTED')
        throw new ConnectorError('unavailable', `The linked phone is not connected to WhatsApp (${connection ?? 'no answer'})`, { retry: 'backoff' });
      return { detail: line.state?.detail ?? 'Linked' };
    },
  };
}

/** The child writes the file beside its spool; it is gone once it was read. */
async function download({ line, context }: Sender, { ref }: MediaRef): Promise<Readable> {
  const message = typeof ref === 'object' && ref !== null && 'message' in ref && typeof ref.message === 'string' ? ref.message : undefined;
  if (message === undefined) throw new ConnectorError('not-found', 'The message names a file but not where it is');
  const { path } = await line.ask({ what: 'download', message }, context.settings.sendSeconds * 1000);
  return createReadStream(path).once('close', () => void rm(path, { force: true }));
}
