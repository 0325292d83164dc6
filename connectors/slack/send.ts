/** Replies: the words in as many messages as they need, then the files in one. Each message is a step of its own. */
import { z } from 'zod';
import { ConnectorError, type Context, type PublicMessage, piecesOf, type ReplyContext, type Step } from '../../src/kit/index.ts';
import { messageId, placeOf } from './address.ts';
import type { SlackClient } from './client.ts';
import { escapeText } from './mrkdwn.ts';
import { findPost, findShare, postMarked } from './post.ts';
import type { SlackSettings } from './settings.ts';

/** Our own time-out has passed by then, and whatever Slack still does it has done. */
const settleMs = 30_000;

/** Cut so that each piece, escaped, fits: & < > grow. */
export function messagesOf(text: string, longest: number): readonly string[] {
  // An escaped character takes at most five, so this ends long before a piece could be shorter than one sign of two units.
  for (let length = longest; ; length = Math.max(2, Math.floor(length / 2))) {
    const pieces = piecesOf(text, length).map(escapeText);
    if (length === 2 || pieces.every((piece) => piece.length <= longest)) return pieces;
  }
}

export async function sendReply(
  context: Context<SlackSettings>,
  client: SlackClient,
  reply: PublicMessage,
  to: ReplyContext,
  step: Step,
): Promise<{ externalId: string }> {
  // The type forbids it; should somebody get around the type, a customer must not be the one who notices.
  if (reply.kind !== 'public') throw new ConnectorError('refused', 'Internal text is never sent to a customer');
  const texts = reply.text.trim() === '' ? [] : messagesOf(reply.text, context.settings.maxMessageLength);
  if (texts.length === 0 && reply.files.length === 0) throw new ConnectorError('refused', 'Slack takes no empty message', { field: 'text' });
  const posted: string[] = [];
  for (const [index, text] of texts.entries()) posted.push(await sendText(context, client, text, index, to, step));
  if (reply.files.length > 0) posted.push(await sendFiles(context, client, reply, to, step));
  const { team, channel } = placeOf(to.thread);
  return { externalId: messageId(team, channel, posted[0] ?? '') };
}

async function sendText(
  { settings, now }: Context<SlackSettings>,
  client: SlackClient,
  text: string,
  index: number,
  to: ReplyContext,
  step: Step,
): Promise<string> {
  const { channel, root } = placeOf(to.thread);
  const { ts } = await step(index === 0 ? 'message' : `message ${index + 1}`, {
    body: () => ({
      channel,
      thread: root ?? null,
      text,
      marker: `${to.message}/${index}`,
      since: now(),
      ...(settings.showAgentName && to.agent && { name: to.agent }),
    }),
    send: (body) => postMarked(client, body, { mrkdwn: false }),
    find: (body) =>
      findPost(
        client,
        body,
        to.earlier.map((id) => id.split(':').at(-1) ?? ''),
      ),
    settleMs,
  });
  return ts;
}

const uploadTicket = z.object({ upload_url: z.string(), file_id: z.string() });

/** Uploading shows nobody anything, so it may be done again; only the sharing of all together is seen (docs.slack.dev, "Working with files"). */
async function sendFiles({ now }: Context<SlackSettings>, client: SlackClient, { files }: PublicMessage, to: ReplyContext, step: Step): Promise<string> {
  const { channel, root } = placeOf(to.thread);
  const uploaded: { id: string; title: string }[] = [];
  for (const [index, { sha256, name, mime, size }] of files.entries()) {
    const { id } = await step(`upload ${index + 1}`, {
      safeForMs: Number.POSITIVE_INFINITY,
      body: () => ({ sha256, name, mime, size }),
      async send(file) {
        const ticket = await client.call('files.getUploadURLExternal', { filename: file.name, length: file.size }, uploadTicket);
        await client.upload(ticket.upload_url, file);
        return { id: ticket.file_id };
      },
    });
    uploaded.push({ id, title: name });
  }
  const { ts } = await step('files', {
    body: () => ({ channel, thread: root ?? null, files: uploaded, since: now() }),
    async send(body) {
      const args = { files: [...body.files], channel_id: body.channel, ...(body.thread !== null && { thread_ts: body.thread }) };
      await client.call('files.completeUploadExternal', args, z.looseObject({}));
      // Slack answers without the message's id; the file's own stands for it.
      return { ts: `file-${body.files[0]?.id ?? ''}` };
    },
    find: (body) => findShare(client, body, body.files[0]?.id ?? ''),
    settleMs,
  });
  return ts;
}
