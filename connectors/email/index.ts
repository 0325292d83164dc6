/** E-mail: IMAP in, SMTP out. */
import { type Channel, type Context, defineChannel } from '../../src/kit/index.ts';
import { createImap, imapError } from './imap.ts';
import { normalizeMail } from './normalize.ts';
import { sendCanary, sendReply, verifySmtp } from './send.ts';
import { runSession } from './session.ts';
import { type EmailSettings, settings } from './settings.ts';
import { unpackMail } from './unpack.ts';

export default defineChannel({
  id: 'email',
  title: 'E-mail',
  settings,
  capabilities: { reply: true, endSignal: false, maxTextLength: 100_000, findsSent: false },
  create: (context): Channel => ({
    intake: [{ via: 'session', run: (session) => runSession(context, session) }],
    unpack: async (arrival) => ({ ...arrival, payload: await unpackMail(arrival.payload, context.blobs) }),
    normalize: (arrival) => normalizeMail(arrival, context.settings),
    send: (reply, to, step) => sendReply(reply, to, step, context),
    ...(context.settings.canary ? { canary: (token: string) => sendCanary(token, context) } : {}),
    health: () => health(context),
  }),
});

async function health({ settings }: Context<EmailSettings>): Promise<{ detail: string }> {
  const client = createImap(settings);
  try {
    await client.connect();
    const { path, exists } = await client.mailboxOpen(settings.imap.mailbox, { readOnly: true });
    await verifySmtp(settings);
    return { detail: `${path}: ${exists} mails; SMTP accepts us` };
  } catch (error) {
    throw imapError(error);
  } finally {
    client.close();
  }
}
