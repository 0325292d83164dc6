/** Umbler uTalk as a channel: webhooks in, joined by looks for what they leave out; replies, notes, endings and first messages out. */
import {
  type Channel,
  ConnectorError,
  type Context,
  defineChannel,
  type InternalText,
  type ReplyContext,
  type Step,
  type TicketRef,
} from '../../src/kit/index.ts';
import { type Client, createClient } from './client.ts';
import { rememberEnd } from './endings.ts';
import { demandsTemplate, start, startChannel, templatesOf } from './first.ts';
import { createLooks } from './looks.ts';
import { complete, download } from './media.ts';
import { normalize } from './normalize.ts';
import { prefixOf, refuseUnsendable, type Sender, sendAll, sendNote } from './send.ts';
import { createSenders } from './senders.ts';
import { settings, type UtalkSettings } from './settings.ts';
import { chatIdOf } from './wire.ts';

function createUtalk(context: Context<UtalkSettings>): Channel {
  const { settings, records, now, log } = context;
  const client = createClient(context);
  const senders = createSenders({ secret: settings.hookSecret, checkAddress: settings.checkSenderAddress, now, log, ranges: client.ranges });
  const looks = createLooks(context, client);
  // Until the channel was asked, what was set counts.
  let needsTemplate = settings.startNeedsTemplate === 'always';
  const learn = (needs: boolean): void => {
    needsTemplate = needs;
  };
  const sender = (to: ReplyContext, step: Step): Sender => ({ client, context, step, chat: chatIdOf(to.thread), taken: new Set(to.earlier) });
  return {
    intake: [
      // 200 at once is all that uTalk asks for.
      { via: 'webhook', below: true, verify: senders.verify, reply: () => ({ status: 200 }) },
      {
        via: 'poll',
        everySeconds: settings.closedEverySeconds,
        async poll(cursor) {
          await senders.refresh();
          return looks.closed(cursor);
        },
      },
      { via: 'poll', everySeconds: settings.repairEverySeconds, poll: looks.open },
    ],
    unpack: (arrival) => rememberEnd(arrival, records),
    normalize: ({ payload }) => normalize(payload, settings),
    enrich: (event) => complete(client, event),
    async send(reply, to, step) {
      refuseUnsendable(reply, settings);
      const [externalId = ''] = await sendAll(sender(to, step), reply, prefixOf(to.agent, settings));
      return { externalId };
    },
    async start(first, to, step) {
      return start({ client, context }, first, to, step);
    },
    get startNeedsTemplate() {
      return needsTemplate;
    },
    templates: async () => templatesOf(settings),
    note: async (note, to, step) => noteQuietly(sender(to, step), 'note', internal(note)),
    filed: async (_tickets: readonly TicketRef[], note, to, step) => noteQuietly(sender(to, step), 'filed', internal(note)),
    end: (to, step) => close(sender(to, step), 'end'),
    download: (media) => download(client, settings, media),
    health: () => health(client, settings, learn),
  };
}

function internal(note: InternalText): InternalText {
  if (note.kind !== 'internal') throw new ConnectorError('refused', 'A note is internal');
  return note;
}

/** Whoever writes into a closed chat takes it up again, and nobody says that a private message does not: one of ours leaves the chat as it was. */
async function noteQuietly(sender: Sender, name: string, note: InternalText): Promise<void> {
  const { client, step } = sender;
  const { open } = await step(`${name}-before`, {
    safeForMs: Number.POSITIVE_INFINITY,
    body: () => ({ chat: sender.chat }),
    send: async ({ chat }) => ({ open: (await client.chat(chat)).open }),
  });
  await sendNote(sender, name, note);
  if (!open) await close(sender, `${name}-close`);
}

/** A chat that is closed already is left alone: since then the customer may have begun another matter. */
async function close({ client, context: { settings }, chat: id, step }: Sender, name: string): Promise<void> {
  await step(name, {
    settleMs: settings.settleSeconds * 1000,
    body: () => ({ chat: id }),
    async send({ chat }) {
      if ((await client.chat(chat)).open) await client.close(chat);
      return null;
    },
    find: async ({ chat }) => ((await client.chat(chat)).open ? undefined : null),
  });
}

async function health(client: Client, settings: UtalkSettings, learn: (needsTemplate: boolean) => void): Promise<{ detail: string }> {
  const { organizations } = await client.me();
  const id = await client.organization();
  const organization = organizations.find((one) => one.id === id);
  if (!organization)
    throw new ConnectorError(
      'forbidden',
      `uTalk: the token does not belong to the organization ${id}; it has ${organizations.map((one) => one.id).join(', ') || 'none'}`,
      {
        field: 'organizationId',
      },
    );
  const channels = (await client.channels()).filter((channel) => !settings.channelIds || settings.channelIds.includes(channel.id));
  if (channels.length === 0) throw new ConnectorError('not-found', 'uTalk: the organization has none of the channels in `channelIds`', { field: 'channelIds' });
  const down = channels.filter(({ state }) => state !== undefined && state !== 'Live');
  const shown = channels.map(({ name, id: channel, state }) => `${name ?? channel}${state && state !== 'Live' ? ` (${state})` : ''}`).join(', ');
  if (down.length === channels.length) throw new ConnectorError('unavailable', `uTalk: no channel is connected: ${shown}`, { retry: 'backoff' });
  try {
    learn(demandsTemplate(startChannel(channels, settings), settings));
  } catch {
    // Nobody has to start conversations here; who tries is told why not.
  }
  return { detail: `${organization.name ?? id}: ${shown}` };
}

export default defineChannel({
  id: 'utalk',
  title: 'Umbler uTalk',
  settings,
  capabilities: { reply: true, endSignal: true, maxTextLength: 20_000, findsSent: true, starts: true },
  create: createUtalk,
});
