/** Ending a chat at Zendesk: the switchboard's control passes on, or is given up ("Switchboard Actions"). */
import { z } from 'zod';
import type { Context, ReplyContext, Step } from '../../src/kit/index.ts';
import type { Client } from './client.ts';
import { ourMark } from './normalize.ts';
import type { MessagingSettings } from './settings.ts';
import { oneConversation } from './wire.ts';

const done = z.looseObject({});

export async function endChat(to: ReplyContext, step: Step, { settings }: Context<MessagingSettings>, client: Client): Promise<void> {
  const { onEnd, passTo } = settings;
  if (onEnd === 'nothing') return;
  const path = `/conversations/${encodeURIComponent(to.thread)}`;
  const metadata = { [ourMark]: to.message };
  /** Id of the integration that is in control; null when none is. */
  const active = async (): Promise<string | null> =>
    (await client.call({ method: 'GET', path }, oneConversation)).conversation.activeSwitchboardIntegration?.id ?? null;
  if (onEnd === 'releaseControl')
    return void (await step('release-control', {
      body: () => ({ metadata }),
      send: async (body) => {
        // Released by somebody else already: the vendor would refuse us as one who is not in control.
        if ((await active()) !== null) await client.call({ method: 'POST', path: `${path}/releaseControl`, body }, done);
        return {};
      },
      find: async () => ((await active()) === null ? {} : undefined),
    }));
  await step('pass-control', {
    // To a named target it may go again; `next` of the next one would be one too far, so who was in control is kept.
    ...(passTo === 'next' ? {} : { safeForMs: Number.POSITIVE_INFINITY }),
    body: async () => ({ switchboardIntegration: passTo, metadata, was: await active() }),
    send: async ({ was: _was, ...body }) => {
      await client.call({ method: 'POST', path: `${path}/passControl`, body }, done);
      return {};
    },
    find: async ({ was }) => ((await active()) === was ? undefined : {}),
  });
}
