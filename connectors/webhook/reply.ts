/** Agents' replies, posted to the program under Standard Webhooks. */
import {
  type BlobRef,
  type Blobs,
  ConnectorError,
  type Context,
  connectorError,
  type PublicMessage,
  type ReplyContext,
  Secret,
  type Step,
  signStandardWebhook,
} from '../../src/kit/index.ts';
import type { WebhookSettings } from './settings.ts';

/** Files travel inside the JSON, so they must be few; receivers commonly refuse bodies past 10 MB. */
const maxFileBytes = 7 * 2 ** 20;

/** Standard Webhooks: a receiver remembers the `webhook-id`s it has seen. Ours are asked (README) to do so for a week, twice our longest retry. */
const remembersMs = 7 * 24 * 3600 * 1000;

const withoutReplies =
  'This channel has no `reply` address in its settings, so agents cannot answer here. Add it, or answer in the program that the messages come from.';

export async function postReply(context: Context<WebhookSettings>, reply: PublicMessage, to: ReplyContext, step: Step): Promise<{ externalId: string }> {
  // The type forbids it; should somebody get around the type, a customer must not be the one who notices.
  if (reply.kind !== 'public') throw new ConnectorError('refused', 'Internal text is never sent to a customer');
  const { settings, now } = context;
  const url = settings.reply;
  if (url === undefined) throw new ConnectorError('refused', withoutReplies);
  if (reply.files.reduce((sum, file) => sum + file.size, 0) > maxFileBytes)
    throw new ConnectorError('too-large', 'The files of one reply on this channel may have 7 MB together');

  return step('reply', {
    safeForMs: remembersMs,
    body: () => ({
      type: 'reply',
      id: to.message,
      conversation: to.thread,
      at: new Date(now()).toISOString(),
      agent: to.agent,
      text: reply.text,
      files: reply.files.map(({ sha256, name, mime, size }) => ({ sha256, name, mime, size })),
    }),
    async send(frozen) {
      const body = JSON.stringify({ ...frozen, files: await withBytes(context.blobs, frozen.files) });
      const signature = signStandardWebhook({ secret: signingSecret(settings), id: to.message, now: now(), body });
      try {
        const { data } = await context.http.post<unknown>(url, body, { headers: { 'content-type': 'application/json', ...signature } });
        return { externalId: theirId(data) ?? to.message };
      } catch (error) {
        throw connectorError(error, 'The reply address', now());
      }
    },
  });
}

const signingSecret = ({ secret }: WebhookSettings): Secret => {
  const first = secret instanceof Secret ? secret : secret[0];
  if (!first) throw new ConnectorError('unauthorized', 'This channel has no secret to sign with');
  return first;
};

/** The journal keeps files by their sha256; the wire wants their bytes. */
const withBytes = (blobs: Blobs, files: readonly BlobRef[]) =>
  Promise.all(files.map(async ({ sha256, name, mime, size }) => ({ name, mime, size, data: (await blobs.read(sha256)).toString('base64') })));

/** A program may answer `{ "id": "…" }`, its own id of the message. */
const theirId = (data: unknown): string | undefined =>
  typeof data === 'object' && data !== null && 'id' in data && typeof data.id === 'string' && data.id !== '' ? data.id : undefined;
