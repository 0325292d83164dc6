/** The webhook's door: Meta's set-up question, its signature, and what it wants to hear. Cloud API, "Create a webhook endpoint". */
import { createHash } from 'node:crypto';
import { hmac, type Intake, type RawRequest, type RawResponse, sharedToken, type Verifier } from '../../src/kit/index.ts';
import type { WhatsappSettings } from './settings.ts';
import { partKey, split } from './split.ts';

const text = (status: number, body: string): RawResponse => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  body,
});

/** `GET ?hub.mode=subscribe&hub.verify_token=…&hub.challenge=…` is answered with the challenge alone; a wrong token with 403. */
function handshake(verifyToken: Verifier): (request: RawRequest) => RawResponse | undefined {
  return (request) => {
    if (request.method !== 'GET') return undefined;
    const challenge = request.query.get('hub.challenge');
    const good = request.query.get('hub.mode') === 'subscribe' && challenge !== null && verifyToken(request, 0) !== undefined;
    return good ? text(200, challenge) : text(403, 'the verify token is another one');
  };
}

/** `ä` becomes `\u00e4`: some webhooks are said to be signed in this form, whatever stands on the wire. */
export const escaped = (body: Buffer): Buffer =>
  Buffer.from(body.toString('utf8').replace(/[^\0-~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`));

function signature({ appSecret }: WhatsappSettings): Verifier {
  const options = { secret: appSecret, header: 'x-hub-signature-256', encoding: 'hex', prefix: 'sha256=' } as const;
  const raw = hmac(options);
  const ascii = hmac({ ...options, signed: ({ body }) => escaped(body) });
  return (request, now) => raw(request, now) ?? ascii(request, now);
}

/** Meta gives deliveries no id: what has no id of its own in a batch is known by the bytes of it all. */
const bodyHash = ({ body }: RawRequest): string => createHash('sha256').update(body).digest('base64url');

export const door = (settings: WhatsappSettings): Extract<Intake, { via: 'webhook' }> => ({
  via: 'webhook',
  handshake: handshake(sharedToken({ secret: settings.verifyToken, read: ({ query }) => query.get('hub.verify_token') ?? undefined })),
  verify: signature(settings),
  key: bodyHash,
  split,
  partKey,
  // Anything but 200 makes Meta send it again, for a week.
  reply: () => text(200, 'ok'),
});
