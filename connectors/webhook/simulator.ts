/** A program like those that people connect: it posts its chat's messages under Standard Webhooks, and takes replies once by their `webhook-id`. */
import express from 'express';
import { Webhook } from 'standardwebhooks';
import {
  createDials,
  createWebhookSender,
  faultable,
  type ShownMessage,
  type SimulatedChannel,
  type SimulatedMessage,
  type SimulatedPerson,
} from '../../src/kit/simulator.ts';
import { signedRequest } from './sender.ts';

export interface ProgramOptions {
  readonly now?: () => number;
  readonly seed?: number;
  /** Tries its posts again within seconds instead of minutes. */
  readonly hurry?: boolean;
}

interface Reply {
  readonly id: string;
  readonly conversation: string;
  readonly text: string;
  readonly files: readonly { readonly name: string; readonly data: string }[];
}

const secret = `whsec_${Buffer.from('what the made-up program shares').toString('base64')}`;

export function simulatedChannel({ now = Date.now, seed = 1, hurry = false }: ProgramOptions = {}): SimulatedChannel {
  const dials = createDials({ seed });
  const webhooks = createWebhookSender({ seed, retryMs: hurry ? [100, 300, 1000, 3000, 10_000] : [5000, 300_000, 1_800_000], timeoutMs: 10_000 });
  const shown = new Map<string, ShownMessage[]>();
  const taken = new Map<string, string>();
  let written = 0;
  const chat = (conversation: string): ShownMessage[] => shown.get(conversation) ?? shown.set(conversation, []).get(conversation) ?? [];
  const post = (id: string, payload: unknown): void => webhooks.post(() => signedRequest({ secret, id, payload, now: now() }));

  const app = express();
  app.use(faultable(dials, { tooMany: { error: 'slow down' }, broken: { error: 'broken' } }));
  app.post('/replies', (request, response) => {
    const body = (request.body as Buffer).toString('utf8');
    const { 'webhook-id': id, 'webhook-timestamp': stamp, 'webhook-signature': signature } = request.headers as Record<string, string>;
    const at = new Date(Number(stamp) * 1000);
    const skewed = !(Math.abs(at.getTime() - now()) <= 300_000);
    if (skewed || new Webhook(secret).sign(id ?? '', at, body) !== signature) return void response.status(401).json({ error: 'the signature is wrong' });
    const reply = JSON.parse(body) as Reply;
    const known = taken.get(reply.id);
    if (known) return void response.json({ id: known });
    const made = `reply-${++written}`;
    taken.set(reply.id, made);
    chat(reply.conversation).push({
      id: made,
      from: 'business',
      text: reply.text,
      files: reply.files.map(({ name, data }) => ({ name, bytes: Buffer.from(data, 'base64') })),
    });
    response.json({ id: made });
  });
  app.use((request, response) => void response.status(501).json({ error: `this program has no ${request.method} ${request.path}` }));

  return {
    app,
    dials,
    webhooks,
    settings: (address) => ({ secret, reply: `${address}/replies`, identitiesVerified: true }),
    hook: webhooks.to,
    async write(message) {
      const id = `m-${++written}`;
      const files = message.files ?? [];
      chat(message.conversation).push({ id, from: message.agent ? 'business' : 'customer', text: message.text, files });
      post(id, payloadOf(message, id, now()));
      return { id };
    },
    async end(conversation, _person, at = now()) {
      post(`end-${++written}`, { type: 'ended', conversation, at });
    },
    settled: webhooks.settled,
    shown: (conversation: string, _person: SimulatedPerson) => chat(conversation),
  };
}

function payloadOf({ conversation, person, text, at, files = [], agent }: SimulatedMessage, id: string, now: number): unknown {
  const { id: personId, name, email, phone } = person;
  return {
    type: 'message',
    conversation,
    id,
    at: at ?? now,
    text,
    from: agent ? { id: `agent-${agent}`, role: 'agent', name: agent } : { id: personId, role: 'contact', name, email, phone },
    files: files.map((file, index) => ({ id: String(index), name: file.name, mime: file.mime, size: file.bytes.length, data: file.bytes.toString('base64') })),
  };
}
