/** WhatsApp by Meta's Cloud API: webhooks in, Graph API out; one channel for each number. */
import { type Channel, ConnectorError, type Context, defineChannel, type InboundEvent } from '../../src/kit/index.ts';
import { createClient } from './client.ts';
import { door } from './door.ts';
import { download } from './download.ts';
import { normalize } from './normalize.ts';
import { createPeople } from './people.ts';
import { longestText, sendReply, startChat } from './send.ts';
import { settings, type WhatsappSettings } from './settings.ts';
import { templatesOf } from './templates.ts';
import { unpack } from './unpack.ts';

function createWhatsapp(context: Context<WhatsappSettings>): Channel {
  const { settings } = context;
  const client = createClient(context);
  const people = createPeople(context.records);
  const parts = { context, client, people };

  async function enrich({ enrich: wanted }: InboundEvent): Promise<readonly InboundEvent[]> {
    const message = typeof wanted === 'object' && wanted !== null && 'markRead' in wanted ? wanted.markRead : undefined;
    if (typeof message === 'string') await client.markRead(message).catch(unlessHopeless);
    return [];
  }

  return {
    intake: [door(settings)],
    unpack: (arrival) => unpack(arrival, parts),
    normalize: ({ payload }) => normalize(payload, settings),
    enrich,
    send: (reply, to, step) => sendReply(parts, reply, to, step),
    start: (first, to, step) => startChat(parts, first, to, step),
    startNeedsTemplate: true,
    templates: () => templatesOf(settings, client),
    download: (media) => download(client, settings.maxFileMb, media),
    async health() {
      const { verified_name, display_phone_number, quality_rating } = await client.number();
      return { detail: [verified_name, display_phone_number, quality_rating && `quality ${quality_rating}`].filter(Boolean).join(', ') };
    },
  };
}

/** Blue ticks that Meta refuses are not worth asking for again. */
function unlessHopeless(error: unknown): void {
  if (!(error instanceof ConnectorError) || error.retry !== 'never') throw error;
}

export default defineChannel({
  id: 'whatsapp-cloud',
  title: 'WhatsApp (Cloud API)',
  settings,
  capabilities: {
    reply: true,
    endSignal: false,
    maxTextLength: 8 * longestText,
    // Statuses prove that a message left, but none proves that it did not.
    findsSent: false,
    starts: true,
    replyWindowHours: 24,
  },
  create: createWhatsapp,
});
