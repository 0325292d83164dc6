/** Freshchat as a channel: signed webhooks in, messages and private notes out, chats resolved, and a nightly look for what webhooks lost. Freshchat API v2. */
import { createHash } from 'node:crypto';
import { type Channel, ConnectorError, type Context, connectorError, defineChannel, rsa, rsaPublicKey } from '../../src/kit/index.ts';
import { type Client, createClient } from './client.ts';
import { createDirectory, type Directory } from './directory.ts';
import { enrich } from './enrich.ts';
import { download } from './files.ts';
import { normalize, placeArrival } from './normalize.ts';
import { reconcile } from './reconcile.ts';
import { resolve, sendReply, tellFiled, writeNote } from './send.ts';
import { createSent } from './sent.ts';
import { type FreshchatSettings, settings } from './settings.ts';
import { createThreads } from './threads.ts';
import * as wire from './wire.ts';

function createFreshchat(context: Context<FreshchatSettings>): Channel {
  const { settings, name, records, log } = context;
  const client = createClient(context);
  const threads = createThreads(context);
  const sent = createSent(records);
  const directory = createDirectory(client, context);
  const reading = { client, threads, log };
  const sending = { ...reading, context, directory, sent };
  return {
    intake: [
      {
        via: 'webhook',
        verify: rsa({ key: rsaPublicKey(settings.webhookKey), header: 'X-Freshchat-Signature' }),
        // There is no id of a delivery; a retry has the same bytes.
        key: ({ body }) => `body:${createHash('sha256').update(body).digest('base64url')}`,
        reply: () => ({ status: 200 }),
      },
      ...(settings.reconcile.enabled
        ? [{ via: 'poll' as const, everySeconds: 60, poll: (cursor: string | undefined) => reconcile(cursor, { ...reading, context }) }]
        : []),
    ],
    async unpack(came) {
      return { ...came, payload: await placeArrival(came.payload, name, { threads, sent }) };
    },
    normalize: ({ payload }) => normalize(payload, name),
    enrich: (event) => enrich(event, { ...reading, directory, sent, scope: name, topicAsSubject: settings.topicAsSubject }),
    send: (reply, to, step) => sendReply(sending, reply, to, step),
    note: (note, to, step) => writeNote(sending, note, to, step),
    filed: (tickets, note, to, step) => tellFiled(sending, tickets, note, to, step),
    end: (to, step) => resolve(sending, to, step),
    download: (media) => download(reading, media),
    health: () => health(client, directory, context),
  };
}

/** `GET /accounts/configuration`, the agent in whose name we write, and the property that takes the tickets' numbers. */
async function health(client: Client, directory: Directory, { settings, now }: Context<FreshchatSettings>): Promise<{ detail: string }> {
  try {
    const account = await client.get('/accounts/configuration', wire.account);
    if (account.account_id === undefined && account.app_id === undefined && account.organisation_id === undefined)
      throw new ConnectorError('not-understood', `Freshchat: ${settings.address} says nothing of an account`);
    const actor = await directory.agent(settings.actorAgentId);
    if (!actor) throw new ConnectorError('not-found', `Freshchat has no agent ${settings.actorAgentId}`, { field: 'actorAgentId' });
    if (actor.is_deactivated) throw new ConnectorError('forbidden', `The Freshchat agent ${settings.actorAgentId} is deactivated`, { field: 'actorAgentId' });
    if (settings.ticketProperty !== undefined) {
      const fields = await client.get('/conversations/fields', wire.fields);
      if (!fields.some(({ name }) => name === settings.ticketProperty))
        throw new ConnectorError('refused', `Freshchat has no conversation property ${settings.ticketProperty}`, { field: 'ticketProperty' });
    }
    return { detail: `Account ${account.account_id ?? account.app_id ?? account.organisation_id}, writing as ${actor.email ?? actor.id}` };
  } catch (error) {
    throw connectorError(error, 'Freshchat', now());
  }
}

export default defineChannel({
  id: 'freshchat',
  title: 'Freshchat',
  settings,
  capabilities: { reply: true, endSignal: true, maxTextLength: 100_000, findsSent: true },
  create: createFreshchat,
});
