/** Serves the `webhook` intakes: verify on the raw bytes, commit, then acknowledge. In that order, always. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Intake as ChannelIntake, IntakeOutcome, Json, RawRequest, Verified } from '../kit/index.ts';
import { answer, answerJson, answerTooLarge } from './answer.ts';
import { readBody } from './body.ts';
import type { HookContext } from './hooks.ts';
import type { ChannelRuntime } from './intake.ts';

export type Webhook = Extract<ChannelIntake, { via: 'webhook' }>;

export async function serveWebhook(
  context: HookContext,
  channel: ChannelRuntime,
  webhook: Webhook,
  head: Omit<RawRequest, 'body'>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request, context.bodyBytes);
  if (!body) return answerTooLarge(request, response);
  const raw: RawRequest = { ...head, body };
  const challenge = webhook.handshake?.(raw);
  if (challenge) return answer(response, challenge);
  if (raw.method !== 'POST') return answerJson(response, 405, { error: 'webhooks are posted' }, { allow: 'POST' });
  const proof = webhook.verify(raw, context.now());
  if (!proof) return answerJson(response, 401, { error: 'the signature is missing, wrong or too old' });
  const outcome = await store(context, channel, webhook, raw, proof);
  const reply = webhook.reply?.(outcome);
  if (reply) answer(response, reply);
  else answerJson(response, 202, { arrival: outcome.arrival, state: outcome.state });
}

async function store(context: HookContext, channel: ChannelRuntime, webhook: Webhook, raw: RawRequest, proof: Verified): Promise<IntakeOutcome> {
  const text = raw.body.toString('utf8');
  const deliveryKey = webhook.key?.(raw);
  const payload = parse(text);
  if (payload === undefined) return context.intake.quarantine({ channel: channel.name, payload: text, error: 'this is not JSON', deliveryKey });
  const parts = split(webhook, payload);
  if (!parts) return context.intake.accept({ channel, proof, payload, text, deliveryKey });
  const outcomes = await Promise.all(
    parts.map((part, index) => {
      const whole = part === payload ? { text } : {};
      const own = webhook.partKey?.(part) ?? (deliveryKey === undefined ? undefined : `${deliveryKey}#${index}`);
      return context.intake.accept({ channel, proof, payload: part, ...whole, deliveryKey: own });
    }),
  );
  return together(outcomes);
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** A batch that cannot be split is one arrival, and its normalizer says why it is not understood. */
function split(webhook: Webhook, payload: Json): readonly Json[] | undefined {
  try {
    const parts = webhook.split?.(payload);
    return parts && parts.length > 0 ? parts : undefined;
  } catch {
    return undefined;
  }
}

function together(outcomes: readonly IntakeOutcome[]): IntakeOutcome {
  const arrival = outcomes[0]?.arrival ?? '';
  const state = (['quarantined', 'stored'] as const).find((one) => outcomes.some((outcome) => outcome.state === one)) ?? 'repeated';
  return { arrival, state };
}
