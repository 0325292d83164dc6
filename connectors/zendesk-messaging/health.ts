/** Whether the key works, and whether the webhook will bring what we need. */
import { z } from 'zod';
import { ConnectorError, type Context } from '../../src/kit/index.ts';
import type { Client } from './client.ts';
import type { MessagingSettings } from './settings.ts';
import type { Support } from './support.ts';

const app = z.looseObject({ app: z.looseObject({ displayName: z.string().nullish() }) });
const webhooks = z.looseObject({
  webhooks: z.array(z.looseObject({ target: z.string(), triggers: z.array(z.string()), includeFullUser: z.boolean().nullish() })),
});

/** Without these we are deaf, or never hear of an end. */
export const needed = ['conversation:message', 'switchboard:passControl', 'switchboard:releaseControl'] as const;

/** Keys of a custom integration may not read the app, but their own webhooks. */
async function reach(client: Client): Promise<string> {
  try {
    const answer = await client.call({ method: 'GET', path: '' }, app);
    return answer.app.displayName ?? 'the app';
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'forbidden') throw error;
    await client.call({ method: 'GET', path: '/integrations/me/webhooks' }, webhooks);
    return 'the custom integration';
  }
}

export async function checkHealth(
  { settings, publicUrl, name }: Context<MessagingSettings>,
  client: Client,
  support: Support | undefined,
): Promise<{ detail: string }> {
  const reached = await reach(client);
  await support?.check();
  if (settings.integrationId === undefined) return { detail: `${reached} answers; messages are awaited at ${publicUrl}/hooks/${name}` };
  const path = `/integrations/${encodeURIComponent(settings.integrationId)}/webhooks`;
  const found = (await client.call({ method: 'GET', path }, webhooks)).webhooks.find(({ target }) => target === `${publicUrl}/hooks/${name}`);
  if (!found) throw new ConnectorError('not-found', `Zendesk Messaging: no webhook of this integration has the address ${publicUrl}/hooks/${name}`);
  const missing = needed.filter((trigger) => !found.triggers.includes(trigger));
  if (missing.length > 0)
    throw new ConnectorError('refused', `Zendesk Messaging: the webhook does not tell us of ${missing.join(', ')}`, { field: 'triggers' });
  return {
    detail: `${reached} answers, and its webhook comes to us${found.includeFullUser ? '' : '; without includeFullUser, names and e-mail addresses are missing'}`,
  };
}
