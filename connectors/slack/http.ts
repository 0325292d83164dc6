/** The HTTP door: one address for events, dialogs and commands, signed by Slack on the raw bytes (docs.slack.dev, "Verifying requests from Slack"). */
import { type Context, type Exchange, hmac, type Json, type RawResponse, type Route, type Secret, type Verifier } from '../../src/kit/index.ts';
import type { Receiver } from './receiver.ts';
import type { SlackSettings } from './settings.ts';

const stamp = 'x-slack-request-timestamp';

/** v0 over `v0:<time>:<body>`. Further than 5 minutes off is refused, early or late: Bolt itself lets the future in. */
export const slackSignature = (secret: Secret): Verifier =>
  hmac({
    secret,
    header: 'x-slack-signature',
    encoding: 'hex',
    prefix: 'v0=',
    signed: ({ headers, body }) => Buffer.concat([Buffer.from(`v0:${headers[stamp] ?? ''}:`), body]),
    // An empty header is no time, and Number('') would be 1970.
    timestamp: ({ headers }) => (/^\d+$/.test(headers[stamp] ?? '') ? Number(headers[stamp]) : Number.NaN),
    toleranceSeconds: 300,
  });

/** JSON of events; a form of commands; a form whose `payload` is JSON of everything that people press. */
function bodyOf({ request: { headers, body } }: Exchange): { readonly [key: string]: Json | undefined } | undefined {
  const text = body.toString('utf8');
  if (!/x-www-form-urlencoded/.test(headers['content-type'] ?? '')) return object(text);
  const form = Object.fromEntries(new URLSearchParams(text));
  return form.payload === undefined ? form : object(form.payload);
}

function object(text: string): { readonly [key: string]: Json | undefined } | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { readonly [key: string]: Json | undefined }) : undefined;
  } catch {
    return undefined;
  }
}

/** Coming again would change nothing. */
const never: Record<string, string> = { 'x-slack-no-retry': '1' };

const said = (status: number, body: Json, headers: Record<string, string> = {}): RawResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

export function httpRoutes({ now }: Context<SlackSettings>, secret: Secret, receiver: Receiver): readonly Route[] {
  const verify = slackSignature(secret);

  async function handle(exchange: Exchange): Promise<void> {
    const proof = verify(exchange.request, now());
    if (!proof) return exchange.answer(said(401, { error: 'the signature is missing, wrong, or its time is more than 5 minutes off' }, never));
    const body = bodyOf(exchange);
    if (!body) {
      // It is Slack's, so it is kept: quarantine shows it.
      await exchange.accept(proof, { type: 'unreadable', text: exchange.request.body.toString('utf8') });
      return exchange.answer({ status: 200 });
    }
    if (body.type === 'url_verification') return exchange.json(200, { challenge: body.challenge ?? '' });
    if (body.ssl_check !== undefined) return exchange.answer({ status: 200 });
    const known = await receiver.receive({
      body,
      proof,
      commit: (by, payload, key) => exchange.accept(by, payload, key),
      ack: async (answer) => exchange.answer(acknowledgement(answer)),
      ...retry(exchange),
    });
    if (!known) exchange.answer(said(404, { error: 'nothing here answers to that' }, never));
  }

  // One address serves all three; the others are for apps that were set up with one each.
  return ['/', '/events', '/interactive', '/commands'].map((path) => ({ method: 'POST', path, handle }));
}

function acknowledgement(answer: unknown): RawResponse {
  if (answer === undefined || answer === '') return { status: 200 };
  return typeof answer === 'string' ? { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: answer } : said(200, answer as Json);
}

function retry({ request: { headers } }: Exchange): { retryNum?: number; retryReason?: string } {
  const num = Number(headers['x-slack-retry-num']);
  const reason = headers['x-slack-retry-reason'];
  return { ...(Number.isInteger(num) && { retryNum: num }), ...(reason && { retryReason: reason }) };
}
