/** What both doors, HTTP and Socket Mode, do with what came in: commit, then acknowledge, then hand it to Bolt. */
import type { App } from '@slack/bolt';
import { z } from 'zod';
import type { Context, IntakeOutcome, Json, Verified } from '../../src/kit/index.ts';
import type { SlackSettings } from './settings.ts';

/** Commits a payload: `exchange.accept` or a session's `emit`. */
export type Commit = (proof: Verified, payload: Json, key?: string) => Promise<IntakeOutcome>;

export interface Received {
  readonly body: { readonly [key: string]: Json | undefined };
  readonly proof: Verified;
  readonly commit: Commit;
  /** Answers Slack. `body` is what a dialog gets: errors, another view, options. */
  ack(body?: unknown): Promise<void>;
  readonly retryNum?: number | undefined;
  readonly retryReason?: string | undefined;
}

/** Reads only what decides where it goes. */
const head = z.looseObject({ type: z.string().optional(), event_id: z.string().optional(), command: z.string().optional() });

export interface Receiver {
  /** Throws when nothing was committed: then Slack must not get its acknowledgement, and comes again. False: nobody here knows such a thing. */
  receive(received: Received): Promise<boolean>;
  /** When Slack last said that it left events out, in epoch ms. */
  readonly leftOutAt: number | undefined;
}

export function createReceiver({ log, now }: Context<SlackSettings>, app: App): Receiver {
  let leftOutAt: number | undefined;
  /** Bolt's listeners find the commit in their context. Its errors are logged by its own handler. */
  const hand = async ({ body, commit, retryNum, retryReason }: Received, ack: (answer?: unknown) => Promise<void>): Promise<void> => {
    const retries = { ...(retryNum !== undefined && { retryNum }), ...(retryReason !== undefined && { retryReason }) };
    await app.processEvent({ body, ack, ...retries, customProperties: { commit } });
  };

  return {
    get leftOutAt() {
      return leftOutAt;
    },
    async receive(received) {
      const { type, event_id } = head.parse(received.body);
      if (type === 'event_callback' || type === 'app_rate_limited') {
        await received.commit(received.proof, received.body, event_id);
        await received.ack();
        if (type === 'event_callback')
          void hand(received, async () => {}).catch((error: unknown) => log.warn({ error: String(error) }, 'Bolt failed on an event; it is stored'));
        else {
          leftOutAt = now();
          log.warn({ minute: received.body.minute_rate_limited }, 'Slack left events out: more than 30,000 came in an hour');
        }
        return true;
      }
      // Dialogs hold nothing yet that could be lost: what they decide is committed by the closing, before its acknowledgement.
      let answered = false;
      await hand(received, async (answer) => {
        if (answered) return;
        answered = true;
        await received.ack(answer);
      });
      return answered;
    },
  };
}
