/** The Socket Mode door: a connection that we open, so that no public address is needed. Slack renews it often; each time we ask for a new one. */
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { type App, SocketModeReceiver } from '@slack/bolt';
import { type ConnectorError, type Context, fetchedByUs, type Json, type Secret, type Session } from '../../src/kit/index.ts';
import { type SlackClient, slackError } from './client.ts';
import { quietLogger } from './logger.ts';
import type { Receiver } from './receiver.ts';
import type { SlackSettings } from './settings.ts';

/** Waits between attempts in ms: doubling up to a minute, with jitter. A connection that Slack renews is replaced at once. */
export const pauseMs = (failures: number, random: number): number =>
  failures === 0 ? 0 : Math.min(60_000, 500 * 2 ** Math.min(failures, 8)) * (0.5 + random / 2);

export async function runSocket(context: Context<SlackSettings>, appToken: Secret, client: SlackClient, receiver: Receiver, session: Session): Promise<void> {
  const { signal } = session;
  let failures = 0;
  session.state({ state: 'connecting' });
  while (!signal.aborted) {
    try {
      const failure = await connected(context, appToken, client, receiver, session, () => (failures = 0));
      failures = failure ? failures + 1 : failures;
    } catch (error) {
      const classified = slackError(error, context.now());
      failures = nextFailures(failures, classified);
      session.state({ state: classified.code === 'unauthorized' ? 'failed' : 'reconnecting', detail: classified.message });
      context.log.warn({ code: classified.code, reason: classified.message }, 'the Socket Mode connection failed');
    }
    if (!signal.aborted) await wait(pauseMs(failures, Math.random()), undefined, { signal }).catch(() => {});
  }
}

/** A refused token is not tried every second. */
const nextFailures = (failures: number, { code }: ConnectorError): number => (code === 'unauthorized' ? Math.max(failures + 1, 7) : failures + 1);

/** One connection, from asking for its address to its end. Resolves with true when it never worked. */
async function connected(
  context: Context<SlackSettings>,
  appToken: Secret,
  client: SlackClient,
  receiver: Receiver,
  session: Session,
  works: () => void,
): Promise<boolean> {
  const slack = new SocketModeReceiver({
    appToken: appToken.reveal(),
    logger: quietLogger(context.log),
    // Its own way of coming back leaves a rejection unhandled when Slack refuses, which would end the process.
    autoReconnectEnabled: false,
    installerOptions: { clientOptions: { ...client.options, rejectRateLimitedCalls: true } },
  });
  slack.init(gate(receiver, session) as unknown as App);
  const ended = new Promise<void>((resolve) => void slack.client.once('disconnected', () => resolve()));
  // Errors arrive with a close of their own.
  slack.client.on('error', () => {});
  const stop = (): void => void slack.stop().catch(() => {});
  session.signal.addEventListener('abort', stop, { once: true });
  try {
    let opened = false;
    slack.client.once('connected', () => {
      opened = true;
      works();
      session.state({ state: 'ready', detail: 'Socket Mode' });
    });
    await Promise.race([slack.start(), ended, aborted(session.signal)]);
    await Promise.race([ended, aborted(session.signal)]);
    if (!session.signal.aborted) session.state({ state: 'reconnecting' });
    return !opened;
  } finally {
    session.signal.removeEventListener('abort', stop);
  }
}

const aborted = async (signal: AbortSignal): Promise<void> => {
  if (!signal.aborted) await once(signal, 'abort');
};

/** Stands where Slack's receiver expects Bolt's app: what comes is committed before it is acknowledged, and then Bolt gets it. */
const gate = (receiver: Receiver, session: Session) => ({
  async processEvent(event: {
    body: { [key: string]: Json | undefined };
    ack(body?: unknown): Promise<void>;
    retryNum?: number;
    retryReason?: string;
  }): Promise<void> {
    await receiver.receive({
      body: event.body,
      // The connection was opened by us, with our token.
      proof: fetchedByUs(),
      commit: (_proof, payload, key) => session.emit(payload, key === undefined ? {} : { key }),
      ack: (answer) => event.ack(answer),
      retryNum: event.retryNum,
      retryReason: event.retryReason,
    });
  },
});
